"""Checks of lesson 02: cutting, subtracting, pairing and dividing; see `checks`. Its measurements are in `checks_clues`."""

import numpy as np

from blockcnn_helpers.answers import ask
from blockcnn_helpers.checks_clues import PHOTOS
from blockcnn_helpers.transform import BLOCK


def check_patch(answer):
    """Check ``answer(image, row, column)``: the 24x24 input around a block, the photo's edges replicated."""
    image = np.random.default_rng(24).integers(1, 256, (5 * BLOCK, 7 * BLOCK, 3), dtype=np.uint8)
    for row, column in ((2, 4), (0, 0), (4, 6)):
        got, problem = ask(answer, image, row, column, array=True)
        if problem and "broadcast" in problem:
            return f"{problem}. np.pad wants a width for each of the three axes: (8, 8), (8, 8), and (0, 0) for the colours."
        if problem:
            return problem
        want = _around(image, row, column)
        if got.shape == want.shape and got.dtype == np.uint8 and np.array_equal(got, want):
            continue
        return _patch_hint(got, want, image, row, column)
    return "✓ Right: the block in the middle, its eight neighbours around it, and the photo's edges carried on outwards."


def _around(image, row, column, mode="edge"):
    return _window(image, BLOCK * row, BLOCK * column, mode)


def _window(image, top, left, mode="edge"):
    padded = np.pad(image, ((2 * BLOCK,) * 2, (2 * BLOCK,) * 2, (0, 0)), mode)
    return padded[top + BLOCK : top + 4 * BLOCK, left + BLOCK : left + 4 * BLOCK]


def _patch_hint(got, want, image, row, column):
    place, block = f"block ({row}, {column})", want[BLOCK:-BLOCK, BLOCK:-BLOCK]
    if got.shape == (BLOCK, BLOCK, 3):
        return "That is the block alone: the network also sees its eight neighbours, 24x24 pixels."
    if got.shape == (3 * BLOCK, 3 * BLOCK, 3 + 2 * BLOCK):
        return "The colours were padded too, from 3 to 19: give np.pad a width for each axis, and (0, 0) for the third."
    if got.shape != want.shape and (row, column) != (2, 4):
        return f"At {place}, in a corner of the photo, your patch has shape {got.shape}: repeat the last pixels beyond the edge."
    if got.shape != want.shape:
        return f"Expected an array of shape (24, 24, 3), got {got.shape}."
    if got.dtype != np.uint8 and np.array_equal(got, want):
        return f"The right numbers as {got.dtype}: keep uint8, it takes {got.itemsize} times less memory."
    if np.allclose(got * 255, want):
        return "The right pixels on a scale from 0 to 1: keep uint8, 0 to 255; the network does the scaling."
    for mode in ("edge", "constant", "reflect", "symmetric", "wrap"):
        if np.array_equal(got, np.pad(block, ((BLOCK,) * 2, (BLOCK,) * 2, (0, 0)), mode)):
            return "You padded the block after cutting it out, so no neighbour is in sight: pad the photo first, then cut."
    if (row, column) != (2, 4):
        for mode, name in (("constant", "black"), ("reflect", "mirrored"), ("symmetric", "mirrored"), ("wrap", "from the opposite side")):
            if np.array_equal(got, _around(image, row, column, mode)):
                return f"Right inside the photo, but beyond its edge your pixels are {name}: repeat the last row and column instead."
        if np.array_equal(got, _window(image, min(BLOCK * max(row - 1, 0), 16) + BLOCK, min(BLOCK * max(column - 1, 0), 32) + BLOCK)):
            return f"At {place} your patch was pushed inwards, so the block is no longer in its middle: repeat the last pixels instead."
        return f"Right inside the photo, wrong at its edge, {place}: repeat the last row and column."
    if np.array_equal(got, _around(image, column, row)):
        return "Row and column are swapped: image[row, column] counts downwards first."
    if np.array_equal(got, want.swapaxes(0, 1)):
        return "The right pixels, transposed: the first axis runs downwards."
    if np.array_equal(got, _window(image, row, column)):
        return "row and column count blocks, not pixels: how many pixels lie above block row 2?"
    for down in range(-BLOCK, BLOCK + 1):
        for across in range(-BLOCK, BLOCK + 1):
            if np.array_equal(got, _window(image, BLOCK * row + down, BLOCK * column + across)):
                return f"Your patch lies {down:+d} rows and {across:+d} columns off: the block belongs in its rows and columns 8 to 15."
    y, x = np.argwhere((got != want).any(axis=2))[0]
    return f"Pixel [{y}, {x}] at {place} should be {want[y, x].tolist()}, yours is {got[y, x].tolist()}."


def check_residual(answer):
    """Check ``answer(clean, compressed)``: what has to be added to the compressed pixels, in grey levels, with its sign."""
    clean, compressed = np.array([[200, 90, 7, 255]], np.uint8), np.array([[190, 97, 12, 0]], np.uint8)
    want = np.array([[10, -7, -5, 255]])
    got, problem = ask(answer, clean, compressed, array=True)
    if problem:
        return problem
    if got.shape != want.shape:
        return f"Expected an array of shape {want.shape}, got {got.shape}."
    if np.allclose(got, want):
        return "✓ Right: 97 must become 90, so −7, and no number has wrapped."
    if np.array_equal(got, want % 256):
        return "90 − 97 came out as 249: uint8 has no −7 and starts again at 255. Leave uint8 before you subtract."
    if np.allclose(got, -want):
        return "The sign is turned: what must be added to 190 to make it 200?"
    if np.allclose(got, abs(want)):
        return "The size is right, but the sign is gone: 97 must become 90."
    if np.allclose(got, np.maximum(want, 0)):
        return "Where JPEG is too bright you have 0: negative residuals were cut off."
    if np.allclose(got, want.astype(np.int8)):
        return "Black to white is a step of 255, and int8 ends at 127: take a wider type."
    if np.allclose(got * 255, want):
        return "Right, but on a scale from 0 to 1: grey levels are asked for."
    return f"Expected {want.tolist()[0]}, got {got.tolist()[0]}."


def check_pairing(answer):
    """Check ``answer(clean, compressed)``: file names in, list of (clean name, compressed name) of the same photo out."""
    clean = ["boat.png", "gnu.png", "ape.png", "dog.png", "cowbell.png", "do.png", "cow.png"]
    compressed = ["dog_q25.jpg", "cowbell_q25.jpg", "ape_q25.jpg", "gnu_q25.jpg", "cow_q25.jpg"]
    want = {(f"{stem}.png", f"{stem}_q25.jpg") for stem in ("ape", "cow", "cowbell", "dog", "gnu")}
    got, problem = ask(_listed(answer), clean, compressed)
    if problem:
        return problem + _without_partner(answer, sorted(want), compressed)
    try:
        got = [(str(first), str(second)) for first, second in got]
    except (TypeError, ValueError):
        return "Expected a list of pairs of names, such as [('ape.png', 'ape_q25.jpg'), …]."
    if set(got) == want and len(got) == len(want):
        return "✓ Right: every pair shows one photo, and boat.png and do.png, which have no partner, are left out."
    if {pair[::-1] for pair in got} == want:
        return "The right partners, but the compressed name comes first: the pair is (clean, compressed)."
    if not got:
        return "No pairs at all: 'ape' and 'ape_q25' are not equal. Take '_q25' off as well before you compare."
    if got == list(zip(clean, compressed)):
        return f"You pair {got[0][0]} with {got[0][1]}: a folder lists its files in no order you can rely on."
    if got == list(zip(sorted(clean), sorted(compressed))):
        return "Sorting helps until one file is missing: boat.png has no partner, and every pair after ape slides by one."
    for first, second in got:
        if first in ("boat.png", "do.png") and second not in compressed:
            return f"You pair {first} with {second}, which was not given: {first} has no partner, so leave it out."
        if first not in clean or second not in compressed:
            return f"({first!r}, {second!r}) are not both names that were given: keep them whole, ending included."
    wrong = [pair for pair in got if pair not in want]
    if wrong and all(first[0] == second[0] for first, second in wrong):
        first, second = wrong[0]
        return f"You pair {first} with {second}: they only begin alike. Compare all that stands before '.png' and before '_q25'."
    if len(got) > len(want):
        return f"{len(got)} pairs from {len(clean)} photos, of which 5 have a partner: does each clean name meet one compressed name only?"
    if wrong:
        return f"You pair {wrong[0][0]} with {wrong[0][1]}: compare what comes before '_q25' with what comes before '.png'."
    lost = sorted(first for first, _ in want - set(got))
    if "dog.png" in lost and set(lost) <= {"dog.png", "gnu.png"}:
        return "dog.png has lost its partner: strip takes away letters (p, n and g), not an ending. removesuffix takes the ending."
    return f"{len(got)} right pairs, but {len(want)} photos have a partner: what became of {lost[0]}?"


def _listed(answer):
    """Let a generator, a zip or the like run to its end, so that what goes wrong in it is caught."""

    def run(*given):
        got = answer(*given)
        return list(got) if hasattr(got, "__next__") else got

    return run


def _without_partner(answer, pairs, compressed):
    """Where an answer stops over a photo that has no partner, and would be right without it: say so."""
    got, problem = ask(_listed(answer), [first for first, _ in pairs], compressed)
    try:
        right = not problem and sorted((str(first), str(second)) for first, second in got) == pairs
    except (TypeError, ValueError):
        right = False
    return ". boat.png has no partner: leave it out." if right else ""


def check_split(answer):
    """Check ``answer(photo, count, seed)``: the photo of each tile in, True for the tiles of `count` whole test photos out."""
    numbers, count, splits = PHOTOS, 3, []
    photo = np.repeat(numbers, [4, 7, 3, 5, 6, 4, 8, 5])
    for seed in range(9):
        got, problem = ask(answer, photo, count, seed, array=True)
        if problem:
            return problem
        if got.shape != photo.shape or got.dtype != bool:
            return f"Expected one True or False per tile, shape {photo.shape}, got {got.dtype} of shape {got.shape}."
        for number in numbers:
            tested, tiles = int(got[photo == number].sum()), int((photo == number).sum())
            if 0 < tested < tiles:
                return f"Photo {number} is on both sides, {tested} of its tiles in the test part and {tiles - tested} in the training part."
        splits.append(got)
    chosen = [len(np.unique(photo[got])) for got in splits]
    if set(chosen) == {len(numbers) - count}:
        return f"The other way round: True is for the {count} photos to test on, and you have {chosen[0]}."
    if set(chosen) != {count}:
        return _split_count_hint(answer, photo, count, chosen)
    again = [ask(answer, photo, count, seed)[0] for seed in range(len(splits))]  # nine of them: one pair could agree by chance
    if not all(map(np.array_equal, splits, again)):
        return "The same seed gave two different splits: make a generator from the seed."
    if all(np.array_equal(splits[0], got) for got in splits):
        return "Every seed gives the same split: is the seed used?"
    turned = ask(answer, photo[::-1], count, 0)[0]
    if not np.array_equal(np.isin(photo[::-1], photo[splits[0]]), turned):
        return "The same tiles in another order gave another split: sort the photos before you draw."
    return "✓ Right: three whole photos to test on, the same ones for the same seed."


def _split_count_hint(answer, photo, count, chosen):
    """Say why an answer tests on too few or too many photos: `chosen` holds how many, for seed 0, 1, …."""
    numbers, renumbered = np.unique(photo, return_inverse=True)
    again = [ask(answer, renumbered, count, seed, array=True)[0] for seed in range(len(chosen))]
    if all(got is not None and got.shape == photo.shape and len(np.unique(photo[got])) == count for got in again):
        few = ", ".join(map(str, numbers[:4]))
        return f"You count the photos 0, 1, 2, …, but a photo may have any number, here {few}, …: draw from np.unique(photo)."
    if set(chosen) == {0}:
        return f"No photo to test on, and {count} were asked for. np.isin finds nothing in a set: give it a list or an array."
    if len(set(chosen)) == 1:
        return f"{count} photos to test on were asked for, you have {chosen[0]}."
    seed = next(seed for seed, found in enumerate(chosen) if found != count)
    drawn = "a photo was drawn twice (choice needs replace=False)" if max(chosen) <= count else "does the seed decide how many?"
    return f"Seed {seed} gave {chosen[seed]} {'photo' if chosen[seed] == 1 else 'photos'}, and {count} were asked for: {drawn}."
