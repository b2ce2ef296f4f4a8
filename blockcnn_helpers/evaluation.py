"""Methods x qualities x images in one table: does it beat doing nothing, and by how much?"""

import importlib.metadata
import json
import platform
import time

import numpy as np

from blockcnn_helpers import jpeg, metrics
from blockcnn_helpers.colour import check_image

PROTOCOL = (
    "Each image is compressed by Pillow (libjpeg-turbo), 4:2:0, and decoded; methods see the decoded image alone and return uint8. "
    "PSNR over red, green and blue jointly; SSIM with a Gaussian window, sigma 1.5, per channel; PSNR-B from the RGB error and the "
    "blocking factor of luma. Computed per image, then averaged over images."
)
HEAD = (
    "| image          | method    |   PSNR |   gain |   SSIM | PSNR-B |",
    "|----------------|-----------|-------:|-------:|-------:|-------:|",
)
MEASURES = {"psnr": metrics.psnr, "ssim": metrics.ssim, "psnr_b": metrics.psnr_b}


def bilateral(image, radius=2, sigma_colour=40.0, sigma_space=2.0):
    """Smooth an image but not across edges: the filter to beat before a network earns its keep.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    radius : int
        Pixels farther away than this don't count: 2 is a round window 5 pixels wide.
    sigma_colour : float
        In grey levels, for the sum of the three channels' absolute differences: pixels that differ by more hardly count.
    sigma_space : float
        In pixels: pixels farther away count less.

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)

    Notes
    -----
    Each pixel p becomes the mean of its neighbours q with weights
    exp(-|p - q|^2 / 2 sigma_space^2) exp(-(|dR| + |dG| + |dB|)^2 / 2 sigma_colour^2); the image is mirrored at its edges without
    repeating the edge itself. That is OpenCV's ``bilateralFilter(image, 5, 40, 2)``.

    References
    ----------
    Tomasi, Manduchi, "Bilateral filtering for gray and color images", ICCV 1998.

    Examples
    --------
    >>> edge = np.zeros((4, 8, 3), np.uint8)
    >>> edge[:, 4:] = 200
    >>> bool((bilateral(edge) == edge).all())
    True
    """
    image = check_image(image)
    height, width = image.shape[:2]
    rows, columns = (_mirrored(side, radius) for side in (height, width))
    around = image[rows[:, None], columns].astype(np.float32)
    total, weights = np.zeros(image.shape, np.float32), np.zeros((height, width, 1), np.float32)
    colour = np.exp(-0.5 * (np.arange(3 * 255 + 1, dtype=np.float32) / sigma_colour) ** 2)
    for y in range(-radius, radius + 1):
        for x in range(-radius, radius + 1):
            if np.hypot(y, x) > radius:
                continue
            shifted = around[radius + y : radius + y + height, radius + x : radius + x + width]
            difference = np.abs(shifted - image).sum(axis=-1, keepdims=True).astype(np.intp)
            weight = colour[difference] * np.float32(np.exp(-0.5 * (y * y + x * x) / sigma_space**2))
            total += weight * shifted
            weights += weight
    return np.rint(total / weights).astype(np.uint8)


def _mirrored(side, radius):
    """Return the indices -radius...side + radius - 1, mirrored at both ends; a side of 1 has nothing to mirror."""
    index = np.abs(np.arange(-radius, side + radius))
    period = max(1, 2 * (side - 1))
    index %= period
    return np.minimum(index, period - index) if side > 1 else index * 0


def do_nothing(image):
    """Return the image as it is: JPEG itself, the first row of every table."""
    return image


def blockcnn(image):
    """Repair an image by BlockCNN with the weights that come with the course."""
    from blockcnn_helpers.restoration import restore

    return restore(image)


METHODS = {"JPEG": do_nothing, "Bilateral": bilateral, "BlockCNN": blockcnn}


def evaluate(images, qualities, methods=None, progress=None):
    """Compress images, repair them by several methods, and measure how far each result is from the original.

    Parameters
    ----------
    images : mapping
        Name to image, uint8, shape (height, width, 3): clean ones, the originals.
    qualities : iterable of int
        JPEG qualities, 1...100.
    methods : mapping, optional
        Name to function that takes and returns an image; `METHODS` by default. JPEG itself is always measured and comes first.
    progress : callable, optional
        Called with 1 after each image at each quality.

    Returns
    -------
    list of dict
        One for each quality, image and method, in this order: ``quality``, ``image``, ``method``, ``bpp`` (bits per pixel of the
        JPEG file), ``psnr`` and ``psnr_b`` (dB), ``ssim`` (None for images under 11x11), ``seconds``.

    Examples
    --------
    >>> grey = np.full((16, 16, 3), 100, np.uint8)
    >>> [(row["method"], row["psnr"]) for row in evaluate({"grey": grey}, [50], {"Bilateral": bilateral})]
    [('JPEG', inf), ('Bilateral', inf)]
    """
    methods = METHODS if methods is None else {"JPEG": do_nothing} | dict(methods)
    rows = []
    for quality in qualities:
        for name in images:
            original = check_image(images[name])
            data = jpeg.encode(original, quality)
            decoded = jpeg.decode(data)
            for method, repair in methods.items():
                start = time.perf_counter()
                repaired = repair(decoded)
                seconds = time.perf_counter() - start
                row = {"quality": quality, "image": name, "method": method, "bpp": metrics.bits_per_pixel(data, original)}
                rows.append(row | measure(original, repaired) | {"seconds": seconds})
            if progress:
                progress(1)
    return rows


def measure(reference, image):
    """Return PSNR, SSIM and PSNR-B as a dict ``psnr``, ``ssim``, ``psnr_b``; SSIM is None where an image is too small for it."""
    small = min(reference.shape[:2]) < 11
    return {name: None if small and name == "ssim" else function(reference, image) for name, function in MEASURES.items()}


def means(rows):
    """Average rows over images: one dict for each quality and method, in the order they came, without ``image``.

    PSNR is averaged in dB; an image without loss (infinite PSNR) makes the mean infinite.
    """
    groups = {}
    for row in rows:
        groups.setdefault((row["quality"], row["method"]), []).append(row)
    result = []
    for (quality, method), group in groups.items():
        columns = {key: [row[key] for row in group if row[key] is not None] for key in ("bpp", "psnr", "ssim", "psnr_b", "seconds")}
        averages = {key: float(np.mean(values)) if values else None for key, values in columns.items()}
        result.append({"quality": quality, "method": method, "images": len(group)} | averages)
    return result


def table(rows, per_image=True):
    """Lay out the rows of `evaluate` as Markdown tables, one for each quality, JPEG first, with means at the end.

    Parameters
    ----------
    rows : list of dict
        From `evaluate`.
    per_image : bool
        False for the means only.

    Returns
    -------
    str
        ``gain`` is the PSNR over JPEG's for the same image (of the means: over the mean of JPEG).

    Examples
    --------
    >>> row = {"quality": 25, "image": "a", "method": "JPEG", "bpp": 1, "psnr": 30.123, "ssim": 0.9, "psnr_b": 29, "seconds": 0}
    >>> print(table([row], per_image=False))
    JPEG quality 25, 1.00 bits per pixel
    <BLANKLINE>
    | image          | method    |   PSNR |   gain |   SSIM | PSNR-B |
    |----------------|-----------|-------:|-------:|-------:|-------:|
    | mean of 1      | JPEG      |  30.12 |        | 0.9000 |  29.00 |
    """
    averages = [row | {"image": f"mean of {row['images']}"} for row in means(rows)]
    parts = []
    for quality in dict.fromkeys(row["quality"] for row in rows):
        chosen = [row for row in (rows if per_image else []) if row["quality"] == quality]
        chosen += [row for row in averages if row["quality"] == quality]
        bits = next(row["bpp"] for row in averages if row["quality"] == quality)
        lines = [f"JPEG quality {quality}, {bits:.2f} bits per pixel", "", *HEAD]
        base, last = None, None
        for row in chosen:
            base = row["psnr"] if row["method"] == "JPEG" else base
            name, last = "" if row["image"] == last else row["image"], row["image"]
            gain = "" if row["method"] == "JPEG" or base is None or not np.isfinite(base) else f"{row['psnr'] - base:+.2f}"
            ssim = "" if row["ssim"] is None else f"{row['ssim']:.4f}"
            lines.append(f"| {name:14} | {row['method']:9} | {row['psnr']:6.2f} | {gain:>6} | {ssim:>6} | {row['psnr_b']:6.2f} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def report(rows, weights=None):
    """Return the rows of `evaluate` with means and provenance as JSON text; infinite PSNR becomes null."""

    def finite(row):
        return {key: None if value in (np.inf, -np.inf) else value for key, value in row.items()}

    parts = provenance(weights) | {"means": [finite(row) for row in means(rows)], "rows": [finite(row) for row in rows]}
    return json.dumps(parts, indent=1, allow_nan=False)


def provenance(weights=None):
    """Return what a number depends on: protocol, versions, and the hash of the weights, as a dict that JSON takes."""
    from blockcnn_helpers import __version__
    from blockcnn_helpers.quiet import start_keras
    from blockcnn_helpers.restoration import find_weights

    keras = start_keras()
    packages = ("numpy", "pillow", "scikit-image", "keras", keras.backend.backend())
    versions = {"blockcnn_helpers": __version__, "python": platform.python_version()}
    versions |= {name: importlib.metadata.version(name) for name in packages}
    path, found = find_weights(weights=weights)
    return {"protocol": PROTOCOL, "versions": versions, "weights": {"file": path.name, "sha256": found}}
