"""The bug hunt of lesson 02: files in a folder's order, a learner that takes a second, its scoreboard, and a sealed case.

The learner is a linear filter that stands in for a network: each of a block's 64 pixels is JPEG's own pixel plus a weighted sum of all
576 pixels around, the same weights for red, green and blue.
"""

import math
from pathlib import Path

import numpy as np

from blockcnn_helpers import patches
from blockcnn_helpers.jpeg import BLOCK
from blockcnn_helpers.patches import BORDER, PATCH

NAME = 22  # letters that a line's name takes on the scoreboard
TAME = 0.01  # added to the diagonal, in parts of its mean: keeps the weights small
ORDERS = {".png": 1, ".jpg": 2}
STEPS = (0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000)


def listing(folder, ending):
    """Return the files of one kind as a folder may list them: in any order. Here it is the same at each call, so that numbers repeat."""
    files = sorted(Path(folder).glob(f"*{ending}"))
    return [files[k] for k in np.random.default_rng(ORDERS[ending]).permutation(len(files))]


def rows(tiles, labels):
    """Turn pairs into one row per tile and colour, from 0 to 1.

    Parameters
    ----------
    tiles, labels : ndarray, shapes (n, 24, 24, 3) and (n, 8, 8, 3)
        uint8, or floats from 0 to 1.

    Returns
    -------
    around, middle, wanted : ndarray, float32, shapes (3n, 576), (3n, 64) and (3n, 64)
        The tile's pixels minus 0.5, its middle, and the label.
    """
    tiles, labels = (side.astype(np.float32) / (255 if side.dtype == np.uint8 else 1) for side in (tiles, labels))
    tiles, labels = (np.moveaxis(side, 3, 1).reshape(-1, *side.shape[1:3]) for side in (tiles, labels))
    middle = tiles[:, BORDER:-BORDER, BORDER:-BORDER]
    return tiles.reshape(len(tiles), -1) - 0.5, middle.reshape(len(tiles), -1), labels.reshape(len(tiles), -1)


def learn(tiles, labels):
    """Fit the filter by least squares: solve X'X w = X'y, where X are the tiles' rows and y what is to be added.

    Returns
    -------
    ndarray, float64, shape (576, 64)
    """
    around, middle, wanted = rows(tiles, labels)
    squares, products = (around.T @ side for side in (around, wanted - middle))
    return np.linalg.solve(squares + TAME * np.trace(squares) / len(squares) * np.eye(len(squares)), products)


def gain(weights, tiles, labels):
    """Return what a filter gains over handing the tiles' middles back, in dB: above 0 it repairs, below 0 it harms.

    Examples
    --------
    >>> tiles, labels = np.full((2, 24, 24, 3), 0.6), np.full((2, 8, 8, 3), 0.7)
    >>> half_way = np.full((576, 64), 0.05 / 57.6)  # the tiles minus 0.5 sum up to 57.6
    >>> f"{gain(half_way, tiles, labels):.2f} dB"
    '6.02 dB'
    """
    around, middle, wanted = rows(tiles, labels)
    left = wanted - middle - around @ weights
    return 10 * np.log10(np.square(wanted - middle).mean() / np.square(left).mean())


def examine(tiles, labels, test, unseen):
    """Teach the filter on the tiles that are not tested on, and score it: one line of the scoreboard.

    Parameters
    ----------
    tiles, labels : ndarray, shapes (n, 24, 24, 3) and (n, 8, 8, 3)
    test : ndarray, bool, shape (n,)
        The recipe's own test tiles.
    unseen : sequence of (tiles, labels)
        Square photos from outside, all tiles of each, row by row.

    Returns
    -------
    dict of str to float
        Gains in dB: "own test"; means over the unseen photos of all tiles, of those "at the rim", and of those "inside".
    """
    weights = learn(tiles[~test], labels[~test])
    scores = {"own test": float(gain(weights, tiles[test], labels[test]))}
    side = math.isqrt(len(unseen[0][0]))
    rim = np.pad(np.zeros((side - 2, side - 2), bool), 1, constant_values=True).ravel()
    for column, chosen in {"unseen photos": rim | ~rim, "at the rim": rim, "inside": ~rim}.items():
        scores[column] = float(np.mean([gain(weights, one[chosen], wanted[chosen]) for one, wanted in unseen]))
    return scores


def match(tiles, labels, photo):
    """Return the PSNR of each photo's middles and labels, in dB, by rising number of the photo.

    Parameters
    ----------
    tiles, labels : ndarray, shapes (n, 24, 24, 3) and (n, 8, 8, 3), from 0 to 1
    photo : ndarray, shape (n,)
        The number of each tile's photo.

    Examples
    --------
    >>> tiles, labels = np.full((2, 24, 24, 3), 0.5), np.full((2, 8, 8, 3), 0.6)
    >>> match(tiles, labels, np.array([7, 7])).round(1).tolist()
    [20.0]
    """
    error = np.square(tiles[:, BORDER:-BORDER, BORDER:-BORDER] - labels).mean(axis=(1, 2, 3))
    return np.array([-10 * np.log10(error[photo == number].mean()) for number in np.unique(photo)])


def leak(photo, test):
    """Return the numbers of the photos that have tiles on both sides.

    Examples
    --------
    >>> leak(np.array([4, 4, 6, 6, 9]), np.array([False, True, True, True, False]))
    [4]
    """
    return sorted(set(photo[test].tolist()) & set(photo[~test].tolist()))


def scoreboard(board, *columns):
    """Lay out lines of a scoreboard.

    Parameters
    ----------
    board : dict of str to dict of str to number
        Line to column to value: floats are decibels, whole numbers are counts.
    columns : str
        Which columns to show, in this order.

    Returns
    -------
    str

    Examples
    --------
    >>> print(scoreboard({"as it was": {"unseen": -1.5, "on both sides": 1}, "mended": {"unseen": 0.25}}, "unseen", "on both sides"))
                                     unseen    on both sides
    as it was                      -1.50 dB                1
    mended                         +0.25 dB
    """
    lines = [" " * NAME + "".join(f"{column:>{_wide(column)}}" for column in columns)]
    for line, scores in board.items():
        lines.append(f"{line:{NAME}}" + "".join(f"{_cell(scores.get(column)):>{_wide(column)}}" for column in columns))
    return "\n".join(line.rstrip() for line in lines)


def _wide(column):
    return max(len(column) + 3, 17)


def _cell(value):
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:+.2f} dB"


def descend(taught, tested, add, squash=False, steps=2000, rate=3e-4, batch=128, seed=0):
    """Teach the filter as a network is taught, step by step (Adam, the rate falling to zero), from weights of zero.

    Parameters
    ----------
    taught, tested : (tiles, labels), as `rows` takes them
    add : bool
        Whether the answer is added to the tile's middle; otherwise the block is drawn anew.
    squash : bool
        Whether the answer goes through a sigmoid; otherwise 0.5 is added, so that both begin at middle grey.
    steps, batch, seed : int
    rate : float

    Returns
    -------
    list of (int, float)
        Steps done, and the mean squared error of the tested pairs (0 to 1) after them.
    """
    around, middle, wanted = rows(*taught)
    others, rng = rows(*tested), np.random.default_rng(seed)
    slopes = np.zeros((PATCH**2 + 1, BLOCK**2), np.float32)  # the last row is a constant
    mean, square, curve = np.zeros_like(slopes), np.zeros_like(slopes), []

    def answer(around, middle):
        drawn = _times(around, slopes[:-1]) + slopes[-1]
        return middle + drawn if add else 1 / (1 + np.exp(-drawn)) if squash else 0.5 + drawn

    for step in range(steps + 1):
        if step in STEPS or step == steps:
            curve.append((step, float(np.square(answer(*others[:2]) - others[2]).mean())))
        chosen = rng.integers(0, len(around), batch)
        drawn = answer(around[chosen], middle[chosen])
        error = (drawn - wanted[chosen]) * (drawn * (1 - drawn) if squash and not add else 1)
        slope = np.vstack([_times(around[chosen].T, error), error.sum(axis=0, keepdims=True)]) / batch
        mean += 0.1 * (slope - mean)
        square += 0.001 * (slope**2 - square)
        root = np.sqrt(square / (1 - 0.999 ** (step + 1))) + 1e-8
        slopes -= rate * (1 - step / (steps + 1)) * mean / (1 - 0.9 ** (step + 1)) / root
    return curve


def _times(first, second, pieces=32):
    """Multiply matrices in small pieces: NumPy shares large products out among threads, which here wait longer than they work."""
    size = len(first) // pieces
    if not size or len(first) % pieces or size * first.shape[1] * second.shape[1] > 250_000:
        return first @ second
    return np.matmul(first.reshape(pieces, size, -1), second).reshape(len(first), -1)


def sealed_case(originals, decoded):
    """Build one more dataset, from 0 to 1, with one mistake that nobody announces (its solution is in the lesson).

    Parameters
    ----------
    originals, decoded : sequences of ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    tiles, labels, photo : ndarrays, shapes (n, 24, 24, 3), (n, 8, 8, 3) and (n,)
    """
    cut = [patches.pairs(original[..., ::-1], jpeg) for original, jpeg in zip(originals, decoded)]
    tiles, labels = (np.concatenate(side) / 255 for side in zip(*cut))
    return tiles, labels, np.repeat(np.arange(len(cut)), [len(side) for side, _ in cut])
