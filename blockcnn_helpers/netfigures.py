"""Figures of lesson 03: the network's shape, what a pixel sees, what networks cost, and how short trainings went."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, PALE, enlarge, finished, pictures
from blockcnn_helpers.jpeg import BLOCK

OURS, OTHER = METHOD_COLOURS["BlockCNN"], METHOD_COLOURS["JPEG"]
STAGES = (("patch", 24, 1, "3 + 15"), ("fold", 12, 2, "64"), ("1", 10, 2, "64"), ("2", 8, 2, "64"), ("3", 6, 2, "64"), ("4", 4, 2, "64"))
INSIDE = (("1x1\n64 to 96", "widen"), ("3x3, unpadded\n96 to 96", "look"), ("1x1\n96 to 64", "narrow"))
BETWEEN = ("LeakyReLU", "LeakyReLU", "")
LAYERS = (("fold", 2, 2), ("look 1", 3, 1), ("look 2", 3, 1), ("look 3", 3, 1), ("look 4", 3, 1))  # name, kernel, stride


def architecture():
    """Draw BlockCNN from patch to block, each stage as wide as the pixels it covers, and one bottleneck below."""
    with plt.rc_context(LOOK):
        figure, (above, below) = plt.subplots(2, 1, figsize=(900 / DPI, 440 / DPI), height_ratios=(1, 1), layout="constrained")
        _network(above)
        _bottleneck(below)
    return finished(figure)


def _network(axes):
    x, middle, ends = 0, 0, []
    for number, (_, side, cell, channels) in enumerate(STAGES):
        wide = side * cell * 0.62
        axes.add_patch(Rectangle((x, middle - wide / 2), wide, wide, facecolor="white", edgecolor=INK))
        for k in range(1, side):
            axes.plot([x + k * wide / side] * 2, [middle - wide / 2, middle + wide / 2], color=PALE, linewidth=0.5)
            axes.plot([x, x + wide], [middle - wide / 2 + k * wide / side] * 2, color=PALE, linewidth=0.5)
        if not number:
            axes.add_patch(Rectangle((x + wide / 3, middle - wide / 6), wide / 3, wide / 3, facecolor="none", edgecolor=OTHER, linewidth=2))
        words = f"{side}x{side}x{channels}" if number else f"{side}x{side}\n{channels} channels"
        axes.text(x + wide / 2, middle + wide / 2 + 0.6, words, ha="center", va="bottom", fontsize=9)
        ends.append((x, x + wide))
        x += wide + 10.8
    wide = BLOCK * 0.62
    axes.add_patch(Rectangle((x, middle - wide / 2), wide, wide, facecolor="white", edgecolor=OURS, linewidth=2))
    axes.text(x + wide / 2, middle + wide / 2 + 0.6, "8x8x3\nthe residual", ha="center", va="bottom", fontsize=9)
    ends.append((x, x + wide))
    last = x + wide + 7
    axes.text(last, middle, "+", ha="center", va="center", fontsize=16, bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": INK})
    axes.add_patch(Rectangle((last + 5, middle - wide / 2), wide, wide, facecolor=OURS, edgecolor=OURS, alpha=0.35))
    axes.text(last + 5 + wide / 2, middle + wide / 2 + 0.6, "8x8x3\nrepaired", ha="center", va="bottom", fontsize=9)
    words = (("fold", ""), *(("bottleneck", str(step)) for step in range(1, 5)), ("LeakyReLU", "unfold"))
    for (over, under), (_, start), (end, _) in zip(words, ends, ends[1:]):
        _arrow(axes, (start, middle), (end, middle))
        axes.text((start + end) / 2, middle + 0.5, over, ha="center", va="bottom", fontsize=7.5)
        axes.text((start + end) / 2, middle - 0.7, under, ha="center", va="top", fontsize=7.5)
    _arrow(axes, (ends[-1][1], middle), (last - 1.6, middle))
    _arrow(axes, (last + 1.6, middle), (last + 5, middle))
    bottom = middle - 11
    first = (ends[0][0] + ends[0][1]) / 2
    axes.plot([first, first, last], [middle - 24 * 0.62 / 6, bottom, bottom], color=OTHER)
    _arrow(axes, (last, bottom), (last, middle - 1.8), OTHER)
    axes.text((first + last) / 2, bottom + 0.4, "the decoded block itself, 8x8x3", color=OTHER, ha="center", va="bottom", fontsize=9)
    axes.set(xlim=(-1, last + 12), ylim=(bottom - 0.5, 11.5), aspect="equal")
    axes.axis("off")


def _bottleneck(axes):
    axes.text(0, 3.5, "the first bottleneck, 12x12x64 to 10x10x64", fontsize=10)
    x = 6
    _arrow(axes, (1, 1.5), (x, 1.5))
    axes.text(0.8, 1.5, "12x12", ha="right", va="center", fontsize=9)
    for (words, name), after in zip(INSIDE, BETWEEN):
        axes.add_patch(Rectangle((x, 0.7), 9, 1.6, facecolor="white", edgecolor=INK))
        axes.text(x + 4.5, 1.5, words, ha="center", va="center", fontsize=9)
        axes.text(x + 4.5, 2.4, name, ha="center", va="bottom", fontsize=8)
        reach = 6 if after else 3
        _arrow(axes, (x + 9, 1.5), (x + 9 + reach, 1.5))
        axes.text(x + 9 + reach / 2, 1.65, after, ha="center", va="bottom", fontsize=8)
        x += 9 + reach
    axes.text(x + 0.8, 1.5, "+", ha="center", va="center", fontsize=14, bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": INK})
    _arrow(axes, (x + 1.7, 1.5), (x + 5, 1.5))
    axes.text(x + 5.2, 1.5, "10x10", va="center", fontsize=9)
    axes.plot([3, 3, x + 0.8], [1.5, -0.5, -0.5], color=OTHER)
    _arrow(axes, (x + 0.8, -0.5), (x + 0.8, 0.9), OTHER)
    words = "the skip: the same 64 channels, their rim of one cell cropped"
    axes.text((x + 3) / 2, -0.35, words, color=OTHER, ha="center", va="bottom", fontsize=9)
    axes.set(xlim=(-4, x + 10), ylim=(-1, 4.2))
    axes.axis("off")


def _arrow(axes, start, end, colour=INK):
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, color=colour, linewidth=1.2, shrinkA=0, shrinkB=0))


def spotlight(image, field, row, column, times=14):
    """Picture a 24x24 patch with the pixels a repaired one depends on lit, and that pixel framed.

    Parameters
    ----------
    image : ndarray, uint8, shape (24, 24, 3)
    field : ndarray, bool, shape (24, 24)
        One of `models.receptive_fields`.
    row, column : int
        The repaired pixel in the middle block, 0...7 each.
    times : int
        How large to draw each pixel.

    Returns
    -------
    ndarray, uint8, shape (24 times, 24 times, 3)
    """
    lit = np.where(field[..., None], image, 235 - (235 - image.astype(int)) // 5).astype(np.uint8)
    picture = enlarge(lit, times)
    frame(picture, BLOCK, BLOCK, BLOCK, times, "#ffffff")
    frame(picture, BLOCK + row, BLOCK + column, 1, times, OTHER, 3)
    return picture


def field_after(layers):
    """Return what the block's first pixel sees through some layers, bool, shape (24, 24), and the sums that say how many, as words.

    Examples
    --------
    >>> field, words = field_after(LAYERS[:2])
    >>> int(field.sum()), words[-1]
    (36, 'look 1, 3x3: 2 + 2 x 2 = 6 on a side')
    """
    low = high = BLOCK
    side, step, words = 1, 1, ["no layer: 1 pixel on a side"]
    for name, kernel, stride in layers:
        more = (kernel - 1) * step
        words.append(f"{name}, {kernel}x{kernel}: {side} + {kernel - 1} x {step} = {side + more} on a side")
        low, high = (low, high + more) if kernel % 2 == 0 else (low - more // 2, high + more // 2)
        side, step = side + more, step * stride
    field = np.zeros((3 * BLOCK, 3 * BLOCK), bool)
    field[max(low, 0) : high + 1, max(low, 0) : high + 1] = True
    return field, words[-1:]


def field_sweep(patch, layers=LAYERS, times=6):
    """Show how what the block's first pixel depends on grows with each layer: `netexplorers.field_counter` on paper.

    Parameters
    ----------
    patch : ndarray, uint8, shape (24, 24, 3)
    layers : sequence of (str, int, int)
        Name, side of the kernel and stride of each layer, the first one first.
    times : int
        How large to draw each pixel.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = {}
    for count in range(len(layers) + 1):
        field, _ = field_after(layers[:count])
        side = field.any(axis=0).sum()
        shown[f"{layers[count - 1][0] if count else 'no layer'}\n{side}x{side} pixels"] = spotlight(patch, field, 0, 0, times)
    return pictures(shown, width=len(shown) * (len(patch) * times + 9))


def frame(picture, row, column, size, times, colour, thick=2):
    """Draw a square frame into an enlarged picture, at pixels of the picture it was enlarged from."""
    colour = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    window = picture[times * row : times * (row + size), times * column : times * (column + size)]
    window[:thick], window[-thick:], window[:, :thick], window[:, -thick:] = colour, colour, colour, colour


def on_grid(images, width=900):
    """Show pictures side by side, as `figures.pictures` does, with the grid of their blocks in colour.

    Parameters
    ----------
    images : dict of str to ndarray
        Title to image: uint8, shape (height, width, 3), or a plane of shape (height, width).
    width : int
        Pixels the figure may take.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure = pictures(images, width=width, grid=True)
    for axes in figure.axes:
        axes.grid(True, color=OTHER, alpha=1, linewidth=1.2)
    return figure


def costs(networks):
    """Draw bars of what networks cost.

    Parameters
    ----------
    networks : dict of str to (int, float)
        Name, one of figures.METHOD_COLOURS, to weights and multiply-adds per repaired pixel.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        figure, both = plt.subplots(1, 2, figsize=(900 / DPI, 200 / DPI), layout="constrained", sharey=True)
        for axes, values, title in zip(both, np.transpose(list(networks.values())), ("weights", "multiply-adds per pixel")):
            bars = axes.barh(list(networks), values, color=[METHOD_COLOURS[name] for name in networks], height=0.6)
            axes.bar_label(bars, [f"{value / 1e6:.2f} M" for value in values], padding=4)
            axes.set(title=title, xticks=[], xlim=(0, 1.25 * values.max()))
            axes.grid(False)
        both[0].invert_yaxis()
    return finished(figure)


def trainings(gains, bar, colours, zoom=(-1.0, 0.8)):
    """Draw how far above or below JPEG networks were while they trained: once all of it, once near JPEG.

    Parameters
    ----------
    gains : dict of str to sequence of (step, dB)
    bar : float
        The gain of the bilateral filter.
    colours : dict of str to colour
    zoom : (float, float)
        What the right-hand plot shows, in dB.

    Returns
    -------
    matplotlib.figure.Figure
    """
    levels = {"JPEG": (0, "top"), "bilateral filter": (bar, "bottom")}
    with plt.rc_context(LOOK):
        figure, both = plt.subplots(1, 2, figsize=(900 / DPI, 380 / DPI), layout="constrained")
        lines = [line for name, points in gains.items() for line in _curves(both, name, points, colours[name])]
        for axes in both:
            for height, _ in levels.values():
                axes.axhline(height, color=INK, linestyle="--", linewidth=1.2, zorder=1)
            axes.set(xlabel="training steps")
        for name, (height, side) in levels.items():
            both[1].annotate(name, (0, height), (4, -3 if side == "top" else 3), ("axes fraction", "data"), "offset points", va=side)
        both[0].set(title="everything", ylabel="gain over JPEG (dB)")
        both[1].set(title="near JPEG", ylim=zoom)
        figure.legend(handles=lines, loc="outside upper center", ncols=len(gains))
    return finished(figure)


def _curves(both, name, points, colour):
    """Draw one curve into both axes; return the first, for a legend."""
    return [axes.plot(*np.transpose(points), marker="o", markersize=3.5, color=colour, label=name)[0] for axes in both][:1]


def losses(lines, colours, ylabel="mean absolute error (grey levels)"):
    """Draw losses over training steps, from zero up.

    Parameters
    ----------
    lines : dict of str to sequence of (step, loss)
    colours : dict of str to colour
    ylabel : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(720 / DPI, 340 / DPI), layout="constrained")
        for name, points in lines.items():
            axes.plot(*np.transpose(points), marker="o", markersize=3.5, color=colours[name], label=name)
        axes.set(xlabel="training steps", ylabel=ylabel, ylim=(0, None))
        axes.legend(loc="upper right")
    return finished(figure)
