"""Checks of the third assignment: mistakes get hints of their own, right answers pass however written; and the two piles of photos."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers import checks, images, scraped
from blockcnn_helpers.jpeg import compress


def filled(clean, decoded, mode="edge", ragged="edge"):
    fill = [(0, -side % 8) for side in clean.shape[:2]]
    clean, decoded = (np.pad(side, [*fill, (0, 0)], ragged) for side in (clean, decoded))
    return clean, np.pad(decoded, ((8, 8), (8, 8), (0, 0)), mode)


def all_pairs(clean, decoded, mode="edge", ragged="edge"):
    clean, around = filled(clean, decoded, mode, ragged)
    places = [(y, x) for y in range(0, clean.shape[0], 8) for x in range(0, clean.shape[1], 8)]
    return np.array([around[y : y + 24, x : x + 24] for y, x in places]), np.array([clean[y : y + 8, x : x + 8] for y, x in places])


def all_pairs_by_windows(clean, decoded):
    clean, around = filled(clean, decoded)
    cut = [np.lib.stride_tricks.sliding_window_view(side, (size, size), axis=(0, 1))[::8, ::8] for side, size in ((around, 24), (clean, 8))]
    return tuple(np.moveaxis(side, 2, -1).reshape(-1, *side.shape[3:], 3) for side in cut)


def all_pairs_by_index(clean, decoded):
    """Without padding: indices held inside the picture."""
    inputs, targets = [], []
    for y in range(0, clean.shape[0], 8):
        for x in range(0, clean.shape[1], 8):
            rows, columns = (np.clip(np.arange(at - 8, at + 16), 0, side - 1) for at, side in zip((y, x), clean.shape))
            inputs.append(decoded[np.ix_(rows, columns)])
            targets.append(clean[np.ix_(rows[8:16], columns[8:16])])
    return np.array(inputs), np.array(targets)


def columns_first(clean, decoded):
    rows, columns = (-(-side // 8) for side in clean.shape[:2])
    return [side.reshape(rows, columns, *side.shape[1:]).swapaxes(0, 1).reshape(side.shape) for side in all_pairs(clean, decoded)]


def whole_blocks_only(clean, decoded):
    """The photo's border is right, the blocks at its end are lost."""
    rows, columns = (side // 8 for side in clean.shape[:2])
    inputs, targets = all_pairs(clean, decoded)
    shape = (-(-clean.shape[0] // 8), -(-clean.shape[1] // 8))
    return [side.reshape(*shape, *side.shape[1:])[:rows, :columns].reshape(-1, *side.shape[1:]) for side in (inputs, targets)]


def moved_back(clean, decoded):
    starts = [[min(at, max(side - 8, 0)) for at in range(0, side, 8)] for side in clean.shape[:2]]
    around = np.pad(decoded, ((8, 16), (8, 16), (0, 0)), "edge")
    places = [(y, x) for y in starts[0] for x in starts[1]]
    clean = filled(clean, decoded)[0]
    return np.array([around[y : y + 24, x : x + 24] for y, x in places]), np.array([clean[y : y + 8, x : x + 8] for y, x in places])


def view(clean, quality, down, right, mirror):
    part = clean[down:, right:]
    if mirror:
        part = part[:, ::-1]
    part = np.ascontiguousarray(part[: part.shape[0] // 16 * 16, : part.shape[1] // 16 * 16])
    return part, compress(part, quality)


def view_by_index(clean, quality, down, right, mirror):
    height, width = ((side - at) // 16 * 16 for side, at in zip(clean.shape, (down, right)))
    rows = range(down, down + height)
    columns = range(clean.shape[1] - 1, clean.shape[1] - 1 - width, -1) if mirror else range(right, right + width)
    part = clean[list(rows)][:, list(columns)]
    return part, compress(part, quality)


def trimmed(picture, unit=16):
    return np.ascontiguousarray(picture[: picture.shape[0] // unit * unit, : picture.shape[1] // unit * unit])


def encoded(part, quality):
    return part, compress(np.ascontiguousarray(part), quality)


def late(clean, quality, down, right, mirror):
    step, decoded = -1 if mirror else 1, compress(clean, quality)
    return tuple(trimmed(side[down:, right:][:, ::step]) for side in (clean, decoded))


def mirrored_late(clean, quality, down, right, mirror):
    part, _ = view(clean, quality, down, right, mirror)
    return part, compress(np.ascontiguousarray(part[:, ::-1]), quality)[:, ::-1] if mirror else compress(part, quality)


def trimmed_late(clean, quality, down, right, mirror):
    part = np.ascontiguousarray(clean[down:, right:][:, :: -1 if mirror else 1])
    return trimmed(part), trimmed(compress(part, quality))


def number(name, digits=slice(8), make=hashlib.sha256, stem=lambda name: name.rpartition(".")[0] or name):
    return int(make(stem(name).encode()).hexdigest()[digits], 16) % 100


def placed(value):
    return "train" if value < 60 else "val" if value < 80 else "test"


def side(name, **how):
    return placed(number(name, **how))


def side_by_path(name):
    stem = name[: name.rindex(".")] if "." in name else name
    digest = int.from_bytes(hashlib.sha256(stem.encode("utf-8")).digest()[:4], "big")
    return np.repeat(["train", "val", "test"], [60, 20, 20])[digest % 100]


def nearest(known, unknown, judge=None, spread=np.std, keep=False):
    judge = known if judge is None else judge
    deviation = spread(judge, axis=0)
    use = slice(None) if keep else deviation > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        known, unknown = (((side - judge.mean(axis=0)) / deviation)[:, use] for side in (known, unknown))
    return np.square(unknown[:, None] - known).sum(axis=2).argmin(axis=1)


def nearest_by_loop(known, unknown):
    answer = []
    for row in unknown:
        total = np.zeros(len(known))
        for column in range(known.shape[1]):
            deviation = known[:, column].std()
            if deviation:
                total += ((known[:, column] - row[column]) / deviation) ** 2
        answer.append(int(total.argmin()))
    return answer


def nearest_by_products(known, unknown):
    mean, deviation = known.mean(axis=0), known.std(axis=0)
    deviation[deviation == 0] = np.inf
    known, unknown = (known - mean) / deviation, (unknown - mean) / deviation
    return ((known**2).sum(axis=1) - 2 * unknown @ known.T).argmin(axis=1)


def by_itself(known, unknown):
    with np.errstate(divide="ignore", invalid="ignore"):
        known, unknown = (np.nan_to_num((side - side.mean(axis=0)) / side.std(axis=0)) for side in (known, unknown))
    return np.square(unknown[:, None] - known).sum(axis=2).argmin(axis=1)


def by_rows(known, unknown):
    known, unknown = ((side - side.mean(axis=1, keepdims=True)) / side.std(axis=1, keepdims=True) for side in (known, unknown))
    return np.square(unknown[:, None] - known).sum(axis=2).argmin(axis=1)


def distances(known, unknown):
    return np.square(unknown[:, None] - known).sum(axis=2).min(axis=1)


def cells(image, rows=8, columns=9):
    tops, lefts = ([side * k // count for k in range(count + 1)] for side, count in zip(image.shape, (rows, columns)))
    return np.array([[image[a:b, c:d].mean() for c, d in pairwise(lefts)] for a, b in pairwise(tops)])


def fingerprint(image):
    means = cells(image)
    return means[:, 1:] > means[:, :-1]


def fingerprint_by_loops(image):
    height, width = image.shape[:2]
    bits = []
    for i in range(8):
        row = image[height * i // 8 : height * (i + 1) // 8].astype(float)
        means = [row[:, width * j // 9 : width * (j + 1) // 9].mean() for j in range(9)]
        bits.append([bool(after > before) for before, after in pairwise(means)])
    return bits


def fingerprint_by_sums(image):
    """With a summed-area table, as few would write it."""
    table = np.pad(image.sum(axis=2, dtype=np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    tops, lefts = (np.arange(count + 1) * side // count for side, count in zip(image.shape, (8, 9)))
    sums = np.diff(np.diff(table[np.ix_(tops, lefts)], axis=0), axis=1)
    return np.diff(sums / np.outer(np.diff(tops), np.diff(lefts)), axis=1) > 0


def rounded_cells(image):
    rows, columns = (np.linspace(0, side, count + 1).round().astype(int) for side, count in zip(image.shape, (8, 9)))
    return np.array([[image[a:b, c:d].mean() for c, d in pairwise(columns)] for a, b in pairwise(rows)])


def equal_cells(image):
    return cells(image[: image.shape[0] // 8 * 8, : image.shape[1] // 9 * 9])


def single_pixels(image):
    rows, columns = ([(2 * k + 1) * side // (2 * count) for k in range(count)] for side, count in zip(image.shape, (8, 9)))
    return image[rows][:, columns].mean(axis=2)


def by_reshape(image):
    height, width = image.shape[:2]
    return brighter(image.reshape(8, height // 8, 9, width // 9, 3).mean(axis=(1, 3, 4)))


def brighter(means):
    return means[:, 1:] > means[:, :-1]


def group_sides(names, alike, own, first=min, order=None):
    order = order or names
    label = {name: name for name in names}
    for one, other in alike:
        old, new = label[one], label[other]
        label = {name: new if mark == old else mark for name, mark in label.items()}
    members = {mark: [name for name in names if label[name] == mark] for mark in label.values()}
    return {name: own[first(members[label[name]], key=order.index)] for name in names}


def group_sides_by_waves(names, alike, own):
    """Walk from each name to all that it reaches; the names are gone through in order, so the first one gives the side."""
    sides = {}
    for name in names:
        wave = [] if name in sides else [name]
        while wave:
            here = wave.pop()
            sides[here] = own[name]
            wave += [there for pair in alike if here in pair for there in pair if there not in sides]
    return sides


def one_step(names, alike, own):
    sides = dict(own)
    for one, other in alike:
        older, newer = sorted((one, other), key=names.index)
        sides[newer] = own[older]
    return sides


def as_written(names, alike, own):
    return own | {other: own[one] for one, other in alike}


def only_suspects(names, alike, own):
    return {name: value for name, value in group_sides(names, alike, own).items() if any(name in pair for pair in alike)}


def one_big_group(names, alike, own):
    suspects = [name for name in names if any(name in pair for pair in alike)]
    return own | dict.fromkeys(suspects, own[suspects[0]]) if suspects else own


WRONG = {
    checks.check_all_pairs: {
        "blocks alone": (lambda a, b: (all_pairs(a, b)[1], all_pairs(a, b)[1]), "blocks alone"),
        "two axes": (lambda a, b: [side.reshape(1, *side.shape) for side in all_pairs(a, b)], "two axes of pairs"),
        "one array": (lambda a, b: all_pairs(a, b)[0], "two arrays"),
        "lists": (lambda a, b: [side.tolist() for side in all_pairs(a, b)], "keep uint8"),
        "column by column": (columns_first, "column by column"),
        "clean inputs": (lambda a, b: all_pairs(a, a), "other picture"),
        "decoded targets": (lambda a, b: all_pairs(b, b), "other picture"),
        "turned": (lambda a, b: all_pairs(b, a), "other picture"),
        "black border": (lambda a, b: all_pairs(a, b, mode="constant"), "is black"),
        "reflected": (lambda a, b: all_pairs(a, b, mode="reflect"), "is mirrored"),
        "symmetric": (lambda a, b: all_pairs(a, b, mode="symmetric"), "is mirrored"),
        "wrapped": (lambda a, b: all_pairs(a, b, mode="wrap"), "from the opposite side"),
        "whole blocks only": (whole_blocks_only, "13x21 pixels make 6 pairs"),
        "black ends": (lambda a, b: all_pairs(a, b, ragged="constant"), "your"),
        "moved back": (moved_back, "moved back"),
        "scaled": (lambda a, b: [side / 255 for side in all_pairs(a, b)], "from 0 to 1"),
        "floats": (lambda a, b: [side.astype(float) for side in all_pairs(a, b)], "are float64"),
        "widths for two axes": (lambda a, b: (np.pad(b, ((8, 8), (8, 8)), "edge"), a), "each of the three axes"),
        "colours padded": (lambda a, b: (np.pad(b, 8, "edge")[None], a[None]), "were expected, got"),
        "one pixel off": (lambda a, b: (np.roll(all_pairs(a, b)[0], 1, axis=1), all_pairs(a, b)[1]), "pair 0 of your inputs"),
    },
    checks.check_view: {
        "turned": (lambda *given: view(*given)[::-1], "wrong order"),
        "decoded alone": (lambda *given: view(*given)[1], "two pictures"),
        "grey": (lambda *given: [side[..., 0] for side in view(*given)], "Expected a clean view of shape"),
        "not trimmed": (lambda c, q, d, r, m: encoded(c[d:, r:][:, :: -1 if m else 1], q), "isn't cut to multiples of 16"),
        "units of 8": (lambda c, q, d, r, m: encoded(trimmed(c[d:, r:][:, :: -1 if m else 1], 8), q), "multiples of 8"),
        "rows and columns": (lambda c, q, d, r, m: view(c, q, r, d, m), "mixed up"),
        "never mirrored": (lambda c, q, d, r, m: view(c, q, d, r, False), "isn't mirrored"),
        "upside down": (lambda c, q, d, r, m: encoded(trimmed(c[d:, r:][:: -1 if m else 1]), q), "upside down"),
        "mirrored first": (lambda c, q, d, r, m: view(c[:, :: -1 if m else 1], q, d, r, False), "mirror first"),
        "trimmed first": (lambda c, q, d, r, m: encoded(trimmed(c[d:, r:])[:, :: -1 if m else 1], q), "before you mirror"),
        "never encoded": (lambda *given: (view(*given)[0],) * 2, "never encoded"),
        "encoded first": (late, "JPEG comes last"),
        "trimmed after encoding": (trimmed_late, "before you cut to multiples"),
        "mirrored after encoding": (mirrored_late, "mirror after encoding"),
        "always 25": (lambda c, q, d, r, m: view(c, 25, d, r, m), "has quality 25"),
        "default quality": (lambda c, q, d, r, m: view(c, 75, d, r, m), "has quality 75"),
        "sizes apart": (lambda *given: (view(*given)[0], given[0]), "show the same pixels"),
        "one row lost": (lambda c, q, d, r, m: view(c, q, d + 1, r, m), "other pixels"),
    },
    checks.check_side: {
        "ending kept": (lambda name: side(name, stem=str), "ending counts"),
        "first dot": (lambda name: side(name, stem=lambda name: name.split(".")[0]), "Only the last dot"),
        "strip": (lambda name: side(name, stem=lambda name: name.strip(".pngjtif")), "takes off letters"),
        "no dot, no name": (lambda name: side(name, stem=lambda name: name.rpartition(".")[0]), "taken whole"),
        "md5": (lambda name: side(name, make=hashlib.md5), "MD5"),
        "sha1": (lambda name: side(name, make=hashlib.sha1), "SHA-1"),
        "hash": (lambda name: placed(hash(name.rpartition(".")[0] or name) % 100), "each time Python starts"),
        "last digits": (lambda name: side(name, digits=slice(-8, None)), "last digits"),
        "all digits": (lambda name: side(name, digits=slice(None)), "all 64 digits"),
        "limits": (lambda name: "train" if number(name) <= 60 else "val" if number(name) <= 80 else "test", "At the limits"),
        "numbers": (number, "Expected 'train'"),
        "long words": (lambda name: {"val": "validation"}.get(side(name), side(name)), "Expected 'train'"),
        "by chance": (lambda name: str(np.random.default_rng().choice(["train", "val", "test"])), "drawn by chance"),
        "70 percent": (lambda name: "train" if number(name) < 70 else "val" if number(name) < 80 else "test", "should sit in"),
        "always train": (lambda name: "train", "should sit in"),
        "cut at four": (lambda name: side(name, stem=lambda name: name[:-4]), "should sit in"),
        "no dot": (lambda name: side(name, stem=lambda name: name[: name.rindex(".")]), "ValueError"),
    },
    checks.check_nearest: {
        "plain": (distances, "got decimals"),
        "not divided": (lambda k, u: nearest(k, u, spread=lambda judge, axis: np.ones(judge.shape[1])), "largest numbers decides"),
        "variance": (lambda k, u: nearest(k, u, spread=np.var), "variance"),
        "both together": (lambda k, u: nearest(k, u, judge=np.concatenate([k, u])), "leaked into the statistics"),
        "by the unknown": (lambda k, u: nearest(k, u, judge=u), "Only `known`"),
        "each by itself": (by_itself, "standardised by itself"),
        "rows": (by_rows, "Rows were standardised"),
        "turned": (lambda k, u: nearest(u, k), "one per known row"),
        "matrix": (lambda k, u: np.zeros((len(u), len(k)), int), "Expected 15 indices"),
        "farthest": (lambda k, u: [-1 * ((k - r) ** 2 / k.var(axis=0)).sum(axis=1) for r in u] @ np.eye(len(k)), "shape (15, 40)"),
        "most distant": (lambda k, u: np.array([((k - r) ** 2 / k.var(axis=0)).sum(axis=1).argmax() for r in u]), "farthest away"),
        "absolute": (lambda k, u: np.array([(abs(k - r) / k.std(axis=0)).sum(axis=1).argmin() for r in u]), "square them"),
        "nan": (lambda k, u: nearest(k, u, keep=True), "drowns the others"),
        "nearly nothing": (lambda k, u: nearest(k, u + 1e-9, spread=lambda j, axis: j.std(axis=axis) + 1e-18), "drowns the others"),
        "squeezed": (lambda k, u: nearest(k, u).squeeze(), "Expected 1 indices"),
        "always the first": (lambda k, u: np.zeros(len(u), int), "is nearest to known row"),
    },
    checks.check_fingerprint: {
        "flat": (lambda image: fingerprint(image).ravel(), "shape (64,)"),
        "72 cells": (cells, "shape (8, 9)"),
        "zeros and ones": (lambda image: fingerprint(image).astype(int), "as int64"),
        "darker": (lambda image: cells(image)[:, 1:] < cells(image)[:, :-1], "bits are turned"),
        "downwards": (lambda image: np.diff(cells(image, min(9, len(image)), 8), axis=0) > 0, "cell below"),
        "red": (lambda image: fingerprint(image[..., :1]), "One colour alone"),
        "against the mean": (lambda image: cells(image)[:, :8] > image.mean(), "mean of the whole picture"),
        "single pixels": (lambda image: brighter(single_pixels(image)), "One pixel stands"),
        "equal cells": (lambda image: brighter(equal_cells(image)), "was cut off"),
        "rounded": (lambda image: brighter(rounded_cells(image)), "limits were rounded"),
        "transposed": (lambda image: fingerprint(image).T, "bits are transposed"),
        "swapped axes": (lambda image: fingerprint(image.swapaxes(0, 1)), "are exchanged"),
        "left neighbour of itself": (lambda image: np.diff(cells(image)[:, ::-1], axis=1) > 0, "of 64 bits are wrong"),
        "or equal": (lambda image: cells(image)[:, 1:] >= cells(image)[:, :-1], "In a flat picture"),
        "needs multiples": (by_reshape, "a picture of 37x60 pixels"),
    },
    checks.check_group_sides: {
        "own": (lambda names, alike, own: own, "the leak is still there"),
        "a list": (lambda *given: list(group_sides(*given).values()), "Expected a dictionary"),
        "only suspects": (only_suspects, "needs a side as well"),
        "the last": (lambda *given: group_sides(*given, first=max), "last member sits"),
        "alphabet": (lambda names, alike, own: group_sides(names, alike, own, order=sorted(names)), "by the alphabet"),
        "as written": (as_written, "isn't always the older one"),
        "one step": (one_step, "Follow each chain"),
        "all in train": (lambda names, alike, own: dict.fromkeys(names, "val"), "on one side"),
        "one big group": (one_big_group, "should sit in"),
        "suspects to train": (lambda names, alike, own: own | {n: "train" for pair in alike for n in pair}, "should sit in"),
        "invented": (lambda *given: group_sides(*given) | {"tree": "val"}, "none of the names"),
        "loners move": (lambda names, alike, own: {n: own[n] if alike else "test" for n in names}, "on one side"),
    },
}
RIGHT = {
    checks.check_all_pairs: [all_pairs, all_pairs_by_windows, all_pairs_by_index],
    checks.check_view: [view, view_by_index],
    checks.check_side: [side, side_by_path],
    checks.check_nearest: [nearest, nearest_by_loop, nearest_by_products],
    checks.check_fingerprint: [fingerprint, fingerprint_by_loops, fingerprint_by_sums],
    checks.check_group_sides: [group_sides, group_sides_by_waves],
}


@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said and "\n" not in said


@pytest.mark.parametrize("check", WRONG, ids=lambda check: check.__name__)
def test_at_least_five_mistakes_are_named(check):
    assert len({hint for _, hint in WRONG[check].values()}) >= 5


@pytest.mark.parametrize("check, answer", [(check, answer) for check, answers in RIGHT.items() for answer in answers])
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)


def test_the_piles_are_as_the_story_needs_them():
    mine, found, unseen = scraped.own_photos(), scraped.scraped_photos(), scraped.unseen_photos()
    sides = {name: side(name) for name in [*mine, *found]}
    assert len(mine) == 11 and len(found) == 9 and len(unseen) == 3
    assert [name for name in sides if sides[name] == "val"] == ["gravel", "ihc", "scraped_01", "scraped_03", "scraped_09"]
    assert images.overlap(mine, {name: photo for name, photo in found.items() if name != "scraped_03"}) == []
    apart = {}
    pool = mine | found | unseen
    prints = {name: (fingerprint(photo), fingerprint(photo[:, ::-1])) for name, photo in pool.items()}
    for place, one in enumerate(pool):
        for other in list(pool)[:place]:
            apart[other, one] = min(int((prints[other][0] != bits).sum()) for bits in prints[one])
    close = {pair for pair, bits in apart.items() if bits <= 10}
    assert close == {
        ("gravel", "scraped_02"),
        ("rocket", "scraped_03"),
        ("ihc", "scraped_04"),
        ("scraped_01", "scraped_05"),
        ("camera", "scraped_06"),
    }
    assert max(apart[pair] for pair in close) <= 5 and min(apart[pair] for pair in set(apart) - close) >= 16
    assert apart["motorcycle_left", "scraped_01"] > 25, "no limit finds the part of a photo"


def test_the_figures_say_what_they_are_given():
    figure = scraped.gains({"a": (6.1, "b", 0.95), "c": (-2.0, "b", 0.3)}, outside={"c"})
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [6.1, -2.0]
    assert [text.get_text() for text in axes.texts] == ["+6.1 dB; 95% from b", "-2.0 dB; 30% from b"]
    assert len({bar.get_facecolor() for bar in axes.patches}) == 2
    (axes,) = scraped.histogram({("a", "b"): 2, ("a", "c"): 5, ("b", "c"): 5}, limit=3).axes
    assert [bar.get_height() for bar in axes.patches] == [0, 0, 1, 0, 0, 2]
    pool = scraped.scraped_photos()
    (axes,) = scraped.suspects(pool, {("scraped_01", "scraped_05"): 0}, [("scraped_01", "scraped_05")]).axes
    assert axes.get_title() == "scraped_01 and\nscraped_05, 0 bits"
