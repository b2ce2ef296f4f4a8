"""Checks of assignment 1, the codec for blocks of any shape."""

import numpy as np

from blockcnn_helpers.answers import ask, hint_for
from blockcnn_helpers.checks_a1 import fourier_cosines


def check_codec(answer):
    """Check ``answer(plane, table, zone)`` on square blocks: (levels, picture) out."""
    dice = np.random.default_rng(41)
    for n, whole in ((8, False), (8, True), (4, False), (16, False)):
        plane = dice.uniform(-40, 300, (2 * n, 3 * n)).clip(0, 255)
        problem = _codec(answer, plane.astype(np.uint8) if whole else plane, dice.uniform(9, 50, (n, n)), 0.63)
        if problem:
            return problem
    return "✓ Right: levels and picture for blocks of 4x4, 8x8 and 16x16."


def check_oblong(answer):
    """Check ``answer(plane, table, zone)`` on blocks that are not square."""
    dice = np.random.default_rng(43)
    for h, w in ((2, 8), (8, 2), (1, 6), (3, 5)):
        problem = _codec(answer, dice.uniform(0, 255, (4 * h, 3 * w)), dice.uniform(9, 50, (h, w)), 0.7)
        if problem:
            return problem
    return "✓ Right: blocks of 2x8, 8x2, 1x6 and 3x5 go there and back."


def _codec(answer, plane, table, zone):
    """Return what is wrong with a codec's answer, or None."""
    (h, w), (high, wide) = table.shape, plane.shape
    what = f"With blocks of {h}x{w}"
    got, problem = ask(answer, plane, table, zone)
    if problem and h != w and ("matmul" in problem or "broadcast" in problem or "reshape" in problem or "operands" in problem):
        return f"{what}: {problem}. Columns have length {h}, rows length {w}: each needs cosines and cuts of its own."
    if problem:
        if "still empty" in problem:
            return "Not yet: the codec, or a function that it calls, is still empty."
        return problem if problem.startswith("Not yet") else f"{what}: {problem}"
    if not isinstance(got, (tuple, list)) or len(got) != 2:
        return "Two things should come back, levels and picture: return levels, picture."
    try:
        levels, picture = (np.asarray(part, dtype=float) for part in got)
    except (TypeError, ValueError):
        return "Levels and picture should be arrays of numbers."
    shape = (high // h, wide // w, h, w)
    if levels.shape == plane.shape and picture.shape == shape:
        return "Levels and picture are swapped: levels come first."
    if levels.shape != shape:
        return f"{what}, levels of a {high}x{wide} plane have shape {shape}; yours {levels.shape}."
    if picture.shape != plane.shape:
        return f"{what}, the picture should have the plane's shape, {plane.shape}; yours is {picture.shape}."
    return _levels_wrong(levels, plane, table, zone, what) or _picture_wrong(picture, levels, table, what)


def _levels_wrong(levels, plane, table, zone, what):
    (rows, columns, h, w), pixels = levels.shape, plane.astype(float)
    cut = pixels.reshape(rows, h, columns, w).transpose(0, 2, 1, 3)
    down, across = fourier_cosines(h), fourier_cosines(w)

    def are(coefficients, zone=zone):  # a level of size m > 0 stands for m − 1 + zone up to m + zone steps
        return np.array_equal(levels, np.copysign(np.floor(np.abs(coefficients / table) - zone) + 1, coefficients))

    turned = lambda blocks: down @ blocks @ across.T
    centred = turned(cut - 128)
    if are(centred):
        return None
    wrapped = (cut - 128) % 256 if plane.dtype == np.uint8 else None
    mistakes = {
        "only the means are off: subtract 128 from the pixels before the cosines": are(turned(cut)),
        "128 was subtracted in uint8, where 100 − 128 is 228: leave uint8 first": wrapped is not None and are(turned(wrapped)),
        "128 was subtracted from the coefficients: it belongs to the pixels": are(turned(cut) - 128),
        "these are levels of zone 0.5: hand the zone on": are(centred, 0.5),
        "only the columns were transformed": are(down @ (cut - 128)),
        "only the rows were transformed": are((cut - 128) @ across.T),
        "pixels were quantised: the cosines come first": are(cut - 128),
        "these are coefficients, not levels": np.allclose(levels, centred),
        "these are rebuilt coefficients: hand back the levels": np.allclose(levels / table, np.rint(levels / table)),
        "the blocks are runs of pixels: split rows and columns of the plane, each into blocks and pixels, then swap": are(
            turned(pixels.reshape(levels.shape) - 128)
        ),
    }
    if h == w:
        mistakes["each block is transposed"] = are(centred.swapaxes(2, 3))
        mistakes["a transpose is missing: the cosines of the rows stand on the right, transposed"] = are(down @ (cut - 128) @ across)
        back = down.T @ (cut - 128) @ across
        mistakes["the transposed cosines stand on the wrong side: that is the way back"] = are(back)
    hint = next((hint for hint, found in mistakes.items() if found), None)
    if hint:
        return f"{what}, {hint}."
    r, c, v, u = np.argwhere(levels != np.copysign(np.floor(np.abs(centred / table) - zone) + 1, centred))[0]
    steps = centred[r, c, v, u] / table[v, u]
    place = f"level [{v}, {u}] of block [{r}, {c}]"
    return f"{what}, {place} is {steps:.3f} steps before rounding (zone {zone}); yours is {levels[r, c, v, u]:g}."


def _picture_wrong(picture, levels, table, what):
    rows, columns, h, w = levels.shape
    join = lambda blocks: blocks.transpose(0, 2, 1, 3).reshape(rows * h, columns * w)
    down, across = fourier_cosines(h), fourier_cosines(w)
    back = down.T @ (levels * table) @ across
    exact = join(back) + 128
    want = np.rint(exact).clip(0, 255)
    piled = np.rint(back.reshape(picture.shape) + 128).clip(0, 255)
    if np.array_equal(picture, want):
        return None
    hint = hint_for(picture, {
        "it is not rounded to whole grey levels": exact.clip(0, 255),
        "it is neither rounded nor clipped": exact,
        "it is not clipped: grey levels end at 0 and 255": np.rint(exact),
        "values beyond 0 and 255 wrapped round: clip before you change to uint8": np.rint(exact) % 256,
        "fractions were cut off, as a change to uint8 does: round first": np.floor(exact.clip(0, 255)),
        "128 was not added again": np.rint(exact - 128).clip(0, 255),
        "the levels were not multiplied by their steps": np.rint(join(down.T @ levels @ across) + 128).clip(0, 255),
        "the levels are right, but the way back went the way there again: transpose the cosines": np.rint(
            join(down @ (levels * table) @ across.T) + 128
        ).clip(0, 255),
        "the blocks are not in their places: swap the two axes in the middle before you join": piled,
    }, atol=1e-9)  # fmt: skip
    if hint:
        return f"{what}, the levels are right; of the picture, {hint}."
    y, x = np.argwhere(picture != want)[0]
    return f"{what}, the levels are right, but pixel [{y}, {x}] should be {want[y, x]:.0f} and is {picture[y, x]:g}."
