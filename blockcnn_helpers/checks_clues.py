"""Checks of lesson 02's measurements: which photos met their partners, and which are on both sides; see `checks`."""

import numpy as np

from blockcnn_helpers.answers import ask, hint_for
from blockcnn_helpers.transform import BLOCK

PHOTOS = np.array([2, 3, 5, 11, 12, 17, 20, 26])  # numbers that the checks give to photos: any, not 0, 1, 2, …


def check_match(answer):
    """Check ``answer(tiles, labels, photo)``: for each photo, by rising number, the PSNR of its tiles' middles and its labels, in dB."""
    rng, numbers = np.random.default_rng(6), PHOTOS[1:5]
    photo = rng.permutation(np.repeat(numbers, [4, 9, 6, 5]))  # unequal numbers of tiles, and not in order
    labels = rng.uniform(0.3, 0.7, (len(photo), BLOCK, BLOCK, 3))
    tiles = rng.uniform(0, 1, (len(photo), 3 * BLOCK, 3 * BLOCK, 3))
    apart = rng.uniform(0.01, 0.2, len(photo))[:, None, None, None] * rng.choice((-1, 1), labels.shape)
    tiles[:, BLOCK:-BLOCK, BLOCK:-BLOCK] = labels + apart
    got, problem = ask(lambda *given: _values(answer(*given)), tiles, labels, photo, array=True)
    if problem and "broadcast" in problem:
        return f"{problem}. A tile is 24x24 and its label 8x8: which 8x8 pixels of the tile show the same place?"
    if problem:
        return problem
    each = _each_photo(apart**2, photo)
    want = -10 * np.log10(each)
    if got.shape != want.shape:
        return _match_shape_hint(got, len(numbers), photo)
    corner = _each_photo((tiles[:, :BLOCK, :BLOCK] - labels) ** 2, photo)
    tile = np.square(apart).mean(axis=(1, 2, 3))
    hints = {
        "✓ Right: one number per photo, taken over all its tiles, wherever they lie in the array.": want,
        "That is the top left 8x8 of each tile. The label shows the block in the middle: rows and columns 8 to 15.": -10 * np.log10(corner),
        "Those are mean squared errors. In dB: −10 times their log10, with the peak at 1.": each,
        "The sign is turned: a small error is a high PSNR.": -want,
        "Twice as much: 20 log10 belongs to the root of the squared error, 10 log10 to the squared error itself.": 2 * want,
        "48.13 dB too much: the peak is 1 here, not 255, for the tiles run from 0 to 1.": want + 20 * np.log10(255),
        "A natural logarithm; decibels are counted with log10.": -10 * np.log(each),
        "That is the logarithm of the mean absolute error: square the differences first.": -10 * np.log10(_each_photo(abs(apart), photo)),
        "Squared errors were added up; take their mean.": -10 * np.log10(_each_photo(apart**2, photo, np.sum)),
        "That is a mean of PSNRs: take the mean of the squared errors first, then the logarithm.": _each_photo(-10 * np.log10(tile), photo),
        "The right numbers, but not by rising number of the photo.": want[::-1],
    }
    wrong = f"Photo {numbers[0]} should have {want[0]:.2f} dB, yours has {got[0]:.2f}: are all its tiles in, and no other?"
    return hint_for(got, hints) or wrong


def _values(got):
    """Let dicts and generators pass for lists."""
    got = got.values() if isinstance(got, dict) else got
    return got if hasattr(got, "shape") or isinstance(got, (str, list, tuple)) or not hasattr(got, "__iter__") else list(got)


def _each_photo(values, photo, what=np.mean):
    return np.array([what(values[photo == number]) for number in np.unique(photo)])


def _match_shape_hint(got, count, photo):
    if got.shape == ():
        return f"One number for everything: the {count} photos may differ, and a mean hides the one that is wrong."
    if got.shape == photo.shape:
        return f"{len(got)} numbers, one per tile: put the tiles of a photo together, {count} numbers in all."
    if got.shape == (photo.max() + 1,):
        return f"{len(got)} numbers for {count} photos: a photo may have any number, so go through np.unique(photo)."
    return f"Expected {count} numbers, one per photo, got an array of shape {got.shape}."


def check_leak(answer):
    """Check ``answer(photo, test)``: the numbers of the photos that have tiles on both sides, each once."""
    photo = np.repeat(PHOTOS, [4, 7, 3, 5, 6, 4, 8, 5])
    line = np.arange(len(photo)) >= 30
    sides = {"a line through photo 20": line, "whole photos": np.isin(photo, (3, 17)), "turned": ~line}
    sides["one stray tile"] = np.isin(photo, (3, 17)) ^ (np.arange(len(photo)) == 0)
    sides["shuffled"] = np.random.default_rng(8).permutation(line)
    for test in sides.values():
        want = [number for number in PHOTOS.tolist() if 0 < test[photo == number].sum() < (photo == number).sum()]
        got, problem = ask(lambda *given: _members(answer(*given)), photo, test, array=True)
        if problem:
            return problem
        got = got.tolist() if got.ndim == 1 else got
        if not isinstance(got, list):
            return _leak_shape_hint(got, want)
        if sorted(got) != want:
            return _leak_hint(got, want, photo, test)
    return "✓ Right: every photo with a tile on either side is named, and whole photos leave the list empty."


def _members(got):
    """Let sets, dicts and generators pass for lists."""
    return list(got) if isinstance(got, (set, frozenset, dict)) or hasattr(got, "__next__") else got


def _leak_shape_hint(got, want):
    if got.dtype == bool and got.shape == ():
        return "Yes or no is not enough: which photos? Return their numbers."
    if got.shape == () and got == len(want):
        return f"{int(got)} is how many there are. Return which: {want}."
    return f"Expected a list of photo numbers such as {want}, got an array of shape {got.shape}."


def _leak_hint(got, want, photo, test):
    tested, trained = (sorted(set(photo[side].tolist())) for side in (test, ~test))
    found = sorted(set(got))
    if got and all(isinstance(number, bool) for number in got):
        return "Those are True and False: which photos are meant? Return their numbers."
    if found == want:
        return f"The right photos, but {len(got)} entries for {len(want)} of them: name each once, as np.unique does."
    if found == sorted(set(tested) | set(trained)):
        return "Those are all photos: a leak is one that is on both sides, in the test *and* in the training part."
    if found == tested:
        return "Those are all photos that are tested on. Which of them are trained on as well?"
    if found == trained:
        return "Those are all photos that are trained on. Which of them are tested on as well?"
    if found == sorted(set(tested) ^ set(trained)):
        return "Those are the photos on one side only; asked for are the others, on both."
    if not set(got) <= set(photo.tolist()):
        strange = min(set(got) - set(photo.tolist()))
        return f"{strange} is no photo's number: photo[test] holds the numbers of the photos, tile by tile."
    missing = [number for number in want if number not in found]
    if missing:
        tested, tiles = test[photo == missing[0]].sum(), (photo == missing[0]).sum()
        return f"Photo {missing[0]} has {tested} of its {tiles} tiles in the test part, the others in training, and you miss it."
    return f"Photo {next(number for number in found if number not in want)} is on one side only, and you name it."
