"""Figures with one look for the whole course: photos pixel by pixel, and curves.

Every function returns a closed matplotlib figure, so that a cell whose last line it is shows it once. What a figure says
is also said in the Markdown below it: notebooks drop the alternative text of pictures.
"""

import matplotlib.pyplot as plt
import numpy as np

from blockcnn_helpers import jpeg, metrics

METHOD_COLOURS = {
    "Original": "#333333",
    "JPEG": "#d55e00",
    "Bilateral": "#e69f00",
    "TV": "#8c6d46",
    "Original network": "#cc79a7",
    "Paper's network": "#009e73",
    "BlockCNN": "#0072b2",
}
PHOTO_COLOURS = {"astronaut": "#0072b2", "coffee": "#d55e00", "chelsea": "#009e73"}
INK, PALE = "#333333", "#dddddd"
DPI = 100  # pixels of a picture's cell are whole pixels of the figure: photos are enlarged, never resampled
LOOK = {
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": PALE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}


def cut(image, crop):
    """Cut a crop (row, column, size) out of an image, as a view."""
    row, column, size = crop
    return image[row : row + size, column : column + size]


def enlarge(image, times):
    """Enlarge an image a whole number of times by repeating its pixels: blocks stay as sharp as they are.

    Examples
    --------
    >>> enlarge(np.array([[1, 2]]), 2)
    array([[1, 1, 2, 2],
           [1, 1, 2, 2]])
    """
    return np.repeat(np.repeat(image, times, axis=0), times, axis=1)


def pictures(images, columns=None, width=900, grid=False):
    """Show pictures of one size side by side, each pixel enlarged to a square, with a title above each.

    Parameters
    ----------
    images : dict of str to ndarray
        Title (two lines at most) to image: uint8, shape (height, width, 3), or a plane of shape (height, width).
    columns : int, optional
        Pictures in a row; all of them by default.
    width : int
        Pixels the figure may take.
    grid : bool
        Draw the 8x8 grid of the blocks.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shape = next(iter(images.values())).shape[:2]
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    gap, head = 8, 44 if any("\n" in title for title in images) else 26
    times = max(1, (width // columns - gap) // shape[1])
    high, wide = shape[0] * times, shape[1] * times
    size = columns * (wide + gap) + gap, rows * (high + head) + gap
    with plt.rc_context(LOOK):
        figure = plt.figure(figsize=(size[0] / DPI, size[1] / DPI))
        for place, (title, image) in enumerate(images.items()):
            left, top = gap + place % columns * (wide + gap), (place // columns + 1) * (high + head)
            axes = figure.add_axes([left / size[0], 1 - top / size[1], wide / size[0], high / size[1]])
            axes.imshow(enlarge(image, times), cmap="gray", vmin=0, vmax=255, interpolation="none", extent=(0, shape[1], shape[0], 0))
            axes.set_title(title, pad=4)
            bare(axes)
            if grid:
                axes.set(xticks=range(0, shape[1] + 1, jpeg.BLOCK), yticks=range(0, shape[0] + 1, jpeg.BLOCK))
                axes.grid(True, color="white", alpha=0.45, linewidth=0.8)
    return finished(figure)


def compare(images, crop, columns=None, width=900):
    """Show the same crop of several pictures; the first is the original that the others are measured against.

    Parameters
    ----------
    images : dict of str to ndarray, uint8, shape (height, width, 3)
        Name to picture. PSNR in the titles is that of the whole picture.
    crop : (int, int, int)
        Row, column and size, as in `images.CROPS`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    original = next(iter(images.values()))
    titles = {}
    for name, image in images.items():
        known = "" if image is original else f"\n{metrics.psnr(original, image):.2f} dB"
        titles[name + known] = cut(image, crop)
    return pictures(titles, columns, width)


def quality_sweep(image, crop, qualities=(5, 10, 25, 50, 75), width=900):
    """Show one crop at several qualities, with bits per pixel and PSNR of the whole photo: `explorers.quality_slider` on paper."""
    shown = {"original\n24 bpp": cut(image, crop)}
    for quality in qualities:
        data = jpeg.encode(image, quality)
        decoded = jpeg.decode(data)
        title = f"quality {quality}\n{metrics.bits_per_pixel(data, image):.2f} bpp, {metrics.psnr(image, decoded):.1f} dB"
        shown[title] = cut(decoded, crop)
    return pictures(shown, columns=3, width=width)


def repair_sweep(image, restore, crop, qualities=(10, 20, 40), width=900):
    """Show one crop as JPEG (above) and repaired (below) at several qualities: `explorers.deblock_slider` on paper.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    restore : callable
        Takes the decoded image and returns the repaired one.
    crop : (int, int, int)
        Row, column and size.
    """
    above, below = {}, {}
    for quality in qualities:
        decoded = jpeg.compress(image, quality)
        repaired = restore(decoded)
        above[f"JPEG, quality {quality}\n{metrics.psnr(image, decoded):.2f} dB"] = cut(decoded, crop)
        below[f"repaired, quality {quality}\n{metrics.psnr(image, repaired):.2f} dB"] = cut(repaired, crop)
    return pictures(above | below, columns=len(qualities), width=width)


def curves(lines, xlabel, ylabel, colours=None, labels=True, size=(640, 380)):
    """Draw curves, each named at its right end.

    Parameters
    ----------
    lines : dict of str to sequence of (x, y)
    colours : dict of str to colour, optional
        METHOD_COLOURS and PHOTO_COLOURS are known by name.
    labels : bool
        Write the names at the ends; otherwise in a legend.

    Returns
    -------
    matplotlib.figure.Figure
    """
    colours = METHOD_COLOURS | PHOTO_COLOURS | (colours or {})
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(size[0] / DPI, size[1] / DPI), layout="constrained")
        for name, points in lines.items():
            x, y = np.transpose(points)
            colour = colours.get(name)
            (line,) = axes.plot(x, y, marker="o", markersize=3.5, color=colour, label=name)
            if labels:
                axes.annotate(name, (x[-1], y[-1]), xytext=(6, 0), textcoords="offset points", va="center", color=line.get_color())
        axes.set(xlabel=xlabel, ylabel=ylabel)
        if not labels:
            axes.legend()
    return finished(figure)


def rate_distortion(lines, ylabel="PSNR (dB)", colours=None):
    """Draw quality against cost: `lines` holds (bits per pixel, decibels) by name. Up and to the left is better."""
    return curves(lines, "bits per pixel", ylabel, colours)


def position_error(errors, width=260):
    """Show mean squared error by place in the block, one 8x8 map a title, each with its numbers.

    Parameters
    ----------
    errors : dict of str to ndarray, shape (8, 8)
        As `metrics.position_error` returns them. Each map has its own scale: light is small, dark is large.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(1, len(errors), figsize=(len(errors) * width / DPI, (width + 30) / DPI), layout="constrained")
        for axes, (title, error) in zip(np.atleast_1d(all_axes), errors.items()):
            numbers(axes, error, title, "{:.0f}", cmap="Oranges", low=error.min() * 0.9, high=error.max() * 1.15)
    return finished(figure)


def numbers(axes, values, title, form="{:.0f}", cmap=None, low=None, high=None, size=8):
    """Fill axes with an array of numbers on a ground that shows them: blue below zero and red above unless `cmap` is given."""
    values = np.asarray(values)
    if cmap is None:
        cmap, high = "RdBu_r", 2.2 * max(1e-9, np.abs(values).max() if high is None else high)
        low = -high
    axes.imshow(values, cmap=cmap, vmin=low, vmax=high, interpolation="none")
    scale = plt.get_cmap(cmap)
    for (y, x), value in np.ndenumerate(values):
        light = np.dot(scale(np.clip((value - low) / (high - low), 0, 1))[:3], (0.299, 0.587, 0.114)) > 0.5
        label = form.format(value)
        label = label.removeprefix("-") if float(label) == 0 else label
        axes.text(x, y, label, ha="center", va="center", fontsize=size, color="black" if light else "white")
    axes.set_title(title)
    bare(axes)


def bare(axes):
    """Take ticks, grid and frame off axes."""
    axes.set(xticks=[], yticks=[])
    axes.tick_params(length=0, labelbottom=False, labelleft=False)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def finished(figure):
    """Close a figure, so that a notebook shows it once, where it is the last line of a cell."""
    plt.close(figure)
    return figure
