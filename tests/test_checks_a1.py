"""Checks of assignment 1: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import numpy as np
import pytest
from check_cases import STUBS, cases
from scipy import fft

from blockcnn_helpers import checks
from blockcnn_helpers.jpeg import DCT, LUMA, ZIGZAG, quantisation_tables


def matrix(n):
    return fft.dct(np.eye(n), axis=0, norm="ortho")


def matrix_by_loops(n):
    rows = []
    for k in range(n):
        row = [np.cos(np.pi * k * (2 * i + 1) / (2 * n)) for i in range(n)]
        length = sum(value**2 for value in row) ** 0.5
        rows.append([value / length for value in row])
    return rows


def waves(n, run=lambda n, i: (2 * i + 1) / (2 * n), scale=lambda w: np.linalg.norm(w, axis=1, keepdims=True)):
    k, i = np.ogrid[:n, :n]
    rows = np.cos(np.pi * k * run(n, i))
    return rows / scale(rows)


def one_too_fast(n):
    k, i = np.mgrid[1 : n + 1, :n]
    return np.sqrt(2 / n) * np.cos(np.pi * k * (2 * i + 1) / (2 * n))


def percent(quality):
    return 5000 // quality if quality < 50 else 200 - 2 * quality


def allowed(quality):
    if quality < 1 or quality > 100:
        raise ValueError("1 to 100")


def table(base, quality):
    allowed(quality)
    return np.minimum(np.maximum((np.array(base, int) * percent(quality) + 50) // 100, 1), 255)


def table_by_loops(base, quality):
    allowed(quality)
    rows = []
    for row in base:
        rows.append([max(1, min(255, (int(step) * percent(quality) + 50) // 100)) for step in row])
    return rows


def refusing(rule):
    def answer(base, quality):
        allowed(quality)
        return rule(base, quality)

    return answer


def returning(thing):
    return lambda base, quality: table(base, quality) if 1 <= quality <= 100 else thing


def asserting(base, quality):
    assert 1 <= quality <= 100
    return table(base, quality)


def zoned(c, t, zone):
    return np.sign(c) * np.floor(np.abs(c) / t + 1 - zone)


def zoned_by_loops(c, t, zone):
    levels = np.zeros(c.shape, int)
    for place in np.ndindex(*c.shape):
        size = abs(c[place]) / t[place[-2:]]
        while size >= zone:
            levels[place] += 1 if c[place] > 0 else -1
            size -= 1
    return levels


def strictly(c, t, zone):
    return np.sign(c) * np.maximum(np.ceil(np.abs(c) / t - zone), 0)


def widened(c, t, zone):
    s = np.abs(c) / t
    return np.where(s >= zone, np.sign(c) * np.maximum(np.floor(s + 0.5), 1), 0)


def codec(plane, t, zone, centre=128, levels_of=zoned, forth=None, back=None, finish=None, cut=None, join=None):
    """A codec, each part of which can be replaced by a wrong one."""
    (h, w), (high, wide) = t.shape, plane.shape
    cut = cut or (lambda p: p.reshape(high // h, h, wide // w, w).swapaxes(1, 2))
    join = join or (lambda b: b.swapaxes(1, 2).reshape(high, wide))
    forth = forth or (lambda b: matrix(h) @ b @ matrix(w).T)
    back = back or (lambda c: matrix(h).T @ c @ matrix(w))
    levels = levels_of(forth(cut(plane) - float(centre)), t, zone)
    return levels, (finish or (lambda p: np.rint(p).clip(0, 255).astype(np.uint8)))(join(back(levels * t)) + 128)


def codec_by_loops(plane, t, zone):
    (h, w), (high, wide) = t.shape, plane.shape
    levels = np.zeros((high // h, wide // w, h, w))
    picture = np.zeros(plane.shape, np.uint8)
    for r in range(high // h):
        for c in range(wide // w):
            block = np.array(plane[r * h : (r + 1) * h, c * w : (c + 1) * w], float) - 128
            coefficients = np.zeros((h, w))
            for v in range(h):
                for u in range(w):
                    coefficients[v, u] = (np.outer(matrix(h)[v], matrix(w)[u]) * block).sum()
            levels[r, c] = zoned_by_loops(coefficients, t, zone)
            pixels = sum(levels[r, c, v, u] * t[v, u] * np.outer(matrix(h)[v], matrix(w)[u]) for v in range(h) for u in range(w))
            picture[r * h : (r + 1) * h, c * w : (c + 1) * w] = np.clip(np.round(pixels + 128), 0, 255)
    return levels, picture


def changed(**parts):
    return lambda plane, t, zone: codec(plane, t, zone, **parts)


def in_uint8(plane, t, zone):
    centred = plane - 128
    return codec(centred.astype(float), t, zone, centre=0)


def rebuilt(plane, t, zone):
    levels, picture = codec(plane, t, zone)
    return levels * t, picture


def one_matrix(plane, t, zone):
    n = len(t)
    return codec(plane, t, zone, forth=lambda b: matrix(n) @ b @ matrix(n).T, back=lambda c: matrix(n).T @ c @ matrix(n))


def square_cut(plane, t, zone):
    n = t.shape[0]
    return codec(plane, t, zone, cut=lambda p: p.reshape(p.shape[0] // n, n, p.shape[1] // n, n).swapaxes(1, 2))


def sides_swapped(plane, t, zone):
    return codec(plane, t.T, zone)


def turned_round(plane, t, zone):
    levels, picture = codec(plane.T, t.T, zone)
    return levels.transpose(1, 0, 2, 3), picture.T


def as_runs(plane, t, zone):
    shape = (plane.shape[0] // t.shape[0], plane.shape[1] // t.shape[1], *t.shape)
    return codec(plane, t, zone, cut=lambda p: p.reshape(shape), join=lambda b: b.reshape(plane.shape))


def piled_up(plane, t, zone):
    return codec(plane, t, zone, join=lambda b: b.reshape(plane.shape))


def zigzag(n):
    return sorted(np.ndindex(n, n), key=lambda place: (sum(place), place[1 - sum(place) % 2]))


def zigzag_by_walking(n):
    walk, v, u = [], 0, 0
    for _ in range(n * n):
        walk.append((v, u))
        if (v + u) % 2 == 0:
            if u == n - 1:
                v += 1
            elif v == 0:
                u += 1
            else:
                v, u = v - 1, u + 1
        elif v == n - 1:
            u += 1
        elif u == 0:
            v += 1
        else:
            v, u = v + 1, u - 1
    return walk


def half_turned(n):
    """Turn round in the first half of the walk only."""
    return sorted(np.ndindex(n, n), key=lambda p: (sum(p), p[1 - sum(p) % 2] if sum(p) < n else p[0]))


def pairs(line, longest=16, mark=(15, 0), end=(0, 0), trailing=False, always=False, anew=True, signed=True):
    """The pairs of a line; each argument is a way to get them wrong."""
    found, zeros = [], 0
    for level in line:
        if level == 0:
            zeros += 1
            continue
        while zeros >= longest:
            found.append(mark)
            zeros -= longest
        found.append((zeros, int(level) if signed else abs(int(level))))
        zeros = 0 if anew else zeros
    while trailing and zeros >= 16:
        found.append(mark)
        zeros -= 16
    return found + [end] * (always or zeros > 0) if end else found


def pairs_by_places(line):
    line = np.asarray(line)
    places = np.flatnonzero(line)
    found = []
    for gap, level in zip(np.diff(places, prepend=-1) - 1, line[places]):
        found.extend([(15, 0)] * (gap // 16))
        found.append((gap % 16, level))
    if len(places) == 0 or places[-1] < len(line) - 1:
        found.append((0, 0))
    return found


def told_zeros(line):
    """End the block by the number of zeros that are left."""
    found = pairs(line)
    left = len(line) - 1 - max(np.flatnonzero(line), default=-1)
    return [*found[:-1], (left, 0)] if left else found


WRONG = {
    checks.check_cosines: {
        "eight for any n": (lambda n: DCT, "For n = 4 expected shape (4, 4), got (8, 8)"),
        "transposed": (lambda n: matrix(n).T, "swapped"),
        "no scale": (lambda n: waves(n, scale=lambda w: 1), "scale is missing"),
        "one scale, of the waves": (lambda n: waves(n, scale=lambda w: np.sqrt(n / 2)), "Row 0 is too long"),
        "one scale, of row 0": (lambda n: waves(n, scale=lambda w: np.sqrt(n)), "One scale for all rows"),
        "length without a root": (lambda n: waves(n, scale=lambda w: (w**2).sum(axis=1, keepdims=True)), "divided by twice"),
        "edges of the pixels": (lambda n: waves(n, run=lambda n, i: i / n), "left edge"),
        "whole waves": (lambda n: waves(n, run=lambda n, i: (2 * i + 1) / n), "twice as fast"),
        "16 left over": (lambda n: waves(n, run=lambda n, i: (2 * i + 1) / 16), "counts 16"),
        "scale of eight": (lambda n: waves(n, scale=lambda w: np.array([[8**0.5]] + [[2.0]] * (n - 1))), "add up to 0.500"),
        "k from 1": (one_too_fast, "begins at 1"),
        "flattened": (lambda n: matrix(n).ravel(), "got (64,)"),
        "rounded": (lambda n: matrix(n).round(2), "add up to"),
        "a minus sign": (lambda n: -matrix(n), "entry [0, 0] should be"),
    },
    checks.check_table: {
        "not rounded": (lambda b, q: b * percent(q) / 100, "not rounded yet"),
        "clipped, not rounded": (lambda b, q: (b * percent(q) / 100).clip(1, 255), "Not rounded yet, but clipped"),
        "not clipped": (lambda b, q: (b * percent(q) + 50) // 100, "Not clipped"),
        "clipped at 0": (lambda b, q: ((b * percent(q) + 50) // 100).clip(0, 255), "1 is the smallest"),
        "cut off": (lambda b, q: (b * percent(q) // 100).clip(1, 255), "fraction of the step was cut off"),
        "to even": (lambda b, q: np.rint(b * percent(q) / 100).clip(1, 255), "even neighbour"),
        "up": (lambda b, q: np.ceil(b * percent(q) / 100).clip(1, 255), "Rounded up always"),
        "5000 / q": (
            lambda b, q: ((b * (5000 / q if q < 50 else 200 - 2 * q) / 100 + 0.5) // 1).clip(1, 255),
            "scale's fraction was kept",
        ),
        "rules swapped": (
            lambda b, q: ((b * (200 - 2 * q if q < 50 else 5000 // q) + 50) // 100).clip(1, 255),
            "Below 50 there is another rule",
        ),
        "first rule only": (lambda b, q: ((b * (5000 // q) + 50) // 100).clip(1, 255), "from 50 on there is another rule"),
        "second rule only": (lambda b, q: ((b * (200 - 2 * q) + 50) // 100).clip(1, 255), "Below 50 there is another rule"),
        "not divided": (lambda b, q: (b * percent(q)).clip(1, 255), "divide by 100"),
        "the standard's": (lambda b, q: quantisation_tables(q)[0], "of shape (2, 3)"),
        "the standard's, cut": (lambda b, q: np.resize(quantisation_tables(q)[0], b.shape), "scale the base that is handed in"),
        "the base": (lambda b, q: b, "as it was"),
        "one more": (lambda b, q: table(b, q) + 1, "makes 2 of a base step of 1; yours is 3"),
    },
    checks.check_table_limits: {
        "no error": (lambda b, q: table(b, min(max(q, 1), 100)), "Quality 0 does not exist"),
        "101 forgotten": (lambda b, q: table(b, q) if 0 < q < 101 else table(b, q) if q < 1 else table(b, 100), "Quality 101"),
        "nothing instead": (returning(None), "returns nothing, for quality 0"),
        "a text": (returning("1 to 100"), "a text came back"),
        "returned": (returning(ValueError("no")), "raise it"),
        "assert": (asserting, "AssertionError"),
        "a string raised": (lambda b, q: table(b, q) if 1 <= q <= 100 else [][1], "IndexError"),
        "100 refused": (lambda b, q: table(b, q if q < 100 else 101), "Quality 100 is allowed"),
        "1 refused": (lambda b, q: table(b, q if q > 1 else 0), "Quality 1 is allowed"),
        "not clipped below": (refusing(lambda b, q: ((b.astype(int) * percent(q) + 50) // 100).clip(0, 255)), "yours are 0"),
        "not clipped above": (refusing(lambda b, q: np.maximum((b.astype(int) * percent(q) + 50) // 100, 1)), "largest step is"),
        "uint8": (refusing(lambda b, q: ((b * np.array(percent(q), b.dtype) + 50) // 100).clip(1, 255)), "wrap round"),
        "uint8 that overflows": (refusing(lambda b, q: ((b * percent(q) + 50) // 100).clip(1, 255)), "uint8"),
        "as long as the base": (refusing(lambda b, q: table(b, q)[0]), "gives a table of that shape"),
        "one percent off": (refusing(lambda b, q: table(b, q) + (q == 100)), "At quality 100 the first row should be"),
    },
    checks.check_dead_zone: {
        "strict": (strictly, "met exactly"),
        "no sign": (lambda c, t, z: np.abs(zoned(c, t, z)), "signs are lost"),
        "rebuilt": (lambda c, t, z: zoned(c, t, z) * t, "Rebuilt"),
        "nearest": (lambda c, t, z: zoned(c, t, 0.5), "the zone has not been used"),
        "np.rint": (lambda c, t, z: np.rint(c / t), "even neighbour"),
        "zero only": (widened, "Only the zone around zero"),
        "cut off": (lambda c, t, z: (c / t).astype(int), "whatever the zone"),
        "floor": (lambda c, t, z: np.floor(c / t + 1 - z), "Floor goes down"),
        "turned": (lambda c, t, z: np.sign(c) * np.floor(np.abs(c) / t + z), "wrong way round"),
        "not in steps": (lambda c, t, z: np.sign(c) * (np.floor((np.abs(c) - z) / t) + 1), "divide first"),
        "not rounded": (lambda c, t, z: c / t, "Divided, not rounded"),
        "multiplied": (lambda c, t, z: zoned(c * t * t, t, z), "steps with zone 0.5 are level"),
        "first block": (lambda c, t, z: zoned(c, t, z).reshape(-1, *t.shape)[0], "of shape (2, 3, 4, 6)"),
    },
    checks.check_codec: {
        "parts still empty": (changed(levels_of=lambda *given: STUBS["stub"][0]()), "a function that it calls"),
        "levels only": (lambda *given: codec(*given)[0], "Two things"),
        "texts": (lambda *given: ("levels", "picture"), "arrays of numbers"),
        "swapped": (lambda *given: codec(*given)[::-1], "are swapped"),
        "levels as a plane": (lambda p, t, z: (p, codec(p, t, z)[1]), "levels of a 16x24 plane have shape (2, 3, 8, 8)"),
        "picture in blocks": (changed(join=lambda b: b), "should have the plane's shape"),
        "not centred": (changed(centre=0), "subtract 128 from the pixels"),
        "centred late": (changed(centre=0, levels_of=lambda c, t, z: zoned(c - 128, t, z)), "subtracted from the coefficients"),
        "uint8": (in_uint8, "subtracted in uint8"),
        "zone forgotten": (changed(levels_of=lambda c, t, z: zoned(c, t, 0.5)), "hand the zone on"),
        "columns": (changed(forth=lambda b: matrix(b.shape[2]) @ b), "only the columns"),
        "rows": (changed(forth=lambda b: b @ matrix(b.shape[3]).T), "only the rows"),
        "pixels": (changed(forth=lambda b: b), "cosines come first"),
        "not quantised": (changed(levels_of=lambda c, t, z: c), "coefficients, not levels"),
        "rebuilt": (rebuilt, "hand back the levels"),
        "runs": (as_runs, "runs of pixels"),
        "transpose missing": (changed(forth=lambda b: matrix(len(b[0, 0])) @ b @ matrix(len(b[0, 0]))), "a transpose is missing"),
        "back to front": (changed(forth=lambda b: matrix(len(b[0, 0])).T @ b @ matrix(len(b[0, 0]))), "that is the way back"),
        "blocks transposed": (changed(forth=lambda b: (matrix(len(b[0, 0])) @ b @ matrix(len(b[0, 0])).T).swapaxes(2, 3)), "transposed"),
        "off by one": (lambda *given: (codec(*given)[0] + 1, codec(*given)[1]), "steps before rounding"),
        "not rounded": (changed(finish=lambda p: p.clip(0, 255)), "not rounded to whole"),
        "neither": (changed(finish=lambda p: p), "neither rounded nor clipped"),
        "not clipped": (changed(finish=np.rint), "it is not clipped"),
        "wrapped": (changed(finish=lambda p: np.rint(p).astype(int).astype(np.uint8)), "clip before you change"),
        "cut off": (changed(finish=lambda p: p.clip(0, 255).astype(np.uint8)), "round first"),
        "128 forgotten": (changed(finish=lambda p: np.rint(p - 128).clip(0, 255)), "128 was not added"),
        "there again": (changed(back=lambda c: matrix(len(c[0, 0])) @ c @ matrix(len(c[0, 0])).T), "way there again"),
        "piled up": (piled_up, "not in their places"),
        "steps forgotten": (changed(back=lambda c: 0 * c), "but pixel"),
    },
    checks.check_oblong: {
        "parts still empty": (changed(levels_of=lambda *given: STUBS["stub"][0]()), "a function that it calls"),
        "one matrix": (one_matrix, "cosines and cuts of its own"),
        "square blocks": (square_cut, "rows length 8"),
        "sides swapped": (sides_swapped, "2x8, levels of a 8x24 plane have shape (4, 3, 2, 8)"),
        "runs": (as_runs, "runs of pixels"),
        "piled up": (piled_up, "not in their places"),
        "columns": (changed(forth=lambda b: matrix(b.shape[2]) @ b), "only the columns"),
        "zone forgotten": (changed(levels_of=lambda c, t, z: zoned(c, t, 0.5)), "hand the zone on"),
        "turned": (turned_round, "have shape (4, 3, 2, 8)"),
        "one step": (changed(levels_of=lambda c, t, z: zoned(c, t[:1, :1], z)), "steps before rounding"),
    },
    checks.check_zigzag: {
        "eight for any n": (lambda n: ZIGZAG, "For n = 4 expected 16 pairs"),
        "row by row": (lambda n: [(v, u) for v in range(n) for u in range(n)], "as one reads"),
        "column by column": (lambda n: [(v, u) for u in range(n) for v in range(n)], "column by column"),
        "mirrored": (lambda n: [(u, v) for v, u in zigzag(n)], "mirrored"),
        "down each time": (lambda n: sorted(np.ndindex(n, n), key=lambda p: (sum(p), p)), "same direction, down"),
        "up each time": (lambda n: sorted(np.ndindex(n, n), key=lambda p: (sum(p), p[1])), "same direction, up"),
        "backwards": (lambda n: zigzag(n)[::-1], "runs backwards"),
        "snake": (lambda n: [(v, u if v % 2 == 0 else n - 1 - u) for v in range(n) for u in range(n)], "an earlier diagonal"),
        "a table": (lambda n: np.arange(n * n).reshape(n, n), "A table came back"),
        "two lines": (lambda n: np.transpose(zigzag(n)), "two lines"),
        "cut from eight": (lambda n: [p for p in ZIGZAG.tolist() if max(p) < n], "For n = 10 expected 100 pairs"),
        "upper half": (lambda n: [p for p in zigzag(n) if sum(p) < n], "expected 16 pairs"),
        "twice": (lambda n: zigzag(n)[:-1] + [(0, 0)], "[3, 3] never does"),
        "turned in one half": (half_turned, "jumps from"),
    },
    checks.check_runs: {
        "swapped": (lambda line: [pair[::-1] for pair in pairs(line)], "the zeros come first"),
        "no end": (lambda line: pairs(line, end=None), "is missing"),
        "zeros told at the end": (told_zeros, "it ends in (2, 0)"),
        "each number": (lambda line: [(0, level) for level in line], "every number has a pair"),
        "count goes on": (lambda line: pairs(line, anew=False), "starts anew"),
        "no signs": (lambda line: pairs(line, signed=False), "signs are lost"),
        "levels only": (lambda line: [level for level in line if level], "Expected a list of pairs"),
        "triples": (lambda line: [(*pair, 1) for pair in pairs(line)], "should be a pair"),
        "last one lost": (lambda line: [*pairs(line)[:-2], (0, 0)], "should each have a pair"),
        "zeros behind it": (lambda line: pairs(line[::-1])[::-1], "pair 0 should be"),
        "empty list": (lambda line: [], "no pair came back"),
    },
    checks.check_long_runs: {
        "always an end": (lambda line: pairs(line, always=True), "no (0, 0)"),
        "no limit": (lambda line: pairs(line, longest=99), "skips more than 15"),
        "(16, 0)": (lambda line: pairs(line, mark=(16, 0)), "four bits"),
        "one mark for each 15": (lambda line: pairs(line, longest=15), "it stands for 16 zeros"),
        "one mark for all": (lambda line: [(zeros % 16, level) for zeros, level in pairs(line, longest=99)], "expected 1: once for each"),
        "marks at the end": (lambda line: pairs(line, trailing=True), "stands for all of them"),
        "nothing for zeros": (lambda line: pairs(line) if any(line) else [], "no pair came back"),
        "no end": (lambda line: pairs(line, end=None), "is missing"),
        "zeros told at the end": (told_zeros, "however many"),
        "the end as a mark": (lambda line: pairs(line, mark=(0, 0)), "(15, 0) comes 0 times"),
    },
}
RIGHT = [(checks.check_cosines, answer) for answer in (matrix, matrix_by_loops, waves)]
RIGHT += [(check, answer) for check in (checks.check_table, checks.check_table_limits) for answer in (table, table_by_loops)]
RIGHT += [(checks.check_dead_zone, answer) for answer in (zoned, zoned_by_loops)]
RIGHT += [(check, answer) for check in (checks.check_codec, checks.check_oblong) for answer in (codec, codec_by_loops)]
RIGHT += [(checks.check_zigzag, answer) for answer in (zigzag, zigzag_by_walking)]
RIGHT += [(check, answer) for check in (checks.check_runs, checks.check_long_runs) for answer in (pairs, pairs_by_places)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said


@pytest.mark.parametrize("check, answer", RIGHT, ids=lambda part: part.__name__)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=[check.__name__ for check in WRONG])
def test_no_two_mistakes_share_a_wording_by_accident(wrong):
    assert len({hint for _, hint in wrong.values()}) >= max(5, 0.8 * len(wrong))


@pytest.mark.parametrize("n", [1, 2, 7, 8, 31])
def test_cosines_by_fourier_are_scipy_s(n):
    from blockcnn_helpers.checks_a1 import fourier_cosines

    assert np.allclose(fourier_cosines(n), matrix(n))


@pytest.mark.parametrize("quality", [1, 24, 50, 83, 100])
def test_tables_are_libjpeg_s(quality):
    assert np.array_equal(table(LUMA, quality), quantisation_tables(quality)[0])
