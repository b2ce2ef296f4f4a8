"""Checks of the third assignment, first half: whole photos in pairs, views, stable sides; see `checks`. The leak is in `checks_a3_leak`."""

import hashlib

import numpy as np

from blockcnn_helpers import patches
from blockcnn_helpers.answers import ask
from blockcnn_helpers.jpeg import compress
from blockcnn_helpers.leaves import dead_leaves
from blockcnn_helpers.transform import BLOCK

UNIT = 2 * BLOCK
SIDES = ("train", "val", "test")
NAMES = {"photographer_6.png": "60", "biopsy_2.png": "80", "liftoff_7.png": "59", "slide_4.png": "79"}  # at the limits


def check_all_pairs(answer):
    """Check ``answer(clean, decoded)``: all inputs and targets of a photo, whatever its size."""
    rng = np.random.default_rng(31)
    for height, width in ((16, 24), (13, 21), (5, 26)):
        clean, decoded = rng.integers(1, 256, (2, height, width, 3), dtype=np.uint8)
        got, problem = ask(answer, clean, decoded)
        if problem:
            axes = " np.pad wants a width for each of the three axes, (0, 0) for the colours." if "broadcast" in problem else ""
            return f"{problem} (a photo of {height}x{width} pixels).{axes}"
        got = _two(got)
        if got is None:
            return "Expected two arrays, (inputs, targets)."
        want, size = patches.pairs(clean, decoded), f"{height}x{width} pixels"
        for name, mine, right in zip(("inputs", "targets"), got, want):
            if mine.shape != right.shape:
                return _pairs_shape_hint(name, mine, right, size)
        hint = _pairs_hint(got, want, clean, decoded, size)
        if hint:
            return hint
    return "✓ Right: pairs for every block, the unfinished ones too, and no pixel that the photo hasn't got."


def _two(got):
    try:
        first, second = got
        return np.asarray(first), np.asarray(second)
    except (TypeError, ValueError):
        return None


def _pairs_shape_hint(name, mine, right, size):
    count = right.shape[0]
    if mine.ndim == 5:
        return f"Your {name} have two axes of pairs, {mine.shape[:2]}: put all pairs behind one another, row by row, on one axis."
    if mine.shape == (count, BLOCK, BLOCK, 3):
        return f"Your {name} are the blocks alone: the network also sees 8 pixels around each, 24x24 in all."
    if mine.ndim == 4 and mine.shape[1:] == right.shape[1:] and len(mine) < count:
        return f"{size} make {count} pairs, yours are {len(mine)}: the blocks at the edge that aren't full count too."
    return f"From {size}, {name} of shape {right.shape} were expected, got {mine.shape}."


def _pairs_hint(got, want, clean, decoded, size):
    """Name the mistake in two arrays of the right shapes, or return None."""
    whole = [side // BLOCK * BLOCK == side for side in clean.shape[:2]]
    rows, columns = patches.grid(*clean.shape[:2])
    for name, mine, right, other in zip(("inputs", "targets"), got, want, (clean, decoded)):
        if np.array_equal(mine, right) and mine.dtype == np.uint8:
            continue
        if mine.dtype != np.uint8 and np.array_equal(mine, right):
            return f"The right numbers, but your {name} are {mine.dtype}: keep uint8."
        if np.allclose(mine * 255.0, right):
            return f"The right pixels, but your {name} run from 0 to 1: keep uint8, 0 to 255."
        turned = right.reshape(rows, columns, *right.shape[1:]).swapaxes(0, 1).reshape(right.shape)
        hints = [
            (f"Your {name} come column by column: go along a row of blocks first.", turned),
            (f"Your {name} are cut from the other picture: JPEG's pixels go in, the clean ones come out.", _cut(other, right.shape[1])),
        ]
        for mode, look in (("constant", "black"), ("reflect", "mirrored"), ("symmetric", "mirrored"), ("wrap", "from the opposite side")):
            picture = decoded if name == "inputs" else clean
            hint = f"At {size}, what your {name} show beyond the photo is {look}: repeat its last row and column."
            hints.append((hint, _cut(picture, right.shape[1], mode)))
        ends = None if all(whole) or min(clean.shape[:2]) < BLOCK else _moved_back(clean, decoded)[name == "targets"]
        if ends is not None:
            hints.append((f"At {size}, your last {name} are moved back, off JPEG's grid: fill the last block up instead.", ends))
        wrong = np.flatnonzero((mine != right).reshape(len(mine), -1).any(axis=1))
        if len(wrong):
            row, column = divmod(int(wrong[0]), columns)
            fallback = f"At {size}, pair {wrong[0]} of your {name} is wrong: the block in row {row}, column {column}. {len(wrong)} differ."
            return next((hint for hint, mistake in hints if np.array_equal(mine, mistake)), fallback)
    return None


def _cut(picture, size, mode="edge"):
    border = (size - BLOCK) // 2
    fill = [(border, -side % BLOCK + border) for side in picture.shape[:2]]
    around = np.pad(picture, [*fill, (0, 0)], "edge" if mode == "reflect" and min(picture.shape[:2]) < UNIT else mode)
    tops, lefts = (range(0, side - size + 1, BLOCK) for side in around.shape[:2])
    return np.array([around[y : y + size, x : x + size] for y in tops for x in lefts])


def _moved_back(clean, decoded):
    starts = [np.minimum(np.arange(0, side, BLOCK), side - BLOCK) for side in clean.shape[:2]]
    around = np.pad(decoded, ((BLOCK, BLOCK), (BLOCK, BLOCK), (0, 0)), "edge")
    places = [(y, x) for y in starts[0] for x in starts[1]]
    return (
        np.array([around[y : y + 3 * BLOCK, x : x + 3 * BLOCK] for y, x in places]),
        np.array([clean[y : y + BLOCK, x : x + BLOCK] for y, x in places]),
    )


def check_view(answer):
    """Check ``answer(clean, quality, down, right, mirror)``: a view of a photo, encoded last: (clean view, decoded view)."""
    photo = dead_leaves(61, 90, seed=3)
    for quality, down, right, mirror in ((25, 3, 6, False), (25, 0, 0, False), (25, 3, 6, True), (60, 10, 8, True)):
        got, problem = ask(answer, photo, quality, down, right, mirror)
        if problem:
            return problem
        got = _two(got)
        if got is None:
            return "Expected two pictures, (clean view, decoded view)."
        want = _view(photo, quality, down, right, mirror)
        if all(mine.dtype == np.uint8 and np.array_equal(mine, good) for mine, good in zip(got, want)):
            continue
        asked = f"{'mirrored, ' if mirror else ''}moved by {down} and {right}"
        return _view_hint(got, want, photo, (quality, down, right, mirror)) or f"A view {asked}, is not the one that was expected."
    return "✓ Right: moved, mirrored, cut to whole units, and JPEG had the last word."


def _view(clean, quality, down, right, mirror):
    moved = clean[down:, right:]
    moved = moved[:, ::-1] if mirror else moved
    moved = _trimmed(moved)
    return moved, compress(np.ascontiguousarray(moved), quality)


def _trimmed(picture, unit=UNIT):
    return picture[: picture.shape[0] // unit * unit, : picture.shape[1] // unit * unit]


def _view_hint(got, want, photo, asked):
    quality, down, right, mirror = asked
    step, moved = -1 if mirror else 1, photo[down:, right:]
    if np.array_equal(got[0], want[1]) and np.array_equal(got[1], want[0]):
        return "The right pictures in the wrong order: the clean view comes first."
    if got[0].ndim != 3:
        return f"Expected a clean view of shape {want[0].shape}, got {got[0].shape}."
    seen = {
        "Your view isn't cut to multiples of 16: take rows off the bottom and columns off the right.": moved[:, ::step],
        "Your view's sides are multiples of 8. Colour is coded in units of 16x16 pixels.": _trimmed(moved[:, ::step], BLOCK),
        "`down` and `right` are mixed up: rows come first.": _trimmed(photo[right:, down:][:, ::step]),
        "Your view isn't mirrored, and mirror was True.": _trimmed(moved),
        "Your view is upside down: the columns change places, not the rows.": _trimmed(moved[::-1]),
        "You mirror first and cut `right` columns off afterwards, at the other end of the photo: cut, then mirror.": _trimmed(
            photo[:, ::step][down:, right:]
        ),
        "You cut to multiples of 16 before you mirror, so other columns are lost: mirror first.": _trimmed(moved)[:, ::step],
    }
    for hint, picture in seen.items():
        if picture.shape == got[0].shape and np.array_equal(picture, got[0]) and not np.array_equal(picture, want[0]):
            return hint
    if got[0].shape == want[0].shape and not np.array_equal(got[0], want[0]):
        return f"The clean view has the right size but other pixels: {down} rows go at the top, {right} columns at the left."
    if got[0].shape != want[0].shape:
        return f"The clean view should have shape {want[0].shape} and lack {down} rows and {right} columns; yours has {got[0].shape}."
    if got[1].shape != want[1].shape:
        return f"The decoded view has shape {got[1].shape}, the clean one {want[0].shape}: they show the same pixels."
    late = _trimmed(compress(photo, quality)[down:, right:][:, ::step])
    ready = _trimmed(compress(np.ascontiguousarray(moved[:, ::step]), quality))
    flipped = compress(np.ascontiguousarray(_trimmed(moved[:, ::step])[:, ::-1]), quality)[:, ::-1]
    parts = {
        "Your decoded view was never encoded: it is the clean one.": want[0],
        "You encode the whole photo and cut afterwards, so the grid moves with the photo: JPEG comes last.": late,
        "You encode before you cut to multiples of 16: the last units then hold pixels that the view hasn't got.": ready,
        "You mirror after encoding: no JPEG of this view looks quite like that. Mirror the clean one.": flipped,
    }
    parts |= {f"Your decoded view has quality {other}, asked was {quality}.": compress(want[0].copy(), other) for other in (75, 25, 10, 90)}
    return next((hint for hint, picture in parts.items() if np.array_equal(got[1], picture)), "Your decoded view is another one.")


def check_side(answer):
    """Check ``answer(name)``: the side of a photo by the hash of its name without its ending."""
    seen = {}
    for name in (*NAMES, "brick.png", "IMG.2041.png", "gravel", "grün.tif", "png.png", *(f"photo_{number}.jpg" for number in range(40))):
        got, problem = ask(answer, name)
        if problem:
            return f"{problem} (for the name {name!r})."
        if got not in SIDES if isinstance(got, str) else True:
            return f"Expected 'train', 'val' or 'test', got {got!r}."
        seen[name] = str(got)
    want = {name: _side(name) for name in seen}
    if seen == want:
        return "✓ Right: the same side today, tomorrow and on any machine, whoever else joins."
    hints = {
        "The ending counts in your hash: brick.png and brick.jpg are to sit on the same side.": _number,
        "Only the last dot begins the ending: 'IMG.2041.png' has the stem 'IMG.2041'.": lambda name: _number(name.split(".")[0]),
        "strip takes off letters, not an ending: it eats into the name itself.": lambda name: _number(name.strip(".pngjtif")),
        "A name without a dot has no ending: it is taken whole.": lambda name: _number(name.rpartition(".")[0]),
        "hash() gives other numbers each time Python starts: SHA-256 doesn't.": lambda name: hash(_stem(name).decode()) % 100,
        "That is MD5, not SHA-256.": lambda name: int(hashlib.md5(_stem(name)).hexdigest()[:8], 16) % 100,
        "That is SHA-1, not SHA-256.": lambda name: int(hashlib.sha1(_stem(name)).hexdigest()[:8], 16) % 100,
        "You take the last digits of the hash: the first eight count.": lambda name: int(_digits(name)[-8:], 16) % 100,
        "You take all 64 digits: the first eight count.": lambda name: int(_digits(name), 16) % 100,
    }
    for hint, number in hints.items():
        if seen == {name: _placed(number(name)) for name in seen}:
            return hint
    if seen == {name: ("train", "val", "test")[(_number(_stem(name)) > 60) + (_number(_stem(name)) > 80)] for name in seen}:
        return "At the limits: 0 to 59 is train, so 60 itself is val, and 80 is test."
    if any(seen[name] != str(ask(answer, name)[0]) for name in seen):
        return "The same name was put on two sides: nothing may be drawn by chance."
    name = next(name for name in seen if seen[name] != want[name])
    wrong = sum(seen[one] != want[one] for one in seen)
    return f"{name!r} should sit in {want[name]}, yours in {seen[name]}; {wrong} of {len(seen)} names are wrong."


def _stem(name):
    return (name.rpartition(".")[0] or name).encode()


def _digits(name):
    return hashlib.sha256(_stem(name)).hexdigest()


def _number(stem):
    return int(hashlib.sha256(stem if isinstance(stem, bytes) else stem.encode()).hexdigest()[:8], 16) % 100


def _placed(number):
    return SIDES[(number >= 60) + (number >= 80)]


def _side(name):
    return _placed(_number(_stem(name)))
