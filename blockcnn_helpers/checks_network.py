"""Checks of lesson 03: folding, the skip, the receptive field, weights."""

import numpy as np

from blockcnn_helpers.answers import ask, ask_number, hint_for


def check_fold(answer):
    """Check ``answer(image)``: shape (h, w, c) in, each 2x2 square of pixels stacked into channels, (h / 2, w / 2, 4 c), out."""
    image = np.random.default_rng(2).permutation(6 * 8 * 3).reshape(6, 8, 3)
    got, problem = ask(answer, image, array=True)
    if problem:
        return problem
    squares = image.reshape(3, 2, 4, 2, 3).swapaxes(1, 2)
    want = squares.reshape(3, 4, 12)
    if got.shape == want.shape:
        if sorted(got[0, 0]) == sorted(want[0, 0]) and (got == want[..., [list(want[0, 0]).index(v) for v in got[0, 0]]]).all():
            return "✓ Right: half as wide and high, four times as many channels, and every number is still there."
        if np.array_equal(got, image.reshape(want.shape)):
            return "The shape is right, but reshape alone takes neighbours from one row: split both axes first, then swap."
        if len(np.unique(got)) < image.size:
            return f"Only {len(np.unique(got))} of {image.size} different numbers are left: folding moves pixels and loses none."
        return "The shape is right, but channels of a cell are not its own 2x2 square: which axes does your swap bring together?"
    if got.shape == image.shape[:2] + (12,) or got.size > image.size:
        return f"{got.size} numbers came out of {image.size}: each pixel goes into one cell only."
    if np.array_equal(got, image[::2, ::2]) or got.shape == (3, 4, 3):
        return "Three of four pixels are gone: that is a picture at half size. Folding keeps all four, as channels."
    if got.shape == (3, 4, 2, 2, 3) or got.shape == (3, 4, 4, 3):
        return f"The squares are right, but shape {got.shape} has more than three axes: flatten the last ones into channels."
    if got.shape == (4, 3, 12):
        return "Height and width are swapped: the first axis runs downwards."
    return f"An image of shape {image.shape} folds to {want.shape}, yours has shape {got.shape}."


def check_skip(answer):
    """Check ``answer(x, y)``: y, one pixel smaller on each side, is added to the middle of x."""
    rng = np.random.default_rng(12)
    for side in (12, 6):
        x, y = rng.integers(-50, 50, (side, side, 2)), rng.integers(-50, 50, (side - 2, side - 2, 2))
        got, problem = ask(answer, x, y, array=True)
        if problem:
            return problem
        want = x[1:-1, 1:-1] + y
        if got.shape == want.shape and np.allclose(got, want):
            continue
        if got.shape != want.shape and side == 6:
            return f"Right for 12x12, but 6x6 gives shape {got.shape}: count from both ends, so that any size fits."
        if got.shape == x.shape:
            return "Your result is as large as x: its rim has no partner in y, so crop x instead of padding y."
        if got.shape != want.shape:
            return f"x is {side}x{side} and y {side - 2}x{side - 2}: the sum should have shape {want.shape}, yours has {got.shape}."
        hints = {
            "You crop x on the right and at the bottom only: the pixels no longer meet their own neighbourhood.": x[:-2, :-2] + y,
            "You crop x on the left and at the top only: the pixels no longer meet their own neighbourhood.": x[2:, 2:] + y,
            "That is y alone: the skip is missing.": y,
            "That is x, cropped: y is missing.": x[1:-1, 1:-1],
            "A skip adds, yours subtracts.": x[1:-1, 1:-1] - y,
            "A skip adds, yours subtracts: what would y have to be to change nothing?": y - x[1:-1, 1:-1],
        }
        return (
            hint_for(got, hints)
            or f"Value [0, 0, 0] should be {want[0, 0, 0]}, {x[1, 1, 0]} from x and {y[0, 0, 0]} from y; yours is {got[0, 0, 0]}."
        )
    return "✓ Right: where y is zero, x passes through unchanged."


def check_field(answer):
    """Check ``answer(kernels, strides)``: sides and strides of convolutions in, first to last, the side of the receptive field out."""
    cases = {((3,), (1,)): 3, ((3, 3), (1, 1)): 5, ((5, 7, 1), (1, 1, 1)): 11}
    cases |= {((2, 3, 3, 3, 3), (2, 1, 1, 1, 1)): 18, ((3, 3, 3), (2, 2, 1)): 15}
    for (kernels, strides), want in cases.items():
        got, problem = ask_number(answer, list(kernels), list(strides))
        if problem:
            return problem
        if np.isclose(got, want):
            continue
        given = f"kernels {list(kernels)} with strides {list(strides)}"
        if np.isclose(got, want**2):
            return f"{got:g} is the area: the side is asked for."
        before = 1 + sum((kernel - 1) * np.prod(strides[: k + 1]) for k, kernel in enumerate(kernels))
        hints = {
            f"{got:g} is one too few: what does a pixel see before the first layer?": want - 1,
            "You add whole kernels, but neighbouring windows overlap: a 3x3 adds only 2.": sum(kernels),
            "You multiply the kernels, but neighbouring windows overlap: a 3x3 adds only 2.": np.prod(kernels),
            f"{got:g} leaves the strides out: after a stride of 2, one cell to the side is two pixels.": 1 + sum(kernels) - len(kernels),
            f"{got:g}: a layer's own stride counts for the layers after it, not for its own kernel.": before,
        }
        return hint_for(got, hints) or f"{given} see {want} pixels, your answer is {got:g}."
    return "✓ Right: fold and four 3x3 see 18 pixels, and strides stretch what comes after them."


def check_weights(answer):
    """Check ``answer(kernel, inputs, outputs)``: how many weights a convolution has, its biases among them."""
    for kernel, inputs, outputs in ((3, 96, 96), (1, 64, 96), (2, 18, 64)):
        want = kernel**2 * inputs * outputs + outputs
        got, problem = ask_number(answer, kernel, inputs, outputs)
        if problem:
            return problem
        if np.isclose(got, want):
            continue
        said = f"A {kernel}x{kernel} convolution from {inputs} to {outputs} channels"
        hints = {
            f"{got:g}: the biases are missing, one for each output channel.": want - outputs,
            f"{got:g}: there is one bias for each output channel, not for each input channel.": want - outputs + inputs,
            f"{got:g}: there is one bias for each output channel, not one for all.": want - outputs + 1,
            f"{got:g}: a kernel has two sides, {kernel}x{kernel}.": kernel * inputs * outputs + outputs,
            f"{got:g}: every output channel looks at all {inputs} input channels.": kernel**2 * outputs + outputs,
            f"{got:g}: that is one output channel; there are {outputs}.": kernel**2 * inputs + 1,
        }
        return hint_for(got, hints) or f"{said} has {want} weights, your answer is {got:g}."
    return "✓ Right: 83,040 for the 3x3 in a bottleneck, most of the network."
