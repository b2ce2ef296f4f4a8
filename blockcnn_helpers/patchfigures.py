"""Figures of lesson 02: what a pair is and where it comes from, and what its bug hunt measures."""

import matplotlib.pyplot as plt
import numpy as np

from blockcnn_helpers import metrics
from blockcnn_helpers.figures import DPI, LOOK, METHOD_COLOURS, PALE, bare, enlarge, finished, pictures
from blockcnn_helpers.jpeg import BLOCK, pad
from blockcnn_helpers.patches import BORDER, PATCH

SIDE = 168  # pixels across of each picture of a pair: 8, 24 and 56 pixels all fit a whole number of times
REACH = 56  # pixels around a block that show where it lies
GAIN = 4  # how much a residual is amplified to be seen


def pair_pictures(clean, compressed, row, column):
    """Picture one pair, each picture 168x168 pixels: where it lies, what goes in, and what should come out.

    Parameters
    ----------
    clean, compressed : ndarray, uint8, shape (height, width, 3)
        At least 56 pixels in both directions.
    row, column : int
        The block, counted in blocks.

    Returns
    -------
    dict of str to ndarray, uint8, shape (168, 168, 3)
        "where" with the input framed, "input" with its centre framed, "JPEG's block", "target", and "to add": the residual
        four times amplified on middle grey.
    """
    clean, compressed, place = pad(clean), pad(compressed), (BLOCK * row, BLOCK * column)
    corner = [min(max(0, start - (REACH - BLOCK) // 2), side - REACH) for start, side in zip(place, clean.shape)]
    around = np.pad(compressed, [(BORDER, BORDER)] * 2 + [(0, 0)], mode="edge")[place[0] :, place[1] :][:PATCH, :PATCH]
    block, target = (_window(image, place, BLOCK) for image in (compressed, clean))
    residual = np.clip(128 + GAIN * (target.astype(int) - block), 0, 255).astype(np.uint8)
    where = enlarge(_window(clean, corner, REACH), SIDE // REACH)
    shown = {"where": _framed(where, [SIDE // REACH * (start - at - BORDER) for start, at in zip(place, corner)], SIDE // REACH * PATCH)}
    shown["input"] = _framed(enlarge(around, SIDE // PATCH), (SIDE // 3, SIDE // 3), SIDE // 3)
    parts = {"JPEG's block": block, "target": target, "to add": residual}
    return shown | {name: enlarge(part, SIDE // BLOCK) for name, part in parts.items()}


def pair_numbers(clean, compressed, row, column):
    """Say what a pair's pictures show, in numbers: where the block lies, what doing nothing costs, and what is to be added."""
    place = (BLOCK * row, BLOCK * column)
    target, block = (_window(pad(image), place, BLOCK).astype(int) for image in (clean, compressed))
    return {
        "place": f"rows {place[0]}–{place[0] + 7}, columns {place[1]}–{place[1] + 7}",
        "doing nothing": f"mean squared error {np.square(target - block).mean():.1f}",
        "to add": f"{(target - block).min():+d} to {(target - block).max():+d} grey levels".replace("-", "−"),
    }


def pair_sweep(clean, compressed, blocks):
    """Show several pairs below each other: `explorers.patch_viewer` on paper. `blocks` holds (row, column), in blocks."""
    shown = {}
    for number, (row, column) in enumerate(blocks):
        names = {"where": f"block ({row}, {column})\nclean, input framed", "input": "input, 24x24", "target": "target, 8x8"}
        names |= {"JPEG's block": "JPEG's block, 8x8", "to add": f"to add, x{GAIN}"}
        for name, picture in pair_pictures(clean, compressed, row, column).items():
            shown[names.get(name, name) + number * " "] = picture  # titles may repeat, keys may not
    return pictures(shown, columns=5)


def tile_map(image, mask):
    """Tint an image's tiles: those to test on (`mask` True, shape (rows, columns) of blocks) in the colour of JPEG, the others pale."""
    chosen = enlarge(mask, BLOCK)[: image.shape[0], : image.shape[1], None]
    colour = np.array([int(METHOD_COLOURS["JPEG"][i : i + 2], 16) for i in (1, 3, 5)])
    return np.rint(np.where(chosen, 0.35 * image + 0.65 * colour, 0.5 * image + 0.5 * 235)).astype(np.uint8)


def leak(gains, width=640):
    """Show how much each photo's gain is flattered when its own tiles are trained on.

    Parameters
    ----------
    gains : dict of str to (float, float)
        Photo to gain over JPEG in dB: with the photo's other tiles among the training ones, and without.

    Returns
    -------
    matplotlib.figure.Figure
    """
    names = sorted(gains, key=lambda name: gains[name][0] - gains[name][1])
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(width / DPI, (90 + 28 * len(names)) / DPI), layout="constrained")
        with_own, without = np.transpose([gains[name] for name in names])
        places = np.arange(len(names))
        axes.hlines(places, without, with_own, color=PALE, linewidth=5, zorder=1)
        axes.scatter(without, places, color=METHOD_COLOURS["BlockCNN"], s=45, zorder=2, label="photo never seen")
        axes.scatter(with_own, places, color=METHOD_COLOURS["JPEG"], s=45, marker="D", zorder=2, label="its other tiles trained on")
        axes.axvline(0, color="#888888", linewidth=1)
        axes.set(yticks=places, yticklabels=[name.replace("_", " ") for name in names], xlabel="gain over JPEG on the same 200 tiles (dB)")
        axes.grid(False, axis="y")
        figure.legend(loc="outside upper left", ncols=2)
    return finished(figure)


def partners(pairs, side=128, width=930):
    """Show which picture has been paired with which: an arrow from each clean photo to "its" JPEG.

    Parameters
    ----------
    pairs : sequence of (str, ndarray, str, ndarray)
        Name and picture of the clean photo, name and picture of its partner; square pictures of one size.

    Returns
    -------
    matplotlib.figure.Figure
        A row of pairs, each picture `side` pixels across.
    """
    step, arrow = width // len(pairs), 24
    with plt.rc_context(LOOK):
        figure = plt.figure(figsize=(width / DPI, (side + 40) / DPI))
        for place, (*clean, name, picture) in enumerate(pairs):
            for left, title, shown in ((0, *clean), (side + arrow, name, picture)):
                axes = figure.add_axes([(place * step + left) / width, 8 / (side + 40), side / width, side / (side + 40)])
                axes.imshow(enlarge(shown, max(1, side // len(shown))), interpolation="none")
                axes.set_title(title, fontsize=8, pad=4)
                bare(axes)
            middle = ((place * step + side + arrow / 2) / width, (8 + side / 2) / (side + 40))
            figure.text(*middle, "→", ha="center", va="center", fontsize=18)
    return finished(figure)


def by_place(values, tile, width=640):
    """Show a number for each place a tile can have in a photo, and one tile with its middle 8x8 pixels framed.

    Parameters
    ----------
    values : ndarray, shape (rows, columns)
        Shares from 0 to 1, of each place.
    tile : ndarray, uint8, shape (24, 24, 3)

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        figure, (left, right) = plt.subplots(1, 2, figsize=(width / DPI, 290 / DPI), layout="constrained")
        shown = left.imshow(values, cmap="Oranges", vmin=0, vmax=0.7, interpolation="none")
        left.set(title="share of pixels that are exactly 0", xlabel="tile's column", ylabel="tile's row")
        left.grid(False)
        figure.colorbar(shown, ax=left)
        right.imshow(_framed(enlarge(tile, 7), (56, 56), 56), interpolation="none")
        right.set_title("the tile of row 0, column 0")
        bare(right)
    return finished(figure)


def race(curves, nothing, width=680):
    """Draw losses over steps, both on scales of powers of ten, with the loss of doing nothing as a dashed line.

    Parameters
    ----------
    curves : dict of str to list of (int, float)
        Steps done (0, 1, …) and the mean squared error after them.
    nothing : float

    Returns
    -------
    matplotlib.figure.Figure
    """
    colours = [METHOD_COLOURS[name] for name in ("Original network", "Bilateral", "BlockCNN")]
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(width / DPI, 380 / DPI), layout="constrained")
        for (name, points), colour in zip(curves.items(), colours, strict=True):
            steps, losses = np.transpose(points)
            axes.plot(steps, losses, color=colour, marker="o", markersize=3, label=name)
        axes.axhline(nothing, color=METHOD_COLOURS["JPEG"], linestyle="--", linewidth=1.2)
        axes.annotate(f"doing nothing: {nothing:.5f}", (2500, nothing), xytext=(0, -12), textcoords="offset points", va="top", ha="right")
        axes.set_xscale("symlog", linthresh=1)
        axes.set(yscale="log", xlabel="steps", ylabel="mean squared error, unseen photos", ylim=(0.55 * nothing, None), xlim=(-0.1, 2700))
        axes.set(xticks=[0, 1, 10, 100, 1000], xticklabels=["0", "1", "10", "100", "1000"])
        axes.set(yticks=[0.001, 0.01], yticklabels=["0.001", "0.01"])
        axes.legend()
    return finished(figure)


def ticked(figure, step=BLOCK):
    """Put ticks every 8 pixels around the pictures of a figure, where a grid of blocks would lie."""
    for axes in figure.axes:
        across, down = axes.get_images()[0].get_extent()[1:3]
        axes.set(xticks=np.arange(0, across + 1, step), yticks=np.arange(0, down + 1, step))
        axes.tick_params(length=5, right=True, bottom=True, left=True, labelbottom=False, labelleft=False)
    return figure


def difference(first, second):
    """Picture where two images of one shape differ: grey where they agree, four times amplified elsewhere. Return it with their PSNR."""
    apart = np.clip(128 + GAIN * (first.astype(int) - second), 0, 255).astype(np.uint8)
    return apart, metrics.psnr(first, second)


def _window(image, corner, size):
    return image[corner[0] : corner[0] + size, corner[1] : corner[1] + size]


def _framed(picture, corner, size, thick=2):
    """Draw a square frame into a copy of a picture; what lies outside the picture is left out."""
    picture, (top, left), colour = picture.copy(), corner, [int(METHOD_COLOURS["JPEG"][i : i + 2], 16) for i in (1, 3, 5)]
    rows, columns = np.ogrid[: picture.shape[0], : picture.shape[1]]
    outside = (rows < top) | (rows >= top + size) | (columns < left) | (columns >= left + size)
    inside = (rows >= top + thick) & (rows < top + size - thick) & (columns >= left + thick) & (columns < left + size - thick)
    picture[~outside & ~inside] = colour
    return picture
