"""Methods x qualities x images in one table: does it beat doing nothing, and by how much?"""

import functools
import hashlib
import importlib.metadata
import json
import platform
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from blockcnn_helpers import jpeg, metrics, workers
from blockcnn_helpers import methods as named
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
    "Each image is compressed by Pillow (libjpeg-turbo: baseline, its own tables for the quality, 4:2:0) and decoded by Pillow to sRGB, "
    "uint8, height x width x 3. Methods see the decoded image alone; those with a + and jpegqs see the JPEG file too. Every result is "
    "rounded to uint8 before it is measured. psnr: over red, green and blue jointly, peak 255. psnr_y: of JPEG's luma, 0...255, computed "
    "from the rounded colours and not rounded itself. ssim: Gaussian window, sigma 1.5, population covariance, per channel, their mean. "
    "psnr_b: from the error of red, green and blue and the blocking factor of luma. All computed per image, then averaged over images. "
    "Seconds are those of a repair alone, after a first call on a small piece; jpegqs' hold the start of a program and two files."
)
CODE = (
    *("colour", "transform", "quantisation", "jpeg", "metrics", "feeding", "patches", "networks", "models", "weights", "projection"),
    *("pieces", "restoration", "filters", "methods", "tables", "evaluation"),
)
WARM_UP = 128  # pixels a side: a method's first call may compile or load, and its seconds are nobody's business
MEASURES = {"psnr": metrics.psnr, "ssim": metrics.ssim, "psnr_b": metrics.psnr_b, "psnr_y": metrics.psnr_y}
DIGITS = {"ssim": 6}  # of what is written down; 4 for all else


def blockcnn(image):
    """Repair an image by BlockCNN with the weights that come with the course."""
    from blockcnn_helpers.restoration import restore

    return restore(image)


METHODS = {"JPEG": do_nothing, "Bilateral": bilateral, "TV": total_variation, "BlockCNN": blockcnn}


def evaluate(images, qualities, methods=None, progress=None, jobs=1, weights=None):
    """Compress images, repair them by several methods, and measure how far each result is from the original.

    Parameters
    ----------
    images : mapping
        Name to image, uint8, shape (height, width, 3): clean ones, the originals.
    qualities : iterable of int
        JPEG qualities, 1...100.
    methods : mapping or sequence of str, optional
        Name to function that takes and returns an image; `METHODS` by default. JPEG itself is always measured and comes first. For
        a method with options of its own hand in ``functools.partial(bilateral, sigma_colour=20)``. A method that looks into the JPEG
        file is a pair of functions: see `methods.build`, which makes those that have a name; their names will do.
    progress : callable, optional
        Called with 1 after each image at each quality.
    jobs : int
        How many processes share the work, with equal parts of the cores; with more than one, methods are given by name. The rows are
        the same, but for seconds.
    weights : mapping, optional
        Weights of your own for methods given by name: see `methods.build`.

    Returns
    -------
    list of dict
        One for each quality, image and method, in this order: ``quality``, ``image``, ``method``, ``bpp`` (bits per pixel of the
        JPEG file), ``psnr``, ``psnr_b`` and ``psnr_y`` (dB), ``ssim`` (None for images under 11x11), ``pixels`` and ``seconds`` (of
        the repair alone; each method is called once on a small piece before the clock starts).

    Examples
    --------
    >>> grey = np.full((16, 16, 3), 100, np.uint8)
    >>> [(row["method"], row["psnr"]) for row in evaluate({"grey": grey}, [50], {"Bilateral": bilateral})]
    [('JPEG', inf), ('Bilateral', inf)]
    """
    methods = METHODS if methods is None else methods
    if jobs > 1:
        if isinstance(methods, Mapping) and methods is not METHODS:
            raise ValueError(f"{jobs} jobs need their methods by name; functions of your own run in this process, with jobs=1")
        tasks = [(quality, name) for quality in qualities for name in images]
        parts = workers.share(tasks, jobs, _begin, (images, named.choose(methods), weights), progress)
        return [row for part in parts for row in part]
    work, rows = _begin(images, methods, weights), []
    for quality in qualities:
        for name in images:
            rows += work(quality, name)
            if progress:
                progress(1)
    return rows


def _begin(images, methods, weights):
    """Return the function that measures all methods on one image at one quality, each of them called once on a small piece."""
    methods = {"JPEG": do_nothing} | dict(methods) if isinstance(methods, Mapping) else named.build(methods, weights)
    for name in list(images)[:1]:
        list(_repaired(methods, jpeg.encode(check_image(images[name])[:WARM_UP, :WARM_UP], 50)))
    return functools.partial(_measure_one, images, methods)


def _measure_one(images, methods, quality, name):
    original = check_image(images[name])
    data = jpeg.encode(original, quality)
    pixels, rows = original.shape[0] * original.shape[1], []
    for method, image, seconds in _repaired(methods, data):
        row = {"quality": quality, "image": name, "method": method, "bpp": metrics.bits_per_pixel(data, original)}
        rows.append(row | measure(original, image) | {"pixels": pixels, "seconds": seconds})
    return rows


def _repaired(methods, data):
    """Yield (method, repaired image, seconds); what several methods begin with is done once and counts for each of them."""
    decoded, done = jpeg.decode(data), {}
    for method, steps in methods.items():
        first, last = steps if isinstance(steps, tuple) else (steps, None)
        if first not in done:
            done[first] = _timed(first, decoded)
        image, seconds = done[first]
        if last:
            image, more = _timed(last, image, data)
            seconds += more
        yield method, image, seconds


def _timed(function, *arguments):
    start = time.perf_counter()
    return function(*arguments), time.perf_counter() - start


def measure(reference, image):
    """Return a dict of `MEASURES`, ``psnr`` first; SSIM is None where an image is too small for it."""
    small = min(reference.shape[:2]) < 11
    return {name: None if small and name == "ssim" else function(reference, image) for name, function in MEASURES.items()}


def report(rows, weights=None, command=None, jobs=1):
    """Return the rows of `evaluate` with means, spreads and provenance as JSON text, a line a row; infinite PSNR becomes null.

    Parameters
    ----------
    rows : list of dict
        They are rounded to 4 decimals (SSIM: 6), and means and spreads are those of the rounded rows.
    weights : mapping, optional
        As for `evaluate`.
    command : str, optional
        What to type to measure them again.
    jobs : int
        How many processes shared the work: their seconds depend on it.
    """
    rows = [_short(row) for row in rows]
    names = dict.fromkeys(row["method"] for row in rows)
    facts = provenance(names, weights) | ({"command": command} if command else {})
    facts["machine"] = {"processor": platform.machine(), "cores": workers.cores(), "processes": jobs, "threads": workers.threads(jobs)}
    lists = {"means": [_short(row) for row in means(rows)], "spread": [_short(row) for row in spread(rows)], "rows": rows}
    text = [json.dumps(facts, indent=1)[:-2]]
    for key, lines in lists.items():
        lines = [{name: None if value in (np.inf, -np.inf) else value for name, value in line.items()} for line in lines]
        text.append(f' "{key}": [\n' + ",\n".join("  " + json.dumps(line, allow_nan=False) for line in lines) + "\n ]")
    return ",\n".join(text) + "\n}"


def _short(row):
    return {key: round(value, DIGITS.get(key, 4)) if isinstance(value, float) else value for key, value in row.items()}


def provenance(names=(), weights=None):
    """Return what numbers depend on: protocol, versions, and the hashes of weights and code, as a dict that JSON takes.

    Parameters
    ----------
    names : iterable of str
        Methods that took part: theirs are the weights.
    weights : mapping, optional
        As for `evaluate`.
    """
    from blockcnn_helpers import __version__
    from blockcnn_helpers.quiet import start_keras

    keras = start_keras()
    packages = ("numpy", "pillow", "scikit-image", "keras", keras.backend.backend())
    versions = {"blockcnn_helpers": __version__, "python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in packages}
    if named.PROGRAM in names:
        versions[named.PROGRAM] = f"{named.program_version()} {' '.join(named.OPTIONS)}"
    code = {"modules": list(CODE), "sha256": code_hash()}
    return {"protocol": PROTOCOL, "versions": versions, "weights": named.weights_of(names, weights), "code": code}


def code_hash(modules=CODE):
    """Return the SHA-256 of the modules that make a number, in their order, as 64 hex digits: another hash, other code."""
    folder = Path(__file__).parent
    return hashlib.sha256(b"".join((folder / f"{name}.py").read_bytes().replace(b"\r\n", b"\n") for name in modules)).hexdigest()


def results(name="kodak24"):
    """Return measured results that come with the course, as `report` wrote them: "kodak24", or "published" for other people's."""
    return json.loads(shipped("results", f"{name}.json").read_text(encoding="utf-8"))
