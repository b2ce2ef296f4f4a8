"""Checks of lesson 06: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers import checks, jpeg, metrics


def clip(coefficients, levels, table, slack=1.0, half=0.5):
    return np.clip(coefficients, (levels - half) * table - slack, (levels + half) * table + slack)


def clip_one_by_one(coefficients, levels, table):
    result = coefficients.tolist()
    for v, u in np.ndindex(8, 8):
        low, high = (levels[v, u] - 0.5) * table[v, u] - 1, (levels[v, u] + 0.5) * table[v, u] + 1
        result[v][u] = min(max(result[v][u], low), high)
    return result


def snap(coefficients, levels, table):
    inside = np.abs(coefficients - levels * table) <= table / 2 + 1
    return np.where(inside, coefficients, levels * table)


WAYS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def mirrors(image, repair, ways=WAYS):
    return np.mean([repair(image[::a, ::b])[::a, ::b] for a, b in ways], axis=0)


def mirrors_by_name(image, repair):
    total = repair(image)
    total = total + np.fliplr(repair(np.fliplr(image))) + np.flipud(repair(np.flipud(image)))
    return (total + np.rot90(repair(np.rot90(image, 2)), 2)) / 4


def mirrors_by(image, repair, last_back):
    three = [repair(image[::a, ::b])[::a, ::b] for a, b in WAYS[:3]]
    return (sum(three) + last_back(repair(image[::-1, ::-1]))) / 4


def quarter_turns(image, repair):
    return np.mean([np.rot90(repair(np.rot90(image, k)), -k) for k in range(4)], axis=0)


def with_colours(image, repair):
    return np.mean([np.flip(repair(np.flip(image, axes)), axes) for axes in ((), (0,), (1,), (2,))], axis=0)


def blend(decoded, repaired, strength):
    low, high = decoded.astype(float), repaired.astype(float)
    return np.rint(low + strength * (high - low)).astype(np.uint8)


def blend_by_shares(decoded, repaired, strength):
    return ((1 - strength) * decoded + strength * repaired + 0.5).astype(np.uint8)


def front(rows):
    return [name for name, gain, cost in sorted(rows, key=lambda row: row[2]) if not beaten(gain, cost, rows)]


def beaten(gain, cost, rows):
    return any(g >= gain and c <= cost and (g, c) != (gain, cost) for _, g, c in rows)


def front_by_walking(rows):
    best, kept = -np.inf, []
    for name, gain, _ in sorted(rows, key=lambda row: (row[2], -row[1])):
        if gain > best:
            best = gain
            kept.append((name, gain))
    return kept


def begins(image, places=None, best=max, least=0):
    """Where the 8x8 grid of a cut JPEG begins: (row, column)."""
    chosen = [place for place in places or np.ndindex(8, 8) if min(place) >= least]
    return best(chosen, key=lambda place: metrics.blockiness(cut(image, *place)))


def cut(image, row, column):
    return image[row:, column:]


def whole(image):
    return image[: image.shape[0] // 8 * 8, : image.shape[1] // 8 * 8]


def realign_by_axis(image):
    """Rows first, then columns, each by its own search."""
    row = max(range(8), key=lambda k: max(metrics.blockiness(image[k:, x:]) for x in range(8)))
    return image[row:, max(range(8), key=lambda k: metrics.blockiness(image[row:, k:])) :]


def names(rows):
    return [row[0] for row in rows]


WRONG = {
    checks.check_clip: {
        "nothing": (lambda c, n, t: c, "Nothing has moved"),
        "the JPEG": (lambda c, n, t: n * t, "the JPEG again"),
        "no slack": (lambda c, n, t: clip(c, n, t, slack=0), "Without slack"),
        "two steps": (lambda c, n, t: clip(c, n, t, half=1), "two steps wide"),
        "in steps": (lambda c, n, t: c.clip(n - 0.5, n + 0.5), "the coefficients are not"),
        "half in steps": (lambda c, n, t: c.clip(n - t / 2, n + t / 2), "multiply the levels"),
        "around zero": (lambda c, n, t: c.clip(-t / 2 - 1, t / 2 + 1), "around zero"),
        "slack in steps": (lambda c, n, t: c.clip((n - 1.5) * t, (n + 1.5) * t), "in coefficients, not in steps"),
        "slack inside": (lambda c, n, t: clip(c, n, t, slack=-1), "narrower"),
        "upper": (lambda c, n, t: np.minimum(c, (n + 0.5) * t + 1), "Only the upper"),
        "lower": (lambda c, n, t: np.maximum(c, (n - 0.5) * t - 1), "Only the lower"),
        "cut off": (lambda c, n, t: c.clip(n * t - 1, (n + 1) * t + 1), "rounded to the nearest"),
        "snapped": (snap, "not into the middle"),
        "no table": (lambda c, n, t: c.clip(n - 1.5, n + 1.5), "but no table"),
        "level without step": (lambda c, n, t: c.clip(n - t / 2 - 1, n + t / 2 + 1), "not multiplied by its step"),
        "ends exchanged": (lambda c, n, t: np.clip(c, (n + 0.5) * t + 1, (n - 0.5) * t - 1), "exchanged"),
        "half steps cut off": (lambda c, n, t: c.clip(n * t - t // 2 - 1, n * t + t // 2 + 1), "not table // 2"),
        "own levels": (lambda c, n, t: np.rint(c / t) * t, "the levels are given"),
        "rounded": (lambda c, n, t: np.rint(clip(c, n, t)), "but for rounding"),
        "whole": (lambda c, n, t: clip(c, n, t).astype(int), "cut off to whole"),
        "slack of 2": (lambda c, n, t: clip(c, n, t, slack=2), "it should become"),
        "flattened": (lambda c, n, t: clip(c, n, t).ravel(), "(64,)"),
        "words": (lambda c, n, t: "inside", "array of numbers"),
    },
    checks.check_mirrors: {
        "not turned back": (lambda i, r: np.mean([r(i[::a, ::b]) for a, b in WAYS], axis=0), "without turning them back"),
        "as it is": (lambda i, r: r(i), "where are the mirror images"),
        "never back": (lambda i, r: r(i[::-1, ::-1]), "never turn the answer back"),
        "sum": (lambda i, r: 4 * mirrors(i, r), "divide by 4"),
        "across": (lambda i, r: mirrors(i, r, WAYS[:2]), "left and right exchanged"),
        "down": (lambda i, r: mirrors(i, r, WAYS[::2]), "upside down: left"),
        "half turn": (lambda i, r: mirrors(i, r, (WAYS[0], WAYS[3])), "180 degrees"),
        "three": (lambda i, r: mirrors(i, r, WAYS[:3]), "Three pictures"),
        "without itself": (lambda i, r: mirrors(i, r, WAYS[1:]), "leave out the picture as it is"),
        "quarter turns": (quarter_turns, "no quarter turns"),
        "colours": (with_colours, "colours are mirrored"),
        "median": (lambda i, r: np.median([r(i[::a, ::b])[::a, ::b] for a, b in WAYS], axis=0), "median"),
        "uint8": (lambda i, r: mirrors(i, r).astype(np.uint8), "cut off to whole"),
        "rounded": (lambda i, r: np.rint(mirrors(i, r)), "but for rounding"),
        "one axis back, down": (lambda i, r: mirrors_by(i, r, lambda last: last[::-1]), "upside down: left and right too"),
        "one axis back, across": (lambda i, r: mirrors_by(i, r, lambda last: last[:, ::-1]), "left and right: upside down too"),
        "once": (lambda i, r: np.mean([r(i)[::a, ::b] for a, b in WAYS], axis=0), "see each mirror image"),
        "plane": (lambda i, r: mirrors(i, r)[..., 0], "got shape (16, 32)"),
        "twice": (lambda i, r: r(mirrors(i, r)), "should be"),
    },
    checks.check_strength: {
        "turned": (lambda d, r, s: blend(r, d, s), "Turned round"),
        "cut off": (lambda d, r, s: ((1 - s) * d + s * r).astype(np.uint8), "np.rint first"),
        "wrapped": (lambda d, r, s: np.rint(d + s * (r - d)).astype(int).astype(np.uint8), "wraps around"),
        "wrapped, cut off": (lambda d, r, s: (d + s * (r - d)).astype(int).astype(np.uint8), "and round at the end"),
        "wrapped, clipped": (lambda d, r, s: np.rint(d + s * (r - d)).clip(0, 255).astype(np.uint8), "clipping hides it"),
        "half": (lambda d, r, s: blend(d, r, 0.5), "whatever the strength"),
        "added": (lambda d, r, s: np.rint(d + s * r).clip(0, 255).astype(np.uint8), "share of the change"),
        "added, cut off": (lambda d, r, s: (d + s * r).clip(0, 255).astype(np.uint8), "to the whole JPEG, and cut off"),
        "added, wrapped": (lambda d, r, s: np.rint(d + s * r).astype(int).astype(np.uint8), "wraps around"),
        "change cut off": (lambda d, r, s: (d + (s * (r.astype(int) - d)).astype(int)).astype(np.uint8), "round once, at the end"),
        "change": (lambda d, r, s: np.rint(s * (r.astype(float) - d)), "the change alone"),
        "JPEG": (lambda d, r, s: d, "nothing was blended"),
        "repair": (lambda d, r, s: r, "no effect"),
        "float": (lambda d, r, s: d + s * (r.astype(float) - d), "as float64"),
        "squared": (lambda d, r, s: blend(d, r, s**2), "should give"),
        "grey": (lambda d, r, s: blend(d, r, s).mean(axis=-1), "got shape (8, 8)"),
    },
    checks.check_front: {
        "all": (names, "You took all"),
        "best": (lambda rows: ["four"], "Only the best"),
        "cheapest": (lambda rows: ["blur"], "Only the cheapest"),
        "gain for its cost": (lambda rows: [max(rows, key=lambda row: row[1] / row[2])[0]], "Only the best gain for its cost"),
        "same gain kept": (lambda rows: [*front(rows), "heavy"], "heavy gains no more"),
        "same cost kept": (lambda rows: [*front(rows), "weak"], "weak costs no less"),
        "both kept": (lambda rows: [*front(rows), "weak", "heavy"], "equal to another row"),
        "turned": (lambda rows: [name for name in names(rows) if name not in front(rows)], "kept what is beaten"),
        "dearest first": (lambda rows: front(rows)[::-1], "cheapest is to come first"),
        "twice": (lambda rows: front(rows) * 2, "twice"),
        "small forgotten": (lambda rows: ["blur", "filter", "wide", "four"], "still worth its price"),
        "slow": (lambda rows: [*front(rows), "slow"], "slow is beaten"),
        "three": (lambda rows: ["blur", "filter", "four"], "small is missing"),
        "numbers": (lambda rows: [row[1:] for row in rows], "list of names"),
        "one string": (lambda rows: "wide", "one string"),
    },
    checks.check_realign: {
        "as it is": (lambda image: image, "Nothing was cut off"),
        "already off": (lambda image: cut(image, *(8 - place for place in begins(image))), "as many as the grid is off already"),
        "exchanged": (lambda image: cut(image, *begins(image)[::-1]), "exchanged"),
        "columns only": (lambda image: image[:, begins(image)[1] :], "rows are not"),
        "rows only": (lambda image: image[begins(image)[0] :], "columns are not"),
        "bottom": (lambda image: image[: -begins(image)[0] or None, : -begins(image)[1] or None], "counted from the top left"),
        "a block more": (lambda image: cut(image, *(place + 8 for place in begins(image))), "a whole block more"),
        "one more": (lambda image: cut(image, *(place + 1 for place in begins(image))), "count from 0"),
        "rolled": (lambda image: np.roll(image, [-place for place in begins(image)], (0, 1)), "np.roll"),
        "weakest": (lambda image: cut(image, *begins(image, best=min)), "the weakest grid"),
        "diagonal": (lambda image: cut(image, *begins(image, [(k, k) for k in range(8)])), "different numbers"),
        "from 1": (lambda image: cut(image, *begins(image, np.ndindex(8, 8), least=1)), "Zero rows"),
        "to 6": (lambda image: cut(image, *begins(image, list(np.ndindex(7, 7)))), "range(8)"),
        "whole blocks": (lambda image: whole(cut(image, *begins(image))), "at the bottom and the right do no harm"),
        "the place": (lambda image: begins(image), "return the picture"),
        "with its strength": (lambda image: (metrics.blockiness(image), *begins(image)), "return the picture"),
        "four": (lambda image: image[4:, 4:], "3 rows and 6 columns before, 5 and 2 more"),
        "grey": (lambda image: cut(image, *begins(image)).mean(axis=-1), "expected shape"),
        "negative": (lambda image: 255 - cut(image, *begins(image)), "other pixels"),
    },
}


@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said and "\n" not in said


@pytest.mark.parametrize(
    "check, answer",
    [
        (checks.check_clip, clip),
        (checks.check_clip, clip_one_by_one),
        (checks.check_clip, lambda c, n, t: c.clip(*jpeg.intervals(n, t))),
        (checks.check_mirrors, mirrors),
        (checks.check_mirrors, mirrors_by_name),
        (checks.check_strength, blend),
        (checks.check_strength, blend_by_shares),
        (checks.check_realign, lambda image: cut(image, *begins(image))),
        (checks.check_realign, realign_by_axis),
        (checks.check_front, front),
        (checks.check_front, front_by_walking),
    ],
)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)
