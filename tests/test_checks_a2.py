"""Checks of assignment 2: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import itertools
import math

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers import checks, metrics


def own_mse(original, image):
    return np.mean((original.astype(float) - image) ** 2)


def set_psnr(originals, images):
    total = values = lossless = 0
    decibels = []
    for original, image in zip(originals, images):
        squares = np.square(original.astype(float) - image)
        total, values = total + squares.sum(), values + squares.size
        if squares.any():
            decibels.append(10 * math.log10(255**2 / squares.mean()))
        else:
            lossless += 1
    if not total:
        return math.inf, math.inf, lossless
    return sum(decibels) / len(decibels), 10 * math.log10(255**2 * values / total), lossless


def set_psnr_at_once(originals, images):
    errors = np.concatenate([np.square(a.astype(float) - b).ravel() for a, b in zip(originals, images)])
    levels = np.array([metrics.psnr(a, b) for a, b in zip(originals, images)])
    lossy = np.isfinite(levels)
    return [levels[lossy].mean() if lossy.any() else np.inf, metrics.decibels(errors.mean()), (~lossy).sum()]


def parts(originals, images):
    errors = np.array([own_mse(*pair) for pair in zip(originals, images)])
    with np.errstate(divide="ignore"):
        levels = 10 * np.log10(255**2 / errors)
    return errors, levels, np.array([image.size for image in images]), np.isfinite(levels)


def pooled(errors, sizes):
    return metrics.decibels(np.average(errors, weights=sizes))


def changed_set(mean=None, pool=None, count=None):
    """A right answer with one of its three numbers computed otherwise, from (errors, levels, sizes, lossy)."""

    def answer(originals, images):
        right, found = set_psnr_at_once(originals, images), parts(originals, images)
        return [function(*found) if function else value for function, value in zip((mean, pool, count), right)]

    return answer


def blocking(plane, size):
    """By loops over pixels."""
    plane, sums, counts = [[float(value) for value in line] for line in plane], [0.0, 0.0], [0, 0]
    height, width = len(plane), len(plane[0])
    for y in range(height):
        for x in range(width):
            for row, column, at in ((y + 1, x, y + 1), (y, x + 1, x + 1)):
                if row < height and column < width:
                    sums[at % size == 0] += (plane[row][column] - plane[y][x]) ** 2
                    counts[at % size == 0] += 1
    if not counts[True]:
        return 0
    excess = sums[True] / counts[True] - sums[False] / counts[False]
    return excess * math.log(size, min(height, width)) if excess > 0 else 0


def steps(plane, size, late=0):
    pairs = [np.diff(plane, axis=0), np.diff(plane, axis=1).T]
    marks = [(np.arange(1, len(part) + 1) - late) % size == 0 for part in pairs]
    return [np.concatenate([part[mark == at].ravel() for part, mark in zip(pairs, marks)]) for at in (True, False)]


def blocking_at_once(plane, size, eta=None, form=np.square, late=0, least=0.0, convert=float):
    border, inside = (form(part).astype(float) for part in steps(plane.astype(convert) if convert else plane, size, late))
    if not border.size:
        return 0.0
    eta = np.log2(size) / np.log2(min(plane.shape)) if eta is None else eta(size, *plane.shape)
    return max(least, eta * (border.mean() - inside.mean()))


def changed(**mistake):
    return lambda plane, size: blocking_at_once(plane, size, **mistake)


def one_way(axis):
    def answer(plane, size):
        squares = np.diff(plane.astype(float), axis=axis) ** 2
        squares = squares.T if axis else squares
        border = squares[size - 1 :: size]
        if not border.size:
            return 0.0
        inside = np.delete(squares, np.s_[size - 1 :: size], axis=0)
        return max(0.0, np.log(size) / np.log(min(plane.shape)) * (border.mean() - inside.mean()))

    return answer


def each_way(plane, size):
    squares = [np.diff(plane.astype(float), axis=0) ** 2, np.diff(plane.astype(float), axis=1).T ** 2]
    excess = [s[size - 1 :: size].mean() - np.delete(s, np.s_[size - 1 :: size], axis=0).mean() for s in squares]
    return max(0.0, np.log(size) / np.log(min(plane.shape)) * np.mean(excess))


def everything_inside(plane, size):
    border, inside = (part**2 for part in steps(plane.astype(float), size))
    every = np.concatenate([border, inside]).mean()
    return max(0.0, np.log(size) / np.log(min(plane.shape)) * (border.mean() - every)) if border.size else 0.0


def no_care(plane, size):
    border, inside = (part**2 for part in steps(plane.astype(float), size))
    return np.maximum(0.0, np.log(size) / np.log(min(plane.shape)) * (border.mean() - inside.mean()))


def whole_blocks(plane, size):
    return blocking_at_once(plane[: len(plane) // size * size, : plane.shape[1] // size * size], size)


def sums(plane, size):
    border, inside = (part**2 for part in steps(plane.astype(float), size))
    return max(0.0, np.log(size) / np.log(min(plane.shape)) * (border.sum() - inside.sum()))


def no_sign(plane, size):
    return abs(blocking_at_once(plane, size, least=-np.inf))


def grid(plane, clear, sides=(0, 2), tied=False, late=2, never=False, against=-2, either=False, signed=False, raw=False, squares=False):
    found, sharp = [], []
    for lines in (plane, plane.T):
        jump = np.diff(lines if raw else lines.astype(int), axis=0)
        jump = jump if signed else abs(jump)
        count = len(jump) - 2
        others = [jump[side : side + count] for side in sides]
        larger = np.ones(jump[1:-1].shape, bool)
        for other in others:
            larger &= jump[1:-1] >= other if tied else jump[1:-1] > other
        share = [(jump[1:-1].astype(float) ** 2 if squares else larger)[(place - late) % 8 :: 8].mean() for place in range(8)]
        found.append(int(np.argmax(share)))
        rest = sorted(share)[:-1]
        sharp.append(max(share) > clear * (np.mean(rest) if against is None else rest[against + 1]))
    return tuple(found) if never or (any(sharp) if either else all(sharp)) else None


def grid_by_loops(plane, clear):
    plane, place = plane.tolist(), []
    for lines in (list(zip(*plane)), plane):  # each line runs across borders of rows, then of columns
        votes, yes = [0] * 8, [0] * 8
        for line in lines:
            jump = [abs(b - a) for a, b in itertools.pairwise(line)]
            for k in range(1, len(jump) - 1):
                votes[(k + 1) % 8] += 1
                yes[(k + 1) % 8] += jump[k] > jump[k - 1] and jump[k] > jump[k + 1]
        share = [a / b for a, b in zip(yes, votes)]
        first, second = sorted(share, reverse=True)[:2]
        if first <= clear * second:
            return None
        place.append(share.index(first))
    return place


def changed_grid(**mistake):
    return lambda plane, clear: grid(plane, clear, **mistake)


def then(change):
    """A right answer, changed where a grid was found."""

    def answer(plane, clear):
        found = grid(plane, clear)
        return found and change(*found)

    return answer


def collect(rows, first=False):
    values = {}
    for row in rows:
        own, case = values.setdefault(row["method"], {}), (row["image"], row["quality"])
        if not (first and case in own):
            own[case] = row["psnr"]
    return {method: {case: value for case, value in own.items() if value is not None} for method, own in values.items()}


def fair_table(rows):
    values = collect(rows)
    shared = set.intersection(*map(set, values.values()))
    lines = [(name, [own[case] for case in shared], [own[case] - values["JPEG"][case] for case in shared]) for name, own in values.items()]
    lines = [(name, np.mean(levels), np.mean(gains)) for name, levels, gains in lines] if shared else []
    return sorted(lines, key=lambda line: -line[2] if line[0] != "JPEG" else -math.inf)


def fair_table_by_loops(rows):
    methods, cases = [], []
    for row in rows:
        if row["method"] not in methods:
            methods.append(row["method"])
        if (row["image"], row["quality"]) not in cases:
            cases.append((row["image"], row["quality"]))
    columns = {method: [] for method in methods}
    for image, quality in cases:
        values = {}
        for row in rows:
            if row["image"] == image and row["quality"] == quality:
                values[row["method"]] = row["psnr"]
        if len(values) == len(methods) and None not in values.values():
            for method in methods:
                columns[method].append(values[method])
    if not columns["JPEG"]:
        return []
    base = sum(columns["JPEG"]) / len(columns["JPEG"])
    table = [[method, sum(values) / len(values), sum(values) / len(values) - base] for method, values in columns.items()]
    table.sort(key=lambda line: line[2], reverse=True)
    return [line for line in table if line[0] == "JPEG"] + [line for line in table if line[0] != "JPEG"]


def loose_table(rows, pairs=False, collected=collect, key=None, shift=lambda mean, base: mean - base):
    values = collected([row | {"quality": 0} if key == "image" else row | {"image": ""} if key == "quality" else row for row in rows])
    shared = set.intersection(*map(set, values.values()))
    lines = []
    for name, own in values.items():
        cases = set(own) & set(values["JPEG"]) if pairs else shared
        if cases:
            mean, base = (np.mean([side[case] for case in cases]) for side in (own, values["JPEG"]))
            lines.append((name, mean, shift(mean, base)))
    return sorted(lines, key=lambda line: (line[0] != "JPEG", -line[2]))


def careless_table(rows):
    values = {name: np.mean(list(own.values())) for name, own in collect(rows).items()}
    lines = [(name, value, value - values["JPEG"]) for name, value in values.items()]
    return sorted(lines, key=lambda line: (line[0] != "JPEG", -line[2]))


def none_as_zero(rows):
    return fair_table([row | {"psnr": row["psnr"] or 0.0} for row in rows])


def none_ignored(rows):
    return fair_table([row for row in rows if row["psnr"] is not None])


def means_of_rows(rows):
    values = {}
    for row in rows:
        values.setdefault(row["method"], []).append(row["psnr"])
    return [(method, np.mean(own), 0.0) for method, own in values.items()]


def settled(first, second, picks):
    names = [name for name in first if name in second]
    means = []
    for pick in picks:
        means.append(sum(first[names[place]] - second[names[place]] for place in pick) / len(pick))
    low, high = np.quantile(means, 0.025), np.quantile(means, 0.975)
    if low > 0:
        return low, high, "first"
    return low, high, "open" if high >= 0 else "second"


def settled_at_once(first, second, picks, at=(2.5, 97.5), axis=1, average=np.mean, order=list):
    shared = order(name for name in first if name in second)
    means = average(np.array([first[name] - second[name] for name in shared])[picks], axis=axis)
    low, high = np.percentile(means, at)
    return [low, high, {(True, True): "first", (False, False): "second"}.get((low > 0, high >= 0), "open")]


def changed_interval(**mistake):
    return lambda *given: settled_at_once(*given, **mistake)


def by_position(first, second, picks):
    return settled_at_once(first, dict(zip(first, second.values())), picks)


def spread_of_photos(first, second, picks):
    differences = [first[name] - second[name] for name in first if name in second]
    return *np.percentile(differences, [2.5, 97.5]), "open"


def two_errors(first, second, picks):
    differences = np.array([first[name] - second[name] for name in first if name in second])
    error = 2 * differences.std(ddof=1) / len(differences) ** 0.5
    return differences.mean() - error, differences.mean() + error, "open"


def not_paired(first, second, picks):
    names = [name for name in first if name in second]
    one, two = (np.array([side[name] for name in names]) for side in (first, second))
    return *np.percentile(one[picks].mean(axis=1) - two[picks[::-1]].mean(axis=1), [2.5, 97.5]), "open"


def judged(verdict):
    def answer(*given):
        low, high, _ = settled_at_once(*given)
        return low, high, verdict(low, high)

    return answer


def backwards(first, second, picks):
    return settled_at_once({name: second[name] for name in first if name in second}, first, picks)


WRONG = {
    checks.check_set_psnr: {
        "one number": (lambda a, b: set_psnr(a, b)[0], "Expected 3 numbers"),
        "two numbers": (lambda a, b: set_psnr(a, b)[:2], "got 2"),
        "lossless kept": (changed_set(mean=lambda e, levels, s, ok: levels.mean()), "makes the mean of the PSNRs infinite"),
        "divided by all": (
            changed_set(mean=lambda e, levels, s, ok: levels[ok].sum() / len(e) if ok.any() else np.inf),
            "still divide by all",
        ),
        "exchanged": (lambda a, b: [set_psnr(a, b)[k] for k in (1, 0, 2)], "mean of the PSNRs comes first"),
        "sum": (changed_set(mean=lambda e, levels, s, ok: levels[ok].sum()), "sum of the PSNRs"),
        "median": (changed_set(mean=lambda e, levels, s, ok: np.median(levels)), "median"),
        "weighted mean": (changed_set(mean=lambda e, levels, s, ok: np.average(levels, weights=s)), "each picture counts the same"),
        "uint8": (
            lambda a, b: (np.mean([10 * np.log10(255**2 / np.mean((x - y).astype(float) ** 2)) for x, y in zip(a, b)]), 0, 0),
            "5 − 7 is 254",
        ),
        "as if of one size": (changed_set(pool=lambda errors, lv, s, ok: metrics.decibels(errors.mean())), "as if all were of one size"),
        "mean of PSNRs as pool": (changed_set(pool=lambda e, levels, s, ok: levels[ok].mean()), "squared errors first"),
        "pool without lossless": (
            changed_set(pool=lambda e, lv, s, ok: pooled(e[ok], s[ok]) if ok.any() else np.inf),
            "have left your pool",
        ),
        "pool as MSE": (changed_set(pool=lambda e, lv, s, ok: np.average(e, weights=s)), "make decibels"),
        "pool as a sum": (changed_set(pool=lambda e, lv, s, ok: metrics.decibels(e @ s)), "added up"),
        "count of the others": (changed_set(count=lambda e, lv, s, ok: ok.sum()), "left out"),
        "never counted": (changed_set(count=lambda e, lv, s, ok: 0), "1 of 4 pictures"),
        "nan without errors": (changed_set(mean=lambda e, levels, s, ok: levels[ok].mean()), "expected (inf, inf, 4)"),
        "a hundred for infinity": (changed_set(mean=lambda e, levels, s, ok: levels.clip(0, 100).mean()), "yours is"),
    },
    checks.check_blocking: {
        "absolute": (changed(form=np.abs), "squared, not only"),
        "downwards": (one_way(0), "Only steps downwards"),
        "to the right": (one_way(1), "Only steps to the right"),
        "each direction": (each_way, "each direction"),
        "no weight": (changed(eta=lambda *_: 1.0), "weight η is missing"),
        "longer side": (changed(eta=lambda b, h, w: np.log(b) / np.log(max(h, w))), "be it the height"),
        "height": (changed(eta=lambda b, h, w: np.log(b) / np.log(h)), "be it the height"),
        "width": (changed(eta=lambda b, h, w: np.log(b) / np.log(w)), "be it the height"),
        "upside down": (changed(eta=lambda b, h, w: np.log(min(h, w)) / np.log(b)), "upside down"),
        "no logarithms": (changed(eta=lambda b, h, w: b / min(h, w)), "Logarithms"),
        "always 8": (changed(eta=lambda b, h, w: np.log(8) / np.log(min(h, w))), "blocks of 8: take the size"),
        "blocks of 8": (lambda plane, size: blocking_at_once(plane, 8), "the factor is"),
        "everything inside": (everything_inside, "all *other* steps"),
        "too late": (changed(late=1), "too late"),
        "too early": (changed(late=-1), "too early"),
        "uint8": (changed(convert=None), "5 − 7 is 254"),
        "uint8, float after": (changed(convert=None, form=lambda part: np.square(part.astype(float))), "5 − 7 is 254"),
        "sums": (sums, "is each D a mean"),
        "whole blocks": (whole_blocks, "cut the plane to whole blocks"),
        "below zero": (changed(least=-np.inf), "Below zero"),
        "no sign": (no_sign, "without its sign"),
        "no border": (no_care, "lacks borders"),
        "array": (lambda plane, size: np.array([blocking(plane, size)]), "shape (1,)"),
        "package, 8 only": (
            lambda plane, size: metrics.blocking(np.rint(plane).astype(np.uint8)[..., None].repeat(3, -1)),
            "is each D a mean",
        ),
    },
    checks.check_grid: {
        "exchanged": (then(lambda y, x: (x, y)), "exchanged"),
        "what was lost": (then(lambda y, x: (-y % 8, -x % 8)), "first *whole* block"),
        "a block too far": (then(lambda y, x: (y + 8, x)), "0…7"),
        "one too low": (changed_grid(late=1), "one too low"),
        "two too low": (changed_grid(late=0), "two too low"),
        "one too high": (changed_grid(late=3), "one too high"),
        "squared steps": (changed_grid(squares=True, never=True), "don't add them up"),
        "before only": (changed_grid(sides=(0,)), "Larger than *both*"),
        "after only": (changed_grid(sides=(2,)), "*both*"),
        "equal counts": (changed_grid(tied=True), "Equal is not larger"),
        "signed": (changed_grid(signed=True), "absolute values"),
        "uint8": (changed_grid(raw=True), "5 − 7 is 254"),
        "never None": (changed_grid(never=True), "Some place is always"),
        "always None": (lambda plane, clear: "", "Expected a pair"),
        "one direction is enough": (changed_grid(either=True), "Rows *and* columns"),
        "mean of the others": (changed_grid(against=None), "mean of the others"),
        "smallest": (changed_grid(against=-7), "not with the smallest"),
        "clear forgotten": (lambda plane, clear: grid(plane, 1.1), "the `clear` that is handed in"),
        "flat": (lambda plane, clear: grid(plane, clear) if np.ptp(plane) else (0, 0), "In a flat plane"),
        "one number": (then(lambda y, x: y), "TypeError"),
        "picture": (lambda plane, clear: plane, "Expected"),
        "off": (then(lambda y, x: ((y + 4) % 8, x)), "your answer is"),
    },
    checks.check_fair_table: {
        "own cases": (careless_table, "its own cases"),
        "pairs with JPEG": (lambda rows: loose_table(rows, pairs=True), "compare each method with JPEG"),
        "image alone": (lambda rows: loose_table(rows, key="image"), "forgets the quality"),
        "quality alone": (lambda rows: loose_table(rows, key="quality"), "forgets the image"),
        "first row counts": (lambda rows: loose_table(rows, collected=lambda r: collect(r, first=True)), "the last one counts"),
        "none as zero": (none_as_zero, "None stands in your table as 0"),
        "none ignored": (none_ignored, "you keep an earlier one"),
        "divided": (lambda rows: loose_table(rows, shift=lambda mean, base: mean / base), "subtraction"),
        "turned round": (lambda rows: loose_table(rows, shift=lambda mean, base: base - mean), "Turned round"),
        "by gain alone": (lambda rows: sorted(fair_table(rows), key=lambda line: -line[2]), "JPEG comes first"),
        "rising": (lambda rows: fair_table(rows)[:1] + fair_table(rows)[:0:-1], "largest gain first"),
        "without JPEG": (lambda rows: fair_table(rows)[1:], "yours has Beta, Alpha, Gamma"),
        "empty": (lambda rows: [], "yours has none"),
        "pairs of two": (lambda rows: [line[:2] for line in fair_table(rows)], "list of triples"),
        "a dict of means": (lambda rows: {line[0]: line[1] for line in fair_table(rows)}, "list of triples"),
        "means crash on None": (means_of_rows, "should have"),
        "nothing left": (lambda rows: fair_table(rows) or [("JPEG", np.nan, 0.0)], "the table is empty"),
    },
    checks.check_settled: {
        "by position": (by_position, "Pairs by position"),
        "sorted": (changed_interval(order=sorted), "you sorted the names"),
        "90 percent": (changed_interval(at=(5, 95)), "middle 90 %"),
        "fractions": (changed_interval(at=(0.025, 0.975)), "np.quantile"),
        "photos": (spread_of_photos, "draws' *means*"),
        "two standard errors": (two_errors, "2 standard errors"),
        "smallest and largest": (changed_interval(at=(0, 100)), "smallest and the largest"),
        "wrong axis": (changed_interval(axis=0), "a draw is a *row*"),
        "sums": (changed_interval(average=np.sum), "Sums were taken"),
        "medians": (changed_interval(average=np.median), "Medians"),
        "not paired": (not_paired, "for each method by itself"),
        "turned round": (backwards, "first less second"),
        "exchanged": (lambda *given: (*settled(*given)[1::-1], "open"), "lower one first"),
        "by the mean": (judged(lambda low, high: "first" if low + high > 0 else "second"), "has 0 inside"),
        "turned verdict": (judged(lambda low, high: "second" if low > 0 else "first" if high < 0 else "open"), "yours is 'second'"),
        "touches": (judged(lambda low, high: "first" if low >= 0 else "second" if high <= 0 else "open"), "ends at 0"),
        "a bool": (judged(lambda low, high: low > 0), "The verdict is"),
        "two values": (lambda *given: settled(*given)[:2], "Expected (lower end"),
        "KeyError": (lambda one, two, picks: [one[name] - two[name] for name in one], "in the first dict only"),
        "off": (lambda *given: (settled(*given)[0] + 0.01, *settled(*given)[1:]), "yours is"),
    },
}
RIGHT = [
    (checks.check_set_psnr, set_psnr),
    (checks.check_set_psnr, set_psnr_at_once),
    (checks.check_blocking, blocking),
    (checks.check_blocking, blocking_at_once),
    (checks.check_grid, grid),
    (checks.check_grid, grid_by_loops),
    (checks.check_fair_table, fair_table),
    (checks.check_fair_table, fair_table_by_loops),
    (checks.check_settled, settled),
    (checks.check_settled, settled_at_once),
]


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


def test_the_factor_is_the_package_s():
    plane = np.random.default_rng(4).integers(0, 256, (5, 6)).repeat(8, axis=0).repeat(8, axis=1)
    grey = plane.astype(np.uint8)[..., None].repeat(3, axis=2)
    assert np.isclose(blocking_at_once(grey[..., 0], 8), metrics.blocking(grey)) and metrics.blocking(grey) > 1000
