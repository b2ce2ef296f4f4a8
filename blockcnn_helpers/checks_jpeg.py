"""Checks of lesson 01, where the blocks come from: DCT, blocks, quantisation, subsampling, PSNR."""

import numpy as np

from blockcnn_helpers.answers import ask, ask_number, hint_for
from blockcnn_helpers.colour import subsample
from blockcnn_helpers.metrics import psnr
from blockcnn_helpers.quantisation import quantisation_tables
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
    if got.shape == (2, BLOCK, 3, BLOCK) and not np.array_equal(got, plane.reshape(got.shape)):
        return "The shape fits, the pixels don't: reshape gave runs of 64 pixels along a row. Split each axis first, rows // 8 and 8."
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
    hint = hint_for(got, hints)
    if hint:
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
