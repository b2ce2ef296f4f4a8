"""Sliders: set a value, look at the bytes and the text."""

import asyncio
import io
import re

import ipywidgets as widgets
import numpy as np
import pytest
import skimage.data
from PIL import Image

from blockcnn_helpers import evalexplorers, explorers, jpeg, metrics, restoration

CROP = (88, 192, 64)
ROW = [12, 13, 15, 60, 190, 236, 240, 241]


@pytest.fixture(scope="module")
def photo():
    return skimage.data.chelsea()


def picture(widget):
    return np.asarray(Image.open(io.BytesIO(widget.value)))


def every_widget(box):
    yield box
    for child in getattr(box, "children", ()):
        yield from every_widget(child)


@pytest.mark.parametrize("quality", [1, 10, 60, 95])
def test_quality_slider_shows_the_file(photo, quality):
    box = explorers.quality_slider(photo, CROP)
    box.slider.value = quality
    data = jpeg.encode(photo, quality)
    assert box.photo.value == data and box.photo.format == "jpeg"
    assert (picture(box.zoom)[::4, ::4] == jpeg.decode(data)[88:152, 192:256]).all()
    assert f"{len(data):,} bytes" in box.text.value
    assert f"PSNR {metrics.psnr(photo, jpeg.decode(data)):.2f} dB" in box.text.value


def test_zoom_is_enlarged_by_repetition(photo):
    zoom = picture(explorers.quality_slider(photo, CROP).zoom)
    assert zoom.shape == (256, 256, 3)
    assert (zoom == np.kron(zoom[::4, ::4], np.ones((4, 4, 1), int))).all()


def test_deblock_slider_repairs_what_it_decoded(photo):
    box = explorers.deblock_slider(photo, lambda image: 255 - image, CROP)
    box.slider.value = 30
    decoded = jpeg.compress(photo, 30)
    original, compressed, repaired = box.zooms
    assert (picture(original)[::4, ::4] == photo[88:152, 192:256]).all()
    assert (picture(compressed)[::4, ::4] == decoded[88:152, 192:256]).all()
    assert (picture(repaired)[::4, ::4] == 255 - decoded[88:152, 192:256]).all()
    assert box.photos[1].value == jpeg.encode(photo, 30)
    assert (picture(box.photos[2]) == 255 - decoded).all()
    before, after = metrics.psnr(photo, decoded), metrics.psnr(photo, 255 - decoded)
    assert f"JPEG {before:.2f} dB → repaired {after:.2f} dB ({after - before:+.2f} dB)" in box.text.value


@pytest.mark.parametrize("crop", [(0, 0, 64), (232, 384, 64), (3, 5, 32), None])
def test_the_repaired_part_starts_on_the_grid(photo, crop):
    seen = []
    explorers.deblock_slider(photo, lambda image: seen.append(image) or image, crop)
    window, whole = seen
    decoded = jpeg.compress(photo, 10)
    assert (whole == decoded).all()
    tops = [y for y in range(0, 300, 8) for x in range(0, 451, 8) if np.array_equal(window[:8, :8], decoded[y : y + 8, x : x + 8])]
    assert tops  # its first block is a block of the file


def test_whole_photo_waits_until_the_slider_rests(photo):
    shapes = []

    def restore(image):
        shapes.append(image.shape)
        return image

    async def drag():
        box = explorers.deblock_slider(photo, restore, CROP)
        shapes.clear()
        for quality in (20, 21, 22, 23):
            box.slider.value = quality
        moving = shapes.count(photo.shape)
        await asyncio.sleep(explorers.PAUSE + 0.2)
        return moving, shapes.count(photo.shape), box

    moving, rested, box = asyncio.run(drag())
    assert (moving, rested) == (0, 1)
    assert "quality 23" in box.text.value and "whole photo" in box.text.value


def test_keep_coefficients_of_a_row():
    box = explorers.keep_coefficients(ROW)
    assert "2 of 8 kept" in box.text.value and "row: -12, 9, 48, 98, 153, 204, 243, 264" in box.text.value
    before = box.drawing.value
    box.slider.value = 8
    assert "row: 12, 13, 15, 60, 190, 236, 240, 241" in box.text.value and "100.00% of the energy" in box.text.value
    assert box.drawing.value != before and "<svg" in box.drawing.value


@pytest.mark.parametrize("shape", [(8, 8), (64, 48)])
def test_keep_coefficients_of_a_plane(photo, shape):
    plane = photo[: shape[0], : shape[1], 1]
    box = explorers.keep_coefficients(plane, count=64)
    times = 256 // shape[1]
    assert (picture(box.drawing)[::times, ::times] == plane).all()
    box.slider.value = 1
    assert (picture(box.drawing)[0, 0] == np.rint(plane[:8, :8].mean())).all()
    assert "1 of 64 kept" in box.text.value


def test_block_inspector_shows_the_files_levels(photo):
    box = explorers.block_inspector(photo)
    box.row.value, box.column.value, box.slider.value = 10, 20, 25
    levels, exact = jpeg.luma_levels(jpeg.encode(photo, 25))
    assert exact[10, 20]
    shown = re.findall(r">(-?\d+)</td>", box.tables["levels"].value)
    assert np.array_equal(np.array(shown, int).reshape(8, 8), levels[10, 20])
    assert "rows 80–87, columns 160–167" in box.text.value
    assert f"{np.count_nonzero(levels[10, 20])} of 64 levels are not zero" in box.text.value
    for name, table in box.tables.items():
        assert len(re.findall("<td", table.value)) == 64, name


class Repair:
    """Stands for a network: takes a file, returns floats, counts its calls."""

    def __init__(self):
        self.seen = []

    def __call__(self, data):
        self.seen.append(data)
        return np.float32(1) - jpeg.decode(data) / np.float32(255)


def test_strength_slider_blends_what_the_file_gives(photo):
    window, repair = (48, 120, 128), Repair()
    box = evalexplorers.strength_slider(photo, repair, window, quality=20, strength=0.25)
    part = photo[48:176, 120:248]
    original, decoded = part[16:-16, 16:-16], jpeg.compress(part, 20)[16:-16, 16:-16]
    assert repair.seen == [jpeg.encode(part, 20)], "the file of the part, once"
    for strength in (25, 60, 0, 100):
        box.strength.value = strength
        want = np.rint(decoded + strength / 100 * (255 - 2 * decoded.astype(float)))
        shown = [picture(widget)[::2, ::2] for widget in box.pictures]
        assert (shown[0] == original).all() and (shown[1] == decoded).all()
        assert np.abs(shown[2] - want).max() <= (1 if 0 < strength < 100 else 0)
        before, after = metrics.psnr(original, decoded), metrics.psnr(original, shown[2])
        assert f"quality 20 · strength {strength / 100:.2f} · JPEG {before:.2f} dB → repaired {after:.2f} dB" in box.text.value
        assert f"changed by {np.abs(shown[2].astype(int) - decoded).mean():.2f} grey levels on average" in box.text.value
    assert len(repair.seen) == 1, "the network is not asked again while strength moves"
    box.slider.value = 60
    assert len(repair.seen) == 2 and "quality 60" in box.text.value and "strength 1.00" in box.text.value
    box.slider.value = 20
    assert len(repair.seen) == 2, "nor for a quality it has seen"


def test_strength_slider_uses_the_best_network_within_the_file(photo):
    box = evalexplorers.strength_slider(photo, window=(48, 120, 128), quality=15, strength=0.5)
    data = jpeg.encode(photo[48:176, 120:248], 15)
    for strength in (50, 100):
        box.strength.value = strength
        want = restoration.deblock(jpeg.decode(data), file=data, strength=strength / 100)
        assert (picture(box.pictures[2])[::2, ::2] == want[16:-16, 16:-16]).all()


def test_strength_slider_moves_by_the_arrow_keys_in_steps_that_one_sees(photo):
    box = evalexplorers.strength_slider(photo, Repair())
    assert (box.strength.min, box.strength.max, box.strength.step, box.strength.value) == (0, 100, 5, 100)
    assert box.strength.description == "Strength %" and box.slider.description == "Quality"


@pytest.mark.parametrize("row, column", [(0, 0), (36, 55), (20, 55)])
def test_block_inspector_at_the_border(photo, row, column):
    place = picture(explorers.block_inspector(photo, row, column).place)
    assert (place == (0xD5, 0x5E, 0x00)).all(axis=2).sum() > 200  # the frame is there


@pytest.mark.parametrize(
    "make",
    [
        lambda photo: explorers.quality_slider(photo),
        lambda photo: explorers.deblock_slider(photo, lambda image: image),
        lambda photo: explorers.keep_coefficients(ROW),
        lambda photo: explorers.keep_coefficients(photo[:64, :64, 1]),
        lambda photo: explorers.block_inspector(photo),
        lambda photo: evalexplorers.strength_slider(photo, lambda data: 255 - jpeg.decode(data)),
    ],
)
def test_every_slider_has_a_name_and_a_text(photo, make):
    box = make(photo)
    assert isinstance(box, widgets.VBox) and box.text in list(every_widget(box))
    for widget in every_widget(box):
        if isinstance(widget, widgets.IntSlider):
            assert widget.description and widget.continuous_update
        if isinstance(widget, widgets.Image):
            assert widget.value and widget.tooltip is None  # with a tooltip, JupyterLab shows an error in its place


def test_an_error_in_restore_is_not_swallowed(photo):
    def broken(image):
        raise RuntimeError("no weights")

    with pytest.raises(RuntimeError, match="no weights"):
        explorers.deblock_slider(photo, broken)


def test_small_photos():
    tiny = np.random.default_rng(0).integers(0, 256, (17, 30, 3), dtype=np.uint8)
    assert picture(explorers.quality_slider(tiny).zoom).shape == (256, 256, 3)
    explorers.deblock_slider(tiny, lambda image: image).slider.value = 50
    explorers.block_inspector(tiny)
