"""The check of lesson 00: a hint for each mistake, a tick for the right answer only."""

import numpy as np
import pytest

from blockcnn_helpers.checks import check_gain
from blockcnn_helpers.metrics import mse, psnr


def not_started(original, decoded, repaired):
    raise NotImplementedError


def by_errors(original, decoded, repaired):
    return 10 * np.log10(mse(original, decoded) / mse(original, repaired))


WRONG = {
    "stub": (not_started, "Not yet"),
    "ellipsis": (lambda o, d, r: ..., "Not yet"),
    "turned": (lambda o, d, r: psnr(o, d) - psnr(o, r), "turned round"),
    "after": (lambda o, d, r: psnr(o, r), "after the repair"),
    "before": (lambda o, d, r: psnr(o, d), "before the repair"),
    "no original": (lambda o, d, r: psnr(d, r), "with the original"),
    "ratio": (lambda o, d, r: psnr(o, r) / psnr(o, d), "not a ratio"),
    "errors": (lambda o, d, r: mse(o, d) - mse(o, r), "Expected"),
    "image": (lambda o, d, r: r - d, "shape (8, 8, 3)"),
    "broken": (lambda o, d, r: o.nothing, "AttributeError"),
}


@pytest.mark.parametrize("answer, hint", WRONG.values(), ids=WRONG)
def test_wrong_answers_get_their_own_hint(answer, hint):
    said = check_gain(answer)
    assert hint in said and "✓" not in said


@pytest.mark.parametrize("answer", [lambda o, d, r: psnr(o, r) - psnr(o, d), by_errors])
def test_right_answers_pass_however_written(answer):
    assert "✓" in check_gain(answer)
