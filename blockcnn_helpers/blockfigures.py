"""Figures of numbers: eight pixels, one block, its cosines and its way through JPEG. The look is that of `figures`."""

import matplotlib.pyplot as plt
import numpy as np

from blockcnn_helpers import jpeg
from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, bare, finished, numbers, pictures

BLUE, ORANGE = METHOD_COLOURS["BlockCNN"], METHOD_COLOURS["JPEG"]


def samples(rows, ylabel="grey level"):
    """Draw rows of pixels as steps, each row an entry name -> values of one length; block borders are dashed.

    Parameters
    ----------
    rows : dict of str to array_like, shape (n,)

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(6.4, 2.9), layout="constrained")
        for (name, values), colour in zip(rows.items(), (INK, ORANGE, BLUE)):
            axes.stairs(values, baseline=None, label=name, color=colour, linewidth=2)
        length = len(next(iter(rows.values())))
        for border in range(jpeg.BLOCK, length, jpeg.BLOCK):
            axes.axvline(border, color=INK, linestyle=(0, (4, 4)), linewidth=0.9)
        axes.set(xlabel="pixel", ylabel=ylabel, xlim=(0, length), xticks=range(0, length + 1, 1 if length <= 8 else 8))
        if len(rows) > 1:
            axes.legend(loc="best")
    return finished(figure)


def cosines():
    """Draw the eight rows of the DCT matrix: the eight patterns of which any eight pixels are made."""
    fine = np.linspace(0, 8, 200)
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(2, 4, figsize=(8.4, 3.0), sharex=True, sharey=True, layout="constrained")
        for k, axes in enumerate(all_axes.flat):
            smooth = np.cos(np.pi * fine * k / 8) * (np.sqrt(1 / 8) if k == 0 else 0.5)
            axes.plot(fine, smooth, color=ORANGE, linewidth=0.9)
            axes.stem(np.arange(8) + 0.5, jpeg.DCT[k], basefmt=" ", linefmt=BLUE, markerfmt="o")
            axes.set_title(f"row {k}" + (": the mean" if k == 0 else f": {k} half wave" + "s" * (k > 1)))
            axes.set(xticks=[], yticks=[-0.5, 0, 0.5])
    return finished(figure)


def basis():
    """Draw the 64 patterns of an 8x8 block: [v, u] is v half waves down and u across."""
    tiles = np.full((8 * 11 - 1, 8 * 11 - 1), np.nan)
    for v in range(8):
        for u in range(8):
            pattern = np.outer(jpeg.DCT[v], jpeg.DCT[u])
            tiles[11 * v : 11 * v + 8, 11 * u : 11 * u + 8] = pattern / np.abs(pattern).max()
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(4.8, 4.8), layout="constrained")
        axes.imshow(tiles, cmap="gray", vmin=-1.15, vmax=1.15, interpolation="none")
        centres = 11 * np.arange(8) + 3.5
        axes.set(xticks=centres, yticks=centres, xticklabels=range(8), yticklabels=range(8), xlabel="u: half waves across")
        axes.set_ylabel("v: half waves down")
        axes.grid(False)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return finished(figure)


def keep_sweep(values, counts=(1, 2, 3, 4, 6, 8)):
    """Show what the first coefficients alone draw: `explorers.keep_coefficients` on paper.

    Parameters
    ----------
    values : array_like, shape (8,), (8, 8) or (height, width)
        Eight pixels, one block, or a plane of whole blocks, 0…255.
    counts : sequence of int
        How many coefficients to keep: by rising frequency for a row, in zigzag order in every block of a plane.

    Returns
    -------
    matplotlib.figure.Figure
    """
    values = np.asarray(values)
    if values.ndim == 2:
        shown = {f"{count} of 64": keep(values, count).round().clip(0, 255) for count in counts}
        return pictures(shown | {"all 64": values}, columns=4, width=900)
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(1, len(counts), figsize=(9, 2.1), sharey=True, layout="constrained")
        for count, axes in zip(counts, all_axes):
            axes.stairs(values, baseline=None, color=INK, linewidth=1.2)
            axes.stairs(keep(values, count), baseline=None, color=ORANGE, linewidth=2)
            axes.set(title=f"{count} of 8", xticks=[], yticks=[0, 128, 255])
    return finished(figure)


def keep(values, count):
    """Keep the first coefficients, set the rest to zero, and transform back.

    Parameters
    ----------
    values : array_like, shape (8,), or (height, width) of whole blocks
        Grey levels.
    count : int
        0 to 8 for a row, 0 to 64 (in zigzag order, the same in each block) for a plane.

    Returns
    -------
    ndarray, float64, same shape
        Grey levels, neither rounded nor clipped.

    Examples
    --------
    >>> keep(np.array([0, 0, 0, 0, 80, 80, 80, 80]), 1)
    array([40., 40., 40., 40., 40., 40., 40., 40.])
    """
    values = np.asarray(values, dtype=np.float64) - jpeg.MIDDLE
    if values.shape == (jpeg.BLOCK,):
        kept = np.where(np.arange(jpeg.BLOCK) < count, jpeg.DCT @ values, 0)
        return (jpeg.DCT.T @ kept + jpeg.MIDDLE).round(9)
    mask = np.zeros((jpeg.BLOCK, jpeg.BLOCK))
    mask[tuple(jpeg.ZIGZAG[:count].T)] = 1
    return (jpeg.from_blocks(jpeg.idct(jpeg.dct(jpeg.to_blocks(values)) * mask)) + jpeg.MIDDLE).round(9)


def stages(block, table):
    """Follow one block through JPEG.

    Parameters
    ----------
    block : array_like, shape (8, 8)
        Grey levels, 0…255.
    table : array_like of int, shape (8, 8)

    Returns
    -------
    dict of str to ndarray, shape (8, 8)
        "pixels", "coefficients", "table", "levels", "rebuilt coefficients", "decoded pixels".

    Examples
    --------
    >>> int(stages(np.full((8, 8), 138), jpeg.LUMA)["levels"][0, 0])
    5
    """
    block = np.asarray(block)
    levels = jpeg.encode_plane(block, table)
    return {
        "pixels": block,
        "coefficients": jpeg.dct(block - np.float64(jpeg.MIDDLE)),
        "table": np.asarray(table),
        "levels": levels[0, 0],
        "rebuilt coefficients": jpeg.dequantise(levels, table)[0, 0],
        "decoded pixels": jpeg.decode_plane(levels, table),
    }


def block_stages(block, table):
    """Draw one block's way through JPEG as six tables of numbers: `explorers.block_inspector` on paper."""
    steps = stages(block, table)
    largest = np.abs(steps["coefficients"]).max()
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(2, 3, figsize=(840 / DPI, 600 / DPI), layout="constrained")
        for number, (axes, (title, values)) in enumerate(zip(all_axes.flat, steps.items()), start=1):
            ground = GROUNDS[title] | ({"high": 0.25 * largest} if "coefficients" in title else {})
            numbers(axes, values, f"{number}. {title}", size=8, **ground)
    return finished(figure)


GROUNDS = {
    "pixels": {"cmap": "gray", "low": 0, "high": 255},
    "coefficients": {},
    "table": {"cmap": "Greens", "low": 0, "high": 400},
    "levels": {"high": 8},
    "rebuilt coefficients": {},
    "decoded pixels": {"cmap": "gray", "low": 0, "high": 255},
}


def planes(named, title="{}"):
    """Show planes (height, width) of grey levels side by side, e.g. Y, Cb and Cr of a photo; they may differ in size."""
    widest = max(plane.shape[1] for plane in named.values())
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(1, len(named), figsize=(2.4 * len(named), 2.4), layout="constrained")
        for axes, (name, plane) in zip(np.atleast_1d(all_axes), named.items()):
            axes.imshow(plane, cmap="gray", vmin=0, vmax=255, interpolation="none")
            axes.set_title(title.format(name))
            bare(axes)
            axes.set(xlim=(0, widest), ylim=(widest * plane.shape[0] / plane.shape[1], 0))
    return finished(figure)
