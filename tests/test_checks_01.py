"""Checks of lesson 01: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import numpy as np
import pytest

from blockcnn_helpers import checks, metrics
from blockcnn_helpers.jpeg import DCT, dct, encode_plane, from_blocks, idct, quantisation_tables, quantise, to_blocks


def not_started(*given):
    raise NotImplementedError


def by_loops(block):
    return [[(np.outer(DCT[v], DCT[u]) * block).sum() for u in range(8)] for v in range(8)]


def blocks_by_loops(plane):
    return [[plane[8 * r : 8 * r + 8, 8 * c : 8 * c + 8] for c in range(plane.shape[1] // 8)] for r in range(plane.shape[0] // 8)]


def split(plane):
    return plane.reshape(plane.shape[0] // 8, 8, plane.shape[1] // 8, 8)


def decibels(reference, image, peak=255.0):
    return 10 * np.log10(peak**2 / np.mean((reference.astype(float) - image) ** 2))


def chain(blocks=to_blocks, centre=128, transform=dct, levels=quantise):
    return lambda plane, table: levels(transform(blocks(plane) - centre), table)


def error(reference, image):
    return reference.astype(float) - image


STUBS = {"stub": (not_started, "Not yet"), "ellipsis": (lambda *given: ..., "Not yet"), "nothing": (lambda *given: None, "Not yet")}
STUBS["crash"] = (lambda *given: 1 // 0, "ZeroDivisionError")
STUBS["text"] = (lambda *given: "done", "array of numbers")

WRONG = {
    checks.check_dct: {
        "swapped": (lambda block: dct(block).T, "swapped"),
        "unnormalised": (lambda block: 4 * dct(block), "factor 4"),
        "columns only": (lambda block: DCT @ block, "columns only"),
        "rows only": (lambda block: block @ DCT.T, "rows only"),
        "transpose forgotten": (lambda block: DCT @ block @ DCT, "transpose"),
        "both on the left": (lambda block: DCT @ DCT @ block, "Both products stand on the left"),
        "entry by entry": (lambda block: DCT * block * DCT.T, "entry by entry"),
        "there and back": (lambda block: DCT @ DCT.T @ block, "pixels again"),
        "there and back in 2-D": (lambda block: idct(dct(block)), "pixels again"),
        "rows of the transpose": (lambda block: (DCT @ block.T) @ DCT.T, "swapped"),
        "inverse": (lambda block: DCT.T @ block @ DCT, "transpose"),
        "centred twice": (lambda block: dct(block - 128), "-128 grey levels"),
        "never centred": (lambda block: dct(block + 128), "+128 grey levels"),
        "flattened": (lambda block: dct(block).ravel(), "shape (64,)"),
        "rounded pixels": (lambda block: dct(block // 2 * 2), "should be"),
        "uint8": (lambda block: dct(block.astype(np.int64).astype(np.uint8)), "should be"),
    },
    checks.check_blocks: {
        "plain reshape": (lambda plane: plane.reshape(-1, 8, 8), "run of 64 pixels"),
        "plain reshape to four axes": (lambda plane: plane.reshape(plane.shape[0] // 8, plane.shape[1] // 8, 8, 8), "run of 64 pixels"),
        "not swapped": (split, "Swap the two in the middle"),
        "swapped after a plain reshape": (
            lambda plane: plane.reshape(plane.shape[0] // 8, plane.shape[1] // 8, 8, 8).swapaxes(1, 2),
            "runs of 64 pixels",
        ),
        "blocks swapped": (lambda plane: to_blocks(plane).swapaxes(0, 1), "block rows and block columns"),
        "each transposed": (lambda plane: to_blocks(plane).swapaxes(2, 3), "transposed"),
        "the wrong axes swapped": (lambda plane: split(plane).swapaxes(2, 3), "another order: (2, 8, 8, 3)"),
        "split the other way round": (
            lambda plane: plane.reshape(8, plane.shape[0] // 8, 8, plane.shape[1] // 8).transpose(1, 3, 0, 2),
            "(n, 8) and not (8, n)",
        ),
        "split the other way round, middle swapped": (
            lambda plane: plane.reshape(8, plane.shape[0] // 8, 8, plane.shape[1] // 8).swapaxes(1, 2),
            "another order: (8, 8, 2, 3)",
        ),
        "512 pixels taken for granted": (lambda plane: plane.reshape(64, 8, 64, 8).swapaxes(1, 2), "this check is 16x24"),
        "float sizes": (lambda plane: plane.reshape(plane.shape[0] / 8, 8, plane.shape[1] / 8, 8), "//"),
        "one block": (lambda plane: plane[:8, :8], "your blocks hold 64"),
        "a list": (lambda plane: to_blocks(plane).reshape(-1, 8, 8), "Expected shape (2, 3, 8, 8)"),
        "grid off by one": (lambda plane: to_blocks(np.roll(plane, -1, axis=1)), "Block [0, 0] should have 0 at [0, 0], yours has 1"),
    },
    checks.check_quantise: {
        "not rounded": (lambda c, t: c / t, "not rounded"),
        "floor": (lambda c, t: np.floor(c / t), "Floor"),
        "floor division": (lambda c, t: c // t, "Floor"),
        "int": (lambda c, t: (c / t).astype(int), "fraction"),
        "plus a half": (lambda c, t: (c / t + 0.5).astype(int), "above zero only"),
        "no sign": (lambda c, t: np.rint(np.abs(c) / t), "signs are lost"),
        "Python's round": (lambda c, t: round(c / t), "np.rint"),
        "rebuilt": (lambda c, t: np.rint(c / t) * t, "multiples of the step"),
        "rounded first": (lambda c, t: np.rint(c) / t, "divide, then round"),
        "transposed": (lambda c, t: np.rint(c / t.T), "transposed"),
        "multiplied": (lambda c, t: np.rint(c * t), "Multiplied"),
        "int8": (lambda c, t: np.rint(c / t).astype(np.int64).astype(np.int8), "do not fit"),
        "uint8": (lambda c, t: np.rint(c / t).astype(np.int64).astype(np.uint8), "signed type"),
        "one step for all": (lambda c, t: np.rint(c / t[0, 0]), "with step"),
        "flattened": (lambda c, t: np.rint(c / t).ravel(), "shape (64,)"),
    },
    checks.check_levels: {
        "blank parts": (chain(blocks=lambda plane: None), "my_blocks, my_dct or my_quantise returns nothing"),
        "not centred": (chain(centre=0), "subtract 128"),
        "centred after the DCT": (lambda p, t: quantise(dct(to_blocks(p)) - 128, t), "belongs to the pixels"),
        "no table": (lambda p, t: dct(to_blocks(p) - 128), "table has not been used"),
        "not rounded": (chain(levels=lambda c, t: c / t), "not rounded"),
        "floor": (chain(levels=lambda c, t: c // t), "Rounded down"),
        "int": (chain(levels=lambda c, t: (c / t).astype(int)), "cut off"),
        "no DCT": (chain(transform=lambda blocks: blocks), "Pixels were quantised"),
        "DCT last": (lambda p, t: dct(np.rint((to_blocks(p) - 128) / t)), "transformed after"),
        "rebuilt": (lambda p, t: quantise(dct(to_blocks(p) - 128), t) * t, "rebuilt"),
        "no blocks": (lambda p, t: quantise(DCT @ (p - 128) @ DCT.T, t), "cut the plane into blocks first"),
        "the lesson's table": (lambda p, t: encode_plane(p, quantisation_tables(10)[0]), "levels of quality 10"),
        "back to a plane": (lambda p, t: from_blocks(encode_plane(p, t)), "comes back as a plane"),
        "a list of blocks": (lambda p, t: encode_plane(p, t).reshape(-1, 8, 8), "Expected shape (50, 75, 8, 8)"),
        "each block transposed": (chain(blocks=lambda plane: to_blocks(plane).swapaxes(2, 3)), "Each block is transposed"),
        "one off": (lambda p, t: encode_plane(p, t) + 1, "steps before rounding"),
    },
    checks.check_psnr: {
        "uint8": (lambda r, i: 10 * np.log10(255**2 / np.mean((r - i) ** 2)), "leave uint8"),
        "uint8 difference, float square": (lambda r, i: 10 * np.log10(255**2 / np.mean((r - i).astype(float) ** 2)), "leave uint8"),
        "mse": (lambda r, i: np.mean(error(r, i) ** 2), "mean squared error"),
        "upside down": (lambda r, i: -decibels(r, i), "sign"),
        "natural logarithm": (lambda r, i: 10 * np.log(255**2 / np.mean(error(r, i) ** 2)), "powers of ten"),
        "20 log": (lambda r, i: 2 * decibels(r, i), "Twice"),
        "bel": (lambda r, i: decibels(r, i) / 10, "bel"),
        "peak 1": (lambda r, i: decibels(r, i, 1), "not 1"),
        "peak 256": (lambda r, i: decibels(r, i, 256), "largest grey level"),
        "photo's own peak": (lambda r, i: decibels(r, i, r.max().astype(float)), "largest grey level"),
        "peak not squared": (lambda r, i: 10 * np.log10(255 / np.mean(error(r, i) ** 2)), "squared like the error"),
        "channel by channel": (lambda r, i: np.mean([decibels(r[..., c], i[..., c]) for c in range(3)]), "all three channels"),
        "absolute error": (lambda r, i: 10 * np.log10(255**2 / np.mean(np.abs(error(r, i)))), "absolute"),
        "luma": (metrics.psnr_y, "luma's error alone"),
        "root in the fraction": (lambda r, i: 10 * np.log10(255**2 / np.sqrt(np.mean(error(r, i) ** 2))), "root was taken"),
        "colours added": (lambda r, i: 10 * np.log10(255**2 / np.mean((error(r, i) ** 2).sum(axis=-1))), "were added"),
        "array": (lambda r, i: np.array([decibels(r, i)]), "shape (1,)"),
        "off": (lambda r, i: decibels(r, i) + 1, "Expected"),
    },
}
CASES = [(check, *case) for check, wrong in WRONG.items() for case in (STUBS | wrong).values()]
NAMES = [f"{check.__name__}: {name}" for check, wrong in WRONG.items() for name in STUBS | wrong]

RIGHT = [
    (checks.check_dct, dct),
    (checks.check_dct, by_loops),
    (checks.check_dct, lambda block: DCT @ block @ DCT.T),
    (checks.check_blocks, to_blocks),
    (checks.check_blocks, blocks_by_loops),
    (checks.check_blocks, lambda plane: split(plane).transpose(0, 2, 1, 3)),
    (checks.check_quantise, quantise),
    (checks.check_quantise, lambda c, t: np.rint(c / t)),
    (checks.check_quantise, lambda c, t: [[round(float(c[v, u] / t[v, u])) for u in range(8)] for v in range(8)]),
    (checks.check_levels, encode_plane),
    (checks.check_levels, chain(levels=lambda c, t: np.rint(c / t).astype(int))),
    (checks.check_levels, lambda p, t: np.floor(dct(split(p).swapaxes(1, 2) - 128) / t + 0.5)),
    (checks.check_psnr, metrics.psnr),
    (checks.check_psnr, decibels),
    (checks.check_psnr, lambda r, i: 20 * np.log10(255 / np.sqrt(np.mean(error(r, i) ** 2)))),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("check, answer, hint", CASES, ids=NAMES)
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said


@pytest.mark.parametrize("check, answer", RIGHT)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=lambda wrong: str(len(wrong)))
@pytest.mark.filterwarnings("ignore")
def test_no_two_plain_mistakes_share_a_wording_by_accident(wrong):
    hints = [hint for _, hint in wrong.values()]
    assert len(set(hints)) >= 0.7 * len(hints)


def test_an_answer_cannot_spoil_the_question():
    def greedy(block):
        block[:] = 0
        return dct(block)

    assert "✓" not in checks.check_dct(greedy) and "✓" in checks.check_dct(dct)
