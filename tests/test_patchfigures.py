"""Lesson 02's figures and slider show the pixels that `patches.pairs` cuts."""

import io

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import explorers, figures, images, jpeg, patches, patchfigures


@pytest.fixture(scope="module")
def photo():
    return images.course_photos()["chelsea"]


@pytest.fixture(scope="module")
def compressed(photo):
    return jpeg.compress(photo, 25)


def plain(shown, times):
    return shown[times // 2 :: times, times // 2 :: times]


@pytest.mark.parametrize("row, column", [(0, 0), (10, 20), (37, 56), (37, 3)])
def test_pictures_are_the_pair(photo, compressed, row, column):
    inputs, targets = patches.pairs(photo, compressed)
    number = row * patches.grid(*photo.shape[:2])[1] + column
    shown = patchfigures.pair_pictures(photo, compressed, row, column)
    assert {picture.shape for picture in shown.values()} == {(168, 168, 3)}
    assert np.array_equal(plain(shown["input"], 7), inputs[number]), "the frame is thinner than half a pixel"
    assert np.array_equal(plain(shown["JPEG's block"], 21), inputs[number, 8:16, 8:16])
    assert np.array_equal(plain(shown["target"], 21), targets[number])
    residual = targets[number].astype(int) - inputs[number, 8:16, 8:16]
    assert np.array_equal(plain(shown["to add"], 21), np.clip(128 + 4 * residual, 0, 255))
    numbers = patchfigures.pair_numbers(photo, compressed, row, column)
    assert f"{np.square(residual).mean():.1f}" in numbers["doing nothing"] and f"{residual.max():+d}" in numbers["to add"]


def test_the_frame_lies_around_the_input(photo, compressed):
    where = patchfigures.pair_pictures(photo, compressed, 10, 20)["where"]
    framed = (where == [0xD5, 0x5E, 0x00]).all(axis=2)
    rows, columns = np.flatnonzero(framed.any(axis=1)), np.flatnonzero(framed.any(axis=0))
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (48, 119, 48, 119), "24 pixels, three times enlarged, in the middle"


def test_figures_are_drawn(photo, compressed):
    sweep = patchfigures.pair_sweep(photo, compressed, [(0, 0), (10, 20)])
    assert len(sweep.axes) == 10
    assert len(patchfigures.leak({"a_b": (0.3, 0.1), "c": (0.5, 0.4)}).axes[0].get_yticklabels()) == 2
    apart, decibels = patchfigures.difference(photo, photo)
    assert (apart == 128).all() and decibels == np.inf
    assert figures.pictures({"a": apart})


def test_tile_map_tints_whole_tiles(photo):
    mask = np.zeros(patches.grid(*photo.shape[:2]), bool)
    mask[3, 5] = True
    tinted = patchfigures.tile_map(photo, mask)
    bare = patchfigures.tile_map(photo, np.zeros_like(mask))
    changed = (tinted != bare).any(axis=2)
    assert changed[24:32, 40:48].all() and changed.sum() == 64


@pytest.mark.parametrize("row, column", [(0, 0), (37, 56), (12, 30)])
def test_the_slider_shows_the_pair(photo, compressed, row, column):
    box = explorers.patch_viewer(photo, compressed)
    box.slider.value, box.column.value = row, column
    shown = {name: np.asarray(Image.open(io.BytesIO(picture.value))) for name, picture in box.pictures.items()}
    want = patchfigures.pair_pictures(photo, compressed, row, column)
    assert set(want) - set(shown) == {"where"}, "the viewer shows where"
    assert all(np.array_equal(shown[name], want[name]) for name in shown)
    assert (np.asarray(Image.open(io.BytesIO(box.viewer.data0))) == compressed).all()
    assert box.viewer.mark == [8 * row - 8, 8 * column - 8, 24, 24]
    assert f"rows {8 * row}–{8 * row + 7}, columns {8 * column}–{8 * column + 7}" in box.text.value
    assert "doing nothing" in box.text.value and "to add" in box.text.value
