"""Lesson 03's figures and slider show the fields, costs and curves they are handed."""

import io

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import figures, netexplorers, netfigures


@pytest.fixture(scope="module")
def patch():
    return np.random.default_rng(0).integers(0, 236, (24, 24, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def fields():
    """Fields of 18x18 that move by two pixels every second pixel, as folding makes them."""
    made = np.zeros((8, 8, 24, 24), bool)
    for row in range(8):
        for column in range(8):
            made[row, column, row // 2 * 2 :, column // 2 * 2 :][:18, :18] = True
    return made


def test_spotlight_keeps_what_is_seen_and_pales_the_rest(patch, fields):
    shown = netfigures.spotlight(patch, fields[0, 0], 0, 0)
    assert shown.shape == (336, 336, 3) and shown.dtype == np.uint8
    inner = shown[7::14, 7::14]
    assert (inner[fields[0, 0]] == patch[fields[0, 0]]).all()
    assert (inner[~fields[0, 0]] >= 188).all()
    colour = [int(figures.METHOD_COLOURS["JPEG"][i : i + 2], 16) for i in (1, 3, 5)]
    assert (shown[8 * 14, 8 * 14 : 9 * 14] == colour).all(), "the repaired pixel is framed"


def test_field_slider_shows_the_field_of_the_pixel(patch, fields):
    box = netexplorers.field_slider(patch, fields)
    assert "rows 0–17, columns 0–17" in box.text.value
    box.slider.value, box.column.value = 7, 2
    assert "pixel [7, 2]" in box.text.value and "rows 6–23, columns 2–19 of the patch: 324 of 576 pixels" in box.text.value
    shown = np.asarray(Image.open(io.BytesIO(box.picture.value)))
    assert (shown == netfigures.spotlight(patch, fields[7, 2], 7, 2)).all()


def test_field_counter_adds_layer_after_layer(patch):
    box = netexplorers.field_counter(patch)
    assert (box.slider.min, box.slider.max) == (0, 5)
    for count, side in enumerate((1, 2, 6, 10, 14, 18)):
        box.slider.value = count
        assert f"{side} pixel" in box.text.value or f"= {side} on a side" in box.text.value
        assert f"{side**2} of 576 pixels" in box.text.value
        field, _ = netfigures.field_after(netfigures.LAYERS[:count])
        assert field[8, 8] and field.any(axis=0).sum() == field.any(axis=1).sum() == side
        shown = np.asarray(Image.open(io.BytesIO(box.picture.value)))
        assert (shown == netfigures.spotlight(patch, field, 0, 0)).all()


def test_on_grid_draws_the_blocks_in_colour():
    drawn = netfigures.on_grid({"a": np.zeros((16, 24)), "b": np.zeros((16, 24))})
    assert len(drawn.axes) == 2
    for axes in drawn.axes:
        lines = axes.get_xgridlines() + axes.get_ygridlines()
        assert len(lines) == 4 + 3 and {line.get_color() for line in lines} == {netfigures.OTHER}


def test_figures_say_what_they_were_handed():
    drawn = netfigures.architecture()
    words = [text.get_text() for axes in drawn.axes for text in axes.texts]
    assert "10x10x64" in words and "1x1\n96 to 64" in words and words.count("bottleneck") == 4 and words.count("LeakyReLU") == 3
    bill = {"BlockCNN": (387395, 98999.0), "Paper's network": (7870208, 9554928.0)}
    words = [text.get_text() for axes in netfigures.costs(bill).axes for text in axes.texts]
    assert words == ["0.39 M", "7.87 M", "0.10 M", "9.55 M"]
    lines = {"BlockCNN": [(0, 0.0), (100, 0.3)], "no residual": [(0, -18.0), (100, -3.0)]}
    whole, near = netfigures.trainings(lines, 0.4, dict.fromkeys(lines, "#0072b2")).axes
    assert whole.get_ylim()[0] < -18 and near.get_ylim() == (-1.0, 0.8)
    assert [text.get_text() for text in near.texts] == ["JPEG", "bilateral filter"]
    (axes,) = netfigures.losses(lines, dict.fromkeys(lines, "#0072b2")).axes
    assert [line.get_label() for line in axes.lines] == list(lines) and axes.get_ylim()[0] == 0
