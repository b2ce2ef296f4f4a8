"""Put a repair on trial: off the grid, without a grid, on files compressed twice, on drawings, block by block."""

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from blockcnn_helpers import jpeg, metrics
from blockcnn_helpers.colour import check_image
from blockcnn_helpers.figures import cut
from blockcnn_helpers.jpeg import BLOCK

MARGIN = 2 * BLOCK  # pixels of a window that are looked at by the repair but not judged


def shift_gain(original, decoded, repair, window, row, column):
    """Cut the first rows and columns off a JPEG before repairing it, and measure the gain over not repairing it.

    Parameters
    ----------
    original, decoded : ndarray, uint8, shape (height, width, 3)
    repair : callable
        Takes and returns an image.
    window : (int, int, int)
        Row, column and size of the part to try, on the grid. Its outer 16 pixels are not judged, so that every shift is judged on
        the same pixels.
    row, column : int
        How many rows and columns to cut off, 0...15 each; the grid is back in place at 0 and 8.

    Returns
    -------
    float
        In dB.

    Examples
    --------
    >>> original = np.zeros((64, 64, 3), np.uint8)
    >>> decoded = original + np.uint8(10)
    >>> round(shift_gain(original, decoded, lambda image: image // 2, (0, 0, 64), 3, 0), 2)
    6.02
    """
    inner = judged(window)
    before, after = cut(decoded, inner), repair_shifted(decoded, repair, window, row, column)
    return metrics.psnr(cut(original, inner), after) - metrics.psnr(cut(original, inner), before)


def shift_gains(original, decoded, repair, window):
    """Return `shift_gain` for 0...7 rows and 0...7 columns: float64, shape (8, 8)."""
    return np.array([[shift_gain(original, decoded, repair, window, row, column) for column in range(BLOCK)] for row in range(BLOCK)])


def judged(window):
    """Return the part of a window that `shift_gain` judges, as a crop (row, column, size)."""
    row, column, size = window
    if row % BLOCK or column % BLOCK or size < 4 * MARGIN:
        raise ValueError(f"a window starts on the grid and is at least {4 * MARGIN} pixels wide, got (row, column, size) = {window}")
    return row + MARGIN, column + MARGIN, size - 2 * MARGIN


def repair_shifted(decoded, repair, window, row, column):
    """Return the judged part of a window after `row` rows and `column` columns were cut off and the rest was repaired."""
    top, left, _ = window
    inner = judged(window)
    repaired = repair(cut(decoded, window)[row:, column:])
    return cut(repaired, (inner[0] - top - row, inner[1] - left - column, inner[2]))


def compress_twice(image, first, second, shift=0, scale=1.0):
    """Compress an image, cut rows and columns off, rescale it, compress it again: how many pictures reach us.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    first, second : int
        The two qualities, 1...100.
    shift : int
        Rows and columns cut off in between. Not a multiple of 8: the two grids don't meet.
    scale : float
        Rescaled in between, and the original likewise, by Lanczos' filter: 0.5 is half as high and wide.

    Returns
    -------
    original, decoded : ndarray, uint8, shape (height - shift, width - shift, 3), times `scale`
    """
    original, once = (version[shift:, shift:] for version in (image, jpeg.compress(image, first)))
    if scale != 1:
        size = [int(side * scale) for side in original.shape[1::-1]]
        original, once = (np.asarray(Image.fromarray(version).resize(size, Image.Resampling.LANCZOS)) for version in (original, once))
    return original, jpeg.compress(once, second)


def block_gains(original, decoded, repaired):
    """Return by how much the squared error of each block has fallen.

    Parameters
    ----------
    original, decoded, repaired : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    ndarray, float64, shape (height // 8, width // 8)
        In squared grey levels; below zero where the block got worse. Incomplete blocks at the right and at the bottom are left out.

    Examples
    --------
    >>> original = np.zeros((8, 16, 3), np.uint8)
    >>> block_gains(original, original + np.uint8(3), original + np.uint8(1)).tolist()
    [[8.0, 8.0]]
    """
    height, width = (side // BLOCK * BLOCK for side in check_image(original).shape[:2])
    before, after = (np.square(original.astype(float) - image)[:height, :width] for image in (decoded, repaired))
    return (before - after).reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3).mean(axis=(1, 3, 4))


def drawings():
    """Draw pictures that are no photos: {name: image}, uint8, 256 rows and 384 columns; no network is to have seen such things."""
    y, x = np.mgrid[:256, :384]
    rng = np.random.default_rng(5)
    wave = 127.5 + 127.5 * np.cos((x**2 + y**2) / 500)
    pixels = rng.choice(_COLOURS, (16, 24)).repeat(16, axis=0).repeat(16, axis=1)
    sky = np.zeros((256, 384))
    sky[rng.integers(0, 256, 400), rng.integers(0, 384, 400)] = rng.uniform(60, 255, 400)
    return {
        "text": _text(),
        "window": _window(),
        "chart": _chart(),
        "pixel art": pixels,
        "checkerboard": checkerboard(),
        "gradient": np.stack([x * 255 // 383, y, 255 - x * 255 // 383], axis=-1).astype(np.uint8),
        "rings": _grey(wave),
        "stars": _grey(sky),
        "noise": rng.integers(0, 256, (256, 384, 3), dtype=np.uint8),
    }


def checkerboard(size=2):
    """Draw black and white squares of `size` x `size` pixels: uint8, shape (256, 384, 3), black in the corner.

    Examples
    --------
    >>> checkerboard(2)[0, :5, 0].tolist()
    [0, 0, 255, 255, 0]
    """
    y, x = np.mgrid[:256, :384] // size
    return _grey(255 * ((x + y) % 2))


_COLOURS = np.array([[20, 20, 30], [230, 230, 220], [200, 40, 50], [40, 120, 200], [250, 190, 40], [60, 160, 90]], np.uint8)


def _grey(plane):
    return np.rint(plane).astype(np.uint8)[..., None].repeat(3, axis=2)


def _text():
    picture = Image.new("RGB", (384, 256), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    for line in range(14):
        words = f"{line + 1:2}. A block of 8x8 pixels, compressed and put back; who reads {line * 37 % 100}?"
        draw.text((8, 6 + 17 * line), words, fill=(0, 0, 0) if line % 5 else (160, 0, 0), font=font)
    return np.array(picture)


def _window():
    picture = Image.new("RGB", (384, 256), (240, 240, 240))
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(12)
    draw.rectangle((0, 0, 383, 25), fill=(45, 90, 150))
    draw.text((10, 5), "Settings", fill="white", font=font)
    for row, words in enumerate(("Show the grid", "Keep the original", "Ask before saving", "Use all processors")):
        top = 44 + 34 * row
        draw.rectangle((20, top, 32, top + 12), outline=(80, 80, 80), fill="white")
        if row % 2 == 0:
            draw.line([(22, top + 6), (25, top + 10), (31, top + 2)], fill=(0, 110, 0), width=2)
        draw.text((44, top - 2), words, fill=(30, 30, 30), font=font)
        draw.line([(200, top + 6), (360, top + 6)], fill=(150, 150, 150))
        draw.ellipse((200 + 35 * row, top, 212 + 35 * row, top + 12), fill=(45, 90, 150))
    for left, words, fill in ((190, "Cancel", (220, 220, 220)), (284, "Apply", (200, 220, 250))):
        draw.rounded_rectangle((left, 212, left + 84, 240), 6, fill=fill, outline=(120, 120, 120))
        draw.text((left + 22, 218), words, fill="black", font=font)
    return np.array(picture)


def _chart():
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.84, 2.56), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    x = np.linspace(0, 6, 60)
    for k in range(1, 5):
        axes.plot(x, np.sin(k * x / 2) / k, label=f"k = {k}", linewidth=1)
    axes.set(xlabel="x", ylabel="sin(kx/2)/k")
    axes.legend(fontsize=7)
    axes.grid(True, linewidth=0.5)
    canvas = FigureCanvasAgg(figure)
    file = io.BytesIO()
    canvas.print_png(file)
    return np.array(Image.open(file).convert("RGB"))
