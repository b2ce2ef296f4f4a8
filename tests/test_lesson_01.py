"""What lesson 01 says in its prose beyond what its cells print."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from blockcnn_helpers import checks, figures, images, jpeg, metrics
from blockcnn_helpers.blockfigures import keep, mix, stages

PROSE = (Path(__file__).parents[1] / "notebooks" / "01_see_where_the_blocks_come_from.ipynb").read_text(encoding="utf-8")
QUIZ = Path(checks.__file__).parent / "quizzes"
ROW = np.array([12, 13, 15, 60, 190, 236, 240, 241])


@pytest.fixture(scope="module")
def photo():
    return images.course_photos()["astronaut"]


@pytest.fixture(scope="module")
def block(photo):
    return np.rint(jpeg.rgb_to_ycbcr(photo[64:72, 224:232])[..., 0])


def test_eight_pixels():
    assert "−12, 9, 48, 98, 153, 204, 243, 264" in PROSE and "19, 3, 13 instead of 12, 13, 15" in PROSE
    assert keep(ROW, 2).round().tolist() == [-12, 9, 48, 98, 153, 204, 243, 264]
    assert keep(ROW, 4).round()[:3].tolist() == [19, 3, 13]


def test_the_block_of_hair(block):
    assert "Pixels between 97 and 182" in PROSE
    assert (block.min(), block.max()) == (97, 182)
    steps = stages(block, jpeg.quantisation_tables(10)[0])
    for place, coefficient, step in (((1, 2), 32, 70), ((2, 3), 33, 120), ((4, 2), -39, 185)):
        assert steps["coefficients"][place].round() == coefficient and steps["table"][place] == step
        assert steps["levels"][place] == 0
    assert "32, 33 and −39 met steps of 70, 120 and 185" in PROSE
    assert sorted(steps["levels"].ravel()[steps["levels"].ravel() != 0]) == [-1, -1, -1, 1]


def test_levels_come_back_with_quality(block):
    assert "10 levels at quality 25, 17 at 50, 31 at 90" in PROSE
    counts = [np.count_nonzero(jpeg.encode_plane(block, jpeg.quantisation_tables(quality)[0])) for quality in (25, 50, 90)]
    assert counts == [10, 17, 31]


def test_slow_cosines_lose_four_times_as_much(photo):
    assert "over four times as much" in PROSE
    luma, table = np.rint(jpeg.rgb_to_ycbcr(photo)[..., 0]), jpeg.quantisation_tables(10)[0]
    coefficients = jpeg.dct(jpeg.to_blocks(luma) - 128)
    lost = np.square(coefficients - jpeg.dequantise(jpeg.quantise(coefficients, table), table)).mean(axis=(0, 1)).sum(axis=0)
    assert 4 < lost[1] / lost[7] < 5


def test_where_the_difference_is_largest(photo):
    assert "darkest in hair, eyes and teeth" in PROSE
    apart = np.abs(photo.astype(int) - jpeg.compress(photo, 10)).mean(axis=2)
    busy, smooth = {"hair": (40, 176, 32), "eye": (92, 196, 12), "teeth": (136, 212, 12)}, {"cheek": (104, 192, 16), "wall": (48, 480, 32)}
    busy, smooth = ([figures.cut(apart, place).mean() for place in places.values()] for places in (busy, smooth))
    assert min(busy) > max(smooth)


def test_mixtures(block):
    assert "it is 527" in PROSE and "The best three leave 206, the best six 113" in PROSE and "−64, −61 and −57" in PROSE
    assert [round(np.square(mix(block, count)[1] - block).mean()) for count in (0, 3, 6)] == [527, 206, 113]
    weights = mix(block, 4)[0]
    assert sorted(weights[weights != 0].round().tolist()) == [-64, -61, -57, 113]


def test_one_level_up(block):
    assert "The ends move by 10, the middle by 2" in PROSE and "one step of 55" in PROSE
    table = jpeg.quantisation_tables(10)[0]
    before, after = (stages(block, table, changes)["decoded pixels"].astype(int) for changes in ({}, {(0, 1): 1}))
    moved = after - before
    assert table[0, 1] == 55 and (moved != 0).all()
    assert set(moved[:, 0]) == {9, 10} and set(moved[:, 7]) == {-9, -10} and set(moved[:, 3]) == {2} and set(moved[:, 4]) <= {-1, -2}


def test_27_bits_for_63_levels(photo, block):
    assert "skip 7 zeros, then −1; skip 2, then −1; skip 6, then −1; nothing more\\\": 27 bits for 63 levels" in PROSE
    levels = stages(block, jpeg.quantisation_tables(10)[0])["levels"][tuple(jpeg.ZIGZAG.T)]
    places = np.flatnonzero(levels[1:]) + 1
    runs = (np.diff([0, *places]) - 1).tolist()
    assert runs == [7, 2, 6] and (levels[places] == -1).all()
    codes = ac_luma_code_lengths(jpeg.encode(photo, 10))
    assert sum(codes[16 * run + 1] + 1 for run in runs) + codes[0] == 27  # a code, and one bit of sign


def ac_luma_code_lengths(data):
    """Read from a file's Huffman tables how long the code of each (run, size) of luma is."""
    at = 0
    while (at := data.find(b"\xff\xc4", at)) >= 0:
        table, at = data[at + 4 : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")], at + 2
        while table:
            kind, counts, total = table[0], table[1:17], sum(table[1:17])
            lengths = [length for length, count in enumerate(counts, 1) for _ in range(count)]
            if kind == 0x10:
                return dict(zip(table[17 : 17 + total], lengths))
            table = table[17 + total :]
    raise AssertionError("no such table")


def test_a_decibel_is_a_sixth_of_the_file():
    assert "takes a fifth more bits" in PROSE and "a sixth smaller" in PROSE and "a tenth to a fifth" in PROSE
    shares = {}
    for name, image in images.course_photos().items():
        points = [(len(data), metrics.psnr(image, jpeg.decode(data))) for data in (jpeg.encode(image, q) for q in range(5, 96, 5))]
        size, decibels = np.transpose(points)
        for low in range(25, int(decibels[-1])):
            if decibels[0] <= low:
                before, after = np.interp([low, low + 1], decibels, size)
                shares[name, low] = 1 - before / after
    assert abs(shares["astronaut", 30] - 1 / 6) < 0.02 and abs(1 / (1 - shares["astronaut", 30]) - 6 / 5) < 0.02
    assert 0.09 < min(shares.values()) and max(shares.values()) < 0.22


def test_lost_blocks_are_black(photo):
    assert "leaves out 934 of 4096, mostly in the black" in PROSE
    data = jpeg.encode(photo, 10)
    blocks, exact = jpeg.to_blocks(jpeg.luma_plane(data)), jpeg.luma_levels(data)[1]
    assert (~exact).sum() == 934 and (blocks == 0).any(axis=(2, 3)).sum() > 800


def test_the_learners_encoder():
    assert "90 of 230,656 levels differ" in PROSE and "74 if halves are rounded away from zero" in PROSE
    away = checks.check_levels(jpeg.encode_plane)
    even = checks.check_levels(lambda plane, table: np.rint(jpeg.dct(jpeg.to_blocks(plane) - 128) / table))
    assert "230,656" in away and " 74 differ" in away and " 90 differ" in even
    photo = images.course_photos()["coffee"]
    stored, exact = jpeg.luma_levels(jpeg.encode(photo, 25))
    steps = jpeg.dct(jpeg.to_blocks(np.rint(jpeg.rgb_to_ycbcr(photo)[..., 0])) - 128) / jpeg.quantisation_tables(25)[0]
    off = (np.rint(steps) != stored) & exact[..., None, None]
    assert np.abs(np.rint(steps) - stored)[off].max() == 1 and np.abs(np.abs(steps[off]) % 1 - 0.5).max() < 0.02


def test_stairs_of_ten(photo):
    assert "levels 4, 3, 2, 1" in PROSE and "from 167 to 139" in PROSE and "a slope of 28 grey levels" in PROSE
    data, luma = jpeg.encode(photo, 10), np.rint(jpeg.rgb_to_ycbcr(photo)[52, 480:512, 0])
    levels = jpeg.luma_levels(data)[0][6, 60:64]
    assert levels[:, 0, 0].tolist() == [4, 3, 2, 1] and np.count_nonzero(levels) == 4
    assert (luma.max(), luma.min()) == (167, 139)
    assert jpeg.luma_plane(data)[52, 480:512:8].tolist() == [168, 158, 148, 138]


def test_corners_follow_from_the_losses(photo):
    assert "predict 130 in the corners and 73 in the middle; measured are 125 and 71" in PROSE
    assert np.allclose((jpeg.DCT[1:] ** 2 + jpeg.DCT[:0:-1] ** 2), 0.25)


def test_corners_are_worst_on_every_photo():
    assert "In each the four corners are darkest" in PROSE
    for image in images.course_photos().values():
        error = metrics.position_error(image, jpeg.compress(image, quality=10))
        others = np.delete(error.ravel(), [0, 7, 56, 63])
        assert error[np.ix_([0, 7], [0, 7])].min() > others.max()


def test_planes_of_the_astronaut(photo):
    assert "In Cb the orange suit and the face are dark and the blue badges bright; in Cr the suit and the red stripes" in PROSE
    blue, red = np.moveaxis(jpeg.rgb_to_ycbcr(photo), -1, 0)[1:]
    place = {"suit": (330, 100), "face": (130, 215), "badge": (356, 150), "wall": (60, 350), "flag": (170, 60)}
    blue, red = ({name: plane[y - 3 : y + 4, x - 3 : x + 4].mean() for name, (y, x) in place.items()} for plane in (blue, red))
    assert set(sorted(blue, key=blue.get)[:2]) == {"suit", "face"} and max(blue, key=blue.get) == "badge"
    assert set(sorted(red, key=red.get)[-2:]) == {"suit", "flag"}


def test_stains_are_twice_as_wide_in_halved_planes(photo):
    assert "from 8 pixels to 16" in PROSE and "85 / 8 units, about 11" in PROSE
    assert jpeg.quantisation_tables(10)[1][0, 0] == 85
    place = np.arange(1, 512)
    for subsampling, wide in (("4:2:0", 16), ("4:4:4", 8)):
        red = jpeg.rgb_to_ycbcr(jpeg.compress(photo, 10, subsampling))[..., 2]
        jumps = np.abs(np.diff(red, axis=1)).mean(axis=0)
        others = [jumps[place % wide == at].mean() for at in range(2, wide - 1)]  # doubling by blending softens a border by a pixel
        assert jumps[place % wide == 0].mean() > 3 * max(others)


def test_the_codec_is_twelve_lines_and_close_to_libjpegs(photo):
    assert "the few lines of `compress_by_hand`" in PROSE and "mostly in squares where a level, of light or of colour" in PROSE
    source = inspect.getsource(jpeg.compress_by_hand)
    assert len(source[source.index("    height, width"):].splitlines()) == 12
    apart = np.abs(jpeg.compress(photo, 10).astype(int) - jpeg.compress_by_hand(photo, 10))
    apart = apart.reshape(32, 16, 32, 16, 3).max(axis=(1, 3, 4))
    planes, tables = np.rint(jpeg.rgb_to_ycbcr(photo)), jpeg.quantisation_tables(10)
    fence = lambda plane, table: np.abs(np.abs(jpeg.dct(jpeg.to_blocks(plane) - 128) / table) % 1 - 0.5).min(axis=(2, 3))
    light = fence(planes[..., 0], tables[0]).reshape(32, 2, 32, 2).min(axis=(1, 3)) < 0.002
    colour = np.minimum(*(fence(np.rint(jpeg.subsample(planes[..., c])), tables[1]) for c in (1, 2))) < 0.02
    assert (light | colour)[apart > 6].mean() > 0.8


def test_psnr_b_charges_the_original_too(photo):
    assert "even the original's blockiness is 1.03" in PROSE
    assert 1.025 < metrics.blockiness(photo) < 1.035 and metrics.blocking(photo) > 5
    dark = figures.cut(photo, (440, 380, 32))
    brighter = np.rint(dark + 12.0).clip(0, 255).astype(np.uint8)
    assert dark.mean() < 10 and metrics.ssim(dark, brighter) < 0.5


def test_the_quiz(photo):
    asked = (QUIZ / "01.json").read_text(encoding="utf-8")
    decoded = jpeg.compress(photo, 10)
    assert "it reads 0.89" in asked and round(metrics.blockiness(decoded[4:, 4:].copy()), 2) == 0.89
    assert "`blockiness` 2.26" in asked and round(metrics.blockiness(decoded), 2) == 2.26
    assert jpeg.quantisation_tables(25)[0][0, 0] == 32 and "is 32" in asked
    assert set(re.findall(r"\*([A-Z][\w ?]+)\*", asked)) <= set(re.findall(r"## ([^\\]+)\\n", PROSE))
