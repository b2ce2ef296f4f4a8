"""Checks of assignment 2, measuring quality: a table on what all have measured, a difference that is settled; `checks` hands them out."""

import numpy as np

from blockcnn_helpers.answers import ask


def check_fair_table(answer):
    """Check ``answer(rows)``: rows of measurements in, a list of (method, mean PSNR, mean gain), JPEG first, out."""
    rng = np.random.default_rng(31)
    level = {"JPEG": 0.0, "Alpha": 0.4, "Beta": 1.3, "Gamma": -0.5}
    rows = [
        {"method": method, "quality": quality, "image": image, "psnr": 24 + 0.2 * quality + float(rng.uniform(0, 3)) + level[method]}
        for quality in (10, 30) for image in "abcde" for method in ("Gamma", "JPEG", "Alpha", "Beta")
    ]  # fmt: skip
    lost = {("Alpha", 10, "b"), ("Beta", 30, "c"), ("Beta", 30, "a"), ("JPEG", 10, "e"), ("Gamma", 30, "d")}
    plain = [row for row in rows if (row["method"], row["quality"], row["image"]) not in lost]
    again = [row | {"psnr": row["psnr"] + float(rng.uniform(-2, 2))} for row in plain if row["image"] in "ac"]
    failed = [row | {"psnr": None} for row in plain if row["method"] == "Alpha" and (row["image"], row["quality"]) == ("a", 10)]
    apart = [row for row in plain if row["method"] != "Beta" or (row["image"], row["quality"]) == ("b", 10)]
    never = [row | {"psnr": None} if row["method"] == "Gamma" else row for row in plain]
    for given in (plain, plain[::-1], plain + again, failed + plain, plain + failed, again + plain + failed, apart, never):
        got, problem = ask(answer, [dict(row) for row in given])
        if problem:
            none = " (The check has rows whose psnr is None.)" if any(row["psnr"] is None for row in given) else ""
            return problem + none if "stops" in problem else problem
        hint = _table_hint(got, given)
        if hint:
            return hint
    return "✓ Right: one set of cases for all, each gain against its own JPEG, JPEG first."


def _fair(rows, first=False, zero=False, kept=False, key=("image", "quality"), pairs=False, every=False, ratio=False, turned=False):
    values = {}
    for row in rows:
        if row["psnr"] is None and kept:
            continue
        own, case = values.setdefault(row["method"], {}), tuple(row[name] for name in key)
        own[case] = own.get(case, row["psnr"]) if first else 0.0 if zero and row["psnr"] is None else row["psnr"]
    known = {method: {case for case, value in own.items() if value is not None} for method, own in values.items()}
    shared = set.intersection(*known.values())
    table = []
    for method, own in values.items():
        cases = known[method] & known["JPEG"] if pairs or every else shared
        mean = np.mean([own[case] for case in (known[method] if every else cases)]) if cases else np.nan
        base = np.mean([values["JPEG"][case] for case in (known["JPEG"] if every else cases)]) if cases else np.nan
        table.append((method, mean, (base - mean) if turned else mean / base if ratio else mean - base))
    if not shared and not pairs and not every:
        return []
    return sorted(table, key=lambda line: (line[0] != "JPEG", -line[2]))


def _table_hint(got, rows):
    want = _fair(rows)
    try:
        got = [(str(method), float(level), float(gain)) for method, level, gain in (got.items() if isinstance(got, dict) else got)]
    except (TypeError, ValueError):
        return "Expected a list of triples (method, mean PSNR, mean gain)."
    names, wanted = [line[0] for line in got], [line[0] for line in want]
    if names == wanted and np.allclose(_values(got), _values(want)):
        return None
    if not want:
        return "No case is left that all methods share: the table is empty, []. (A method with no value but None takes part as well.)"
    if sorted(names) != sorted(wanted):
        return f"Expected one line for each of {', '.join(wanted)}; yours has {', '.join(names) or 'none'}."
    if np.allclose(_values(sorted(got)), _values(sorted(want))):
        if names[0] != "JPEG":
            return f"The numbers are right, but JPEG comes first, and yours begins with {names[0]}."
        return f"The numbers are right, the order is not: after JPEG the largest gain first, {', '.join(wanted[1:])}."
    mistakes = {
        "You average each method over its own cases: take only those that all methods have.": {"every": True},
        "You compare each method with JPEG where those two have values; fair is where *all* methods have one.": {"pairs": True},
        "A case is an image *at a quality*: your key forgets the quality.": {"key": ("image",)},
        "A case is an *image* at a quality: your key forgets the image.": {"key": ("quality",)},
        "If a case's last row is None the method has no value for it; you keep an earlier one.": {"kept": True},
        "Measured twice: your table holds the first row of a case, the last one counts.": {"first": True},
        "None stands in your table as 0 dB: a method without a value for a case takes the case out.": {"zero": True},
        "A difference in dB is a subtraction; you divided.": {"ratio": True},
        "Turned round: take JPEG's PSNR away from the method's.": {"turned": True},
    }
    for hint, mistake in mistakes.items():
        other = _fair(rows, **mistake)
        if sorted(line[0] for line in other) == sorted(names) and np.allclose(_values(sorted(got)), _values(sorted(other))):
            return hint
    method, level, gain = next(line for line, mine in zip(sorted(want), sorted(got)) if not np.allclose(line[1:], mine[1:]))
    mine = next(line for line in got if line[0] == method)
    return f"{method} should have {level:.3f} dB and gain {gain:+.3f}; yours: {mine[1]:.3f} dB and {mine[2]:+.3f}."


def check_settled(answer):
    """Check ``answer(first, second, picks)``: two dicts of image to PSNR and draws in, (low, high, verdict) out."""
    rng = np.random.default_rng(44)
    cases = []
    for count, shift in ((12, 0.5), (9, -0.4), (10, 0.03), (14, 0.2)):
        first = {f"photo{place}": float(rng.normal(30, 2)) for place in rng.permutation(count)}
        second = {name: value - shift + float(rng.normal(0, 0.35)) for name, value in sorted(first.items())}
        if count > 9:
            second.pop("photo3"), first.pop("photo5")
        cases.append((first, second, rng.integers(0, sum(name in second for name in first), (400, sum(name in second for name in first)))))
    still = {"a": 30.0, "b": 31.0}
    cases += [(still, {"a": 30.0, "b": 31.0 + change}, np.array([[0, 0], [0, 1], [1, 1]]).repeat(20, axis=0)) for change in (-0.5, 0.5)]
    for first, second, picks in cases:
        got, problem = ask(answer, first, second, picks)
        if problem:
            lacking = " (One image is in the first dict only, one in the second only.)" if set(first) != set(second) else ""
            return problem + lacking if "stops" in problem else problem
        hint = _settled_hint(got, first, second, picks)
        if hint:
            return hint
    return "✓ Right: differences photo by photo, and a verdict only where the whole interval lies on one side of 0."


def _settled_hint(got, first, second, picks):
    names = [name for name in first if name in second]
    difference = np.array([first[name] - second[name] for name in names])
    means = difference[picks].mean(axis=1)
    want = np.percentile(means, [2.5, 97.5])
    try:
        low, high, verdict = got
        ends = np.array([float(low), float(high)])
    except (TypeError, ValueError):
        return "Expected (lower end, upper end, verdict)."
    decide = lambda low, high: "first" if low > 0 else "second" if high < 0 else "open"
    if np.allclose(ends, want, atol=1e-9):
        right = decide(*want)
        if verdict == right:
            return None
        if verdict not in ("first", "second", "open"):
            return f"The verdict is 'first', 'second' or 'open', yours is {verdict!r}."
        if right == "open":
            touches = "ends at 0" if 0 in want else "has 0 inside"
            return f"The interval from {want[0]:+.3f} to {want[1]:+.3f} {touches}: open, yours is {verdict!r}."
        return f"From {want[0]:+.3f} to {want[1]:+.3f}, and the difference is first less second: {right!r}, yours is {verdict!r}."
    by_name = np.array([first[name] - second[name] for name in sorted(names)])
    by_place = np.array(list(first.values())[: len(names)]) - np.array(list(second.values())[: len(names)])
    mine, theirs = (np.array([side[name] for name in names]) for side in (first, second))
    apart = mine[picks].mean(axis=1) - theirs[picks[::-1]].mean(axis=1)
    error = difference.std(ddof=1) / len(names) ** 0.5
    hints = {
        "Turned round: the difference is first less second.": -want[::-1],
        "The ends are exchanged: the lower one first.": want[::-1],
        "Pairs by position: the two dicts have their images in different order. Look each image up by its name.": _ends(by_place, picks),
        "Positions in `picks` go by the order of `first`; you sorted the names.": _ends(by_name, picks),
        "5 and 95 leave the middle 90 %: the ends are the percentiles 2.5 and 97.5.": np.percentile(means, [5, 95]),
        "np.percentile counts to 100: 0.025 and 0.975 are for np.quantile.": np.percentile(means, [0.025, 0.975]),
        "Percentiles of the photos' differences: of the draws' *means* they are asked for.": np.percentile(difference, [2.5, 97.5]),
        "That is the mean ± 2 standard errors: the percentiles of the draws' means are asked for.": [
            difference.mean() - 2 * error, difference.mean() + 2 * error
        ],
        "That is the smallest and the largest mean: take the percentiles 2.5 and 97.5.": [means.min(), means.max()],
        "You take the mean over the draws, for each place of a draw: a draw is a *row* of `picks`.": np.percentile(
            difference[picks].mean(axis=0), [2.5, 97.5]
        ),
        "Sums were taken: the *mean* of each draw is asked for.": want * len(names),
        "You drew for each method by itself: draw photos, and take both their values.": np.percentile(apart, [2.5, 97.5]),
        "Medians of the draws were taken: the mean is asked for.": np.percentile(np.median(difference[picks], axis=1), [2.5, 97.5]),
    }  # fmt: skip
    hint = next((hint for hint, mistake in hints.items() if np.allclose(ends, mistake, atol=1e-9)), None)
    return hint or f"The interval is {want[0]:+.4f} to {want[1]:+.4f}, yours is {ends[0]:+.4f} to {ends[1]:+.4f}."


def _ends(difference, picks):
    return np.percentile(difference[picks].mean(axis=1), [2.5, 97.5])


def _values(table):
    return np.array([line[1:] for line in table], float)
