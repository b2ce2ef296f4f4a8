"""Figures of lesson 03: the network's shape, what a pixel sees, what networks cost, and how short trainings went."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, PALE, enlarge, finished
from blockcnn_helpers.jpeg import BLOCK

OURS, OTHER = METHOD_COLOURS["BlockCNN"], METHOD_COLOURS["JPEG"]
STAGES = (("patch", 24, 1, "3 + 15"), ("fold", 12, 2, "64"), ("1", 10, 2, "64"), ("2", 8, 2, "64"), ("3", 6, 2, "64"), ("4", 4, 2, "64"))
INSIDE = (("1x1\n64 to 96", "widen"), ("3x3, unpadded\n96 to 96", "look"), ("1x1\n96 to 64", "narrow"))


def architecture():
    """Draw BlockCNN from patch to block, each stage as wide as the pixels it covers, and one bottleneck below."""
    with plt.rc_context(LOOK):
        figure, (above, below) = plt.subplots(2, 1, figsize=(900 / DPI, 470 / DPI), height_ratios=(3, 2), layout="constrained")
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
        x += wide + (6.5 if not number else 5.6)
    wide = BLOCK * 0.62
    axes.add_patch(Rectangle((x, middle - wide / 2), wide, wide, facecolor="white", edgecolor=OURS, linewidth=2))
    axes.text(x + wide / 2, middle + wide / 2 + 0.6, "8x8x3\nto add", ha="center", va="bottom", fontsize=9)
    ends.append((x, x + wide))
    last = x + wide + 7
    axes.text(last, middle, "+", ha="center", va="center", fontsize=16, bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": INK})
    axes.add_patch(Rectangle((last + 5, middle - wide / 2), wide, wide, facecolor=OURS, edgecolor=OURS, alpha=0.35))
    axes.text(last + 5 + wide / 2, middle + wide / 2 + 0.6, "8x8x3\nrepaired", ha="center", va="bottom", fontsize=9)
    words = ("fold", "look 1", "look 2", "look 3", "look 4", "unfold")
    for word, (_, start), (end, _) in zip(words, ends, ends[1:]):
        _arrow(axes, (start, middle), (end, middle))
        axes.text((start + end) / 2, middle + 0.5, word, ha="center", va="bottom", fontsize=8)
    _arrow(axes, (ends[-1][1], middle), (last - 1.6, middle))
    _arrow(axes, (last + 1.6, middle), (last + 5, middle))
    bottom = middle - 11
    first = (ends[0][0] + ends[0][1]) / 2
    axes.plot([first, first, last], [middle - 24 * 0.62 / 6, bottom, bottom], color=OTHER)
    _arrow(axes, (last, bottom), (last, middle - 1.8), OTHER)
    axes.text((first + last) / 2, bottom + 0.4, "the decoded block itself, 8x8x3", color=OTHER, ha="center", va="bottom", fontsize=9)
    axes.set(xlim=(-1, last + 12), ylim=(bottom - 1, 13), aspect="equal")
    axes.axis("off")


def _bottleneck(axes):
    axes.text(0, 3.1, "one look: a residual bottleneck, 12x12x64 to 10x10x64", fontsize=10)
    x = 6
    _arrow(axes, (1, 1.5), (x, 1.5))
    axes.text(0.8, 1.5, "12x12", ha="right", va="center", fontsize=9)
    for words, name in INSIDE:
        axes.add_patch(Rectangle((x, 0.7), 9, 1.6, facecolor="white", edgecolor=INK))
        axes.text(x + 4.5, 1.5, words, ha="center", va="center", fontsize=9)
        axes.text(x + 4.5, 2.4, name, ha="center", va="bottom", fontsize=8)
        _arrow(axes, (x + 9, 1.5), (x + 12, 1.5))
        x += 12
    axes.text(x + 0.8, 1.5, "+", ha="center", va="center", fontsize=14, bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": INK})
    _arrow(axes, (x + 1.7, 1.5), (x + 5, 1.5))
    axes.text(x + 5.2, 1.5, "10x10", va="center", fontsize=9)
    axes.plot([3, 3, x + 0.8], [1.5, -0.5, -0.5], color=OTHER)
    _arrow(axes, (x + 0.8, -0.5), (x + 0.8, 0.9), OTHER)
    words = "the skip: the same 64 channels, their rim of one cell cropped"
    axes.text((x + 3) / 2, -0.35, words, color=OTHER, ha="center", va="bottom", fontsize=9)
    axes.set(xlim=(-4, x + 10), ylim=(-1, 3.8))
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


def frame(picture, row, column, size, times, colour, thick=2):
    """Draw a square frame into an enlarged picture, at pixels of the picture it was enlarged from."""
    colour = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    window = picture[times * row : times * (row + size), times * column : times * (column + size)]
    window[:thick], window[-thick:], window[:, :thick], window[:, -thick:] = colour, colour, colour, colour


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
    with plt.rc_context(LOOK):
        figure, both = plt.subplots(1, 2, figsize=(900 / DPI, 340 / DPI), layout="constrained")
        for axes in both:
            axes.axhline(0, color=METHOD_COLOURS["JPEG"], linestyle="--", label="JPEG")
            axes.axhline(bar, color=METHOD_COLOURS["Bilateral"], linestyle="--", label="bilateral")
            for name, points in gains.items():
                steps, values = np.transpose(points)
                axes.plot(steps, values, marker="o", markersize=3.5, color=colours[name], label=name)
            axes.set(xlabel="training steps")
        both[0].set(title="everything", ylabel="gain over JPEG (dB)")
        both[1].set(title="near JPEG", ylim=zoom)
        figure.legend(*both[0].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    return finished(figure)


def losses(lines, colours, ylabel="mean absolute error (grey levels)"):
    """Draw losses over training steps from zero up: `lines` holds (step, loss) by name."""
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(640 / DPI, 320 / DPI), layout="constrained")
        for name, points in lines.items():
            axes.plot(*np.transpose(points), marker="o", markersize=3.5, color=colours[name], label=name)
        axes.set(xlabel="training steps", ylabel=ylabel, ylim=(0, None))
        axes.legend(loc="center right")
    return finished(figure)
