"""Checks of assignment 2, measuring quality: one PSNR for a set, blocks by their borders, their grid; `checks` hands them out."""

import math

import numpy as np

from blockcnn_helpers import jpeg, metrics
from blockcnn_helpers.answers import ask, ask_number
from blockcnn_helpers.leaves import dead_leaves
from blockcnn_helpers.transform import BLOCK


def check_set_psnr(answer):
    """Check ``answer(originals, images)``: two lists of uint8 images in, (mean of PSNRs, pooled PSNR, number without error) out."""
    rng = np.random.default_rng(202)
    originals = [rng.integers(40, 200, (*size, 3), dtype=np.uint8) for size in ((24, 40), (8, 12), (17, 9), (30, 5))]
    spoilt = [(image + rng.normal(0, sd, image.shape)).round().astype(np.uint8) for image, sd in zip(originals, (3, 14, 6, 9))]
    partly = spoilt[:1] + originals[1:2] + spoilt[2:]
    for images in (spoilt, partly, originals):
        errors = np.array([metrics.mse(*pair) for pair in zip(originals, images)])
        got, problem = ask(answer, list(originals), list(images))
        if problem and not errors.any():
            return f"{problem}. In that set no picture has an error." if "stops" in problem else problem
        hint = problem or _numbers_hint(got, 3, "mean of the PSNRs, pooled PSNR, number of pictures without error")
        if hint or (hint := _set_hint(np.array(got, float), originals, images, errors)):
            return hint
    return "✓ Right: large pictures count more in the pool, and pictures without error are left out of the mean alone."


def _set_hint(got, originals, images, errors):
    sizes = np.array([image.size for image in originals])
    levels = np.array([metrics.decibels(error) for error in errors])
    finite = levels[levels < np.inf]
    want = finite.mean() if finite.size else math.inf, metrics.decibels(np.average(errors, weights=sizes)), len(levels) - len(finite)
    if np.allclose(got, want):
        return None
    if not finite.size:
        return f"In this set no picture has an error: expected (inf, inf, {len(levels)}), got {_short(got)}."
    wrapped = [np.square((a - b).astype(float)).mean() for a, b in zip(originals, images)]
    with np.errstate(divide="ignore"):
        means = {
            "A picture without error makes the mean of the PSNRs infinite: leave it out there.": math.inf,
            "The first number is the pooled PSNR: the mean of the PSNRs comes first.": want[1],
            "Pictures without error are left out of the sum of the PSNRs, but you still divide by all of them.": finite.sum() / len(levels),
            "The first number is the sum of the PSNRs: divide by how many there are.": finite.sum(),
            "In uint8, 5 − 7 is 254: metrics.mse and metrics.psnr know that.": np.mean(10 * np.log10(255**2 / np.array(wrapped))),
            "The mean of the PSNRs: each picture counts the same there, whatever its size.": np.average(levels, weights=sizes),
            "The first number is the middle one (median) of the PSNRs: the mean is asked for.": np.median(finite),
        }
    pools = {
        "The second number is the mean of the PSNRs: average the squared errors first, then one logarithm.": want[0],
        "You average the pictures' MSEs as if all were of one size: in the pool each value counts.": metrics.decibels(errors.mean()),
        "Pictures without error have left your pool: they count there, with error 0.": metrics.decibels(
            np.average(errors[errors > 0], weights=sizes[errors > 0])
        ),
        "The squared errors are added up in your pool: divide by the number of all values.": metrics.decibels(errors @ sizes),
        "The second number is the pooled MSE: make decibels of it.": np.average(errors, weights=sizes),
    }
    for value, wanted, hints, name in zip(got, want, (means, pools), ("mean of the PSNRs", "pooled PSNR")):
        if not np.isclose(value, wanted):
            hint = next((hint for hint, mistake in hints.items() if np.isclose(value, mistake)), None)
            return hint or f"The {name} is {wanted:.3f} dB, yours is {value:.3f}."
    if got[2] == len(finite):
        return "The third number is how many pictures were *left out*, those without error."
    return f"{want[2]} of {len(levels)} pictures have no error, your third number is {got[2]:g}."


def check_blocking(answer):
    """Check ``answer(plane, size)``: a plane and the size of its blocks in, the blocking effect factor out."""
    rng = np.random.default_rng(11)
    cases = [(_stairs(rng, *sides), sides[-1]) for sides in ((40, 62, 9), (31, 44, 5), (70, 24, 8), (50, 20, 4))]
    cases += [(plane.clip(0, 255).round().astype(np.uint8), size) for plane, size in cases[:2]]
    cases += [(cases[2][0][:7], 8), (cases[2][0][:, :8], 8), (cases[1][0][2:, 3:], 5), (cases[1][0][:3, :5], 8)]
    for plane, size in cases:
        want, words = _blocking(plane, size), f"a {plane.dtype} plane of {plane.shape[0]}x{plane.shape[1]} with blocks of {size}"
        got, problem = ask_number(answer, plane, size)
        if problem:
            return f"{problem} (The check gave {words}.)" if "stops" in problem else problem
        if np.isclose(got, want, atol=1e-9):
            continue
        if np.isnan(got):
            return f"nan: {words} lacks borders in one direction or both. Put both directions together before you take a mean."
        if plane.dtype == np.uint8:
            return "Right for float planes, wrong for uint8, where 5 − 7 is 254: turn the plane into float before you subtract."
        hint = got and next((hint for hint, mistake in _BLOCKING.items() if np.isclose(got, _blocking(plane, size, **mistake))), None)
        if any(np.isclose(got, _blocking(plane, size, weight=_with_side(k))) for k in (0, 1)):
            hint = "η has the shorter side of the plane in it, be it the height or the width."
        if np.isclose(got, _blocking(plane[: plane.shape[0] // size * size, : plane.shape[1] // size * size], size)):
            hint = "Borders before an incomplete last block count too: don't cut the plane to whole blocks."
        if got == 0:
            return f"0 for {words}, where the factor is {want:.3f}: is each D a mean, and are the borders at multiples of the size?"
        return hint or f"For {words} the factor is {want:.4f}, yours is {got:.4f}."
    return "✓ Right: both directions together, any size, and 0 where borders are no worse than the rest."


def _stairs(rng, height, width, size):
    """Return a plane with large steps at the borders of its blocks and middling ones beside them."""
    plain = rng.normal(120, 18, (-(-height // size) + 1, -(-width // size) + 1)).repeat(size, axis=0).repeat(size, axis=1)
    mixed = (plain + 0.6 * np.roll(plain, 1, axis=(0, 1)) + 0.6 * np.roll(plain, -1, axis=(0, 1))) / 2.2
    return mixed[:height, :width] + rng.normal(0, 2, (height, width))


def _blocking(plane, size, form=np.square, axes=(0, 1), late=0, floor=True, weight=None, others=True, each=False, total=False):
    plane, groups = plane.astype(float), []
    for steps in [np.diff(plane, axis=0), np.diff(plane, axis=1).T]:
        border = (np.arange(1, len(steps) + 1) - late) % size == 0
        groups.append([form(lines).astype(float).ravel() for lines in (steps[border], steps[~border] if others else steps)])
    groups = [groups[axis] for axis in axes]
    if not each:
        groups = [[np.concatenate(side) for side in zip(*groups)]]
    mean = np.sum if total else np.mean
    excess = [mean(border) - mean(inside) for border, inside in groups if border.size and inside.size]
    weight = weight or (lambda size, height, width: math.log(size) / math.log(min(height, width)))
    value = np.mean(excess) * weight(size, *plane.shape) if excess else 0.0
    return float(abs(value) if floor is None else max(0.0, value) if floor else value)


def _with_side(axis):
    return lambda size, *sides: math.log(size) / math.log(sides[axis])


_BLOCKING = {
    "Steps are squared, not only made positive: D is a mean of squares.": {"form": np.abs},
    "Only steps downwards are in your factor: those to the right count too.": {"axes": (0,)},
    "Only steps to the right are in your factor: those downwards count too.": {"axes": (1,)},
    "A factor for each direction and then the mean: put the steps of both directions together first.": {"each": True},
    "The weight η is missing.": {"weight": lambda *_: 1.0},
    "η is upside down: the size belongs above, the shorter side below.": {"weight": lambda b, h, w: math.log(min(h, w)) / math.log(b)},
    "Logarithms stand in η: you divided the numbers themselves.": {"weight": lambda b, h, w: b / min(h, w)},
    "η is counted for blocks of 8: take the size that is handed in.": {"weight": lambda b, h, w: math.log(8) / math.log(min(h, w))},
    "D_inside is the mean of all *other* steps: yours holds the borders too.": {"others": False},
    "Your borders are one step too late: with blocks of 8, np.diff's entry 7 is the step from pixel 7 to pixel 8.": {"late": 1},
    "Your borders are one step too early: with blocks of 8, np.diff's entry 7 is the step from pixel 7 to pixel 8.": {"late": -1},
    "Sums of squares were subtracted: there are more steps inside than at borders, so take means.": {"total": True},
    "Where borders are no worse than the rest the factor is 0, not the difference without its sign.": {"floor": None},
    "Below zero: where borders are no worse than the rest the factor is 0.": {"floor": False},
}  # fmt: skip


def check_grid(answer):
    """Check ``answer(plane, clear)``: a plane in, (row, column) of its first whole block out, or None where no grid is clear."""
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 256, (160, 176), dtype=np.uint8)
    bands = rng.integers(60, 180, (20, 1)).repeat(BLOCK, axis=0) + rng.integers(0, 12, (160, 176))
    cases = [
        (_leaves(3, 6, 10), 1.1),
        (_terraces(rng, 1, 4, beside=0), 1.1),
        (_terraces(rng, 5, 2), 1.1),
        (_terraces(rng, 0, 6), 2.2),
        (noise, 1.5),
    ]
    cases += [(_leaves(*lost), 1.1) for lost in ((0, 5, 40), (7, 0, 60), (2, 1, 20))]
    weak = _leaves(2, 1, 40)
    cases += [(bands, 1.5), (bands.T, 1.5), (cases[0][0], 9.0), (weak, 1.8), (weak, 1.7), (weak.astype(int), 1.1), (weak * 0, 1.2)]
    for plane, clear in cases:
        want = _grid(plane, clear)
        try:
            got = answer(plane.copy(), clear)
            if got is ... or (got is None and all(answer(plane.copy(), clear) is None for plane, clear in cases)):
                return "Not yet: your function returns nothing, whatever the plane. (The grid is clear in most planes of the check.)"
            got = got if got is None else tuple(int(value) for value in got)
        except NotImplementedError:
            return "Not yet: the function is still empty."
        except Exception as error:
            return f"Expected (row, column) or None, and it came to {type(error).__name__}: {error}"
        if got is not None and len(got) != 2:
            return f"Expected a pair (row, column) or None, got {len(got)} numbers."
        if got != want:
            return _grid_hint(got, want, plane, clear)
    return "✓ Right: faint borders outvote strong edges, and where nothing is clear you say so."


def _leaves(rows, columns, quality):
    """Return the luma of a compressed drawing that lost some rows and columns, in whole numbers."""
    picture = jpeg.compress(dead_leaves(152, 171, seed=quality), quality)[rows:, columns:]
    return np.rint(jpeg.rgb_to_ycbcr(picture)[..., 0]).astype(np.uint8)


def _terraces(rng, row, column, beside=4):
    """Return a plane that falls by 9 at the borders of its blocks and by `beside` next to them, with a high edge elsewhere."""
    fall = {-1: beside, 0: 9, 1: beside}
    lines = [np.cumsum([-fall.get((k - start + 1) % BLOCK - 1, 0) for k in range(104)]) for start in (row, column)]
    for line, start in zip(lines, (row, column)):
        line[start + 35 :] += 250
    return 500 + lines[0][:, None] + lines[1] + rng.integers(0, 3, (104, 104))


def _grid(plane, clear, raw=False, signed=False, squares=False, tied=False, sides=(0, 1), late=0, against=-2, either=False, never=False):
    place, plain = [], []
    for lines in (plane, plane.T):
        steps = np.diff(lines if raw else lines.astype(float), axis=0)
        steps = steps if signed else np.abs(steps)
        beside = [steps[:-2], steps[2:]]
        larger = np.all([steps[1:-1] >= beside[k] if tied else steps[1:-1] > beside[k] for k in sides], axis=0)
        votes = steps[1:-1].astype(float) ** 2 if squares else larger
        at = (np.arange(len(votes)) + 2 + late) % BLOCK
        share = np.array([votes[at == rest].mean() for rest in range(BLOCK)])
        ordered = np.sort(share)
        plain.append(ordered[-1] <= clear * (ordered[:-1].mean() if against is None else ordered[against]))
        place.append(int(share.argmax()))
    unclear = all(plain) if either else any(plain)
    return None if unclear and not never else tuple(place)


def _grid_hint(got, want, plane, clear):
    said = "no clear grid (None)" if want is None else f"a grid from {want} on"
    mistakes = {
        "That is what the largest squared steps say: count the steps that stand out, don't add them up.": {"squares": True},
        "In uint8, 5 − 7 is 254: turn the plane into float before you subtract.": {"raw": True},
        "Equal is not larger: a step as large as its neighbour doesn't stand out.": {"tied": True},
        "Larger than *both* neighbours, the step before and the step after: you look at one.": {"sides": (0,)},
        "Larger than *both* its neighbours, the step before and the step after: you look at one.": {"sides": (1,)},
        "Downward steps don't count in yours: compare absolute values.": {"signed": True},
        "The step from row y − 1 to row y belongs to row y, where a block would begin: your places are one too low.": {"late": -1},
        "Places are one too high: after np.diff entry 0 is the step into row 1.": {"late": 1},
        "Places are two too low: the first step that votes is the one into row 2.": {"late": -2},
        "The largest share is compared with the *second* largest, not with the mean of the others.": {"against": None},
        "The largest share is compared with the second largest, not with the smallest.": {"against": 0},
        "Rows *and* columns must be clear: here one of them is not.": {"either": True},
        "Some place is always the largest: if it isn't more than `clear` times the second largest, return None.": {"never": True},
    }
    if got and np.ptp(plane) == 0:
        return f"In a flat plane no step stands out and all shares are 0: None, not {got}. (0 is not *more than* `clear` times 0.)"
    if got and want and got == want[::-1]:
        return "Rows and columns are exchanged: (dy, dx), the row first."
    if got and want and got == tuple(-value % BLOCK for value in want):
        return "That is how many rows and columns were lost: asked for is where the first *whole* block begins."
    if got is not None and not 0 <= min(got) <= max(got) < BLOCK:
        return f"Places are 0…7, got {got}."
    if clear == 9.0 and got == _grid(plane, 1.1):
        return f"With clear={clear} the answer is {said}: use the `clear` that is handed in."
    for hint, mistake in mistakes.items():
        if got == _grid(plane, clear, **mistake):
            return hint
    if got is None:
        return f"In this plane there is {said}: compare the largest share with `clear` times the second largest."
    return f"In this plane of {plane.shape} there is {said}, your answer is {got}."


def _numbers_hint(got, count, names):
    """Return what is wrong with an answer that should be so many numbers, or None."""
    try:
        got = [float(value) for value in got]
    except (TypeError, ValueError):
        return f"Expected {count} numbers: {names}."
    return None if len(got) == count else f"Expected {count} numbers ({names}), got {len(got)}."


def _short(numbers):
    return f"({', '.join(f'{number:.4g}' for number in numbers)})"
