"""Checks of lesson 01, where the blocks come from: DCT, blocks, quantisation, all three in a row, PSNR."""

import numpy as np

from blockcnn_helpers.answers import ask, ask_number, hint_for
from blockcnn_helpers.colour import rgb_to_ycbcr
from blockcnn_helpers.images import course_photos
from blockcnn_helpers.jpeg import encode, luma_levels
from blockcnn_helpers.metrics import psnr, psnr_y
from blockcnn_helpers.quantisation import MIDDLE, quantisation_tables
from blockcnn_helpers.transform import BLOCK, DCT, dct, to_blocks


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
    if np.allclose(got, DCT @ DCT @ block):
        return "Both products stand on the left: the second one has to meet the rows, so it stands on the right of the block."
    if any(np.allclose(got, DCT * block * other) for other in (DCT, DCT.T)):
        return "* multiplies entry by entry. A matrix product is written @."
    if np.allclose(got, block):
        return "These are the pixels again: DCT @ DCT.T is the identity, so the two products undid each other."
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
    if problem and "cannot reshape" in problem:
        return f"The plane of this check is {plane.shape[0]}x{plane.shape[1]}: take both sides from plane.shape. ({problem})"
    if problem and "cannot be interpreted as an integer" in problem:
        return "/ gives a float, even where it comes out even. Axes are counted in whole numbers: //."
    if problem:
        return problem
    if got.shape == want.shape and np.array_equal(got, want):
        return "✓ Right: block [r, c] is the square in rows 8 r to 8 r + 7 and columns 8 c to 8 c + 7."
    if got.size != plane.size:
        return f"A plane of {plane.shape} has {plane.size} pixels, your blocks hold {got.size}."
    if got.shape[-2:] == (BLOCK, BLOCK) and np.array_equal(got.reshape(want.shape), plane.reshape(want.shape)):
        return "Your first block is a run of 64 pixels along one row: split both axes first, then move the block axes together."
    if got.shape == (2, BLOCK, 3, BLOCK) and not np.array_equal(got, plane.reshape(got.shape)):
        return "The shape fits, the pixels don't: reshape gave runs of 64 pixels along a row. Split each axis first, rows // 8 and 8."
    if got.shape == (2, BLOCK, 3, BLOCK):
        return "Split rightly: now the axes are (block row, y, block column, x). Swap the two in the middle."
    if np.array_equal(got, want.swapaxes(0, 1)):
        return "The blocks are right, but block rows and block columns are swapped."
    if np.array_equal(got, want.swapaxes(2, 3)):
        return "The blocks are in place, but each is transposed: y before x inside a block too."
    if got.ndim == 4 and sorted(got.shape) == sorted(want.shape) and got.shape != want.shape:
        return f"The axes are in another order: {got.shape}. (block row, block column, y, x) is asked for, {want.shape}."
    if got.shape != want.shape:
        return f"Expected shape {want.shape} for a plane of {plane.shape}, got {got.shape}."
    if np.array_equal(got, plane.reshape(BLOCK, 2, BLOCK, 3).transpose(1, 3, 0, 2)):
        return "Split the other way round: an axis of 8 n rows is n blocks of 8 rows, so (n, 8) and not (8, n)."
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
    if problem and "__round__" in problem:
        return "Python's round takes one number. For an array there is np.rint."
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
        "Plus a half and cut works above zero only: −2.6 steps became −2. Round to the nearest.": np.trunc(steps + 0.5),
        "The signs are lost: a level is negative where its coefficient is.": np.abs(want),
        "These are rebuilt coefficients, multiples of the step. The level is how many steps.": want * table,
        "You rounded first and divided after: divide, then round.": np.rint(coefficients) / table,
        "The table is transposed: is your step [v, u] the step of coefficient [v, u]?": np.rint(coefficients / table.T),
        "Multiplied: a large step must give a small level.": np.rint(coefficients * table),
        "The levels lost their sign or wrapped: 200 and −3 do not fit into this type.": want.astype(np.int8),
        "Negative levels wrapped round: a level needs a signed type.": want.astype(np.int64).astype(np.uint8),
    }
    hint = hint_for(got, hints)
    if hint:
        return hint
    v, u = np.argwhere(~np.isclose(got, want))[0]
    return f"Coefficient {coefficients[v, u]:.1f} with step {table[v, u]} is level {want[v, u]:.0f}, yours is {got[v, u]:g}."


def check_levels(answer, name="coffee", quality=25):
    """Check ``answer(plane, table)``: a luma plane and its table in, all its levels out, on a photo the lesson did not encode."""
    photo = course_photos()[name]
    data = encode(photo, quality)
    plane, table = np.rint(rgb_to_ycbcr(photo)[..., 0]), quantisation_tables(quality)[0]
    steps = dct(to_blocks(plane) - MIDDLE) / table
    got, problem = ask(answer, plane, table, array=True)
    if problem and "NoneType" in problem:
        return "Not yet: my_blocks, my_dct or my_quantise returns nothing. Fill that in first, or take it from the solution."
    if problem and "matmul" in problem:
        return "@ met a whole plane, or blocks one by one: cut the plane into blocks first, then transform them all at once."
    if problem:
        return problem
    if got.shape == plane.shape:
        return f"A plane of {plane.shape} comes back as a plane: levels are kept by blocks, {steps.shape}."
    if got.shape != steps.shape:
        return f"Expected shape {steps.shape} for a plane of {plane.shape}, got {got.shape}."
    if np.abs(got - steps).max() < 0.501 and np.array_equal(got, np.rint(got)):
        stored, exact = luma_levels(data)
        differ = ((got != stored) & exact[..., None, None]).sum()
        which = f"{exact.sum() * BLOCK**2:,} levels in libjpeg's file of the {name} photo at quality {quality}"
        return f"✓ Right, and the file agrees: of {which}, {differ} differ from yours."
    pixels, coefficients = to_blocks(plane) - MIDDLE, steps * table
    hint = hint_for(got, {
        "Divided, not rounded: the last of the three steps is missing.": steps,
        "These are coefficients: the table has not been used.": coefficients,
        "You quantised the pixels and transformed after: the DCT comes first, then the table.": dct(np.rint(pixels / table)),
        "Rounded down, not to the nearest level.": np.floor(steps),
        "The fractions were cut off: round to the nearest level.": np.trunc(steps),
    })  # fmt: skip
    before_rounding = {
        "Only the means are off: subtract 128 from the pixels before the DCT.": dct(pixels + MIDDLE) / table,
        "128 was subtracted from the coefficients: it belongs to the pixels, before the DCT.": (dct(pixels + MIDDLE) - MIDDLE) / table,
        "Pixels were quantised: the DCT comes first, then the table.": pixels / table,
        "Each block is transposed: rows are vertical frequency.": coefficients.swapaxes(2, 3) / table,
        "These are levels of quality 10: use the table that is handed in.": coefficients / quantisation_tables(10)[0],
    }
    if np.array_equal(got / table, np.rint(got / table)) and np.abs(got / table - steps).max() < 0.501:
        return "These are rebuilt coefficients: a level is how many steps, not what they add up to."
    hint = hint or next((said for said, mistake in before_rounding.items() if np.abs(got - mistake).max() < 0.501), None)
    if hint:
        return hint
    r, c, v, u = np.argwhere(~((np.abs(got - steps) < 0.501) & (got == np.rint(got))))[0]
    return f"Level [{v}, {u}] of block [{r}, {c}] is {steps[r, c, v, u]:.2f} steps before rounding, yours is {got[r, c, v, u]:g}."


def check_psnr(answer):
    """Check ``answer(reference, image)``: two uint8 images in, PSNR in dB out."""
    reference = np.random.default_rng(12).integers(30, 200, (BLOCK, BLOCK, 3), dtype=np.uint8)
    image = reference - np.array([2, 5, 20], np.uint8)
    image[::2] = reference[::2] + np.uint8(3)
    error = np.square(reference.astype(float) - image)
    want = psnr(reference, image)
    got, problem = ask_number(answer, reference, image)
    if problem:
        return problem
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
        "That is the luma's error alone: take all three colours.": [psnr_y(reference, image)],
        "The root was taken of the error and not of 255²: either both squares, or 20 log10 of 255 / root.": [
            10 * np.log10(255**2 / np.sqrt(error.mean()))
        ],
        "The three colours' squared errors were added: average over pixels and colours.": [10 * np.log10(ratio / 3)],
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
