"""What lesson 01 says in its prose beyond what its cells print."""

import inspect
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


def test_stairs_of_ten(photo):
    assert "The first two blocks have the same mean, 208" in PROSE and "(level −1 at [1, 0]) that only the first block kept" in PROSE
    data = jpeg.encode(photo, 10)
    levels = jpeg.luma_levels(data)[0][7, 40:44]
    assert levels[:, 0, 0].tolist() == [8, 8, 7, 6] and levels[0, 1, 0] == -1 and np.count_nonzero(levels) == 5
    assert jpeg.luma_plane(data)[60, 320:352:8].tolist() == [210, 208, 198, 188]


def test_edges_are_predicted_a_tenth_too_high(photo):
    assert "Corners (130 against 117 to 130) and middle (73 against 69 to 72) agree" in PROSE and "a tenth too high" in PROSE
    luma, table = np.rint(jpeg.rgb_to_ycbcr(photo)[..., 0]), jpeg.quantisation_tables(10)[0]
    coefficients, decoded = jpeg.dct(jpeg.to_blocks(luma) - 128), jpeg.luma_plane(jpeg.encode(photo, 10))
    lost = np.square(coefficients - jpeg.dequantise(jpeg.quantise(coefficients, table), table)).mean(axis=(0, 1))
    predicted, measured = (jpeg.DCT**2).T @ lost @ jpeg.DCT**2, np.square(jpeg.to_blocks(decoded - luma)).mean(axis=(0, 1))
    corners, middle = np.ix_([0, 7], [0, 7]), np.ix_([3, 4], [3, 4])
    assert {round(x) for x in predicted[corners].ravel()} == {130} and {round(x) for x in predicted[middle].ravel()} == {73}
    assert [round(f(measured[corners])) for f in (np.min, np.max)] == [117, 130]
    assert [round(f(measured[middle])) for f in (np.min, np.max)] == [69, 72]
    edges = [np.concatenate([error[[0, 7], 1:7].ravel(), error[1:7, [0, 7]].ravel()]).mean() for error in (predicted, measured)]
    assert 1.08 < edges[0] / edges[1] < 1.12


def test_corners_are_worst_on_every_photo():
    assert "In each the four corners are darkest" in PROSE
    for image in images.course_photos().values():
        error = metrics.position_error(image, jpeg.compress(image, quality=10))
        others = np.delete(error.ravel(), [0, 7, 56, 63])
        assert error[np.ix_([0, 7], [0, 7])].min() > others.max()


def test_only_the_coffee_is_darker_in_cb():
    assert "Cb is nearly flat; only the coffee is darker. In Cr the red saucer and the handle are brightest" in PROSE
    blue, red = np.moveaxis(jpeg.rgb_to_ycbcr(images.course_photos()["coffee"]), -1, 0)[1:]
    place = {"coffee": (160, 330), "rim": (75, 300), "saucer": (200, 450), "handle": (275, 225), "wood": (350, 40)}
    blue, red = ({name: plane[y - 5 : y + 6, x - 5 : x + 6].mean() for name, (y, x) in place.items()} for plane in (blue, red))
    assert min(blue, key=blue.get) == "coffee" and set(sorted(red, key=red.get)[-2:]) == {"saucer", "handle"}


def test_the_codec_is_shown_whole():
    assert "in twelve lines" in PROSE
    source = inspect.getsource(jpeg.compress_by_hand)
    assert len(source[source.index("    height, width"):].splitlines()) == 12
