"""Figures: exact pixels, numbers where they belong, everything inside the picture."""

import io

import numpy as np
import pytest
import skimage.data
from PIL import Image

from blockcnn_helpers import blockfigures, figures, jpeg, metrics

CROP = (64, 160, 128)
ROW = np.array([12, 13, 15, 60, 190, 236, 240, 241])


@pytest.fixture(scope="module")
def photo():
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def luma(photo):
    return np.rint(jpeg.rgb_to_ycbcr(photo)[..., 0]).astype(np.uint8)


def rendered(figure):
    file = io.BytesIO()
    figure.savefig(file)
    return np.asarray(Image.open(file).convert("RGB"))


def titles(figure):
    return [axes.get_title() for axes in figure.axes]


def assert_inside(figure):
    """Every text of the figure lies within it."""
    figure.draw_without_rendering()  # twice: the layout settles
    figure.draw_without_rendering()
    everything = figure.bbox
    for axes in figure.axes:
        for text in [axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts]:
            if text.get_text():
                box = text.get_window_extent()
                assert box.x0 >= everything.x0 - 1 and box.x1 <= everything.x1 + 1, text
                assert box.y0 >= everything.y0 - 1 and box.y1 <= everything.y1 + 1, text


def test_pictures_are_enlarged_not_resampled(photo):
    crop = figures.cut(photo, CROP)
    seen = rendered(figures.pictures({"two\nlines": crop, "other": crop[::-1]}))
    big = figures.enlarge(crop, 3)
    assert np.array_equal(seen[44 : 44 + 384, 8 : 8 + 384], big)


def test_cut_and_enlarge():
    image = np.arange(48).reshape(4, 4, 3)
    assert (figures.cut(image, (1, 2, 2)) == image[1:3, 2:4]).all()
    assert figures.enlarge(image, 3).shape == (12, 12, 3)
    assert (figures.enlarge(image, 3)[::3, ::3] == image).all()


def test_compare_measures_the_whole_photo(photo):
    compressed = jpeg.compress(photo, 10)
    figure = figures.compare({"original": photo, "JPEG": compressed}, CROP)
    assert titles(figure) == ["original", f"JPEG\n{metrics.psnr(photo, compressed):.2f} dB"]


def test_quality_sweep_tells_its_numbers(photo):
    figure = figures.quality_sweep(photo, CROP, qualities=(10, 50))
    data = jpeg.encode(photo, 10)
    assert (
        titles(figure)[1] == f"quality 10\n{metrics.bits_per_pixel(data, photo):.2f} bpp, {metrics.psnr(photo, jpeg.decode(data)):.1f} dB"
    )
    assert_inside(figure)


def test_repair_sweep_calls_what_it_is_handed(photo):
    asked = []

    def restore(image):
        asked.append(image)
        return photo  # a perfect repair

    figure = figures.repair_sweep(photo, restore, CROP, qualities=(10, 40))
    assert [image.shape for image in asked] == [photo.shape] * 2
    assert titles(figure)[2:] == ["repaired, quality 10\ninf dB", "repaired, quality 40\ninf dB"]
    assert_inside(figure)


@pytest.mark.parametrize("labels", [True, False])
def test_curves_use_the_courses_colours(labels):
    figure = figures.curves({"JPEG": [(1, 2), (2, 3)], "BlockCNN": [(1, 3), (2, 4)]}, "x", "y", labels=labels)
    assert [line.get_color() for line in figure.axes[0].lines] == [figures.METHOD_COLOURS["JPEG"], figures.METHOD_COLOURS["BlockCNN"]]
    assert_inside(figure)


def test_rate_distortion_axes():
    axes = figures.rate_distortion({"coffee": [(0.5, 30), (1, 32)]}).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("bits per pixel", "PSNR (dB)")


def test_position_error_writes_its_numbers():
    error = np.arange(64.0).reshape(8, 8)
    figure = figures.position_error({"one": error, "two": error})
    assert [text.get_text() for text in figure.axes[1].texts] == [str(n) for n in range(64)]


def test_no_minus_zero():
    figure = blockfigures.block_stages(np.full((8, 8), 127), jpeg.LUMA)
    assert "-0" not in [text.get_text() for axes in figure.axes for text in axes.texts]


def test_stages_are_the_codecs(luma):
    block, table = luma[96:104, 184:192], jpeg.quantisation_tables(10)[0]
    steps = blockfigures.stages(block, table)
    assert (steps["levels"] == jpeg.encode_plane(luma, table)[12, 23]).all()
    assert (steps["decoded pixels"] == jpeg.decode_plane(jpeg.encode_plane(luma, table), table)[96:104, 184:192]).all()
    figure = blockfigures.block_stages(block, table)
    assert titles(figure) == [f"{n}. {name}" for n, name in enumerate(steps, 1)]
    assert_inside(figure)


def test_keep_of_all_is_the_input(luma):
    assert np.allclose(blockfigures.keep(ROW, 8), ROW)
    assert np.allclose(blockfigures.keep(luma[:64, :40], 64), luma[:64, :40])
    assert np.allclose(blockfigures.keep(ROW, 0), 128)


def test_keep_one_is_the_mean_of_each_block(luma):
    kept = blockfigures.keep(luma, 1)
    assert np.allclose(kept[8:16, 16:24], luma[8:16, 16:24].mean())


def test_keep_of_a_row_is_in_the_style_guide():
    assert blockfigures.keep(ROW, 2).round().tolist() == [-12, 9, 48, 98, 153, 204, 243, 264]


def test_the_best_mixture_is_the_best(luma):
    block = luma[64:72, 224:232].astype(float)
    errors = [np.square(blockfigures.mix(block, count)[1] - block).mean() for count in range(65)]
    assert np.isclose(errors[0], np.square(block - 128).mean()) and np.isclose(errors[64], 0) and (np.diff(errors) <= 1e-9).all()
    weights, _ = blockfigures.mix(block, 3)
    for place in np.argwhere(weights):  # d off costs d² / 64
        other = weights.copy()
        other[tuple(place)] += 16
        assert np.isclose(np.square(jpeg.idct(other) + 128 - block).mean(), errors[3] + 4)


def test_one_level_moves_the_whole_block(luma):
    block, table = luma[64:72, 224:232], jpeg.quantisation_tables(10)[0]
    figure = blockfigures.level_change(block, table, (0, 1))
    moved = np.array([int(text.get_text()) for text in figure.axes[2].texts]).reshape(8, 8)
    assert (np.abs(moved - table[0, 1] * np.outer(jpeg.DCT[0], jpeg.DCT[1])) <= 1).all()


def drawings(luma):
    yield blockfigures.cosines()
    yield blockfigures.basis()
    yield blockfigures.keep_sweep(ROW)
    yield blockfigures.keep_sweep(luma[64:160, 160:256], (1, 6, 21))
    yield blockfigures.samples({"original": ROW, "decoded": ROW[::-1]})
    yield blockfigures.mix_sweep(luma[64:72, 224:232])
    yield blockfigures.level_change(luma[64:72, 224:232], jpeg.quantisation_tables(10)[0], (0, 1))


def test_all_others_stay_inside_and_leave_nothing_open(luma):
    import matplotlib.pyplot as plt

    for figure in drawings(luma):
        assert_inside(figure)
        assert rendered(figure).std() > 5
    assert not plt.get_fignums()
