"""Methods x qualities x images in one table: does it beat doing nothing, and by how much?"""

import hashlib
import importlib.metadata
import json
import platform
import time
from pathlib import Path

import numpy as np

from blockcnn_helpers import jpeg, metrics
from blockcnn_helpers.colour import check_image
from blockcnn_helpers.download import shipped
from blockcnn_helpers.filters import bilateral, do_nothing, total_variation
from blockcnn_helpers.tables import means, spread, table

# fmt: off
__all__ = [
    "METHODS", "PROTOCOL", "bilateral", "blockcnn", "code_hash", "do_nothing", "evaluate", "means", "measure", "provenance",
    "report", "results", "spread", "table", "total_variation",
]
# fmt: on
PROTOCOL = (
    "Each image is compressed by Pillow (libjpeg-turbo), 4:2:0, and decoded; methods see the decoded image alone and return uint8. "
    "PSNR over red, green and blue jointly; SSIM with a Gaussian window, sigma 1.5, per channel; PSNR-B from the RGB error and the "
    "blocking factor of luma. Computed per image, then averaged over images."
)
CODE = (
    "colour",
    "transform",
    "quantisation",
    "jpeg",
    "metrics",
    "patches",
    "networks",
    "models",
    "weights",
    "projection",
    "restoration",
    "filters",
    "evaluation",
)
WARM_UP = 128  # pixels a side: a method's first call may compile or load, and its seconds are nobody's business
MEASURES = {"psnr": metrics.psnr, "ssim": metrics.ssim, "psnr_b": metrics.psnr_b}


def blockcnn(image):
    """Repair an image by BlockCNN with the weights that come with the course."""
    from blockcnn_helpers.restoration import restore

    return restore(image)


METHODS = {"JPEG": do_nothing, "Bilateral": bilateral, "TV": total_variation, "BlockCNN": blockcnn}


def evaluate(images, qualities, methods=None, progress=None):
    """Compress images, repair them by several methods, and measure how far each result is from the original.

    Parameters
    ----------
    images : mapping
        Name to image, uint8, shape (height, width, 3): clean ones, the originals.
    qualities : iterable of int
        JPEG qualities, 1...100.
    methods : mapping, optional
        Name to function that takes and returns an image; `METHODS` by default. JPEG itself is always measured and comes first. For
        a method with options of its own hand in ``functools.partial(bilateral, sigma_colour=20)``.
    progress : callable, optional
        Called with 1 after each image at each quality.

    Returns
    -------
    list of dict
        One for each quality, image and method, in this order: ``quality``, ``image``, ``method``, ``bpp`` (bits per pixel of the
        JPEG file), ``psnr`` and ``psnr_b`` (dB), ``ssim`` (None for images under 11x11), ``pixels`` and ``seconds`` (of the repair
        alone; each method is called once on a small piece before the clock starts).

    Examples
    --------
    >>> grey = np.full((16, 16, 3), 100, np.uint8)
    >>> [(row["method"], row["psnr"]) for row in evaluate({"grey": grey}, [50], {"Bilateral": bilateral})]
    [('JPEG', inf), ('Bilateral', inf)]
    """
    methods = METHODS if methods is None else {"JPEG": do_nothing} | dict(methods)
    rows, warm = [], False
    for quality in qualities:
        for name in images:
            original = check_image(images[name])
            data = jpeg.encode(original, quality)
            decoded = jpeg.decode(data)
            for repair in () if warm else methods.values():
                repair(decoded[:WARM_UP, :WARM_UP])
            warm = True
            for method, repair in methods.items():
                start = time.perf_counter()
                repaired = repair(decoded)
                seconds = time.perf_counter() - start
                row = {"quality": quality, "image": name, "method": method, "bpp": metrics.bits_per_pixel(data, original)}
                rows.append(row | measure(original, repaired) | {"pixels": original.shape[0] * original.shape[1], "seconds": seconds})
            if progress:
                progress(1)
    return rows


def measure(reference, image):
    """Return PSNR, SSIM and PSNR-B as a dict ``psnr``, ``ssim``, ``psnr_b``; SSIM is None where an image is too small for it."""
    small = min(reference.shape[:2]) < 11
    return {name: None if small and name == "ssim" else function(reference, image) for name, function in MEASURES.items()}


def report(rows, weights=None, command=None):
    """Return the rows of `evaluate` with means, spreads and provenance as JSON text; infinite PSNR becomes null.

    Parameters
    ----------
    rows : list of dict
    weights : path-like, optional
        The weights behind them; those that come with the course by default.
    command : str, optional
        What to type to measure them again.
    """

    def finite(row):
        return {key: None if value in (np.inf, -np.inf) else value for key, value in row.items()}

    parts = provenance(weights) | ({"command": command} if command else {})
    parts |= {"means": [finite(row) for row in means(rows)], "spread": spread(rows), "rows": [finite(row) for row in rows]}
    return json.dumps(parts, indent=1, allow_nan=False)


def provenance(weights=None):
    """Return what a number depends on: protocol, versions, and the hashes of weights and code, as a dict that JSON takes."""
    from blockcnn_helpers import __version__
    from blockcnn_helpers.quiet import start_keras
    from blockcnn_helpers.restoration import find_weights

    keras = start_keras()
    packages = ("numpy", "pillow", "scikit-image", "keras", keras.backend.backend())
    versions = {"blockcnn_helpers": __version__, "python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in packages}
    path, found = find_weights(weights=weights)
    code = {"modules": list(CODE), "sha256": code_hash()}
    return {"protocol": PROTOCOL, "versions": versions, "weights": {"file": path.name, "sha256": found}, "code": code}


def code_hash(modules=CODE):
    """Return the SHA-256 of the modules that make a number, in their order, as 64 hex digits: another hash, other code."""
    folder = Path(__file__).parent
    return hashlib.sha256(b"".join((folder / f"{name}.py").read_bytes().replace(b"\r\n", b"\n") for name in modules)).hexdigest()


def results(name="kodak24"):
    """Return measured results that come with the course, as `report` wrote them: "kodak24", or "published" for other people's."""
    return json.loads(shipped("results", f"{name}.json").read_text(encoding="utf-8"))
