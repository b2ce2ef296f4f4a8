"""What lesson 01 says in its prose beyond what its cells print."""

from pathlib import Path

import numpy as np
import pytest

from blockcnn_helpers import images, jpeg, metrics
from blockcnn_helpers.blockfigures import keep, stages

PROSE = (Path(__file__).parents[1] / "notebooks" / "01_see_where_the_blocks_come_from.ipynb").read_text(encoding="utf-8")
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


def test_a_decibel_is_a_sixth_of_the_file(photo):
    assert "takes a fifth more bits" in PROSE and "a sixth smaller" in PROSE
    points = []
    for quality in range(5, 96, 5):
        data = jpeg.encode(photo, quality)
        points.append((metrics.psnr(photo, jpeg.decode(data)), len(data)))
    at_30, at_31 = np.interp([30, 31], *np.transpose(points))
    assert abs(at_31 / at_30 - 6 / 5) < 0.02 and abs(1 - at_30 / at_31 - 1 / 6) < 0.02
