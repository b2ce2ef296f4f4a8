"""Checks of lesson 06: back into the interval, the mean of mirror images, what is worth its price, back onto the grid, a dial."""

import numpy as np

from blockcnn_helpers import jpeg, metrics
from blockcnn_helpers.answers import ask, hint_for
from blockcnn_helpers.jpeg import BLOCK
from blockcnn_helpers.leaves import dead_leaves


def check_clip(answer):
    """Check ``answer(coefficients, levels, table)``: 8x8 arrays in, the coefficients moved into their intervals out, slack 1 included."""
    rng = np.random.default_rng(64)
    table = rng.integers(3, 60, (8, 8))
    levels = rng.integers(-3, 4, (8, 8))
    middle = levels * table
    off = rng.choice([-3.0, -1.2, -0.2, 0.3, 1.2, 3.0], (8, 8)) * table
    off[0, :4] = 0.5 * table[0, :4] + (0.5, 0.8, -0.2, 2.5)
    off[1, :4] = -0.5 * table[1, :4] - (0.5, 0.8, -0.2, 2.5)
    given = middle + off
    got, problem = _ask_shape(answer, (8, 8), given, levels, table)
    if problem:
        return problem
    half = table / 2
    want = given.clip(middle - half - 1, middle + half + 1)
    if np.allclose(got, want):
        return "✓ Right: what the file allows stays, the rest goes to the nearest end of its interval."
    hints = {
        "Nothing has moved: coefficients outside their interval go to its nearest end.": given,
        "Each coefficient in the middle of its interval: that is the JPEG again. Only those outside move, and to the end.": middle,
        "Without slack: half a step and 1 more on each side, since encoders round on the way.": given.clip(middle - half, middle + half),
        "Your interval is two steps wide: rounding moved a coefficient by half a step at most.": given.clip(
            middle - table - 1, middle + table + 1
        ),
        "Your interval is in steps, the coefficients are not: multiply level − 1/2 and level + 1/2 by the table.": given.clip(
            levels - 0.5, levels + 0.5
        ),
        "Your interval is in steps, the coefficients are not: multiply the levels by the table.": given.clip(levels - half, levels + half),
        "Level ± 1/2 and the slack of 1, but no table: multiply level − 1/2 and level + 1/2 by the steps first.": given.clip(
            levels - 1.5, levels + 1.5
        ),
        "The level is not multiplied by its step: the middle of the interval is level × step.": given.clip(
            levels - half - 1, levels + half + 1
        ),
        "Your intervals lie around zero: they lie around level × step.": given.clip(-half - 1, half + 1),
        "The slack of 1 is in coefficients, not in steps: add it after multiplying by the table.": given.clip(
            middle - half - table, middle + half + table
        ),
        "Your slack makes the interval narrower: it belongs outside, low − 1, high + 1.": given.clip(middle - half + 1, middle + half - 1),
        "Low and high are exchanged: np.clip takes the lower end first.": middle - half - 1,
        "Half of an odd step is not a whole number: table / 2, not table // 2.": given.clip(
            middle - table // 2 - 1, middle + table // 2 + 1
        ),
        "You round each coefficient to the nearest multiple of its step: the levels are given, and inside nothing moves.": (
            np.rint(given / table) * table
        ),
        "Right but for rounding: coefficients are no whole numbers, leave them as they are.": np.rint(want),
        "Right but cut off to whole numbers: coefficients are none, leave them as they are.": np.trunc(want),
        "Only the upper end holds in your answer: a coefficient can be too small, too.": np.minimum(given, middle + half + 1),
        "Only the lower end holds in your answer: a coefficient can be too large, too.": np.maximum(given, middle - half - 1),
        "An interval begins half a step below the level, not at it: the encoder rounded to the nearest, it didn't cut off.": given.clip(
            middle - 1, middle + table + 1
        ),
        "A coefficient outside goes to the nearest end, not into the middle.": np.where(
            (given < middle - half - 1) | (given > middle + half + 1), middle, given
        ),
    }
    v, u = np.argwhere(~np.isclose(got, want))[0]
    said = f"Coefficient [{v}, {u}] is {given[v, u]:.1f}, its level {levels[v, u]}, its step {table[v, u]}"
    return hint_for(got, hints) or f"{said}: it should become {want[v, u]:.1f}, yours is {got[v, u]:.1f}."


def check_mirrors(answer):
    """Check ``answer(image, repair)``: a float picture and a repair in, the mean repair of its four mirror images out."""
    rng = np.random.default_rng(4)
    image = rng.uniform(0, 255, (16, 32, 3))
    pattern = rng.uniform(0, 30, (16, 32, 3))
    seen = []

    def repair(picture):
        seen.append(np.array(picture, dtype=float))
        if seen[-1].shape != image.shape:
            raise ValueError(f"the repair takes this picture's shape, {image.shape}, and got {seen[-1].shape}: no quarter turns")
        return seen[-1] * 0.9 + pattern

    got, problem = _ask_shape(answer, image.shape, image, repair)
    if problem:
        return problem
    ways = [(slice(None, None, down), slice(None, None, across)) for down in (1, -1) for across in (1, -1)]
    answers = [0.9 * image[way] + pattern for way in ways]
    back = [one[way] for one, way in zip(answers, ways)]
    want = np.mean(back, axis=0)
    if np.allclose(got, want):
        return f"✓ Right: {len(seen)} repairs, each turned back to where it belongs, and their mean."
    hints = {
        "You average the answers without turning them back: each shows another mirror image.": np.mean(answers, axis=0),
        "One repair of the picture as it is: where are the mirror images?": back[0],
        "You turn the picture round before you repair it, and never turn the answer back.": answers[3],
        "That is the sum of the four: divide by 4.": 4 * want,
        "Two pictures only, left and right exchanged: it can be upside down as well, and both.": np.mean([back[0], back[1]], axis=0),
        "Two pictures only, upside down: left and right can be exchanged as well, and both.": np.mean([back[0], back[2]], axis=0),
        "Two pictures only, as it is and turned by 180 degrees: there are two more.": np.mean([back[0], back[3]], axis=0),
        "Three pictures: the one mirrored in both directions is missing.": np.mean(back[:3], axis=0),
        "You leave out the picture as it is.": np.mean(back[1:], axis=0),
        "The colours are mirrored too: only rows and columns may change places.": np.mean(
            [(0.9 * image[::a, ::b, ::c] + pattern)[::a, ::b, ::c] for a, b, c in ((1, 1, 1), (-1, 1, 1), (1, -1, 1), (1, 1, -1))], axis=0
        ),
        "The median is not the mean.": np.median(back, axis=0),
        "Right, but cut off to whole numbers: the mean is float, it is rounded once at the very end.": np.floor(want),
        "Right but for rounding: return the float, it is rounded once at the very end.": np.rint(want),
        "The image mirrored in both directions is turned back in one only, upside down: left and right too.": (
            back[0] + back[1] + back[2] + answers[3][::-1]
        )
        / 4,
        "The image mirrored in both directions is turned back in one only, left and right: upside down too.": (
            back[0] + back[1] + back[2] + answers[3][:, ::-1]
        )
        / 4,
        "You mirror what was repaired once: a repair has to see each mirror image.": np.mean([answers[0][way] for way in ways], axis=0),
    }
    return hint_for(got, hints) or f"Pixel [0, 0, 0] should be {want[0, 0, 0]:.1f}, yours is {got[0, 0, 0]:.1f}."


def check_strength(answer):
    """Check ``answer(decoded, repaired, strength)``: two uint8 images and 0...1 in, the blend as uint8 out."""
    rng = np.random.default_rng(50)
    decoded = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    repaired = decoded + rng.integers(1, 256, (8, 8, 3), dtype=np.uint8)  # all differ, and some sums wrap around
    for strength in (0.317, 0.843, 0.0, 1.0):  # no blend of whole numbers is a whole number
        got, problem = _ask_shape(answer, decoded.shape, decoded, repaired, strength)
        if problem:
            return problem
        low, high = decoded.astype(float), repaired.astype(float)
        exact = low + strength * (high - low)
        want = np.rint(exact)
        right = np.abs(got - exact).max() <= 0.5 + 1e-6
        if right and got.dtype != np.uint8:
            return f"The right numbers as {got.dtype}: a picture is uint8, so round and convert with .astype(np.uint8)."
        if right:
            continue
        wrapped = (repaired - decoded).astype(float)
        hints = {
            "Turned round: strength 0 is the JPEG, strength 1 the repair.": np.rint(high + strength * (low - high)),
            "Cut off, not rounded: astype(np.uint8) alone drops what is behind the point. np.rint first.": np.floor(exact),
            "The difference of uint8 arrays wraps around at 0: turn the images into float before you subtract.": np.rint(
                low + strength * wrapped
            )
            % 256,
            "The difference of uint8 arrays wraps around at 0: turn them into float before you subtract; and round at the end.": np.floor(
                low + strength * wrapped
            )
            % 256,
            "The difference wraps around at 0, and clipping hides it: turn the images into float before you subtract.": np.rint(
                low + strength * wrapped
            ).clip(0, 255),
            "Half of each, whatever the strength.": np.rint((low + high) / 2),
            "You add a share of the repair to the whole JPEG: add a share of the change, repaired − decoded.": np.rint(
                low + strength * high
            ).clip(0, 255),
            "You add a share of the repair to the whole JPEG, and cut off: add a share of the change, and round.": np.floor(
                low + strength * high
            ).clip(0, 255),
            "A share of the repair on top of the whole JPEG runs over 255 and wraps around: add a share of the change.": np.rint(
                low + strength * high
            )
            % 256,
            "You cut off the change before you add it: round once, at the end.": low + np.trunc(strength * (high - low)),
            "That is the change alone: add it to the JPEG.": np.rint(strength * (high - low)),
            "That is the JPEG: nothing was blended.": low,
            "That is the repair: the strength has no effect.": high,
        }
        found = hint_for(got, hints, atol=1e-6)
        first = tuple(int(k) for k in np.argwhere(np.abs(got - exact) > 0.5 + 1e-6)[0])
        pair = f"{decoded[first]} and {repaired[first]} at strength {strength}"
        return found or f"{pair} should give {want[first]:.0f}, yours is {got[first]:.0f}."
    return "✓ Right: 0 is the JPEG, 1 the repair, and between them a share of the change."


def check_front(answer):
    """Check ``answer(rows)``: (name, gain, cost) in, the names that no other row beats in both respects out, cheapest first."""
    rows = [
        ("wide", 0.62, 143), ("filter", 0.41, 4), ("slow", 0.40, 90), ("small", 0.50, 99), ("four", 0.66, 571),
        ("heavy", 0.62, 190), ("twice", 0.65, 800), ("weak", 0.45, 99), ("blur", 0.05, 1),
    ]  # fmt: skip
    want = ["blur", "filter", "small", "wide", "four"]
    got, problem = ask(lambda given: _names(answer(given)), rows)
    if problem:
        return problem
    if got == want:
        return "✓ Right: these five are worth their price; each of the others is beaten by one that costs no more."
    if any(name not in [row[0] for row in rows] for name in got):
        return "Expected a list of names, such as ['filter', 'wide']."
    if sorted(got) == sorted(want):
        return "The right names; the cheapest is to come first."
    if len(got) != len(set(got)):
        return "A name appears twice in your list."
    hints = {
        "You took all of them: leave out each row that another beats in both gain and cost.": {row[0] for row in rows},
        "Only the best gain: a cheaper row with less gain is worth its price, too.": {"four"},
        "Only the cheapest: a dearer row is worth its price if it gains more.": {"blur"},
        "Only the best gain for its cost: that ratio picks one row, and beaten is asked pair by pair.": {"filter"},
        "heavy gains no more than wide and costs more: a row that is equal in one and worse in the other is beaten.": {*want, "heavy"},
        "weak costs no less than small and gains less: a row that is equal in one and worse in the other is beaten.": {*want, "weak"},
        "heavy and weak are equal to another row in one respect and worse in the other: they are beaten.": {*want, "heavy", "weak"},
        "You kept what is beaten and left out what is not.": {row[0] for row in rows} - set(want),
        "small is cheaper than wide: gaining less, it is still worth its price.": set(want) - {"small"},
    }
    for hint, names in hints.items():
        if set(got) == names:
            return hint
    beaten = [name for name in got if name not in want]
    if beaten:
        return f"{beaten[0]} is beaten: another row costs no more and gains at least as much."
    return f"{next(name for name in want if name not in got)} is missing: no other row gains as much at its cost."


def check_realign(answer):
    """Check ``answer(image)``: a JPEG whose first rows and columns were cut off in, the rest from its first whole block on out."""
    for rows, columns in ((3, 6), (0, 5), (1, 6), (0, 0)):
        image = jpeg.compress(dead_leaves(91, 107, seed=rows + 2), 10)[rows:, columns:]
        y, x = -rows % BLOCK, -columns % BLOCK
        got, problem = ask(answer, image, array=True)
        if problem:
            return problem
        if got.shape in ((), (2,), (3,)):
            return "That is where the grid begins, or how strong it is: return the picture cut there, image[row:, column:]."
        want = _cut(image, (y, x))
        if np.array_equal(got, want):
            continue
        hint = next((hint for hint, mistake in _cut_wrongly(image, y, x).items() if np.array_equal(got, mistake)), None)
        said = f"Cut by {rows} rows and {columns} columns before, {y} and {x} more are to go: expected shape {want.shape}"
        return hint or f"{said}, yours is {got.shape}{', with other pixels' if got.shape == want.shape else ''}."
    return "✓ Right: what is left begins with a whole block."


def _cut_wrongly(image, y, x):
    """Return the pictures that mistakes lead to, where a grid begins at row y and column x: {hint: image}."""
    strength = {place: metrics.blockiness(_cut(image, place)) for place in np.ndindex(BLOCK, BLOCK)}
    strongest = lambda allowed: _cut(image, max(filter(allowed, strength), key=strength.get))
    height, width = (side // BLOCK * BLOCK for side in (image.shape[0] - y, image.shape[1] - x))
    return {
        "Nothing was cut off: a grid begins elsewhere, and blockiness finds it.": image,
        "Zero rows or columns is an answer too: try 0 to 7.": strongest(min),
        "Seven rows or columns is an answer too: range(8).": strongest(lambda place: max(place) < BLOCK - 1),
        "Rows and columns can be off by different numbers: try 8x8 places, not 8.": strongest(lambda place: place[0] == place[1]),
        "You cut as many as the grid is off already: cut up to the place where the next whole block *begins*.": _cut(
            image, (BLOCK - y, BLOCK - x)
        ),
        "Rows and columns are exchanged: image[row:, column:].": _cut(image, (x, y)),
        "Columns are cut, rows are not.": image[:, x:],
        "Rows are cut, columns are not.": image[y:],
        "You cut at the bottom and at the right: the grid is counted from the top left.": image[: -y or None, : -x or None],
        "On the grid, but a whole block more than needed is gone.": _cut(image, (y + BLOCK, x + BLOCK)),
        "One too many: places count from 0.": _cut(image, (y + 1, x + 1)),
        "np.roll brings what was cut off back in on the other side: cut, image[row:, column:].": np.roll(image, (-y, -x), (0, 1)),
        "That is the weakest grid: the largest blockiness marks where blocks begin.": _cut(image, min(strength, key=strength.get)),
        "Incomplete blocks at the bottom and the right do no harm: cut at top and left only.": image[y : y + height, x : x + width],
    }


def _cut(image, place):
    return image[place[0] :, place[1] :]


def _names(got):
    if got is None or got is ...:
        return got
    if isinstance(got, str):
        raise TypeError("expected a list of names, got one string")
    return [item if isinstance(item, str) else item[0] for item in got]


def _ask_shape(answer, shape, *given):
    """Ask for an array of numbers of this shape: return (it, None) or (None, a line that says why not)."""
    got, problem = ask(answer, *given, array=True)
    if problem:
        return None, problem
    if got.shape != shape:
        return None, f"Expected an array of shape {shape}, got shape {got.shape}."
    return got, None
