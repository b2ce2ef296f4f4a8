"""Checks of lesson 03: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import math

import keras
import numpy as np
import pytest
from check_cases import STUBS, cases
from keras import layers

from blockcnn_helpers import checks, networks


def fold(image):
    height, width, channels = image.shape
    return image.reshape(height // 2, 2, width // 2, 2, channels).swapaxes(1, 2).reshape(height // 2, width // 2, 4 * channels)


def slices(image):
    return [image[y::2, x::2] for x in (0, 1) for y in (0, 1)]


def fold_colour_by_colour(image):
    return np.stack(slices(image), axis=-1).reshape(image.shape[0] // 2, image.shape[1] // 2, -1)


def fold_three_channels(image):
    return image.reshape(image.shape[0] // 2, 2, image.shape[1] // 2, 2, 3).swapaxes(1, 2).reshape(image.shape[0] // 2, -1, 12)


def bottleneck(x, width):
    y = layers.LeakyReLU(0.1)(layers.Conv2D(width, 1)(x))
    y = layers.LeakyReLU(0.1)(layers.Conv2D(width, 3)(y))
    return layers.Add()([layers.Cropping2D(1)(x), layers.Conv2D(x.shape[-1], 1)(y)])


def bottleneck_by_slices(x, width):
    leaky = lambda value: keras.ops.maximum(value, 0.1 * value)
    y = leaky(layers.Conv2D(width, (3, 3))(leaky(layers.Conv2D(width, 1)(x))))
    return layers.Conv2D(x.shape[-1], 1)(y) + x[:, 1:-1, 1:-1]


def built(first=0.1, second=0.1, third=1.0, kernels=(1, 3, 1), filters=None, crop=((1, 1), (1, 1)), end=lambda x, y: x + y, **settings):
    """Return a bottleneck with a mistake in it."""

    def answer(x, width):
        y, inside = x, filters(x.shape[-1], width) if filters else (width, width, x.shape[-1])
        for kernel, channels, keeps in zip(kernels, inside, (first, second, third)):
            y = layers.Conv2D(channels, kernel, **settings)(y)
            y = y if keeps == 1 else layers.LeakyReLU(keeps)(y)
        return end(layers.Cropping2D(crop)(x), y)

    return answer


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


def steps_of(kernels, strides, step_after):
    """Return the field where the step after a layer is worked out some other way."""
    side, step = 1, 1
    for kernel, stride in zip(kernels, strides):
        side, step = side + (kernel - 1) * step, step_after(step, stride)
    return side


def weights(channels, width):
    return sum(kernel**2 * a * b + b for kernel, a, b in ((1, channels, width), (3, width, width), (1, width, channels)))


def first_loss(inputs, targets):
    return abs(inputs[:, 8:16, 8:16].astype(float) - targets).mean()


def exact(pairs):
    return (side.astype(float) for side in pairs)


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
        "scaled": (lambda a: fold(a) / 255, "numbers have changed"),
        "below each other": (lambda a: np.concatenate(slices(a)), "along the last axis"),
        "three channels only": (fold_three_channels, "read the sizes from image.shape"),
    },
    checks.check_bottleneck: {
        "a number": (lambda x, width: 4, "got int"),
        "the layer itself": (lambda x, width: layers.Conv2D(width, 1), "got Conv2D"),
        "a layer on a layer": (lambda x, width: layers.Conv2D(width, 3)(layers.Conv2D(width, 1)), "made first and then called"),
        "not cropped": (lambda x, width: layers.Add()([x, layers.Conv2D(x.shape[-1], 3)(x)]), "crop its rim"),
        "not cropped, plus": (lambda x, width: x + layers.Conv2D(x.shape[-1], 3)(x), "crop its rim"),
        "one convolution": (lambda x, width: layers.Cropping2D(1)(x) + layers.Conv2D(x.shape[-1], 3)(x), "yours has 1"),
        "look first": (built(kernels=(3, 1, 1)), "1x1, 3x3, 1x1, yours are 3x3, 1x1, 1x1"),
        "padded": (built(padding="same", crop=0), "rim of zeros"),
        "strides": (built(strides=2, end=lambda x, y: y), "strides are 1"),
        "stays wide": (built(filters=lambda c, w: (w, w, w), end=lambda x, y: y), "go back to the channels of x, 6 here, yours has 4"),
        "not widened": (built(filters=lambda c, w: (c, c, c)), "Channels should go 6, 4, 4, 6, yours go 6, 6, 6, 6"),
        "no biases": (built(use_bias=False), "have biases"),
        "no skip": (built(end=lambda x, y: y), "Without the skip"),
        "top left": (built(crop=((0, 2), (0, 2))), "right and at the bottom only"),
        "bottom right": (built(crop=((2, 0), (2, 0))), "left and at the top only"),
        "subtracted": (built(end=lambda x, y: x - y), "yours subtracts"),
        "turned": (built(end=lambda x, y: y - x), "change nothing"),
        "linear": (built(1, 1), "Nothing stands between"),
        "first only": (built(0.1, 1), "After the second convolution"),
        "second only": (built(1, 0.1), "After the first convolution"),
        "ReLU": (built(0.0, 0.0), "ReLU makes zero"),
        "Keras' own": (built(0.3, 0.3), "keeps 0.3"),
        "by name": (
            built(activation="leaky_relu", first=1, second=1, end=lambda x, y: x),
            "bottleneck has three convolutions, yours has 0",
        ),
        "narrow rectified": (built(0.1, 0.1, 0.1), "After the last 1x1"),
        "sum rectified": (built(end=lambda x, y: layers.LeakyReLU(0.1)(x + y)), "After the addition"),
        "halved": (built(end=lambda x, y: (x + y) / 2), "the result is not"),
    },
    checks.check_field: {
        "whole kernels": (lambda k, s: sum(k) if len(k) > 1 else k[0], "whole kernels"),
        "whole kernels, stretched": (lambda k, s: 1 + sum(k[i] * math.prod(s[:i]) for i in range(len(k))), "whole kernels, times"),
        "product": (lambda k, s: math.prod(k), "multiply the kernels"),
        "one too few": (lambda k, s: field(k, s) - 1, "one too few"),
        "no strides": (lambda k, s: 1 + sum(k) - len(k), "leaves the strides out"),
        "own stride": (lambda k, s: 1 + sum((k[i] - 1) * math.prod(s[: i + 1]) for i in range(len(k))), "own kernel"),
        "last to first": (lambda k, s: field(k[::-1], s[::-1]), "from the last layer to the first"),
        "next layer only": (lambda k, s: steps_of(k, s, lambda step, stride: stride), "not only for the next"),
        "strides added": (lambda k, s: steps_of(k, s, lambda step, stride: step + stride), "don't add"),
        "times its own": (lambda k, s: 1 + sum((a - 1) * b for a, b in zip(k, s)), "says nothing of what it adds"),
        "area": (lambda k, s: field(k, s) ** 2, "area"),
        "pair": (lambda k, s: (18, 18), "shape (2,)"),
        "always ours": (lambda k, s: 18, "see 3 pixels, your answer is 18"),
    },
    checks.check_weights: {
        "no biases": (lambda c, w: 2 * c * w + 9 * w * w, "biases are missing"),
        "input biases": (lambda c, w: 2 * c * w + 9 * w * w + c + w + c, "not for each input"),
        "one bias": (lambda c, w: 2 * c * w + 9 * w * w + 3, "not one for each convolution"),
        "one side": (lambda c, w: weights(c, w) - 6 * w * w, "two sides"),
        "look from outside": (lambda c, w: weights(c, w) - 9 * w * w + 9 * c * w, "on both sides"),
        "look outside": (lambda c, w: weights(c, w) - 9 * w * w + 9 * c * c, "sees 96 channels, not 64"),
        "one input": (lambda c, w: weights(c, w) - 9 * w * w + 9 * w, "all 96 input"),
        "not narrowed": (lambda c, w: c * w + w + 9 * w * w + w, "second 1x1 is missing"),
        "look alone": (lambda c, w: 9 * w * w + w, "3x3 alone"),
        "all four": (lambda c, w: 4 * weights(c, w), "one is asked for"),
        "xor": (lambda c, w: c * w + w + (3 ^ 2) * w * w + w + w * c + c, "not a power"),
        "ours only": (lambda c, w: 95488, "10 channels, 7 inside, has 605 weights, your answer is 95488"),
        "list": (lambda c, w: [c * w, w], "shape (2,)"),
    },
    checks.check_first_loss: {
        "uint8": (lambda x, t: abs(x[:, 8:16, 8:16] - t).mean(), "leave uint8"),
        "uint8, turned": (lambda x, t: abs(t - x[:, 8:16, 8:16]).mean(), "leave uint8"),
        "signs": (lambda x, t: (x[:, 8:16, 8:16].astype(float) - t).mean(), "cancel"),
        "squares": (lambda x, t: ((x[:, 8:16, 8:16].astype(float) - t) ** 2).mean(), "mean squared error"),
        "root": (lambda x, t: ((x[:, 8:16, 8:16].astype(float) - t) ** 2).mean() ** 0.5, "root of the mean squared"),
        "unit": (lambda x, t: first_loss(x, t) / 255, "on [0, 1]"),
        "sum": (lambda x, t: abs(x[:, 8:16, 8:16].astype(float) - t).sum(), "that is a sum"),
        "sum over blocks": (lambda x, t: first_loss(x, t) * 192, "sum over each block"),
        "top left": (lambda x, t: abs(x[:, :8, :8].astype(float) - t).mean(), "top left block"),
        "lower right": (lambda x, t: abs(x[:, 16:, 16:].astype(float) - t).mean(), "lower right block"),
        "no axis of pairs": (lambda x, t: abs(x[8:16, 8:16].astype(float) - t).mean(), "first axis counts the pairs"),
        "not cut": (lambda x, t: abs(x.astype(float) - t).mean(), "broadcast"),
        "one a pair": (lambda x, t: abs(x[:, 8:16, 8:16].astype(float) - t).mean(axis=(1, 2, 3)), "shape (5,)"),
        "ours only": (lambda x, t: 11.56, "got 11.56"),
    },
}
STUBBED = {check: MORE for check in WRONG if check is not checks.check_bottleneck}


@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS) + cases(STUBBED, {}))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said and "\n" not in said


@pytest.mark.parametrize(
    "check, answer",
    [
        (checks.check_fold, fold),
        (checks.check_fold, lambda image: np.concatenate(slices(image), axis=-1)),
        (checks.check_fold, fold_colour_by_colour),
        (checks.check_bottleneck, bottleneck),
        (checks.check_bottleneck, bottleneck_by_slices),
        (checks.check_bottleneck, built()),
        (checks.check_bottleneck, lambda x, width: networks.bottleneck(x, width, "b")),
        (checks.check_field, field),
        (checks.check_field, field_backwards),
        (checks.check_weights, weights),
        (checks.check_weights, lambda c, w: (c + 1) * w + (9 * w + 1) * w + (w + 1) * c),
        (checks.check_first_loss, first_loss),
        (checks.check_first_loss, lambda x, t: np.mean([np.abs(a[8:-8, 8:-8].astype(int) - b) for a, b in zip(x, t)])),
        (checks.check_first_loss, lambda x, t: 255 * np.mean(abs(x[:, 8:16, 8:16] / 255 - t / 255))),
    ],
)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)
