"""Checks of lesson 05: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers import checks, jpeg, trials, variants

WEIGHTS = np.array([65.481, 128.553, 24.966]) / 255


def chosen(rows, method, quality):
    return {row["image"]: row["psnr"] for row in rows if (row["method"], row["quality"]) == (method, quality)}


def mean_gain(rows, method, quality):
    base = chosen(rows, "JPEG", quality)
    return np.mean([value - base[name] for name, value in chosen(rows, method, quality).items()])


def mean_gain_by_means(rows, method, quality):
    return np.mean(list(chosen(rows, method, quality).values())) - np.mean(list(chosen(rows, "JPEG", quality).values()))


def mean_gain_over_jpegs(rows, method, quality):
    values = chosen(rows, method, quality)
    return np.mean([values[name] - base for name, base in chosen(rows, "JPEG", quality).items()])  # KeyError where one is missing


def by_position(rows, method, quality):
    mine, base = ([row["psnr"] for row in rows if (row["quality"], row["method"]) == (quality, who)] for who in (method, "JPEG"))
    return np.mean([value - nothing for value, nothing in zip(mine, base)])


def no_quality(rows, method, quality):
    base = {row["image"]: row["psnr"] for row in rows if row["method"] == "JPEG"}
    return np.mean([row["psnr"] - base[row["image"]] for row in rows if row["method"] == method])


def gain_over_other_quality(rows, method, quality):
    base = {row["image"]: row["psnr"] for row in rows if row["method"] == "JPEG"}
    return np.mean([value - base[name] for name, value in chosen(rows, method, quality).items()])


def gains(rows, method, quality):
    base = chosen(rows, "JPEG", quality)
    return [value - base[name] for name, value in sorted(chosen(rows, method, quality).items())]


def mean(rows, method, quality):
    return np.mean(list(chosen(rows, method, quality).values()))


def luma(original, image, weights=WEIGHTS, peak=255):
    error = np.mean(np.square(original.astype(float) @ weights - image.astype(float) @ weights))
    return 10 * np.log10(peak**2 / error)


def luma_rounded(original, image):
    planes = [np.rint(16 + side.astype(float) @ WEIGHTS) for side in (original, image)]
    return variants.psnr(*planes)


def luma_wrapped(original, image):
    planes = [np.rint(16 + side.astype(float) @ WEIGHTS).astype(np.uint8) for side in (original, image)]
    return 10 * np.log10(255**2 / np.mean((planes[0] - planes[1]).astype(float) ** 2))


def luma_of_wrapped_difference(original, image):
    return 10 * np.log10(255**2 / np.mean(((original - image) @ WEIGHTS) ** 2))


def luma_truncated(original, image, kind=np.int16):
    planes = [(16 + side.astype(float) @ WEIGHTS).astype(np.uint8) for side in (original, image)]
    return 10 * np.log10(255**2 / np.mean((planes[0].astype(kind) - planes[1]).astype(float) ** 2))


def squares(original, image):
    return np.square(original.astype(float) - image)


def worse_share(original, decoded, repaired):
    change = squares(original, repaired) - squares(original, decoded)
    return np.mean(jpeg.to_blocks(change.mean(axis=-1)).mean(axis=(2, 3)) > 0)


def worse_share_by_loops(original, decoded, repaired):
    height, width = original.shape[:2]
    worse = 0
    for y in range(0, height, 8):
        for x in range(0, width, 8):
            part = (slice(y, y + 8), slice(x, x + 8))
            worse += squares(original[part], repaired[part]).sum() > squares(original[part], decoded[part]).sum()
    return worse / (height * width / 64)


def shares(original, decoded, repaired, measure):
    blocks = [jpeg.to_blocks(measure(original, image).mean(axis=-1)).mean(axis=(2, 3)) for image in (decoded, repaired)]
    return blocks[1] > blocks[0]


def in_rows(original, decoded, repaired):
    before, after = (squares(original, image).mean(axis=-1).reshape(-1, 64).mean(axis=1) for image in (decoded, repaired))
    return np.mean(after > before)


def _means(original, image):
    return jpeg.to_blocks((original.astype(float) - image).mean(axis=-1)).mean(axis=(2, 3))


def choice(validation, test):
    name = max(validation, key=validation.get)
    return name, test[name]


WRONG = {
    checks.check_mean_gain: {
        "psnr": (mean, "take away JPEG's"),
        "turned": (lambda r, m, q: -mean_gain(r, m, q), "Turned round"),
        "over the filter": (lambda r, m, q: mean(r, m, q) - mean(r, "TV" if m == "BlockCNN" else "BlockCNN", q), "over doing nothing"),
        "all qualities": (lambda r, m, q: np.mean([mean_gain(r, m, level) for level in (10, 40)]), "all qualities"),
        "mean of methods": (
            lambda r, m, q: mean(r, m, q) - np.mean([row["psnr"] for row in r if row["quality"] == q]),
            "mean of all methods",
        ),
        "first": (lambda r, m, q: gains(r, m, q)[0], "first image's"),
        "last": (lambda r, m, q: gains(r, m, q)[-1], "last image's"),
        "sum": (lambda r, m, q: sum(gains(r, m, q)), "divide by the number"),
        "one baseline": (lambda r, m, q: mean(r, m, q) - chosen(r, "JPEG", q)["a"], "its own baseline"),
        "in row order": (
            lambda r, m, q: np.mean([a["psnr"] - b["psnr"] for a, b in zip(r[2::3], r[::3]) if a["quality"] == q]),
            "your answer is",
        ),
        "by position": (by_position, "pair rows by position"),
        "no quality chosen": (no_quality, "Rows of all qualities are mixed"),
        "over JPEG's photos": (mean_gain_over_jpegs, "go through the method's rows"),
        "a column that is not there": (lambda r, m, q: np.mean([row["gain"] for row in r]), "KeyError: 'gain'"),
        "by means": (mean_gain_by_means, "photo by photo"),
        "other quality": (gain_over_other_quality, "from another quality"),
        "every quality's JPEG": (
            lambda r, m, q: mean(r, m, q) - np.mean([row["psnr"] for row in r if row["method"] == "JPEG"]),
            "from all qualities",
        ),
        "list": (gains, "take the mean"),
        "words": (lambda *given: "much", "array of numbers"),
    },
    checks.check_worse_share: {
        "better": (lambda o, d, r: worse_share(o, r, d), "turn the comparison round"),
        "as good counts": (lambda o, d, r: np.mean(trials.block_gains(o, d, r) <= 0), "not >="),
        "count": (lambda o, d, r: np.sum(trials.block_gains(o, d, r) < 0), "divide by the number"),
        "percent": (lambda o, d, r: 100 * worse_share(o, d, r), "in percent"),
        "pixels": (lambda o, d, r: np.mean(squares(o, r).mean(axis=2) > squares(o, d).mean(axis=2)), "share of pixels"),
        "values": (lambda o, d, r: np.mean(squares(o, r) > squares(o, d)), "colour values"),
        "absolute": (lambda o, d, r: np.mean(shares(o, d, r, lambda a, b: np.abs(a.astype(float) - b))), "Squared errors"),
        "wrapped": (lambda o, d, r: np.mean(shares(o, d, r, lambda a, b: np.square(a - b))), "starts again at 0"),
        "with signs": (
            lambda o, d, r: np.mean(np.abs(_means(o, r)) > np.abs(_means(o, d))),
            "cancel inside a block",
        ),
        "rows": (in_rows, "jpeg.to_blocks"),
        "each block": (lambda o, d, r: trials.block_gains(o, d, r), "one number a block"),
        "yes or no": (lambda o, d, r: trials.block_gains(o, d, r) < 0, "of such answers is the share"),
        "flat list": (lambda o, d, r: trials.block_gains(o, d, r).ravel() < 0, "one number"),
        "red alone": (lambda o, d, r: np.mean(shares(o[..., :1], d[..., :1], r[..., :1], squares)) + 0.01, "your answer is"),
        "words": (lambda o, d, r: "a few", "array of numbers"),
    },
    checks.check_luma_psnr: {
        "wrapped": (luma_wrapped, "starts again at 255"),
        "wrapped colours": (luma_of_wrapped_difference, "wraps around"),
        "truncated": (luma_truncated, "round before it"),
        "truncated and wrapped": (lambda o, i: luma_truncated(o, i, np.uint8), "cuts the decimals off, and uint8 wraps"),
        "divided twice": (lambda o, i: luma(o, i, WEIGHTS / 255), "Divided by 255 twice"),
        "full range": (lambda o, i: variants.luma_psnr(o, i), "full-range"),
        "blue first": (lambda o, i: luma(o[..., ::-1], i[..., ::-1]), "blue first"),
        "mean": (lambda o, i: luma(o, i, np.full(3, 1 / 3)), "sees green best"),
        "colours": (lambda o, i: variants.psnr(o, i), "red, green and blue"),
        "peak 235": (lambda o, i: luma(o, i, peak=235), "ends at 235"),
        "peak 219": (lambda o, i: luma(o, i, peak=219), "full-range"),
        "not divided": (lambda o, i: luma(o, i, 255 * WEIGHTS), "divide the weights"),
        "error": (lambda o, i: 3.0, "yours is 3.00"),
        "plane": (lambda o, i: o @ WEIGHTS, "one number"),
        "words": (lambda o, i: "much", "array of numbers"),
    },
    checks.check_choice: {
        "on the test set": (lambda v, t: (max(t, key=t.get), max(t.values())), "used the test photos up"),
        "validation gain": (lambda v, t: (max(v, key=v.get), max(v.values())), "report the test gain"),
        "last": (lambda v, t: (list(v)[-1], t[list(v)[-1]]), "last checkpoint"),
        "worst": (lambda v, t: (min(v, key=v.get), t[min(v, key=v.get)]), "not the best"),
        "best of both": (lambda v, t: (max(v, key=v.get), max(t.values())), "is +1.07 dB"),
        "alphabet": (lambda v, t: (max(v), t[max(v)]), "compares names"),
        "swapped": (lambda v, t: choice(v, t)[::-1], "in this order"),
        "name alone": (lambda v, t: 7, "Expected a pair"),
        "unknown": (lambda v, t: ("step 9000", 1.0), "no checkpoint"),
        "smallest gap": (lambda v, t: choice({k: -abs(v[k] - t[k]) for k in v}, t), "smallest gap"),
        "on both sets": (lambda v, t: choice({k: v[k] + t[k] for k in v}, t), "both sets together"),
        "third": (lambda v, t: (sorted(v)[2], t[sorted(v)[2]]), "used the test photos up"),
        "second": (lambda v, t: (sorted(v)[1], t[sorted(v)[1]]), "used the test photos up"),
        "list name": (lambda v, t: (["step 3000"], 1.07), "no checkpoint"),
    },
}


@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said and "\n" not in said


@pytest.mark.parametrize(
    "check, answer",
    [
        (checks.check_mean_gain, mean_gain),
        (checks.check_worse_share, worse_share),
        (checks.check_worse_share, worse_share_by_loops),
        (checks.check_worse_share, lambda o, d, r: (trials.block_gains(o, d, r) < 0).mean()),
        (checks.check_luma_psnr, luma),
        (checks.check_luma_psnr, luma_rounded),
        (checks.check_choice, choice),
        (checks.check_choice, lambda v, t: [sorted(v, key=v.get)[-1], t[sorted(v, key=v.get)[-1]]]),
    ],
)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)
