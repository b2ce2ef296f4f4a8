"""Checks of lesson 05: gains, blocks that got worse, the luma of papers, an honest choice; `checks` hands them out."""

import numpy as np

from blockcnn_helpers import variants
from blockcnn_helpers.answers import ask, ask_number, hint_for
from blockcnn_helpers.transform import BLOCK


def check_mean_gain(answer):
    """Check ``answer(rows, method, quality)``: rows of `evaluate` in, the mean gain over JPEG in dB out."""
    psnr = {
        (10, "a", "JPEG"): 25.0, (10, "a", "TV"): 25.5, (10, "a", "BlockCNN"): 26.5,
        (10, "b", "BlockCNN"): 31.2, (10, "b", "JPEG"): 30.5, (10, "b", "TV"): 30.4,
        (40, "a", "JPEG"): 31.0, (40, "a", "TV"): 30.7, (40, "a", "BlockCNN"): 31.6,
        (40, "b", "BlockCNN"): 35.9, (40, "b", "JPEG"): 36.0, (40, "b", "TV"): 35.2,
    }  # fmt: skip
    rows = [{"quality": q, "image": name, "method": method, "psnr": value} for (q, name, method), value in psnr.items()]
    value = lambda method, quality: np.mean([psnr[quality, name, method] for name in "ab"])
    lacking = [{"quality": 10, "image": "c", "method": method, "psnr": level} for method, level in (("JPEG", 27.1), ("BlockCNN", 28.0))]
    for method, quality, extra in (("BlockCNN", 10, []), ("TV", 40, []), ("TV", 10, lacking)):
        given = extra + rows  # the photo that the method lacks comes first: pairs by position slide
        got, problem = ask(answer, given, method, quality, array=True)
        if extra and problem and "KeyError" in problem:
            return "JPEG has a row for photo 'c', TV has none, and your function stops there: go through the method's rows, not JPEG's."
        if problem:
            return problem
        if got.shape != ():
            return f"Expected one number, got an array of shape {got.shape}: take the mean over the images."
        want, other = value(method, quality) - value("JPEG", quality), "TV" if method == "BlockCNN" else "BlockCNN"
        if np.isclose(got, want):
            continue
        gains = [psnr[quality, name, method] - psnr[quality, name, "JPEG"] for name in "ab"]
        baselines = [psnr[quality, name, "JPEG"] for name in "ab"]
        mine, theirs = ([row["psnr"] for row in given if (row["quality"], row["method"]) == (quality, who)] for who in (method, "JPEG"))
        last = {row["image"]: row["psnr"] for row in given if row["method"] == "JPEG"}
        every = np.mean([value(method, q) - value("JPEG", q) for q in (10, 40)])
        other_level = value("JPEG", 50 - quality)
        hints = {
            "One photo has no row for this method, but its JPEG counts in your mean: subtract photo by photo.": value(method, quality)
            - np.mean([*baselines, 27.1])
            if extra
            else np.nan,
            "You pair rows by position: one photo has no row for this method, and every pair after it slides. Pair by image.": np.mean(
                [a - b for a, b in zip(mine, theirs)]
            ),
            "Rows of all qualities are mixed: choose those of the quality asked for first, the method's and JPEG's.": np.mean(
                [row["psnr"] - last[row["image"]] for row in given if row["method"] == method]
            ),
            "You take JPEG's PSNR from another quality.": value(method, quality) - other_level,
            "You take JPEG's PSNR from all qualities: only one is asked for.": value(method, quality)
            - (value("JPEG", quality) + other_level) / 2,
            "That is the method's PSNR: take away JPEG's.": value(method, quality),
            "Turned round: take JPEG's PSNR away from the method's.": -want,
            f"You measure {method} against {other}: the gain is over doing nothing, JPEG.": value(method, quality) - value(other, quality),
            "That is the mean over all qualities: only one is asked for.": every,
            "You measure against the mean of all methods: the baseline is JPEG alone.": value(method, quality)
            - np.mean([value(m, quality) for m in ("JPEG", "TV", "BlockCNN")]),
            "That is the first image's gain: take the mean over all images.": gains[0],
            "That is the last image's gain: take the mean over all images.": gains[1],
            "That is the best image's gain: take the mean over all images.": max(gains),
            "That is the sum of the gains: divide by the number of images.": sum(gains),
            "Each image has its own baseline: you take one image's JPEG from all of them.": want + np.mean(baselines) - baselines[0],
        }
        return hint_for(got, hints) or f"{method} at quality {quality} gains {want:+.2f} dB in the mean, your answer is {float(got):+.2f}."
    return "✓ Right: each image against its own JPEG, then the mean; a photo that the method lacks shifts nothing."


def check_worse_share(answer):
    """Check ``answer(original, decoded, repaired)``: three uint8 images in, the share of 8x8 blocks whose squared error grew out."""
    original, decoded, repaired = _repaired_by_halves()
    got, problem = ask(answer, original, decoded, repaired, array=True)
    if problem:
        return problem
    errors = [np.square(original.astype(float) - image) for image in (decoded, repaired)]
    blocks = [_per_block(error.mean(axis=-1)) for error in errors]
    worse, same = blocks[1] > blocks[0], blocks[1] == blocks[0]
    if got.shape != () and got.shape != worse.shape:
        return f"Expected one number, the share of blocks, got an array of shape {got.shape}."
    if got.shape == worse.shape and got.dtype == bool:
        return "That says of each block whether it got worse: the mean of such answers is the share."
    if got.shape == worse.shape:
        return "That is one number a block: now count the blocks that got worse, as a share of all."
    if np.isclose(got, worse.mean()):
        return f"✓ Right: {worse.sum()} of {worse.size} blocks got worse, while the error as a whole fell."
    absolute = [_per_block(np.abs(original.astype(float) - image).mean(axis=-1)) for image in (decoded, repaired)]
    wrapped = [_per_block(np.square(original - image).astype(float).mean(axis=-1)) for image in (decoded, repaired)]
    rows = [error.mean(axis=-1).reshape(-1, BLOCK * BLOCK).mean(axis=-1) for error in errors]
    hints = {
        "That is the share of blocks that got better: turn the comparison round.": (blocks[1] < blocks[0]).mean(),
        "A block that did not change is not worse: > and not >=.": (worse | same).mean(),
        "That is how many blocks got worse: divide by the number of blocks.": worse.sum(),
        "That is in percent: a share lies between 0 and 1.": 100 * worse.mean(),
        "That is the share of pixels that moved away: first the mean error of each block, then compare.": (
            errors[1].mean(axis=-1) > errors[0].mean(axis=-1)
        ).mean(),
        "That is the share of colour values that moved away: first the mean error of each block, then compare.": np.mean(
            errors[1] > errors[0]
        ),
        "Squared errors are asked for: the absolute ones call a block better that has few pixels far off.": (
            absolute[1] > absolute[0]
        ).mean(),
        "The square of uint8 starts again at 0 after 255: turn the images into float first.": (wrapped[1] > wrapped[0]).mean(),
        "reshape(-1, 64) takes 64 pixels of a row, not a block of 8x8: jpeg.to_blocks cuts blocks.": (rows[1] > rows[0]).mean(),
        "You compare sums of errors with their sign: they cancel inside a block. Square first.": (
            np.abs(_per_block((original.astype(float) - repaired).mean(axis=-1)))
            > np.abs(_per_block((original.astype(float) - decoded).mean(axis=-1)))
        ).mean(),
    }
    return hint_for(got, hints) or f"{worse.sum()} of {worse.size} blocks got worse, {worse.mean():.4f}; your answer is {float(got):.4f}."


def _repaired_by_halves():
    """Return an original of 10x8 blocks, a decoded and a repaired version; some blocks are left alone, some have a few pixels far off."""
    rng = np.random.default_rng(64)
    original = rng.integers(70, 180, (10 * BLOCK, 8 * BLOCK, 3), dtype=np.uint8)
    versions = []
    for strength in (8, 7):
        level = rng.uniform(0.6 * strength, 1.4 * strength, (10, 8, 1)).repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)
        spikes = (rng.random((10, 8, 1)) < 0.4).repeat(BLOCK, axis=0).repeat(BLOCK, axis=1) & (rng.random(original.shape) < 0.05)
        error = rng.normal(0, level, original.shape) + 4 * level * spikes
        versions.append((original + error).round().clip(0, 255).astype(np.uint8))
    versions[1][: 2 * BLOCK, : 2 * BLOCK] = versions[0][: 2 * BLOCK, : 2 * BLOCK]
    return original, *versions


def _per_block(plane):
    """Return the mean of each 8x8 block of a plane."""
    height, width = plane.shape
    return plane.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).mean(axis=(1, 3))


def check_luma_psnr(answer):
    """Check ``answer(original, image)``: two uint8 images in, the PSNR of their 16...235 luma out, rounded luma or not."""
    rng = np.random.default_rng(16)
    original = rng.integers(0, 256, (24, 40, 3), dtype=np.uint8)
    image = (original + rng.normal((6, -4, 18), (12, 6, 40), original.shape)).round().clip(0, 255).astype(np.uint8)
    want = variants.luma_psnr(original, image, studio=True)
    got, problem = ask_number(answer, original, image)
    if problem:
        return problem
    if abs(got - want) < 0.03:
        return f"✓ Right: {want:.2f} dB, where the full-range luma has {variants.luma_psnr(original, image):.2f}."
    weights = np.array([65.481, 128.553, 24.966]) / 255
    planes = [side.astype(float) @ weights for side in (original, image)]
    wrapped = [np.rint(16 + plane).astype(np.uint8) for plane in planes]
    cut = [(16 + plane).astype(np.uint8) for plane in planes]
    turned = [side[..., ::-1].astype(float) @ weights for side in (original, image)]
    means = [side.mean(axis=-1) for side in (original.astype(float), image.astype(float))]
    hints = {
        "Rounded to uint8, then subtracted: below 0 uint8 starts again at 255. Subtract as float.": variants.psnr(
            wrapped[0] - wrapped[1], np.zeros_like(planes[0])
        ),
        "astype(np.uint8) cuts the decimals off, and uint8 wraps below 0: stay with floats.": variants.psnr(
            cut[0] - cut[1], np.zeros_like(planes[0])
        ),
        "astype(np.uint8) cuts the decimals off: round before it, or stay with floats.": variants.psnr(*cut),
        "Divided by 255 twice: either images in 0...1 with the weights as printed, or the sum over 255.": want + 20 * np.log10(255),
        "That is the full-range luma's: do your weights add up to 219 / 255, and is the peak 255?": variants.luma_psnr(original, image),
        "The weights go with red, green, blue; you have blue first.": variants.psnr(*turned),
        "All colours weigh the same in your luma; the eye sees green best.": variants.psnr(*means),
        "That is the PSNR of red, green and blue: one plane, the luma, is asked for.": variants.psnr(original, image),
        "The luma ends at 235, but the peak in the formula stays 255.": want + 20 * np.log10(235 / 255),
        "Images in 0...255 and weights for 0...1: divide the weights by 255.": want - 20 * np.log10(255),
    }
    hints["The difference of uint8 arrays wraps around at 0: turn the images into float before you subtract."] = variants.psnr(
        np.asarray(original - image, float) @ weights, np.zeros_like(planes[0])
    )
    return hint_for(got, hints, atol=0.02) or f"The PSNR of these lumas is {want:.2f} dB, yours is {float(got):.2f}."


def check_choice(answer):
    """Check ``answer(validation, test)``: two dicts of checkpoint to gain in, (checkpoint to report, its gain to report) out."""
    cases = (
        ("step", (0.61, 0.98, 1.12, 1.10, 1.02), (0.55, 1.21, 1.07, 1.17, 0.94)),
        ("epoch", (0.84, 1.31, 1.25, 1.22, 1.19), (0.80, 1.10, 1.28, 1.24, 1.14)),
    )
    for unit, *gains in cases:
        validation, test = (dict(zip([f"{unit} {number}000" for number in range(1, 6)], side)) for side in gains)
        got, problem = ask(answer, validation, test)
        hint = problem or _choice_hint(got, validation, test)
        if hint:
            return hint
    return "✓ Right: chosen on validation, reported on test, though another would have looked better by 0.14 and 0.18 dB."


def _choice_hint(got, validation, test):
    """Return what is wrong with a pair (checkpoint, gain), or None."""
    try:
        name, gain = got
        gain = float(gain)
    except (TypeError, ValueError):
        return "Expected a pair, in this order: the checkpoint's name and the gain to report."
    best = max(validation, key=validation.get)
    if name not in list(validation):
        return f"There is no checkpoint {name!r}; they are called {', '.join(validation)}."
    if name == best and gain == test[best]:
        return None
    if name == best and gain == validation[best]:
        return "The right checkpoint, but its validation gain was chosen for being high: report the test gain."
    if name == best:
        return f"The right checkpoint, but its gain on the test photos is {test[name]:+.2f} dB, not {gain:+.2f}."
    if name == max(test, key=test.get):
        return f"{name} is best on the test set: whoever picks there has used the test photos up, and reports luck as progress."
    if name == max(test, key=lambda key: validation[key] + test[key]):
        return f"{name} is best on both sets together: the test photos must take no part in the choice at all."
    if name == min(test, key=lambda key: abs(validation[key] - test[key])):
        return f"{name} has the smallest gap between the two sets: to know it you have looked at the test photos."
    if name == list(validation)[-1]:
        return "The last checkpoint is not the best on the validation photos. (max of a dict compares names: use key=validation.get.)"
    return f"{name} is not the best on the validation photos."
