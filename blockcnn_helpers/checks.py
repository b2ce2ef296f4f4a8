"""Checks of a learner's answers: each returns a line to show, a tick or a hint that names the mistake.

A check calls the answer (a function the learner wrote) on material of its own, compares with the course's result, and
recognises the mistakes people make. It never raises because of an answer, so a lesson runs on with its blanks unfilled.
"""

import numpy as np

from blockcnn_helpers.colour import subsample
from blockcnn_helpers.metrics import psnr
from blockcnn_helpers.quantisation import quantisation_tables
from blockcnn_helpers.transform import BLOCK, DCT, dct, to_blocks


def ask(answer, *given, array=False):
    """Call a learner's function on copies of `given`: return (its result, None), or (None, a line that says why not).

    With ``array=True`` the result is turned into an array of numbers first.
    """
    try:
        got = answer(*(item.copy() if hasattr(item, "copy") else item for item in given))
        if got is None or got is ...:
            return None, "Not yet: your function returns nothing."
        got = np.asarray(got) if array else got
    except NotImplementedError:
        return None, "Not yet: the function is still empty."
    except Exception as error:
        return None, f"Your function stops with {type(error).__name__}: {error}"
    if array and got.dtype.kind not in "biuf":
        return None, f"Expected an array of numbers, got {got.dtype}."
    return got, None


# --- lesson 02: the patch dataset -------------------------------------------------------------------------------------


def check_pairing(answer):
    """Check ``answer(clean, compressed)``: file names in, list of (clean name, compressed name) of the same photo out."""
    clean = ["boat.png", "elk.png", "ape.png", "dog.png", "cow.png"]
    compressed = ["dog_q25.jpg", "ape_q25.jpg", "elk_q25.jpg", "cow_q25.jpg"]
    want = {("ape.png", "ape_q25.jpg"), ("cow.png", "cow_q25.jpg"), ("dog.png", "dog_q25.jpg"), ("elk.png", "elk_q25.jpg")}
    got, problem = ask(answer, clean, compressed)
    if problem:
        return problem
    try:
        got = [(str(first), str(second)) for first, second in got]
    except (TypeError, ValueError):
        return "Expected a list of pairs of names, such as [('ape.png', 'ape_q25.jpg'), …]."
    if set(got) == want and len(got) == len(want):
        return "✓ Right: every pair shows one photo, and boat.png, which has no partner, is left out."
    if {pair[::-1] for pair in got} == want:
        return "The right partners, but the compressed name comes first: the pair is (clean, compressed)."
    if got == list(zip(clean, compressed)):
        return f"You pair {got[0][0]} with {got[0][1]}: a folder lists its files in no order you can rely on."
    if got == list(zip(sorted(clean), sorted(compressed))):
        return "Sorting helps until one file is missing: boat.png has no partner, and every pair after ape slides by one."
    if len(got) > len(want):
        return f"{len(got)} pairs from {len(clean)} photos, of which 4 have a partner: does each clean name meet one compressed name only?"
    for first, second in got:
        if first not in clean or second not in compressed:
            return f"({first!r}, {second!r}) are not both names that were given: keep them whole, ending included."
        if (first, second) not in want:
            return f"You pair {first} with {second}: compare what comes before '_q25' with what comes before '.png'."
    return f"{len(got)} right pairs, but {len(want)} photos have a partner."


def check_patch(answer):
    """Check ``answer(image, row, column)``: the 24x24 input around a block, the photo's edges replicated."""
    image = np.random.default_rng(24).integers(1, 256, (5 * BLOCK, 7 * BLOCK, 3), dtype=np.uint8)
    for row, column in ((2, 4), (0, 0), (4, 6)):
        got, problem = ask(answer, image, row, column, array=True)
        if problem:
            return problem
        want = _around(image, row, column)
        if got.shape == want.shape and got.dtype == np.uint8 and np.array_equal(got, want):
            continue
        return _patch_hint(got, want, image, row, column)
    return "✓ Right: the block in the middle, its eight neighbours around it, and the photo's edges carried on outwards."


def _around(image, row, column, mode="edge"):
    return _window(image, BLOCK * row, BLOCK * column, mode)


def _window(image, top, left, mode="edge"):
    padded = np.pad(image, ((2 * BLOCK,) * 2, (2 * BLOCK,) * 2, (0, 0)), mode)
    return padded[top + BLOCK : top + 4 * BLOCK, left + BLOCK : left + 4 * BLOCK]


def _patch_hint(got, want, image, row, column):
    place = f"block ({row}, {column})"
    if got.shape == (BLOCK, BLOCK, 3):
        return "That is the block alone: the network also sees its eight neighbours, 24x24 pixels."
    if got.shape != want.shape and (row, column) != (2, 4):
        return f"At {place}, in a corner of the photo, your patch has shape {got.shape}: repeat the last pixels beyond the edge."
    if got.shape != want.shape:
        return f"Expected an array of shape (24, 24, 3), got {got.shape}."
    if got.dtype != np.uint8 and np.array_equal(got, want):
        return f"The right numbers as {got.dtype}: keep uint8, it takes {got.itemsize} times less memory."
    if (row, column) != (2, 4):
        for mode, name in (("constant", "black"), ("reflect", "mirrored"), ("symmetric", "mirrored"), ("wrap", "from the opposite side")):
            if np.array_equal(got, _around(image, row, column, mode)):
                return f"Right inside the photo, but beyond its edge your pixels are {name}: repeat the last row and column instead."
        if np.array_equal(got, _window(image, min(BLOCK * max(row - 1, 0), 16) + BLOCK, min(BLOCK * max(column - 1, 0), 32) + BLOCK)):
            return f"At {place} your patch was pushed inwards, so the block is no longer in its middle: repeat the last pixels instead."
        return f"Right inside the photo, wrong at its edge, {place}: repeat the last row and column."
    if np.array_equal(got, _around(image, column, row)):
        return "Row and column are swapped: image[row, column] counts downwards first."
    if np.array_equal(got, want.swapaxes(0, 1)):
        return "The right pixels, transposed: the first axis runs downwards."
    if np.array_equal(got, _window(image, row, column)):
        return "row and column count blocks, not pixels: how many pixels lie above block row 2?"
    for down in range(-BLOCK, BLOCK + 1):
        for across in range(-BLOCK, BLOCK + 1):
            if np.array_equal(got, _window(image, BLOCK * row + down, BLOCK * column + across)):
                return f"Your patch lies {down:+d} rows and {across:+d} columns off: the block belongs in its rows and columns 8 to 15."
    y, x = np.argwhere((got != want).any(axis=2))[0]
    return f"Pixel [{y}, {x}] at {place} should be {want[y, x].tolist()}, yours is {got[y, x].tolist()}."


def check_residual(answer):
    """Check ``answer(clean, compressed)``: what has to be added to the compressed pixels, in grey levels, with its sign."""
    clean, compressed = np.array([[200, 90, 7, 255]], np.uint8), np.array([[190, 97, 12, 0]], np.uint8)
    want = np.array([[10, -7, -5, 255]])
    got, problem = ask(answer, clean, compressed, array=True)
    if problem:
        return problem
    if got.shape != want.shape:
        return f"Expected an array of shape {want.shape}, got {got.shape}."
    if np.allclose(got, want):
        return "✓ Right: 97 must become 90, so −7, and no number has wrapped."
    if np.array_equal(got, want % 256):
        return "90 − 97 came out as 249: uint8 has no −7 and starts again at 255. Leave uint8 before you subtract."
    if np.allclose(got, -want):
        return "The sign is turned: what must be added to 190 to make it 200?"
    if np.allclose(got, abs(want)):
        return "The size is right, but the sign is gone: 97 must become 90."
    if np.allclose(got, np.maximum(want, 0)):
        return "Where JPEG is too bright you have 0: negative residuals were cut off."
    if np.allclose(got, want.astype(np.int8)):
        return "Black to white is a step of 255, and int8 ends at 127: take a wider type."
    if np.allclose(got * 255, want):
        return "Right, but on a scale from 0 to 1: grey levels are asked for."
    return f"Expected {want.tolist()[0]}, got {got.tolist()[0]}."


def check_split(answer):
    """Check ``answer(photo, count, seed)``: the photo of each tile in, True for the tiles of `count` whole test photos out."""
    photo, count = np.repeat(np.arange(8), [4, 7, 3, 5, 6, 4, 8, 5]), 3
    got, problem = ask(answer, photo, count, 0, array=True)
    if problem:
        return problem
    if got.shape != photo.shape or got.dtype != bool:
        return f"Expected one True or False per tile, shape {photo.shape}, got {got.dtype} of shape {got.shape}."
    for number in np.unique(photo):
        tested = int(got[photo == number].sum())
        if 0 < tested < (photo == number).sum():
            return f"Photo {number} is on both sides: {tested} tiles to test on, {(photo == number).sum() - tested} to train on."
    chosen = len(np.unique(photo[got]))
    if chosen == len(np.unique(photo)) - count:
        return f"The other way round: True is for the {count} photos to test on, and you have {chosen}."
    if chosen != count:
        return f"{count} photos to test on were asked for, you have {chosen}."
    if not np.array_equal(got, ask(answer, photo, count, 0)[0]):
        return "The same seed gave two different splits: make a generator from the seed."
    if all(np.array_equal(got, ask(answer, photo, count, seed)[0]) for seed in range(1, 9)):
        return "Every seed gives the same split: is the seed used?"
    turned = ask(answer, photo[::-1], count, 0)[0]
    if not np.array_equal(np.isin(photo[::-1], photo[got]), turned):
        return "The same tiles in another order gave another split: sort the photos before you draw."
    return "✓ Right: three whole photos to test on, the same ones for the same seed."


# --- lesson 01: where the blocks come from ----------------------------------------------------------------------------


def check_dct(answer):
    """Check ``answer(block)``: an 8x8 block of centred samples in, its 8x8 DCT coefficients out."""
    block = np.random.default_rng(8).integers(0, 256, (BLOCK, BLOCK)) - 128.0
    want = dct(block)
    got, problem = ask(answer, block, array=True)
    if problem:
        return problem
    if got.shape != want.shape:
        return f"Expected an 8x8 array, got shape {got.shape}."
    if np.allclose(got, want):
        return "✓ Right: same coefficients, same energy."
    if np.allclose(got, want.T):
        return "Rows and columns are swapped: coefficient [0, 1] should measure change from left to right."
    if np.allclose(got, DCT @ block):
        return "That is the DCT of the columns only. The rows are still pixels."
    if np.allclose(got, block @ DCT.T):
        return "That is the DCT of the rows only. The columns are still pixels."
    if np.allclose(got, DCT @ block @ DCT) or np.allclose(got, DCT.T @ block @ DCT):
        return "A transpose is missing or on the wrong side: the cosines are the rows of DCT, so DCT @ column, and row @ DCT.T."
    wrong = ~np.isclose(got, want)
    if wrong.sum() == 1 and wrong[0, 0]:
        return f"Only the mean is off, by {(got - want)[0, 0] / 8:+.0f} grey levels: the block was centred already."
    factor = got[0, 0] / want[0, 0]
    if np.allclose(got, factor * want):
        return f"Right up to a factor {factor:.3g}: do the rows of your matrix have length one?"
    v, u = np.argwhere(wrong)[0]
    return f"Coefficient [{v}, {u}] should be {want[v, u]:.1f}, yours is {got[v, u]:.1f}."


def check_blocks(answer):
    """Check ``answer(plane)``: a plane of whole blocks in, an array of shape (rows, columns, 8, 8) out."""
    plane = np.arange(2 * BLOCK * 3 * BLOCK).reshape(2 * BLOCK, 3 * BLOCK)
    want = to_blocks(plane)
    got, problem = ask(answer, plane, array=True)
    if problem:
        return problem
    if got.shape == want.shape and np.array_equal(got, want):
        return "✓ Right: block [r, c] is the square in rows 8 r to 8 r + 7 and columns 8 c to 8 c + 7."
    if got.size != plane.size:
        return f"A plane of {plane.shape} has {plane.size} pixels, your blocks hold {got.size}."
    if got.shape[-2:] == (BLOCK, BLOCK) and np.array_equal(got.reshape(want.shape), plane.reshape(want.shape)):
        return "Your first block is a run of 64 pixels along one row: split both axes first, then move the block axes together."
    if got.shape == (2, BLOCK, 3, BLOCK):
        return "Split rightly: now the axes are (block row, y, block column, x). Swap the two in the middle."
    if np.array_equal(got, want.swapaxes(0, 1)):
        return "The blocks are right, but block rows and block columns are swapped."
    if np.array_equal(got, want.swapaxes(2, 3)):
        return "The blocks are in place, but each is transposed: y before x inside a block too."
    if got.shape != want.shape:
        return f"Expected shape {want.shape} for a plane of {plane.shape}, got {got.shape}."
    r, c, y, x = np.argwhere(got != want)[0]
    return f"Block [{r}, {c}] should have {want[r, c, y, x]} at [{y}, {x}], yours has {got[r, c, y, x]}."


def check_quantise(answer):
    """Check ``answer(coefficients, table)``: 8x8 coefficients in, 8x8 whole levels out."""
    table = quantisation_tables(25)[0]
    steps = np.random.default_rng(9).integers(-6, 7, (BLOCK, BLOCK)) + np.random.default_rng(10).uniform(-0.4, 0.4, (BLOCK, BLOCK))
    steps[0, :4] = 200.3, -0.4, -2.6, 2.6
    coefficients = steps * table
    want = np.rint(steps)
    got, problem = ask(answer, coefficients, table, array=True)
    if problem:
        return problem
    if got.shape != want.shape:
        return f"Expected an 8x8 array, got shape {got.shape}."
    if np.array_equal(got, want):
        return "✓ Right: whole numbers, each within half a step of its coefficient."
    hints = {
        "Divided, not rounded yet: a level is a whole number.": steps,
        "Floor goes down always: −0.4 steps became −1. Round to the nearest.": np.floor(steps),
        "Cutting off the fraction goes towards zero: 2.6 steps became 2. Round to the nearest.": np.trunc(steps),
        "These are rebuilt coefficients, multiples of the step. The level is how many steps.": want * table,
        "You rounded first and divided after: divide, then round.": np.rint(coefficients) / table,
        "The table is transposed: is your step [v, u] the step of coefficient [v, u]?": np.rint(coefficients / table.T),
        "Multiplied: a large step must give a small level.": np.rint(coefficients * table),
        "The levels lost their sign or wrapped: 200 and −3 do not fit into this type.": want.astype(np.int8),
        "Negative levels wrapped round: a level needs a signed type.": want.astype(np.int64).astype(np.uint8),
    }
    for hint, mistake in hints.items():
        if np.allclose(got, mistake):
            return hint
    v, u = np.argwhere(~np.isclose(got, want))[0]
    return f"Coefficient {coefficients[v, u]:.1f} with step {table[v, u]} is level {want[v, u]:.0f}, yours is {got[v, u]:g}."


def check_subsample(answer):
    """Check ``answer(plane)``: a uint8 plane with even sides in, the means of its 2x2 pixels out."""
    plane = np.random.default_rng(11).integers(60, 256, (6, 10), dtype=np.uint8)
    want = subsample(plane)
    got, problem = ask(answer, plane, array=True)
    if problem:
        return problem
    halves = [plane[::2].astype(float) / 2 + plane[1::2] / 2, plane[:, ::2].astype(float) / 2 + plane[:, 1::2] / 2]
    if any(got.shape == half.shape for half in halves):
        return f"Halved in one direction only: from {plane.shape} to {got.shape}, and (3, 5) is asked for."
    if got.shape != want.shape:
        return f"Expected shape (3, 5) for a plane of (6, 10), got {got.shape}."
    if np.abs(got - want).max() <= 0.75 and np.abs((got - want).mean()) <= 0.5:
        return "✓ Right: a quarter of the samples, each the mean of four."
    if np.allclose(got, 4 * want):
        return "That is the sum of four pixels: divide by 4."
    if any(np.array_equal(got, plane[y::2, x::2]) for y in (0, 1) for x in (0, 1)):
        return "You kept one pixel of four and dropped the others: take the mean of all four, or fine patterns turn into false ones."
    if got.max() < 64:
        return f"Your largest mean is {got.max():g}, though no pixel is below 60: four bytes added in uint8 start again at 256."
    y, x = np.argwhere(np.abs(got - want) > 0.75)[0] if (np.abs(got - want) > 0.75).any() else (0, 0)
    four = plane[2 * y : 2 * y + 2, 2 * x : 2 * x + 2].ravel().tolist()
    return f"The mean of {four} is {want[y, x]:g}, yours is {got[y, x]:g}."


def check_psnr(answer):
    """Check ``answer(reference, image)``: two uint8 images in, PSNR in dB out."""
    reference = np.random.default_rng(12).integers(30, 200, (BLOCK, BLOCK, 3), dtype=np.uint8)
    image = reference - np.array([2, 5, 20], np.uint8)
    image[::2] = reference[::2] + np.uint8(3)
    error = np.square(reference.astype(float) - image)
    want = psnr(reference, image)
    got, problem = ask(answer, reference, image, array=True)
    if problem:
        return problem
    if got.shape != ():
        return f"Expected one number, got an array of shape {got.shape}."
    if np.isclose(got, want):
        return f"✓ Right: {want:.2f} dB."
    ratio = 255**2 / error.mean()
    wrapped = np.square(reference - image).astype(float)
    wider = np.square((reference - image).astype(float))
    hints = {
        "In uint8, 5 − 7 is 254 and 20² is 144: leave uint8 before you subtract.": [
            10 * np.log10(255**2 / squares.mean()) for squares in (wrapped, wider)
        ],
        "That is the mean squared error: divide 255² by it and take the logarithm.": [error.mean(), error.mean() / 255**2],
        "The sign is turned: the peak stands above the fraction line, and less error means more dB.": [-want],
        "The natural logarithm (np.log) was taken: decibels count in powers of ten.": [10 * np.log(ratio)],
        "Twice too much: 20 log10 belongs to amplitudes (255 / root of the MSE), 10 log10 to squares.": [2 * want],
        "Ten times too small: a bel is ten decibels.": [want / 10],
        "The peak is 255, not 1, unless the pixels were divided by 255 too.": [10 * np.log10(1 / error.mean())],
        "The peak is 255, the largest grey level (you took 256 or the photo's own).": [
            10 * np.log10(peak**2 / error.mean()) for peak in (256.0, float(reference.max()), float(image.max()))
        ],
        "255 must be squared like the error.": [10 * np.log10(255 / error.mean())],
        "A PSNR for each channel and then the mean: square and average all three channels together.": [
            np.mean([10 * np.log10(255**2 / error[..., channel].mean()) for channel in range(3)])
        ],
        "The absolute error was averaged: square it first.": [
            10 * np.log10(255**2 / np.sqrt(error).mean()),
            10 * np.log10(255**2 / np.sqrt(error).mean() ** 2),
        ],
    }
    for hint, mistakes in hints.items():
        if np.isclose(got, mistakes).any():
            return hint
    return f"Expected {want:.2f} dB, got {float(got):.2f}."


# --- lesson 00: start here --------------------------------------------------------------------------------------------


def check_gain(answer):
    """Check ``answer(original, decoded, repaired)``: three uint8 images in, the dB that the repair has gained out."""
    original = np.random.default_rng(5).integers(30, 200, (BLOCK, BLOCK, 3), dtype=np.uint8)
    decoded, repaired = original + np.uint8(9), original + np.uint8(6)
    repaired[0] = original[0]
    before, after = psnr(original, decoded), psnr(original, repaired)
    got, problem = ask(answer, original, decoded, repaired, array=True)
    if problem:
        return problem
    if got.shape != ():
        return f"Expected one number, got an array of shape {got.shape}."
    if np.isclose(got, after - before):
        return f"✓ Right: {before:.2f} dB before, {after:.2f} dB after, a gain of {after - before:.2f} dB."
    hints = {
        "The right size, but turned round: take before from after.": before - after,
        "That is the PSNR after the repair: take away the PSNR before it.": after,
        "That is the PSNR before the repair: take it away from the PSNR after.": before,
        "You compare the repaired photo with the JPEG: both must be compared with the original.": psnr(decoded, repaired),
        "A gain in dB is a difference, not a ratio.": after / before,
    }
    for hint, mistake in hints.items():
        if np.isclose(got, mistake):
            return hint
    return f"Expected {after - before:.2f} dB, got {float(got):.2f}."
