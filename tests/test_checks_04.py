"""Checks of lesson 04: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import math

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers import checks


def steps(pairs, batch, epochs):
    return pairs // batch * epochs


def rate(step, steps, peak, warmup):
    if step < warmup:
        return peak * step / warmup
    return peak * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


def rate_by_squares(step, steps, peak, warmup):
    fall = peak * np.cos(np.pi / 2 * (step - warmup) / (steps - warmup)) ** 2
    return np.where(step < warmup, peak * step / warmup, fall)


def part(step, steps, warmup):
    return (step - warmup) / (steps - warmup)


def late(right):
    """Wrong after the warm-up only."""
    return lambda step, steps, peak, warmup: peak * step / warmup if step < warmup else right(step, steps, peak, warmup)


def mean(row):
    return sum(row["gain"].values()) / len(row["gain"])


def choice(history):
    return max(history, key=mean)["step"]


def break_even(pace, mine, other):
    return pace * other / mine


MORE = {"words": (lambda *given: "four", "array of numbers"), "list": (lambda *given: [1, 2], "shape (2,)")}

WRONG = {
    checks.check_steps: {
        "pairs": (lambda p, b, e: p * e, "counts pairs"),
        "left over kept": (lambda p, b, e: p * e // b, "dropped, not kept"),
        "fractions": (lambda p, b, e: p * e / b, "whole or not made"),
        "rounded up": (lambda p, b, e: math.ceil(p / b) * e, "incomplete one is left out"),
        "one epoch": (lambda p, b, e: p // b, "there are 3"),
        "divided": (lambda p, b, e: p // b // e, "don't divide"),
        "always the same": (lambda p, b, e: 300, "11520 updates"),
    },
    checks.check_rate: {
        "no warm-up": (lambda s, n, p, w: p * (1 + math.cos(math.pi * s / n)) / 2, "warm-up is missing"),
        "peak at once": (lambda s, n, p, w: p if s < w else rate(s, n, p, w), "straight line from 0"),
        "counts from 0": (late(lambda s, n, p, w: p * (1 + math.cos(math.pi * s / n)) / 2), "counts from step 0"),
        "ends late": (late(lambda s, n, p, w: p * (1 + math.cos(math.pi * (s - w) / n)) / 2), "ends too late"),
        "twice": (late(lambda s, n, p, w: 2 * rate(s, n, p, w)), "twice as high"),
        "negative": (late(lambda s, n, p, w: p * math.cos(math.pi * part(s, n, w))), "below 0"),
        "straight": (late(lambda s, n, p, w: p * (1 - part(s, n, w))), "half a cosine"),
        "rises": (late(lambda s, n, p, w: p * (1 - math.cos(math.pi * part(s, n, w))) / 2), "yours rises"),
        "whole wave": (late(lambda s, n, p, w: p * (1 + math.cos(2 * math.pi * part(s, n, w))) / 2), "whole wave"),
        "degrees": (late(lambda s, n, p, w: p * (1 + math.cos(180 * part(s, n, w))) / 2), "radians"),
        "no pi": (late(lambda s, n, p, w: p * (1 + math.cos(part(s, n, w))) / 2), "not to pi"),
        "t above 1": (late(lambda s, n, p, w: p * (1 + math.cos(math.pi * s / (n - w))) / 2), "t is above 1"),
        "by the step": (late(lambda s, n, p, w: p * (1 + math.cos(math.pi * (s - w) / s)) / 2), "divide by the step"),
        "stays at the peak": (late(lambda s, n, p, w: p), "stays at the peak"),
        "quarter wave": (late(lambda s, n, p, w: p * math.cos(math.pi / 2 * part(s, n, w))), "quarter of a wave"),
        "from a hundredth": (lambda s, n, p, w: p * (0.01 + 0.99 * s / w) if s < w else rate(s, n, p, w), "hundredth of the peak"),
        "one ahead": (lambda s, n, p, w: p * (s + 1) / w if s < w else rate(s, n, p, w), "one step ahead"),
        "rises over all": (lambda s, n, p, w: p * s / n if s < w else rate(s, n, p, w), "over all the steps"),
        "the profile's": (lambda s, n, p, w: rate(s, 700, 0.003, 35), "`cpu` profile"),
        "own warm-up": (lambda s, n, p, w: rate(s, n, p, n // 20), "`warmup` is handed in"),
        "constant": (lambda s, n, p, w: 0.001, "the rate is 0.000000, yours is 0.001000"),
    },
    checks.check_checkpoint: {
        "lowest loss": (lambda h: min(h, key=lambda row: row["loss"])["step"], "lowest loss"),
        "last": (lambda h: h[-1]["step"], "last one"),
        "first": (lambda h: h[0]["step"], "first one"),
        "index": (lambda h: max(range(len(h)), key=lambda k: mean(h[k])), "place of the row"),
        "quality 10": (lambda h: max(h, key=lambda row: row["gain"]["10"])["step"], "quality 10 alone"),
        "quality 25": (lambda h: max(h, key=lambda row: row["gain"]["25"])["step"], "quality 25 alone"),
        "best worst": (lambda h: max(h, key=lambda row: min(row["gain"].values()))["step"], "best worst quality"),
        "median": (lambda h: max(h, key=lambda row: np.median(list(row["gain"].values())))["step"], "best median"),
        "two of three": (lambda h: max(h, key=lambda row: row["gain"]["10"] + row["gain"]["25"])["step"], "this history has 40 too"),
        "best of all": (lambda h: max(h, key=lambda row: max(row["gain"].values()))["step"], "alone"),
        "lowest gain": (lambda h: min(h, key=mean)["step"], "lowest gain"),
        "gain itself": (lambda h: max(map(mean, h)), "gain itself"),
        "row": (lambda h: max(h, key=mean), "That is the whole row: return its `step`."),
        "rows": (lambda h: sorted(h, key=mean), "a list of rows"),
        "values": (lambda h: max(h, key=lambda row: np.mean(row["gain"].values()))["step"], "make a list of it first"),
        "no key": (lambda h: max(h)["step"], "by its `key` what to compare"),
        "gains compared": (lambda h: max(h, key=lambda row: row["gain"])["step"], "by its `key` what to compare"),
        "sum of steps": (lambda h: sum(row["step"] for row in h), "overfitting the best step is 300"),
    },
    checks.check_break_even: {
        "how many times": (lambda pace, mine, other: other / mine, "how many times as fast"),
        "wrong way round": (lambda pace, mine, other: pace * mine / other, "wrong way round"),
        "inverse": (lambda pace, mine, other: mine / other, "is the inverse"),
        "own price left out": (lambda pace, mine, other: pace * other, "your own machine has a price too"),
        "divided": (lambda pace, mine, other: pace / other, "divide by the other price only"),
        "other price left out": (lambda pace, mine, other: pace / mine, "the other machine has a price too"),
        "same pace": (lambda pace, mine, other: pace, "at the same pace"),
        "difference": (lambda pace, mine, other: pace * (other - mine), "difference of the prices"),
        "sum": (lambda pace, mine, other: pace + other - mine, "no common unit"),
        "per hour": (lambda pace, mine, other: 3600 * pace * other / mine, "pairs per hour"),
        "per second": (lambda pace, mine, other: pace * other / mine / 3600, "no need to divide by 3600"),
        "per money": (lambda pace, mine, other: pace * 3600 / mine, "one unit of money buys"),
        "constant": (lambda pace, mine, other: 2750, "160 pairs per second are needed, your answer is 2750"),
    },
}


@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS | MORE))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said and "\n" not in said


@pytest.mark.parametrize(
    "check, answer",
    [
        (checks.check_steps, steps),
        (checks.check_steps, lambda p, b, e: int(p / b) * e),
        (checks.check_rate, rate),
        (checks.check_rate, rate_by_squares),
        (checks.check_checkpoint, choice),
        (checks.check_checkpoint, lambda h: h[np.argmax([sum(row["gain"].values()) for row in h])]["step"]),
        (checks.check_break_even, break_even),
        (checks.check_break_even, lambda pace, mine, other: other / (mine / (3600 * pace)) / 3600),
    ],
)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)
