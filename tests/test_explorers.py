"""Sliders: set a value, look at the bytes and the text."""

import asyncio
import io
import re

import ipywidgets as widgets
import numpy as np
import pytest
import skimage.data
from PIL import Image

from blockcnn_helpers import blockexplorers, evalexplorers, explorers, jpeg, metrics, netexplorers, restoration, sketches
from blockcnn_helpers.viewer import Viewer

CROP = (88, 192, 64)
ROW = [12, 13, 15, 60, 190, 236, 240, 241]


@pytest.fixture(scope="module")
def photo():
    return skimage.data.chelsea()


def opened(data):
    return np.asarray(Image.open(io.BytesIO(data)))


def picture(widget):
    return opened(widget.value)


def every_widget(box):
    yield box
    for child in getattr(box, "children", ()):
        yield from every_widget(child)


@pytest.mark.parametrize("quality", [1, 10, 60, 95])
def test_quality_slider_shows_the_file(photo, quality):
    box = explorers.quality_slider(photo, CROP)
    box.slider.value = quality
    data = jpeg.encode(photo, quality)
    original, file, difference = box.viewer.files
    assert file == data and box.viewer.kinds == ["png", "jpeg", "png"]
    assert (opened(original) == photo).all()
    error = np.abs(photo.astype(int) - jpeg.decode(data)).mean(axis=2)
    assert np.abs(opened(difference) - (255 - np.minimum(error, 60) * 255 / 60)).max() <= 1
    assert f"{len(data):,} bytes" in box.text.value
    assert f"PSNR {metrics.psnr(photo, jpeg.decode(data)):.2f} dB" in box.text.value


def test_quality_slider_shows_what_is_asked_for(photo):
    box = explorers.quality_slider(photo, shown=["JPEG"], quality=30)
    assert box.viewer.titles == ["JPEG"] and box.viewer.files == [jpeg.encode(photo, 30)] and box.viewer.crop == []
    for wrong in ([], ["jpeg"], ["JPEG", "zoom"]):
        with pytest.raises(ValueError, match="expected some of original, JPEG, difference"):
            explorers.quality_slider(photo, shown=wrong)


def test_deblock_slider_repairs_what_it_decoded(photo):
    box = explorers.deblock_slider(photo, lambda image: 255 - image, CROP)
    box.slider.value = 30
    decoded = jpeg.compress(photo, 30)
    original, file, repaired = box.viewer.files
    assert (opened(original) == photo).all() and (opened(repaired) == 255 - decoded).all()
    assert file == jpeg.encode(photo, 30)
    before, after = metrics.psnr(photo, decoded), metrics.psnr(photo, 255 - decoded)
    assert f"whole photo: JPEG {before:.2f} dB → repaired {after:.2f} dB ({after - before:+.2f} dB)" in box.text.value


@pytest.mark.parametrize("seen", [[], [0, 0, 300, 451], [200, 400, 40, 51], [290, 440, 10, 11]])
def test_while_the_slider_moves_the_part_in_view_is_repaired(photo, seen):
    async def drag():
        box = explorers.deblock_slider(photo, lambda image: 255 - image, CROP)
        box.viewer.seen = seen
        box.slider.value = 21
        return box

    box = asyncio.run(drag())
    decoded, shown = jpeg.compress(photo, 21), opened(box.viewer.files[2])
    changed = (shown != decoded).any(axis=2)
    rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
    row, column, size = explorers._part(seen, photo) if seen else CROP
    assert (rows[0], rows[-1], columns[0], columns[-1]) == (row, row + size - 1, column, column + size - 1)
    assert (shown[changed] == 255 - decoded[changed]).all() and "part in view" in box.text.value


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
    box = blockexplorers.keep_coefficients(ROW)
    assert "2 of 8 kept" in box.text.value and "row: -12, 9, 48, 98, 153, 204, 243, 264" in box.text.value
    before = box.drawing.value
    box.slider.value = 8
    assert "row: 12, 13, 15, 60, 190, 236, 240, 241" in box.text.value and "100.00% of the energy" in box.text.value
    assert box.drawing.value != before and "<svg" in box.drawing.value


@pytest.mark.parametrize("shape", [(8, 8), (64, 48)])
def test_keep_coefficients_of_a_plane(photo, shape):
    plane = photo[: shape[0], : shape[1], 1]
    box = blockexplorers.keep_coefficients(plane, count=64)
    times = 256 // shape[1]
    assert (picture(box.drawing)[::times, ::times] == plane).all()
    box.slider.value = 1
    assert (picture(box.drawing)[0, 0] == np.rint(plane[:8, :8].mean())).all()
    assert "1 of 64 kept" in box.text.value


def test_block_inspector_shows_the_files_levels(photo):
    box = blockexplorers.block_inspector(photo)
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
def test_a_click_picks_a_block_and_the_frame_follows(photo, row, column):
    box = blockexplorers.block_inspector(photo, 3, 4)
    assert box.viewer.mark == [24, 32, 8, 8]
    box.viewer.picked = [8 * row + 7, 8 * column]
    assert (box.row.value, box.column.value) == (row, column) and box.viewer.mark == [8 * row, 8 * column, 8, 8]
    assert f"rows {8 * row}–{8 * row + 7}" in box.text.value


def test_a_click_beside_the_last_whole_block_picks_the_last(photo):
    box = blockexplorers.block_inspector(photo)
    box.viewer.picked = [299, 450]
    assert (box.row.value, box.column.value) == (36, 55)


def test_one_changed_level_changes_the_block_by_its_pattern(photo):
    box = blockexplorers.block_inspector(photo, 10, 20, quality=25)
    was = opened(box.pictures["decoded"].value)[::16, ::16].astype(int)
    box.down.value, box.across.value, box.change.value = 1, 2, 3
    step = jpeg.quantisation_tables(25)[0][1, 2]
    pattern = 3 * step * np.outer(jpeg.DCT[1], jpeg.DCT[2])
    assert (opened(box.pictures["decoded"].value)[::16, ::16] == was).all()
    assert np.abs(opened(box.pictures["with your change"].value)[::16, ::16] - (was + pattern)).max() <= 1
    assert f"by 3 x {step} = {3 * step}" in box.text.value and "outline" in box.tables["levels"].value
    box.change.value = 0
    assert (opened(box.pictures["with your change"].value)[::16, ::16] == was).all()


def test_the_mixer_mixes_what_its_weights_say():
    target = np.arange(64).reshape(8, 8) + 80
    box = blockexplorers.basis_mixer(target)
    assert (opened(box.picture.value) == 128).all()
    exact = jpeg.dct(target - 128.0)
    for v, u in ((0, 0), (1, 0), (0, 1)):
        box.down.value, box.across.value = v, u
        box.slider.value = round(exact[v, u] / 8) * 8
    assert np.count_nonzero(box.mix) == 3 and "3 of 64 in use" in box.text.value
    left = np.square(exact - box.mix).sum() / 64
    assert f"mean squared error to the block {left:.1f}" in box.text.value, "orthonormal: the squares of what is missing, over 64"
    assert np.abs(opened(box.picture.value)[::24, ::24] - (jpeg.idct(box.mix) + 128)).max() <= 0.5
    box.viewer.picked = [11 * 3 + 4, 11 * 5 + 2]
    assert (box.down.value, box.across.value, box.slider.value) == (3, 5, 0) and box.viewer.mark == [33, 55, 8, 8]
    box.clear.click()
    assert not box.mix.any() and (opened(box.picture.value) == 128).all()


def test_going_back_to_a_pattern_finds_its_weight():
    box = blockexplorers.basis_mixer(weights={(2, 1): 160})
    box.down.value, box.across.value = 2, 1
    assert box.slider.value == 160 and "weight 160" in box.text.value and box.mix.sum() == 160


@pytest.mark.parametrize("strength", [0, 35, 100])
def test_before_after_blends_and_counts(photo, strength):
    before = jpeg.compress(photo, 10)
    after = restoration.restore(before)
    box = evalexplorers.before_after(before, after, photo, CROP)
    box.slider.value = strength
    now = restoration.blend(before, after, strength / 100)
    assert (opened(box.viewer.data0) == before).all() and (opened(box.viewer.data1) == now).all() and (box.blended() == now).all()
    assert f"→ {metrics.psnr(photo, now):.2f} dB" in box.text.value and box.viewer.divider == 50
    box.view.value = "map"
    assert box.viewer.titles == ["error before", "error after"]
    assert (opened(box.viewer.data0) == sketches.error_map(photo, before)).all()
    assert (opened(box.viewer.data1) == sketches.error_map(photo, now)).all()


def test_before_after_without_the_original_maps_what_changed(photo):
    before = jpeg.compress(photo, 10)
    box = evalexplorers.before_after(before, np.full(photo.shape, 0.5, np.float32))
    box.view.value = "map"
    assert "PSNR" not in box.text.value and "blockiness" in box.text.value
    assert (opened(box.viewer.data0) == 255).all()
    assert (opened(box.viewer.data1) == sketches.error_map(before, np.full_like(before, 128))).all()
    with pytest.raises(ValueError, match="one size"):
        evalexplorers.before_after(before, before[1:])


def test_a_large_picture_goes_over_as_a_jpeg(monkeypatch):
    monkeypatch.setattr(evalexplorers, "LARGE", 100)
    box = evalexplorers.before_after(*np.zeros((2, 16, 24, 3), np.uint8))
    assert box.viewer.kinds == ["jpeg", "jpeg"] and opened(box.viewer.data1).shape == (16, 24, 3)
    box.view.value = "map"
    assert box.viewer.kinds == ["jpeg", "jpeg"] and (opened(box.viewer.data1) == 255).all()


def test_field_counter_counts_what_the_network_sees(photo):
    box = netexplorers.field_counter(photo[:24, :24], count=0)
    sides = []
    for count in range(box.slider.max + 1):
        box.slider.value = count
        sides.append(int(re.search(r"(\d+) (?:pixel )?on a side", box.text.value)[1]))
        assert f"{sides[-1] ** 2} of 576 pixels" in box.text.value
    assert sides == [1, 2, 6, 10, 14, 18]
    rows = np.flatnonzero(netexplorers.field_after(netexplorers.LAYERS)[0].any(axis=1))
    assert (rows[0], rows[-1]) == (0, 17)


def test_a_viewer_knows_what_it_can_show():
    image = np.zeros((16, 24, 3), np.uint8)
    for titles, divider in (([], None), (list("abcd"), None), (["a"], 50), (["a", "b", "c"], 0)):
        with pytest.raises(ValueError, match=r"viewer shows 1 to 3|divider stands between 2"):
            Viewer(titles, image, divider=divider)
    viewer = Viewer(["a", "b"], image)
    viewer.show(1, b"x", "jpeg")
    assert viewer.files == [b"", b"x"] and viewer.kinds == ["png", "jpeg"] and viewer.shape == [16, 24]
    viewer.resize(image[:8])
    assert viewer.shape == [8, 24]


@pytest.mark.parametrize(
    "make",
    [
        lambda photo: explorers.quality_slider(photo),
        lambda photo: explorers.deblock_slider(photo, lambda image: image),
        lambda photo: blockexplorers.keep_coefficients(ROW),
        lambda photo: blockexplorers.keep_coefficients(photo[:64, :64, 1]),
        lambda photo: blockexplorers.block_inspector(photo),
        lambda photo: blockexplorers.basis_mixer(photo[:8, :8, 1]),
        lambda photo: explorers.patch_viewer(photo, jpeg.compress(photo, 10)),
        lambda photo: netexplorers.field_counter(photo[:24, :24]),
        lambda photo: evalexplorers.before_after(photo, 255 - photo),
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
        if isinstance(widget, Viewer):
            assert all(widget.files) and all(widget.titles) and widget.hint


def test_an_error_in_restore_is_not_swallowed(photo):
    def broken(image):
        raise RuntimeError("no weights")

    with pytest.raises(RuntimeError, match="no weights"):
        explorers.deblock_slider(photo, broken)


def test_small_photos():
    tiny = np.random.default_rng(0).integers(0, 256, (17, 30, 3), dtype=np.uint8)
    assert opened(explorers.quality_slider(tiny).viewer.files[2]).shape == (17, 30)
    explorers.deblock_slider(tiny, lambda image: image).slider.value = 50
    blockexplorers.block_inspector(tiny)
