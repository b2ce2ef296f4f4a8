"""Figures of numbers: eight pixels, one block, its cosines and its way through JPEG. The look is that of `figures`."""

import matplotlib.pyplot as plt
import numpy as np

from blockcnn_helpers import jpeg
from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, finished, numbers, pictures

GAP = 3  # white pixels between two of the 64 patterns
PITCH = jpeg.BLOCK + GAP
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
        figure.supylabel("weight of the pixel", fontsize=10)
        figure.supxlabel("the eight pixels, left to right", fontsize=10)
    return finished(figure)


def basis():
    """Draw the 64 patterns of an 8x8 block: [v, u] is v half waves down and u across."""
    tiles = basis_tiles()
    with plt.rc_context(LOOK):
        figure = plt.figure(figsize=(5.8, 5.8))
        axes = figure.add_axes([60 / 580, 55 / 580, 510 / 580, 510 / 580])  # six pixels for each of the 85
        axes.imshow(tiles, interpolation="none")
        centres = PITCH * np.arange(8) + 3.5
        axes.set(xticks=centres, yticks=centres, xticklabels=range(8), yticklabels=range(8), xlabel="u: half waves across")
        axes.set_ylabel("v: half waves down")
        axes.grid(False)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
    return finished(figure)


def basis_tiles():
    """Picture the 64 patterns, three white pixels apart: uint8, shape (85, 85, 3), each at its fullest contrast.

    Examples
    --------
    >>> basis_tiles().shape
    (85, 85, 3)
    """
    tiles = np.full((8 * PITCH - GAP, 8 * PITCH - GAP), 255, np.uint8)
    for v in range(8):
        for u in range(8):
            pattern = np.outer(jpeg.DCT[v], jpeg.DCT[u])
            tiles[PITCH * v : PITCH * v + 8, PITCH * u : PITCH * u + 8] = np.rint(127.5 + 110 * pattern / np.abs(pattern).max())
    return np.dstack([tiles] * 3)


def keep_sweep(values, counts=(1, 2, 3, 4, 6, 8)):
    """Show what the first coefficients alone draw: `blockexplorers.keep_coefficients` on paper.

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
        figure, all_axes = plt.subplots(1, len(counts), figsize=(9, 2.4), sharey=True, layout="constrained")
        for count, axes in zip(counts, all_axes):
            axes.stairs(values, baseline=None, color=INK, linewidth=1.2, label="the eight pixels")
            axes.stairs(keep(values, count), baseline=None, color=ORANGE, linewidth=2, label="drawn from the coefficients kept")
            axes.set(title=f"{count} of 8", xticks=[0, 8], yticks=[0, 128, 255])
        figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return finished(figure)


def mix(block, count):
    """Mix a block from its `count` heaviest patterns: no other choice of so many comes nearer.

    Parameters
    ----------
    block : array_like, shape (8, 8)
        Grey levels, 0…255.
    count : int
        0 to 64.

    Returns
    -------
    weights : ndarray, float64, shape (8, 8)
        [v, u] is the weight of that pattern, 0 where it is not used.
    mixture : ndarray, float64, shape (8, 8)
        Grey levels, neither rounded nor clipped.

    Examples
    --------
    >>> weights, mixture = mix(np.full((8, 8), 138), 1)
    >>> float(weights[0, 0].round(6)), float(mixture[0, 0].round(6))
    (80.0, 138.0)
    """
    coefficients = jpeg.dct(np.asarray(block, dtype=np.float64) - jpeg.MIDDLE)
    weights = np.zeros(jpeg.BLOCK**2)
    heaviest = np.argsort(-np.abs(coefficients).ravel(), kind="stable")[:count]
    weights[heaviest] = coefficients.ravel()[heaviest]
    weights = weights.reshape(jpeg.BLOCK, jpeg.BLOCK)
    return weights, jpeg.idct(weights) + jpeg.MIDDLE


def mix_sweep(block, counts=(1, 2, 3, 6)):
    """Show the best mixtures of a few patterns beside the block: `blockexplorers.basis_mixer` on paper.

    Parameters
    ----------
    block : array_like, shape (8, 8)
        Grey levels, 0…255.
    counts : sequence of int
        How many patterns to mix.

    Returns
    -------
    matplotlib.figure.Figure
    """
    block, shown = np.asarray(block, dtype=np.float64), {}
    for count in counts:
        mixture = mix(block, count)[1]
        title = f"best {count} pattern" + "s" * (count > 1) + f"\nMSE {np.square(mixture - block).mean():.0f}"
        shown[title] = mixture.round().clip(0, 255)
    return pictures(shown | {"the block\nMSE 0": block}, width=760)


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


def stages(block, table, changes=None):
    """Follow one block through JPEG.

    Parameters
    ----------
    block : array_like, shape (8, 8)
        Grey levels, 0…255.
    table : array_like of int, shape (8, 8)
    changes : dict of (int, int) to int, optional
        Place of a level to what is added to it before decoding.

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
    for place, change in (changes or {}).items():
        levels[0, 0][place] += change
    return {
        "pixels": block,
        "coefficients": jpeg.dct(block - np.float64(jpeg.MIDDLE)),
        "table": np.asarray(table),
        "levels": levels[0, 0],
        "rebuilt coefficients": jpeg.dequantise(levels, table)[0, 0],
        "decoded pixels": jpeg.decode_plane(levels, table),
    }


def block_stages(block, table):
    """Draw one block's way through JPEG as six tables of numbers: `blockexplorers.block_inspector` on paper."""
    steps = stages(block, table)
    largest = np.abs(steps["coefficients"]).max()
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(2, 3, figsize=(840 / DPI, 600 / DPI), layout="constrained")
        for number, (axes, (title, values)) in enumerate(zip(all_axes.flat, steps.items()), start=1):
            ground = GROUNDS[title] | ({"high": 0.25 * largest} if "coefficients" in title else {})
            numbers(axes, values, f"{number}. {title}", size=8, **ground)
    return finished(figure)


def level_change(block, table, place, change=1):
    """Draw what a block is decoded to before and after one level is changed, and the difference: the inspector's last slider on paper.

    Parameters
    ----------
    block : array_like, shape (8, 8)
        Grey levels, 0…255.
    table : array_like of int, shape (8, 8)
    place : (int, int)
        Which level, [v, u].
    change : int
        What is added to it.

    Returns
    -------
    matplotlib.figure.Figure
    """
    before, after = (stages(block, table, changes)["decoded pixels"] for changes in ({}, {place: change}))
    level = f"level [{place[0]}, {place[1]}] {change:+d}"
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(1, 3, figsize=(840 / DPI, 300 / DPI), layout="constrained")
        for axes, (title, values) in zip(all_axes, {"decoded": before, f"decoded, {level}": after}.items()):
            numbers(axes, values, title, **GROUNDS["decoded pixels"])
        numbers(all_axes[2], after.astype(np.float64) - before, "difference", "{:+.0f}")
    return finished(figure)


GROUNDS = {
    "pixels": {"cmap": "gray", "low": 0, "high": 255},
    "coefficients": {},
    "table": {"cmap": "Greens", "low": 0, "high": 400},
    "levels": {"high": 8},
    "rebuilt coefficients": {},
    "decoded pixels": {"cmap": "gray", "low": 0, "high": 255},
}
