"""The check of lesson 00: a hint for each mistake, a tick for the right answer only."""

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers.checks import check_gain
from blockcnn_helpers.metrics import mse, psnr


def gain(original, decoded, repaired):
    return psnr(original, repaired) - psnr(original, decoded)


def by_errors(original, decoded, repaired):
    return 10 * np.log10(mse(original, decoded) / mse(original, repaired))


PHOTO = np.zeros((16, 24, 3), np.uint8)  # as `photo` from above the exercise

WRONG = {
    check_gain: {
        "printed": (lambda o, d, r: print(gain(o, d, r)), "`return` hands it back"),
        "turned": (lambda o, d, r: psnr(o, d) - psnr(o, r), "turned round"),
        "after": (lambda o, d, r: psnr(o, r), "after the repair"),
        "before": (lambda o, d, r: psnr(o, d), "before the repair"),
        "no original": (lambda o, d, r: psnr(d, r), "with the original"),
        "original once": (lambda o, d, r: psnr(o, r) - psnr(d, r), "both need the original"),
        "original once, the other": (lambda o, d, r: psnr(d, r) - psnr(o, d), "both need the original"),
        "ratio": (lambda o, d, r: psnr(o, r) / psnr(o, d), "not a ratio"),
        "percent": (lambda o, d, r: 100 * (psnr(o, r) / psnr(o, d) - 1), "not a percentage"),
        "sum": (lambda o, d, r: psnr(o, r) + psnr(o, d), "sum"),
        "errors": (lambda o, d, r: mse(o, d) - mse(o, r), "two squared errors"),
        "share": (lambda o, d, r: 1 - mse(o, r) / mse(o, d), "share of the squared error"),
        "natural logarithm": (lambda o, d, r: 10 * np.log(mse(o, d) / mse(o, r)), "log10"),
        "from above": (lambda o, d, r: 29.45 - 28.47, "0.98 dB whatever images"),
        "photo from above": (lambda o, d, r: psnr(PHOTO, r) - psnr(PHOTO, d), "use original, decoded and repaired only"),
        "size only": (lambda o, d, r: abs(gain(o, d, r)), "keep the sign"),
        "no loss": (lambda o, d, r: max(0, gain(o, d, r)), "below zero"),
        "good only": (lambda o, d, r: gain(o, d, r) if gain(o, d, r) > 0 else -1, "for a bad one −6.02 dB were expected, got −1.00"),
        "fails for a bad one": (lambda o, d, r: gain(o, d, r) if gain(o, d, r) > 0 else None, "Not yet"),
        "whole decibels": (lambda o, d, r: round(gain(o, d, r)), "whole decibels"),
        "tenths": (lambda o, d, r: round(gain(o, d, r), 1), "tenths"),
        "text": (lambda o, d, r: f"{gain(o, d, r):+.2f} dB", "text"),
        "both": (lambda o, d, r: (psnr(o, d), psnr(o, r)), "shape (2,)"),
        "image": (lambda o, d, r: r - d, "shape (8, 8, 3)"),
        "other": (lambda o, d, r: psnr(o, r) - 1, "Expected 4.10 dB, got 32.15"),
        "broken": (lambda o, d, r: o.nothing, "AttributeError"),
    },
}


@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said


@pytest.mark.parametrize("answer", [gain, by_errors, lambda o, d, r: round(gain(o, d, r), 2)])
def test_right_answers_pass_however_written(answer):
    assert "✓" in check_gain(answer)
