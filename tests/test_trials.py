"""Trials of a repair: the grid, the second compression, the blocks that got worse, drawings; and what papers call PSNR."""

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import images, jpeg, metrics, trials, variants
from blockcnn_helpers.filters import bilateral, do_nothing, total_variation

WINDOW = (48, 120, 128)


@pytest.fixture(scope="module")
def cat():
    return images.course_photos()["chelsea"]


@pytest.fixture(scope="module")
def decoded(cat):
    return jpeg.compress(cat, 10)


def test_every_shift_is_judged_on_the_same_pixels(cat, decoded):
    assert (trials.shift_gains(cat, decoded, do_nothing, WINDOW) == 0).all()
    row, column, size = trials.judged(WINDOW)
    same = [trials.repair_shifted(decoded, do_nothing, WINDOW, r, c) for r, c in ((0, 0), (3, 5), (7, 0), (8, 8), (15, 15))]
    assert all((part == decoded[row : row + size, column : column + size]).all() for part in same)


def test_a_filter_without_a_grid_does_not_mind_a_shift(cat, decoded):
    gains = trials.shift_gains(cat, decoded, bilateral, WINDOW)
    assert gains.shape == (8, 8) and np.ptp(gains) == 0 and gains[0, 0] > 0.2


def test_a_repair_that_knows_the_grid_notices_a_shift(cat, decoded):
    def borders_only(image):
        result = image.copy()
        result[:, 8::8] = cat[48 + 128 - len(image) :, 120 + 128 - image.shape[1] :][: len(image), : image.shape[1]][:, 8::8]
        return result

    assert trials.shift_gain(cat, decoded, borders_only, WINDOW, 0, 0) > trials.shift_gain(cat, decoded, borders_only, WINDOW, 4, 4) > 0


@pytest.mark.parametrize("window", [(1, 0, 128), (0, 4, 128), (0, 0, 48)])
def test_a_window_starts_on_the_grid_and_is_large_enough(window):
    with pytest.raises(ValueError, match="starts on the grid"):
        trials.judged(window)


@pytest.mark.parametrize("shift", [0, 4])
def test_compressing_twice(cat, shift):
    original, twice = trials.compress_twice(cat, 10, 95, shift)
    assert original.shape == twice.shape == (300 - shift, 451 - shift, 3)
    once = jpeg.compress(cat, 10)[shift:, shift:]
    assert metrics.psnr(once, twice) > 38, "quality 95 adds little to what quality 10 has left"
    assert metrics.psnr(original, twice) == pytest.approx(metrics.psnr(original, once), abs=0.3)


def test_rescaled_between(cat):
    original, twice = trials.compress_twice(cat, 95, 95, scale=0.5)
    assert original.shape == twice.shape == (150, 225, 3)
    assert np.abs(original.astype(float) - np.asarray(Image.fromarray(cat).resize((225, 150), Image.Resampling.LANCZOS))).max() == 0
    assert metrics.psnr(original, twice) > 33


def test_block_gains_add_up_to_the_change_of_the_error(cat, decoded):
    smooth = bilateral(decoded)
    whole = (slice(0, 296), slice(0, 448))
    gains = trials.block_gains(cat, decoded, smooth)
    assert gains.shape == (37, 56)
    assert gains.mean() == pytest.approx(metrics.mse(cat[whole], decoded[whole]) - metrics.mse(cat[whole], smooth[whole]))
    assert (trials.block_gains(cat, smooth, decoded) == -gains).all()


def test_drawings_are_images_and_the_same_ones_each_time():
    first, second = trials.drawings(), trials.drawings()
    assert len(first) >= 8
    for name, picture in first.items():
        assert picture.dtype == np.uint8 and picture.shape == (256, 384, 3), name
        assert (picture == second[name]).all() and np.ptp(picture) > 100


def test_checkerboards_come_in_sizes():
    for size in (1, 2, 5, 16):
        board = trials.checkerboard(size)
        assert board.shape == (256, 384, 3) and set(np.unique(board)) == {0, 255}
        assert (
            (board[:size, :size] == 0).all()
            and (board[:size, size : 2 * size] == 255).all()
            and (board[size : 2 * size, :size] == 255).all()
        )
    assert (trials.drawings()["checkerboard"] == trials.checkerboard(2)).all()


def test_total_variation_is_skimages_and_flattens(decoded):
    from skimage.restoration import denoise_tv_chambolle

    oracle = denoise_tv_chambolle(decoded.astype(np.float64) / 255, weight=0.03, max_num_iter=100, channel_axis=-1)
    assert np.abs(total_variation(decoded, 0.03) - 255 * oracle).max() < 0.6
    versions = decoded, total_variation(decoded), total_variation(decoded, 0.1)
    steps = [np.abs(np.diff(image.astype(int), axis=1)).sum() for image in versions]
    assert steps[0] > steps[1] > steps[2]


# --- which PSNR? ------------------------------------------------------------------------------------------------------


def test_luma_is_pillows_and_televisions(cat):
    from PIL import Image
    from skimage.color import rgb2ycbcr

    assert np.abs(variants.luma(cat) - np.asarray(Image.fromarray(cat).convert("L"))).max() <= 0.51
    assert np.allclose(variants.luma(cat, studio=True), rgb2ycbcr(cat)[..., 0])


def test_ways_to_measure_agree_with_a_library(cat, decoded):
    from skimage.metrics import peak_signal_noise_ratio

    assert variants.psnr(cat, decoded) == pytest.approx(metrics.psnr(cat, decoded))
    assert variants.channel_psnr(cat, decoded) == pytest.approx(
        np.mean([peak_signal_noise_ratio(cat[..., c], decoded[..., c]) for c in range(3)])
    )
    assert variants.cropped_psnr(cat, decoded) == metrics.psnr(cat[8:-8, 8:-8], decoded[8:-8, 8:-8])
    apart = variants.luma_psnr(cat, decoded, studio=True) - variants.luma_psnr(cat, decoded)
    assert apart == pytest.approx(20 * np.log10(255 / 219), abs=0.005)


def test_pooling_is_no_kinder_than_the_mean(cat, decoded):
    other = jpeg.compress(cat, 60)
    mean = (metrics.psnr(cat, decoded) + metrics.psnr(cat, other)) / 2
    assert variants.pooled_psnr([cat, cat], [decoded, other]) < mean - 0.5
    assert variants.pooled_psnr([cat, cat], [decoded, decoded]) == pytest.approx(metrics.psnr(cat, decoded))
    with pytest.raises(ValueError):
        variants.pooled_psnr([cat], [decoded, other])


def test_arrays_of_one_size_only():
    with pytest.raises(ValueError, match=r"\(2, 2\) and \(2, 3\)"):
        variants.psnr(np.zeros((2, 2)), np.zeros((2, 3)))
    assert variants.psnr(np.zeros((2, 2)), np.zeros((2, 2))) == np.inf
