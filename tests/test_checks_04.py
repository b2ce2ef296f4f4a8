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


def cost(seconds, watts, price):
    return seconds * watts / 3.6e6 * price


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
        "sum of steps": (lambda h: sum(row["step"] for row in h), "overfitting the best step is 300"),
    },
    checks.check_cost: {
        "watt-hours": (lambda s, w, p: s / 3600 * w * p, "per kilowatt-hour"),
        "kilojoules": (lambda s, w, p: s * w / 1000 * p, "joules"),
        "joules": (lambda s, w, p: s * w * p, "two factors"),
        "minutes": (lambda s, w, p: s / 60 * w / 1000 * p, "divide by 60."),
        "minutes and watts": (lambda s, w, p: s / 60 * w * p, "divide by 60 (and"),
        "no price": (lambda s, w, p: s / 3600 * w / 1000, "price is missing"),
        "neither": (lambda s, w, p: s / 3600 * w, "kilowatts and the price"),
        "divided": (lambda s, w, p: s / 3600 * w / 1000 / p, "divide by the price"),
        "constant": (lambda s, w, p: 0.4, "cost 0.029250, your answer is 0.400000"),
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
        (checks.check_cost, cost),
        (checks.check_cost, lambda s, w, p: s / 3600 * (w / 1000) * p),
    ],
)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)
