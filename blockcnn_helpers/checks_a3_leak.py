"""Checks of the third assignment, second half: nearest patches, fingerprints, sides of groups; see `checks`."""

from itertools import pairwise

import numpy as np

from blockcnn_helpers.answers import ask

CELLS = 8  # rows and columns of a fingerprint


def check_nearest(answer):
    """Check ``answer(known, unknown)``: for each unknown row the nearest known one, measured in deviations of the known columns."""
    rng = np.random.default_rng(77)
    scales, offsets = np.array([1.0, 200.0, 0.05, 8.0, 30.0]), np.array([0.0, 500.0, 3.0, -40.0, 9.0])
    for case in ("plain", "constant", "single"):
        known = offsets + scales * rng.normal(0, 1, (40, 5))
        unknown = offsets + scales * (1.5 + rng.normal(0, 1, (15, 5)) * (3.0, 0.3, 2.0, 0.5, 1.0))
        known[:, 3] = 16.0 if case == "constant" else known[:, 3]
        unknown = unknown[:1] if case == "single" else unknown
        got, problem = ask(answer, known, unknown, array=True)
        if problem:
            return problem + (" (for a single unknown row)." if case == "single" else "")
        want = _nearest(known, unknown)
        if got.shape == want.shape and got.dtype.kind in "iu" and np.array_equal(got, want):
            continue
        return _nearest_hint(got, want, known, unknown, case)
    return "✓ Right: each column counts the same, and the unknown rows have no say in how."


def _nearest(known, unknown):
    return _closest(known, unknown, known)


def _closest(known, unknown, judge, far=np.square, pick=np.argmin, spread=np.std):
    """Nearest rows, with the statistics of `judge`."""
    deviation = spread(judge, axis=0)
    use = deviation > 0
    known, unknown = ((side[:, use] - judge[:, use].mean(axis=0)) / deviation[use] for side in (known, unknown))
    return pick(far(unknown[:, None] - known[None]).sum(axis=2), axis=1)


def _nearest_hint(got, want, known, unknown, case):
    both = np.concatenate([known, unknown])
    if got.shape == (len(known),):
        return f"{len(known)} answers, one per known row; asked for is one per unknown row, {len(unknown)}."
    if got.shape != want.shape:
        return f"Expected {len(want)} indices, one per unknown row, got an array of shape {got.shape}."
    if got.dtype.kind == "f":
        return "Expected whole numbers, the indices of known rows, got decimals: distances? np.argmin says which."
    hints = {
        "The mean and deviation are those of `unknown`. Only `known` may be asked.": {"judge": unknown},
        "The mean and deviation are those of both together: the unknown rows have leaked into the statistics.": {"judge": both},
        "You divide by the variance: the deviation is its root.": {"judge": known, "spread": np.var},
        "Those are the rows farthest away.": {"judge": known, "pick": np.argmax},
        "Those are nearest by the sum of absolute differences: square them.": {"judge": known, "far": np.abs},
        "The columns are compared as they come, so the one with the largest numbers decides: divide by the deviations.": {
            "judge": known,
            "spread": lambda judge, axis: np.ones(judge.shape[1]),
        },
    }
    for hint, how in hints.items():
        if np.array_equal(got, _closest(known, unknown, **how)):
            return hint
    own = [(side - side.mean(axis=0)) / np.where(side.std(axis=0) > 0, side.std(axis=0), 1) for side in (known, unknown)]
    rows = [(side - side.mean(axis=1, keepdims=True)) / side.std(axis=1, keepdims=True) for side in (known, unknown)]
    mixed = {
        "Each array was standardised by itself: take the mean and deviation of `known` for both.": own,
        "Rows were standardised. A column is a feature, and each column has its own mean and deviation.": rows,
    }
    for hint, (first, second) in mixed.items():
        if np.array_equal(got, np.square(second[:, None] - first[None]).sum(axis=2).argmin(axis=1)):
            return hint
    if case == "constant":
        return "Right until a column is constant in `known`: divided by 0, or by nearly nothing, it drowns the others. Leave it out."
    row = int(np.flatnonzero(got != want)[0])
    return f"Unknown row {row} is nearest to known row {want[row]}, you say {got[row]}; {(got != want).sum()} of {len(want)} are wrong."


def check_fingerprint(answer):
    """Check ``answer(image)``: 8x8 bits, True where the next cell of an 8x9 raster of means is brighter."""
    rng = np.random.default_rng(9)
    pictures = {"whole cells": (48, 72), "uneven cells": (37, 60), "the smallest": (8, 9)}
    for case, (height, width) in pictures.items():
        image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        got, problem = ask(answer, image, array=True)
        if problem:
            return f"{problem} (a picture of {height}x{width} pixels)."
        want = _fingerprint(image)
        if got.shape == want.shape and got.dtype == bool and np.array_equal(got, want):
            continue
        return _print_hint(got, want, image, case)
    flat, problem = ask(answer, np.full((40, 54, 3), 77, np.uint8), array=True)
    if problem or flat.shape != want.shape or flat.any():
        return problem or "In a flat picture no cell is brighter than another: all 64 bits are False."
    return "✓ Right: 64 bits, whatever the size of the picture."


def _fingerprint(image):
    means = _raster(image)
    return means[:, 1:] > means[:, :-1]


def _raster(image, rows=CELLS, columns=CELLS + 1):
    tops, lefts = ([side * k // cells for k in range(cells + 1)] for side, cells in zip(image.shape, (rows, columns)))
    return np.array([[image[y:down, x:right].mean() for x, right in pairwise(lefts)] for y, down in pairwise(tops)])


def _print_hint(got, want, image, case):
    if got.shape != want.shape:
        return f"Expected 8x8 bits, got an array of shape {got.shape}: 9 cells in a row have 8 neighbours to compare."
    if got.dtype != bool and np.array_equal(got, want):
        return f"The right bits as {got.dtype}: give them as True and False."
    height, width = image.shape[:2]
    even, tall = _raster(image[: height // 8 * 8, : width // 9 * 9]), _raster(image, min(height, CELLS + 1), CELLS)
    middles = image[[(2 * k + 1) * height // 16 for k in range(8)]][:, [(2 * k + 1) * width // 18 for k in range(9)]].mean(axis=2)
    dark, bright = _fingerprint(255 - image), _raster(image)
    channels = [_fingerprint(image[..., [k]]) for k in range(3)]
    rounded = np.linspace(0, height, 9).round().astype(int), np.linspace(0, width, 10).round().astype(int)
    drawn = [[image[a:b, c:d].mean() for c, d in pairwise(rounded[1])] for a, b in pairwise(rounded[0])]
    hints = [
        ("The bits are turned: True is for a right neighbour that is brighter.", dark),
        ("You compare with the cell below, in 9 rows. Asked for are 9 columns, and the right neighbour.", tall[1:] > tall[:-1]),
        ("One colour alone was looked at: take the mean over all three.", next((one for one in channels if (got == one).all()), dark)),
        ("Each cell was compared with the mean of the whole picture: compare with the right neighbour.", bright[:, :8] > image.mean()),
        ("One pixel stands for each cell: take the mean of all its pixels.", np.diff(middles, axis=1) > 0),
        ("What didn't fit into equal cells was cut off: cells may differ by a pixel, and cover the picture.", np.diff(even) > 0),
        ("The cells' limits were rounded: width * j // 9 goes down to a whole number.", np.diff(drawn) > 0),
        ("The picture's rows and columns are exchanged.", _fingerprint(image.swapaxes(0, 1)) if min(height, width) > 8 else dark),
        ("The bits are transposed: the first axis runs downwards.", want.T),
    ]
    for hint, bits in hints:
        if np.array_equal(got, bits):
            return hint
    y, x = np.argwhere(got.astype(bool) != want)[0]
    left, right = bright[y, x : x + 2]
    wrong, cells = int((got.astype(bool) != want).sum()), f"cells {x} and {x + 1} have the means {left:.1f} and {right:.1f}"
    return f"{wrong} of 64 bits are wrong ({case}). In row {y}, {cells}: bit {want[y, x]}."


def check_group_sides(answer):
    """Check ``answer(names, alike, own)``: {name: side}, each group on the own side of its member that came first."""
    names = ["pond", "oak", "ash", "elm", "fir", "bay", "yew", "box"]
    own = dict(zip(names, ["val", "train", "test", "train", "test", "train", "test", "test"]))
    alone = {"no two alike": [], "pairs": [("fir", "elm"), ("pond", "box")]}
    chains = {"a chain": [("elm", "bay"), ("fir", "box"), ("yew", "elm"), ("box", "yew"), ("pond", "ash")]}
    chains["a star"] = [("fir", "ash"), ("fir", "bay"), ("box", "fir")]
    for case, alike in (alone | chains).items():
        got, problem = ask(answer, names, alike, own)
        if problem:
            return f"{problem} (case: {case})."
        if not isinstance(got, dict):
            return f"Expected a dictionary from each name to its side, got {type(got).__name__}."
        want = _group_sides(names, alike, own)
        missing = [name for name in names if name not in got]
        if missing:
            return f"{missing[0]} needs a side as well: all {len(names)} names belong into the dictionary, you have {len(got)}."
        if got != want:
            return _sides_hint(got, want, names, alike, own, case)
    return "✓ Right: groups stay together, chains too, and whoever was there first stays where it was."


def _group_sides(names, alike, own, first=min):
    group = {name: {name} for name in names}
    for one, other in alike:
        together = group[one] | group[other]
        for name in together:
            group[name] = together
    return {name: own[first(group[name], key=names.index)] for name in names}


def _sides_hint(got, want, names, alike, own, case):
    if set(got) - set(names):
        return f"{sorted(map(str, set(got) - set(names)))[0]!r} is none of the names."
    if got == own:
        return "Everybody sits where the own name says, look-alikes too: the leak is still there."
    if got == _group_sides(names, alike, own, max):
        return "Your groups sit where their last member sits: a newcomer would move those who were there first."
    alphabetical = _group_sides(sorted(names), alike, own)
    if got == {name: alphabetical[name] for name in names}:
        return "You take the first by the alphabet: asked is the one that stands first in `names`."
    obeyed = dict(own)
    for one, other in alike:
        obeyed[other] = own[one]
    if got == obeyed:
        return "The first name of a pair isn't always the older one: `names` says who came first."
    if all(side == got[names[0]] for side in got.values()):
        return "All names sit on one side: those that resemble nobody stay where their own name puts them."
    for one, other in alike:
        if got[one] != got[other]:
            sides = f"{got[one]} and {got[other]} (case: {case})"
            return f"{one} and {other} look alike and sit on two sides, {sides}. Follow each chain to its end."
    name = next(name for name in names if got[name] != want[name])
    if all(name not in pair for pair in alike):
        return f"{name} resembles nobody and stays in {own[name]}; yours went to {got[name]}."
    return f"{name} should sit in {want[name]}, where its group's first in `names` sits; yours sits in {got[name]} (case: {case})."
