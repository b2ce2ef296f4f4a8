"""Checks of assignment 1, the parts of a codec: cosines of any length, the table of a quality, levels with a dead zone."""

import numpy as np

from blockcnn_helpers.answers import ask, hint_for
from blockcnn_helpers.quantisation import LUMA, quantisation_tables


def check_cosines(answer):
    """Check ``answer(n)``: a length in, the orthonormal DCT matrix of that length out."""
    for n in (8, 4, 1, 11):
        want = fourier_cosines(n)
        got, problem = ask(answer, n, array=True)
        if problem:
            return problem
        if got.shape != want.shape:
            return f"For n = {n} expected shape {want.shape}, got {got.shape}."
        if np.allclose(got, want):
            continue
        waves = want / want[:, :1] * np.cos(np.pi * np.arange(n) / (2 * n))[:, None]
        k, i = np.ogrid[:n, :n]
        squares = np.square(waves).sum(axis=1, keepdims=True)
        at_edges, for_8 = (np.cos(np.pi * k * run) for run in (i / n, (2 * i + 1) / 16))
        hint = hint_for(got, {
            "Rows and columns are swapped: row k is one cosine, pixel by pixel along it.": want.T,
            "The cosines are right, the scale is missing: the squares of a row should add up to 1.": waves,
            "Row 0 is too long: a row of ones has n squares to add up, a cosine about half as many.": waves * np.sqrt(2 / n),
            "One scale for all rows, taken from row 0: each row has its own.": waves / np.sqrt(n),
            "The scale was divided by twice: the length of a row is the root of the sum of its squares.": waves / squares,
            "The cosine is taken at the left edge of the pixels, 2i: their middles are at 2i + 1.": normed(at_edges),
            "The divisor counts 16 for any n: that is 2n for n = 8 alone.": normed(for_8),
        })  # fmt: skip
        if hint:
            return hint
        if n > 2 and np.allclose(got[:-1], want[1:]):
            return "Your k begins at 1: row 0 has no half wave at all, it is flat."
        if n > 2 and np.allclose(got[1], want[2]):
            return "These run twice as fast: k half waves over the n pixels, not k whole ones."
        row = int(np.argmax(~np.isclose(got, want).all(axis=1)))
        length = float(np.square(got[row]).sum())
        if not np.isclose(length, 1):
            return f"For n = {n} the squares of row {row} add up to {length:.3f}; they should to 1."
        column = int(np.argmax(~np.isclose(got[row], want[row])))
        return f"For n = {n}, entry [{row}, {column}] should be {want[row, column]:.4f}, yours is {got[row, column]:.4f}."
    return "✓ Right: rows of length one at right angles, for n = 1, 4, 8 and 11."


def fourier_cosines(n):
    """Return the orthonormal DCT matrix by way of the Fourier transform of each unit vector and its mirror image."""
    mirrored = np.fft.fft(np.vstack([np.eye(n), np.eye(n)[::-1]]), axis=0)[:n]
    turned = (mirrored * np.exp(-0.5j * np.pi * np.arange(n) / n)[:, None]).real
    return normed(turned)


def normed(waves):
    """Return rows at length one; a row of zeros stays."""
    return waves / np.maximum(np.linalg.norm(waves, axis=1, keepdims=True), 1e-12)


def check_table(answer):
    """Check ``answer(base, quality)``: a base table and a quality in, the table of that quality out."""
    odd = np.array([[1, 9, 33], [62, 150, 201]])
    expected = {
        30: [[2, 15, 55], [103, 249, 255]],
        10: [[5, 45, 165], [255, 255, 255]],
        75: [[1, 5, 17], [31, 75, 101]],
        99: [[1, 1, 1], [1, 3, 4]],
        50: odd,
    }
    cases = [(odd, quality, np.array(want)) for quality, want in expected.items()]
    cases += [(LUMA, quality, quantisation_tables(quality)[0]) for quality in (3, 24, 49, 50, 85)]
    for base, quality, want in cases:
        got, problem = ask(answer, base, quality, array=True)
        if problem:
            return problem
        if got.shape != want.shape:
            return f"A base of shape {base.shape} gives a table of that shape; yours is {got.shape}."
        if np.array_equal(got, want):
            continue
        below, above = 5000 / quality, 200 - 2 * quality
        scale, other = (below, above) if quality < 50 else (above, below)
        exact = base * np.floor(scale) / 100
        rules = ("For qualities from 50 on there is another rule: 5000 / q", "Below 50 there is another rule: 200 − 2 q")
        hint = hint_for(got, {
            "These steps are not rounded yet: a step is a whole number.": exact,
            "Not rounded yet, but clipped: a step is a whole number.": exact.clip(1, 255),
            "Steps above 255 are right so, but a step of 0 became possible: 1 is the smallest.": np.floor(exact + 0.5).clip(0, 255),
            "Not clipped: no step is below 1 or above 255.": np.floor(exact + 0.5),
            "Halves went to the even neighbour, as np.rint and round do: here a half goes upwards.": np.rint(exact).clip(1, 255),
            "The fraction of the step was cut off: round it to the nearest whole number.": np.floor(exact).clip(1, 255),
            "Rounded up always: to the nearest is asked for.": np.ceil(exact).clip(1, 255),
            "The scale's fraction was kept: cut it off first, 5000 / 3 is 1666 percent.": np.floor(base * scale / 100 + 0.5).clip(1, 255),
            f"{rules[quality < 50]} is for the other half.": scaled(base, int(other)),
            "The scale is in percent: divide by 100.": (base * int(scale)).clip(1, 255),
            "This is the standard's table, scaled: scale the base that is handed in.": scaled(np.resize(LUMA, base.shape), int(scale)),
            "The base came back as it was.": base,
        }, atol=1e-9)  # fmt: skip
        if hint:
            return hint
        v, u = np.argwhere(got != want)[0]
        return f"Quality {quality} makes {want[v, u]} of a base step of {base[v, u]}; yours is {got[v, u]:g}."
    return "✓ Right: ten tables, whole numbers from 1 to 255."


def scaled(base, percent):
    """Return a table at so many percent, as `quantisation_tables` rounds it."""
    return np.floor(base * percent / 100 + 0.5).clip(1, 255)


def check_table_limits(answer):
    """Check the limits of ``answer(base, quality)``: qualities 1 and 100, impossible ones, a base of type uint8."""
    base = np.array([[1, 2, 3, 30], [200, 255, 16, 99]])
    for quality in (0, 101, -3):
        try:
            got = answer(base.copy(), quality)
        except NotImplementedError:
            return "Not yet: the function is still empty."
        except ValueError:
            continue
        except Exception as error:
            return f"Quality {quality} should raise a ValueError, yours stops with {type(error).__name__}: {error}"
        if got is None or got is ...:
            return f"Not yet: your function returns nothing, for quality {quality}; it should raise a ValueError."
        if isinstance(got, Exception) or got is ValueError:
            return "The error came back as a result: raise it, don't return it."
        if isinstance(got, str):
            return f"For quality {quality} a text came back; raise a ValueError with that text."
        return f"Quality {quality} does not exist: raise a ValueError. Yours returned an answer."
    for quality, want in ((100, np.ones_like(base)), (1, np.where(base > 5, 255, base * 50).clip(1, 255))):
        got, problem = ask(answer, base, quality, array=True)
        if problem and "ValueError" in problem:
            return f"Quality {quality} is allowed, the limit itself; yours raises a {problem.partition('with ')[2]}"
        if problem:
            return problem
        if got.shape != want.shape:
            return f"A base of shape {base.shape} gives a table of that shape; yours is {got.shape}."
        if not np.array_equal(got, want) and quality == 100 and not got.any():
            return "At quality 100 every step is 1: yours are 0, and nothing can be divided by that."
        if not np.array_equal(got, want) and got.max() > 255:
            return f"At quality 1 your largest step is {got.max():g}: 255 is the most a file can hold."
        if not np.array_equal(got, want):
            return f"At quality {quality} the first row should be {want[0].tolist()}, yours is {got[0].tolist()}."
    for quality, want in ((20, scaled(base, 250)), (60, scaled(base, 80))):
        got, problem = ask(answer, base.astype(np.uint8), quality, array=True)
        if problem:
            return f"With a base of type uint8: {problem} Which numbers fit into uint8?"
        if got.shape != want.shape or not np.array_equal(got, want):
            return "A base of type uint8 comes out wrong: its products wrap round at 256. Change the type before you multiply."
    return "✓ Right: 1 and 100 work, 0 and 101 are refused, and uint8 does no harm."


def check_dead_zone(answer):
    """Check ``answer(coefficients, table, zone)``: coefficients and steps in, whole levels out."""
    dice = np.random.default_rng(31)
    for zone, shape in ((0.5, (8, 8)), (0.75, (8, 8)), (1.0, (4, 6)), (0.625, (2, 3, 4, 6))):
        table = dice.integers(2, 60, shape[-2:])
        sizes, signs = dice.integers(0, 6, shape), dice.choice((-1, 1), shape)
        parts = np.where(sizes > 0, sizes - 1 + zone, 0) + dice.uniform(0.02, 0.98, shape) * np.where(sizes > 0, 1, zone)
        parts[..., 0, :2], sizes[..., 0, :2] = (zone, zone + 1), (1, 2)  # thresholds met exactly
        table.flat[:2] = 16
        steps, want = signs * parts, signs * sizes
        got, problem = ask(answer, steps * table, table, zone, array=True)
        if problem:
            return problem
        if got.shape != want.shape:
            return f"Coefficients of shape {want.shape} have levels of that shape; yours is {got.shape}."
        if np.array_equal(got, want):
            continue
        shrunk = signs * np.where(sizes > 0, np.maximum(np.floor(parts + 0.5), 1), 0)
        strict = want.copy()
        strict[..., 0, :2] -= signs[..., 0, :2]
        nearest = signs * np.floor(parts + 0.5)
        unscaled = signs * (np.floor((parts * table - zone) / table) + 1)
        hint = hint_for(got, {
            "Right but for the thresholds themselves: one that is met exactly counts as reached.": strict,
            "The signs are lost: a level has the sign of its coefficient.": sizes,
            "Rebuilt coefficients: a level is how many steps, not what they add up to.": want * table,
            "Rounded to the nearest level: the zone has not been used.": nearest,
            "Python and NumPy round halves to the even neighbour; and where is the zone?": np.rint(steps),
            "Only the zone around zero was widened: every threshold moves, to zone, zone + 1, zone + 2, …": shrunk,
            "The fractions are cut off, whatever the zone.": np.trunc(steps),
            "Floor goes down always: below zero the levels come out one too low.": np.floor(steps + 1 - zone),
            "The zone was taken off the coefficients: it counts in steps, so divide first.": unscaled,
            "The zone works the wrong way round: a wider one should make more zeros.": signs * np.floor(parts + zone),
            "Divided, not rounded: a level is a whole number.": steps,
        })  # fmt: skip
        if hint:
            return hint
        place = tuple(np.argwhere(~np.isclose(got, want))[0])
        return f"{steps[place]:.3f} steps with zone {zone} are level {want[place]}, yours is {got[place]:g}."
    return "✓ Right: for four zones, one block or many, thresholds included."
