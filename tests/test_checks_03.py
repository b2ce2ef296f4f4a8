"""Checks of lesson 03: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import math

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers import checks


def fold(image):
    height, width, channels = image.shape
    return image.reshape(height // 2, 2, width // 2, 2, channels).swapaxes(1, 2).reshape(height // 2, width // 2, 4 * channels)


def fold_by_slices(image):
    return np.concatenate([image[y::2, x::2] for x in (0, 1) for y in (0, 1)], axis=-1)


def skip(x, y):
    return x[1:-1, 1:-1] + y


def skip_by_loop(x, y):
    return [[x[r + 1, c + 1] + y[r, c] for c in range(y.shape[1])] for r in range(y.shape[0])]


def field(kernels, strides):
    side, step = 1, 1
    for kernel, stride in zip(kernels, strides):
        side += (kernel - 1) * step
        step *= stride
    return side


def field_backwards(kernels, strides):
    side = 1
    for kernel, stride in zip(kernels[::-1], strides[::-1]):
        side = (side - 1) * stride + kernel
    return side


def weights(kernel, inputs, outputs):
    return (kernel * kernel * inputs + 1) * outputs


MORE = {"words": (lambda *given: "four", "array of numbers")}

WRONG = {
    checks.check_fold: {
        "reshape alone": (lambda a: a.reshape(a.shape[0] // 2, a.shape[1] // 2, -1), "reshape alone"),
        "half size": (lambda a: a[::2, ::2], "half size"),
        "means": (lambda a: a.reshape(3, 2, 4, 2, 3).mean(axis=(1, 3)), "half size"),
        "one pixel four times": (lambda a: np.concatenate([a[::2, ::2]] * 4, axis=-1), "different numbers are left"),
        "wrong swap": (lambda a: a.reshape(2, 3, 2, 4, 3).transpose(1, 3, 0, 2, 4).reshape(3, 4, 12), "which axes"),
        "five axes": (lambda a: a.reshape(3, 2, 4, 2, 3).swapaxes(1, 2), "flatten"),
        "swapped": (lambda a: fold(a).swapaxes(0, 1), "Height and width"),
        "windows of stride 1": (lambda a: np.concatenate([a] * 4, axis=-1), "one cell only"),
        "flattened": (lambda a: fold(a).ravel(), "shape (144,)"),
    },
    checks.check_skip: {
        "top left": (lambda x, y: x[:-2, :-2] + y, "right and at the bottom only"),
        "bottom right": (lambda x, y: x[2:, 2:] + y, "left and at the top only"),
        "y alone": (lambda x, y: y, "skip is missing"),
        "x alone": (lambda x, y: x[1:-1, 1:-1], "y is missing"),
        "subtracted": (lambda x, y: x[1:-1, 1:-1] - y, "yours subtracts"),
        "turned": (lambda x, y: y - x[1:-1, 1:-1], "change nothing"),
        "padded": (lambda x, y: x + np.pad(y, ((1, 1), (1, 1), (0, 0))), "instead of padding"),
        "not cropped": (lambda x, y: x + y, "ValueError"),
        "twelve only": (lambda x, y: x[1:11, 1:11] + (y if len(y) == 10 else y[:1, :1]), "both ends"),
        "mean": (lambda x, y: (x[1:-1, 1:-1] + y) / 2, "Value [0, 0, 0] should be"),
        "flattened": (lambda x, y: skip(x, y).ravel(), "yours has (200,)"),
    },
    checks.check_field: {
        "whole kernels": (lambda k, s: sum(k) if len(k) > 1 else k[0], "whole kernels"),
        "product": (lambda k, s: math.prod(k), "multiply the kernels"),
        "one too few": (lambda k, s: field(k, s) - 1, "one too few"),
        "no strides": (lambda k, s: 1 + sum(k) - len(k), "leaves the strides out"),
        "own stride": (lambda k, s: 1 + sum((k[i] - 1) * math.prod(s[: i + 1]) for i in range(len(k))), "own kernel"),
        "area": (lambda k, s: field(k, s) ** 2, "area"),
        "pair": (lambda k, s: (18, 18), "shape (2,)"),
        "always ours": (lambda k, s: 18, "see 3 pixels, your answer is 18"),
    },
    checks.check_weights: {
        "no biases": (lambda k, i, o: k * k * i * o, "biases are missing"),
        "input biases": (lambda k, i, o: k * k * i * o + i, "not for each input"),
        "one bias": (lambda k, i, o: k * k * i * o + 1, "not one for all"),
        "one side": (lambda k, i, o: k * i * o + o, "two sides"),
        "one input": (lambda k, i, o: k * k * o + o, "all 96 input"),
        "one output": (lambda k, i, o: k * k * i + 1, "one output channel"),
        "patch": (lambda k, i, o: 12 * 12 * o, "has 83040 weights"),
        "list": (lambda k, i, o: [k * k * i * o, o], "shape (2,)"),
    },
}


@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS | MORE))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said and "\n" not in said


@pytest.mark.parametrize(
    "check, answer",
    [
        (checks.check_fold, fold),
        (checks.check_fold, fold_by_slices),
        (checks.check_skip, skip),
        (checks.check_skip, skip_by_loop),
        (checks.check_field, field),
        (checks.check_field, field_backwards),
        (checks.check_weights, weights),
        (checks.check_weights, lambda k, i, o: sum(k * k * i + 1 for _ in range(o))),
    ],
)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)
