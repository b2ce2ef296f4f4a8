"""Checks of lesson 02: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers import checks


def by_stem(clean, compressed):
    partner = {name.removesuffix("_q25.jpg"): name for name in compressed}
    return [(name, partner[name[:-4]]) for name in sorted(clean) if name[:-4] in partner]


def padded(image, mode="edge", border=8):
    return np.pad(image, ((border, border), (border, border), (0, 0)), mode)


def patch(image, row, column, down=0, across=0, mode="edge"):
    top, left = 8 * row + down, 8 * column + across
    return padded(image, mode, 16)[top + 8 : top + 32, left + 8 : left + 32]


def patch_by_index(image, row, column):
    rows, columns = (np.clip(np.arange(8 * at - 8, 8 * at + 16), 0, side - 1) for at, side in zip((row, column), image.shape))
    return image[rows[:, None], columns]


def residual(clean, compressed):
    return clean.astype(int) - compressed


def split(photo, count, seed):
    chosen = np.random.default_rng(seed).choice(np.unique(photo), count, replace=False)
    return np.isin(photo, chosen)


def split_by_loop(photo, count, seed):
    names = sorted(set(photo.tolist()))
    np.random.default_rng(seed).shuffle(names)
    return np.array([name in names[:count] for name in photo])


def by_first_seen(photo, count, seed):
    names = list(dict.fromkeys(photo.tolist()))
    return np.isin(photo, [names[k] for k in np.random.default_rng(seed).permutation(len(names))[:count]])


def psnrs(error, photo):
    return [-10 * np.log10(error[photo == number].mean()) for number in np.unique(photo)]


def match(tiles, labels, photo):
    return psnrs((tiles[:, 8:16, 8:16] - labels) ** 2, photo)


def squared(tiles, labels):
    return (tiles[:, 8:16, 8:16] - labels) ** 2


def leak(photo, test):
    return sorted(set(photo[test]) & set(photo[~test]))


WRONG = {
    checks.check_match: {
        "whole tiles": (lambda t, y, p: psnrs((t - y) ** 2, p), "which 8x8 pixels of the tile"),
        "top left": (lambda t, y, p: psnrs((t[:, :8, :8] - y) ** 2, p), "top left 8x8"),
        "not in dB": (lambda t, y, p: [squared(t, y)[p == n].mean() for n in np.unique(p)], "In dB"),
        "sign": (lambda t, y, p: [-x for x in match(t, y, p)], "sign is turned"),
        "twenty": (lambda t, y, p: [2 * x for x in match(t, y, p)], "Twice as much"),
        "peak 255": (lambda t, y, p: [x + 20 * np.log10(255) for x in match(t, y, p)], "the peak is 1 here"),
        "log": (lambda t, y, p: [-10 * np.log(squared(t, y)[p == n].mean()) for n in np.unique(p)], "natural logarithm"),
        "absolute": (lambda t, y, p: psnrs(abs(t[:, 8:16, 8:16] - y), p), "square the differences"),
        "sum": (lambda t, y, p: [-10 * np.log10(squared(t, y)[p == n].sum()) for n in np.unique(p)], "take their mean"),
        "mean of decibels": (
            lambda t, y, p: [(-10 * np.log10(squared(t, y).mean(axis=(1, 2, 3))))[p == n].mean() for n in np.unique(p)],
            "mean of PSNRs",
        ),
        "one number": (lambda t, y, p: -10 * np.log10(squared(t, y).mean()), "hides the one that is wrong"),
        "per tile": (lambda t, y, p: -10 * np.log10(squared(t, y).mean(axis=(1, 2, 3))), "24 numbers, one per tile"),
        "numbers from 0": (
            lambda t, y, p: [-10 * np.log10(squared(t, y)[p == n].mean()) if n in p else 0 for n in range(p.max() + 1)],
            "go through np.unique",
        ),
        "equal and in order": (lambda t, y, p: -10 * np.log10(squared(t, y).reshape(4, -1).mean(axis=1)), "are all its tiles in"),
        "as first seen": (
            lambda t, y, p: match(t, y, p)[::-1],
            "not by rising number",
        ),
        "a picture": (lambda t, y, p: squared(t, y), "one per photo, got an array of shape (24, 8, 8, 3)"),
        "words": (lambda t, y, p: "high", "array of numbers"),
    },
    checks.check_leak: {
        "how many": (lambda p, t: len(leak(p, t)), "1 is how many there are"),
        "whether": (lambda p, t: bool(leak(p, t)), "which photos"),
        "mask": (lambda p, t: [n in leak(p, t) for n in np.unique(p)], "True and False"),
        "tested": (lambda p, t: np.unique(p[t]), "all photos that are tested on"),
        "trained": (lambda p, t: np.unique(p[~t]), "all photos that are trained on"),
        "union": (lambda p, t: set(p), "Those are all photos"),
        "one side": (lambda p, t: set(p[t]) ^ set(p[~t]), "on one side only"),
        "tile by tile": (lambda p, t: p[t & np.isin(p, p[~t])], "name each once"),
        "numbers of tiles": (lambda p, t: np.flatnonzero(t), "no photo's number"),
        "next to each other": (lambda p, t: [p[k] for k in range(1, len(p)) if t[k] > t[k - 1] and p[k] == p[k - 1]], "you miss it"),
        "half at least": (lambda p, t: [n for n in leak(p, t) if 0.25 < t[p == n].mean() < 0.75], "you miss it"),
        "a table": (lambda p, t: np.zeros((2, 2)), "list of photo numbers"),
        "a number more": (lambda p, t: [*leak(p, t), 2] if t[30] and not t[0] else leak(p, t), "Photo 2 is on one side only"),
        "words": (lambda p, t: "20", "array of numbers"),
    },
    checks.check_pairing: {
        "as listed": (lambda a, b: list(zip(a, b)), "in no order"),
        "zip object as listed": (lambda a, b: zip(a, b), "in no order"),
        "sorted only": (lambda a, b: list(zip(sorted(a), sorted(b))), "slides by one"),
        "turned": (lambda a, b: [pair[::-1] for pair in by_stem(a, b)], "compressed name comes first"),
        "everybody with everybody": (lambda a, b: [(x, y) for x in a for y in b], "35 pairs"),
        "twice": (lambda a, b: by_stem(a, b) * 2, "10 pairs"),
        "first letter": (lambda a, b: [(x, y) for x in a for y in b if x[0] == y[0]], "only begin alike"),
        "same beginning": (lambda a, b: [(x, y) for x in a for y in b if y.startswith(x[:-4])], "only begin alike"),
        "same beginning, stripped": (lambda a, b: [(x, y) for x in a for y in b if y.startswith(x.strip(".png"))], "only begin alike"),
        "strip": (lambda a, b: [(x, y) for x in a for y in b if x.strip(".png") == y.split("_")[0]], "removesuffix"),
        "rstrip": (lambda a, b: [(x, y) for x in a for y in b if x.rstrip(".png") == y.split("_")[0]], "removesuffix"),
        "invented": (lambda a, b: [(x, x[:-4] + "_q25.jpg") for x in a], "boat.png has no partner"),
        "get": (lambda a, b: [(x, {y[:-8]: y for y in b}.get(x[:-4])) for x in a], "boat.png has no partner"),
        "dictionary": (lambda a, b: [(x, {y[:-8]: y for y in b}[x[:-4]]) for x in a], "KeyError: 'boat'. boat.png has no partner"),
        "generator": (lambda a, b: ((x, {y[:-8]: y for y in b}[x[:-4]]) for x in a), "KeyError: 'boat'. boat.png has no partner"),
        "index": (lambda a, b: [(x, b[b.index(x[:-4] + "_q25.jpg")]) for x in a], "boat.png has no partner"),
        "stems": (lambda a, b: [(x[:-4], y[:-8]) for x, y in by_stem(a, b)], "keep them whole"),
        "whole stems": (lambda a, b: [(x, y) for x in a for y in b if x[:-4] == y[:-4]], "No pairs at all"),
        "one lost": (lambda a, b: by_stem(a, b)[:-1], "4 right pairs, but 5"),
        "first letter of the next": (lambda a, b: [("ape.png", "cow_q25.jpg")], "ape.png with cow_q25.jpg"),
        "names only": (lambda a, b: sorted(a), "list of pairs"),
        "a number": (lambda a, b: 4, "list of pairs"),
    },
    checks.check_patch: {
        "block alone": (lambda image, r, c: image[8 * r : 8 * r + 8, 8 * c : 8 * c + 8], "block alone"),
        "cut short": (
            lambda image, r, c: image[max(0, 8 * r - 8) : 8 * r + 16, max(0, 8 * c - 8) : 8 * c + 16],
            "in a corner of the photo",
        ),
        "pushed in": (lambda image, r, c: image[max(0, 8 * r - 8) :][:24, max(0, 8 * c - 8) :][:, :24], "pushed inwards"),
        "negative index": (lambda image, r, c: image[8 * r - 8 : 8 * r + 16, 8 * c - 8 : 8 * c + 16], "in a corner of the photo"),
        "one plane": (lambda image, r, c: patch(image, r, c)[..., 0], "(24, 24, 3), got (24, 24)"),
        "colours padded": (
            lambda image, r, c: np.pad(image, 8, mode="edge")[8 * r : 8 * r + 24, 8 * c : 8 * c + 24],
            "colours were padded too",
        ),
        "widths for two axes": (
            lambda image, r, c: np.pad(image, ((8, 8), (8, 8)), mode="edge")[8 * r : 8 * r + 24, 8 * c : 8 * c + 24],
            "each of the three axes",
        ),
        "block padded": (lambda image, r, c: padded(image[8 * r : 8 * r + 8, 8 * c : 8 * c + 8]), "pad the photo first"),
        "block in black": (lambda image, r, c: padded(image[8 * r : 8 * r + 8, 8 * c : 8 * c + 8], "constant"), "pad the photo first"),
        "scaled": (lambda image, r, c: patch(image, r, c) / 255, "scale from 0 to 1"),
        "one pixel low": (lambda image, r, c: patch(image, r, c, 1, 0), "+1 rows and +0 columns"),
        "one pixel left": (lambda image, r, c: patch(image, r, c, 0, -1), "+0 rows and -1 columns"),
        "block at top left": (lambda image, r, c: patch(image, r, c, 8, 8), "+8 rows and +8 columns"),
        "swapped": (lambda image, r, c: patch(image, c, r), "swapped"),
        "transposed": (lambda image, r, c: patch(image, r, c).swapaxes(0, 1), "transposed"),
        "pixels": (lambda image, r, c: padded(image)[r : r + 24, c : c + 24], "count blocks"),
        "black": (lambda image, r, c: patch(image, r, c, mode="constant"), "are black"),
        "reflected": (lambda image, r, c: patch(image, r, c, mode="reflect"), "are mirrored"),
        "symmetric": (lambda image, r, c: patch(image, r, c, mode="symmetric"), "are mirrored"),
        "wrapped": (lambda image, r, c: patch(image, r, c, mode="wrap"), "from the opposite side"),
        "mean": (lambda image, r, c: patch(image, r, c, mode="mean"), "wrong at its edge"),
        "floats": (lambda image, r, c: patch(image, r, c).astype(float), "8 times less"),
        "uint8 wraps": (lambda image, r, c: patch(image, r, c) - np.uint8(128), "should be"),
    },
    checks.check_residual: {
        "uint8": (lambda a, b: a - b, "249"),
        "uint8, then int": (lambda a, b: (a - b).astype(int), "249"),
        "turned": (lambda a, b: residual(b, a), "sign is turned"),
        "absolute": (lambda a, b: abs(residual(a, b)), "sign is gone"),
        "cut off": (lambda a, b: np.maximum(residual(a, b), 0), "cut off"),
        "int8": (lambda a, b: residual(a, b).astype(np.int8), "int8 ends"),
        "scaled": (lambda a, b: residual(a, b) / 255, "0 to 1"),
        "words": (lambda a, b: "ten, minus seven", "array of numbers"),
        "ragged": (lambda a, b: [[1], [2, 3]], "ValueError"),
        "flattened": (lambda a, b: residual(a, b).ravel(), "shape (1, 4), got (4,)"),
        "clean": (lambda a, b: a, "Expected [10, -7"),
    },
    checks.check_split: {
        "by tile": (lambda p, n, s: np.random.default_rng(s).permutation(len(p)) < 16, "on both sides"),
        "last tiles": (lambda p, n, s: np.arange(len(p)) >= 30, "on both sides"),
        "numbers of tiles": (lambda p, n, s: np.flatnonzero(split(p, n, s)), "one True or False per tile"),
        "turned": (lambda p, n, s: ~split(p, n, s), "other way round"),
        "all": (lambda p, n, s: np.full(len(p), True), "3 photos to test on were asked for, you have 8"),
        "none": (lambda p, n, s: np.full(len(p), False), "No photo to test on"),
        "no seed": (lambda p, n, s: split(p, n, None), "two different splits"),
        "isin of a set": (
            lambda p, n, s: np.isin(p, set(np.random.default_rng(s).choice(np.unique(p), n, replace=False).tolist())),
            "nothing in a set",
        ),
        "seed unused": (lambda p, n, s: np.isin(p, np.unique(p)[:n]), "is the seed used"),
        "with replacement": (lambda p, n, s: np.isin(p, np.random.default_rng(s).choice(np.unique(p), n)), "drawn twice"),
        "integers": (lambda p, n, s: np.isin(p, np.unique(p)[np.random.default_rng(s).integers(0, 8, n)]), "drawn twice"),
        "numbers from 0": (lambda p, n, s: np.isin(p, np.random.default_rng(s).permutation(len(set(p)))[:n]), "any number"),
        "lowest numbers": (lambda p, n, s: p < n, "any number"),
        "numbers up to the last": (lambda p, n, s: np.isin(p, np.random.default_rng(s).permutation(p.max() + 1)[:n]), "any number"),
        "each by chance": (lambda p, n, s: np.isin(p, np.unique(p)[np.random.default_rng(s).random(8) < n / 8]), "decide how many"),
        "stops at some seeds": (lambda p, n, s: split(p, n, s if s < 5 else None / s), "TypeError"),
        "as they come": (by_first_seen, "another order"),
    },
}


@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said and "\n" not in said


@pytest.mark.parametrize(
    "check, answer",
    [
        (checks.check_pairing, by_stem),
        (checks.check_pairing, lambda a, b: reversed(by_stem(a, b))),
        (checks.check_pairing, lambda a, b: (pair for pair in by_stem(a, b))),
        (checks.check_pairing, lambda a, b: [(x, x[:-4] + "_q25.jpg") for x in a if x[:-4] + "_q25.jpg" in b]),
        (checks.check_pairing, lambda a, b: [[x, y] for x in a for y in b if x.split(".")[0] == y.split("_")[0]]),
        (checks.check_patch, patch),
        (checks.check_patch, patch_by_index),
        (checks.check_patch, lambda image, r, c: padded(image)[8 * r :][:24, 8 * c :][:, :24]),
        (checks.check_match, match),
        (checks.check_match, lambda t, y, p: {n: value for n, value in zip(np.unique(p), match(t, y, p))}),
        (checks.check_match, lambda t, y, p: (value for value in match(t, y, p))),
        (checks.check_match, lambda t, y, p: 20 * np.log10(1 / np.sqrt(10 ** (-np.array(match(t, y, p)) / 10)))),
        (checks.check_leak, leak),
        (checks.check_leak, lambda p, t: set(p[t]) & set(p[~t])),
        (checks.check_leak, lambda p, t: np.intersect1d(p[t], p[~t])),
        (checks.check_leak, lambda p, t: (n for n in np.unique(p)[::-1] if 0 < t[p == n].mean() < 1)),
        (checks.check_residual, residual),
        (checks.check_residual, lambda a, b: a.astype(np.float32) - b.astype(np.float32)),
        (checks.check_residual, lambda a, b: np.subtract(a, b, dtype=np.int16)),
        (checks.check_split, split),
        (checks.check_split, split_by_loop),
        (checks.check_split, lambda p, n, s: np.isin(p, np.random.default_rng(s).permutation(np.unique(p))[:n])),
    ],
)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)
