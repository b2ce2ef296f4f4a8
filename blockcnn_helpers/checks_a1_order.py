"""Checks of assignment 1, how levels are written: zigzag and runs of zeros."""

from itertools import pairwise

import numpy as np

from blockcnn_helpers.answers import ask


def check_zigzag(answer):
    """Check ``answer(n)``: all places (v, u) of an n x n block out, in zigzag order."""
    for n in (4, 3, 8, 1, 10):
        got, problem = ask(answer, n, array=True)
        if problem:
            return problem
        if got.shape == (2, n * n) and n > 1:
            return "Rows v and columns u came as two lines: n * n pairs (v, u) are asked for."
        if got.shape == (n, n):
            return "A table came back. Asked for is the walk: a list of n * n places (v, u)."
        if got.shape != (n * n, 2):
            return f"For n = {n} expected {n * n} pairs (v, u), got shape {got.shape}."
        walk = [tuple(place) for place in got.tolist()]
        if sorted(walk) != [(v, u) for v in range(n) for u in range(n)]:
            missing = next(((v, u) for v in range(n) for u in range(n) if (v, u) not in walk), None)
            return f"For n = {n}, each place should come once; [{missing[0]}, {missing[1]}] never does."
        hint = _walk_wrong(walk, n)
        if hint:
            return hint
    return "✓ Right: for n = 1, 3, 4, 8 and 10 each place once, to and fro along the diagonals."


def _walk_wrong(walk, n):
    diagonals = [v + u for v, u in walk]
    if n > 1 and walk == sorted(walk):
        return "That is row by row, as one reads."
    if n > 1 and walk == sorted(walk, key=lambda place: place[::-1]):
        return "That is column by column."
    if diagonals == sorted(diagonals, reverse=True) and n > 1:
        return "The walk runs backwards: slow patterns first, [0, 0] at the start."
    if diagonals != sorted(diagonals):
        step = next(i for i in range(1, n * n) if diagonals[i] < diagonals[i - 1])
        return f"For n = {n}, step {step} goes from {walk[step - 1]} back to {walk[step]}, an earlier diagonal (v + u)."
    if n > 1 and walk[1] == (1, 0) and all(max(abs(a - c), abs(b - d)) <= 1 for (a, b), (c, d) in pairwise(walk)):
        return "To and fro, but mirrored: the first step goes right, from [0, 0] to [0, 1]. Which of v and u is the row?"
    for step in range(1, n * n):
        (a, b), (c, d) = walk[step - 1], walk[step]
        if max(abs(a - c), abs(b - d)) > 1:
            down = {first[0] < second[0] for first, second in pairwise(walk) if sum(first) == sum(second)}
            if len(down) == 1:
                way = "down" if down.pop() else "up"
                return f"Every diagonal is walked in the same direction, {way}: to and fro, each second one turns round."
            return f"For n = {n}, step {step} jumps from {walk[step - 1]} to {walk[step]}: the next place is always a neighbour."
    if n > 1 and walk[1] != (0, 1):
        return f"The first step should go to (0, 1), yours goes to {walk[1]}."
    return None


def check_runs(answer):
    """Check ``answer(line)``: levels in a line in, pairs (zeros before it, level) out; no long runs, zeros at the end."""
    return _runs(answer, {
        (0, 0, 5, -1, 0, 0, 0, 2, 0, 0): [(2, 5), (0, -1), (3, 2), (0, 0)],
        (3, 0, 3, 0): [(0, 3), (1, 3), (0, 0)],
        (0,) * 14 + (-200, 1, 0): [(14, -200), (0, 1), (0, 0)],
        (7, 7, 0, 0, 0, 0): [(0, 7), (0, 7), (0, 0)],
    }) or "✓ Right: four lines, each pair as a file would hold it."  # fmt: skip


def check_long_runs(answer):
    """Check ``answer(line)`` on what is rare: 16 zeros and more, no zeros at the end, nothing but zeros."""
    return _runs(answer, {
        (0, 4): [(1, 4)],
        (0,) * 15 + (6,): [(15, 6)],
        (0,) * 16 + (6,): [(15, 0), (0, 6)],
        (0,) * 37 + (-2, 1): [(15, 0), (15, 0), (5, -2), (0, 1)],
        (9,) + (0,) * 40: [(0, 9), (0, 0)],
        (0,) * 20: [(0, 0)],
        (0,): [(0, 0)],
    }) or "✓ Right: long runs, full lines and empty ones."  # fmt: skip


def _runs(answer, cases):
    """Return what is wrong with the pairs of the first case that fails, or None."""
    for line, want in cases.items():
        shown = _short(line)
        got, problem = ask(answer, np.array(line))
        if problem:
            return problem if problem.startswith("Not yet") else f"For the line {shown}: {problem}"
        try:
            pairs = [tuple(int(number) for number in pair) for pair in got]
        except (TypeError, ValueError):
            return f"Expected a list of pairs (zeros, level), got {str(got)[:60]}."
        if pairs != want:
            return f"For the line {shown}: " + _pairs_wrong(pairs, want, line)
    return None


def _pairs_wrong(pairs, want, line):
    levels = [level for level in line if level]
    if any(len(pair) != 2 for pair in pairs):
        return f"each entry should be a pair, yours has {next(pair for pair in pairs if len(pair) != 2)}."
    if not pairs:
        return "no pair came back; zeros at the end are written as (0, 0)."
    if [pair[::-1] for pair in pairs] == want:
        return "zeros and level are swapped: the zeros come first."
    if pairs + [(0, 0)] == want:
        return "the end of the block, (0, 0), is missing."
    if pairs == want + [(0, 0)]:
        return "the last number is not zero, so there is nothing left to end: no (0, 0)."
    if want[-1] == (0, 0) and pairs[:-1] == want[:-1] and pairs[-1][1] == 0:
        return f"it ends in {pairs[-1]}; zeros at the end are (0, 0), however many they are."
    if want[-1] == (0, 0) and pairs[-1] == (0, 0) and (15, 0) in pairs and (15, 0) not in want:
        return "zeros at the end are written as (15, 0) too; there (0, 0) stands for all of them."
    if len(pairs) == len(line):
        return "every number has a pair; those that are zero are only counted."
    if any(zeros > 15 for zeros, _ in pairs):
        return f"your pair {next(pair for pair in pairs if pair[0] > 15)} skips more than 15 zeros; four bits can't hold that."
    if [level for _, level in pairs if level] == [abs(level) for level in levels] != levels:
        return "the signs are lost."
    if [level for _, level in pairs if level] != levels:
        return f"the levels {_short(levels)} should each have a pair, yours have {_short([level for _, level in pairs if level])}."
    marks = sum(pair == (15, 0) for pair in pairs), sum(pair == (15, 0) for pair in want)
    if marks[0] > marks[1]:
        return f"(15, 0) comes {marks[0]} times, expected {marks[1]}: it stands for 16 zeros, and 15 fit into the level's own pair."
    if marks[0] < marks[1]:
        return f"(15, 0) comes {marks[0]} times, expected {marks[1]}: once for each full 16 zeros."
    place = next((i for i, (mine, right) in enumerate(zip(pairs, want)) if mine != right), min(len(pairs), len(want)))
    mine, right = ((_short(some[place : place + 1]) if place < len(some) else "nothing") for some in (pairs, want))
    if place and place < min(len(pairs), len(want)) and pairs[place][1] == want[place][1] and pairs[place][0] > want[place][0]:
        return f"pair {place} should be {right}, yours is {mine}: the count starts anew after each pair."
    return f"pair {place} should be {right}, yours is {mine}."


def _short(items):
    text = " ".join(str(item) for item in items)
    return text if len(text) <= 44 else text[:18] + " … " + text[-18:]
