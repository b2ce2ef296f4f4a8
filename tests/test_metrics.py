"""The metrics against scikit-image, against loops, and against the numbers every table of the course starts with."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
import skimage.color
import skimage.data
import skimage.metrics
from PIL import Image

from blockcnn_helpers import metrics
from blockcnn_helpers.jpeg import compress, encode


@pytest.fixture(scope="module")
def pair():
    photo = skimage.data.chelsea()[:128, :160].copy()
    return photo, compress(photo, 20)


def test_psnr_is_scikit_images(pair):
    assert math.isclose(metrics.psnr(*pair), skimage.metrics.peak_signal_noise_ratio(*pair))
    assert math.isclose(metrics.mse(*pair), skimage.metrics.mean_squared_error(*pair))


def test_psnr_y_is_scikit_images(pair):
    """Its luma runs from 16 to 235: 219 levels for our 255."""
    lumas = [skimage.color.rgb2ycbcr(image)[..., 0] for image in pair]
    assert math.isclose(metrics.psnr_y(*pair), skimage.metrics.peak_signal_noise_ratio(*lumas, data_range=219), rel_tol=1e-9)
    photo = pair[0].clip(1, 200)
    assert metrics.psnr_y(photo, photo) == math.inf and math.isclose(metrics.psnr_y(photo, photo + np.uint8(3)), 20 * math.log10(85))
    swapped = photo.astype(int) + [0, 0, 50]  # an error in blue alone hardly counts
    assert metrics.psnr_y(photo, swapped.astype(np.uint8)) > metrics.psnr(photo, swapped.astype(np.uint8)) + 12


def test_equal_images(pair):
    photo, _ = pair
    assert metrics.mse(photo, photo) == 0
    assert metrics.psnr(photo, photo) == math.inf
    assert math.isclose(metrics.ssim(photo, photo), 1)


def test_bytes_do_not_wrap_round():
    black, white = np.zeros((16, 16, 3), np.uint8), np.full((16, 16, 3), 255, np.uint8)
    assert metrics.mse(black, white) == metrics.mse(white, black) == 255**2
    assert metrics.psnr(white, black) == 0


def test_twice_the_error_is_three_decibels_less():
    grey = np.full((16, 16, 3), 100, np.uint8)
    assert math.isclose(metrics.psnr(grey, grey + np.uint8(5)) - metrics.psnr(grey, grey + np.uint8(10)), 20 * math.log10(2))


def gaussian_filter(plane):
    """Filter by loops with the 11 taps of the SSIM paper (sigma 1.5); return the places where all taps fit."""
    taps = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    taps /= taps.sum()
    plane = sum(t * plane[i : len(plane) - 10 + i] for i, t in enumerate(taps))
    return sum(t * plane[:, i : plane.shape[1] - 10 + i] for i, t in enumerate(taps))


def test_ssim_is_the_papers(pair):
    similar = []
    for x, y in zip(*(image.astype(float).transpose(2, 0, 1) for image in pair), strict=True):
        mean_x, mean_y = gaussian_filter(x), gaussian_filter(y)
        var_x, var_y = gaussian_filter(x * x) - mean_x**2, gaussian_filter(y * y) - mean_y**2
        both = gaussian_filter(x * y) - mean_x * mean_y
        c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
        top = (2 * mean_x * mean_y + c1) * (2 * both + c2)
        similar.append((top / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))).mean())
    assert math.isclose(metrics.ssim(*pair), np.mean(similar), abs_tol=1e-9)


def blocking_by_loops(image):
    """Yim and Bovik's blocking factor, pixel by pixel."""
    luma = image @ np.array([0.299, 0.587, 0.114])
    height, width = luma.shape
    border, inside = [], []
    for y in range(height):
        for x in range(width):
            if x + 1 < width:
                (border if x % 8 == 7 else inside).append((luma[y, x] - luma[y, x + 1]) ** 2)
            if y + 1 < height:
                (border if y % 8 == 7 else inside).append((luma[y, x] - luma[y + 1, x]) ** 2)
    d_border, d_inside = np.mean(border), np.mean(inside)
    return 3 / math.log2(min(height, width)) * (d_border - d_inside) if d_border > d_inside else 0.0


@pytest.mark.parametrize("shape", [(40, 56), (41, 53), (9, 30)])
def test_blocking_is_the_papers(pair, shape):
    image = pair[1][: shape[0], : shape[1]]
    assert math.isclose(metrics.blocking(image), blocking_by_loops(image), abs_tol=1e-9)


def test_psnr_b_charges_for_blocks(pair):
    photo, compressed = pair
    assert metrics.psnr_b(photo, compressed) < metrics.psnr(photo, compressed)
    assert metrics.blocking(photo) == 0  # a photo has no grid
    moved = compressed[4:, 4:]  # its grid is elsewhere: not charged
    assert metrics.psnr_b(photo[4:, 4:], moved) == metrics.psnr(photo[4:, 4:], moved)


def test_blockiness_grows_as_quality_falls():
    photo = skimage.data.astronaut()
    values = [metrics.blockiness(image) for image in (photo, compress(photo, 60), compress(photo, 25), compress(photo, 5))]
    assert values == sorted(values) and abs(values[0] - 1) < 0.05 and values[-1] > 2.5


def test_blockiness_of_the_extremes():
    flat = np.full((16, 16, 3), 9, np.uint8)
    chess = np.kron(np.arange(4).reshape(2, 2) % 3, np.ones((8, 8))).astype(np.uint8)[..., None].repeat(3, axis=2)
    assert metrics.blockiness(flat) == 1
    assert metrics.blockiness(chess) == math.inf


def test_bits_per_pixel():
    photo = skimage.data.coffee()
    data = encode(photo, 25)
    assert metrics.bits_per_pixel(data, photo) == metrics.bits_per_pixel(len(data), photo) == 8 * len(data) / (400 * 600)


def test_position_error_by_loops(pair):
    photo, compressed = (image[:21, :30] for image in pair)
    sums, counts = np.zeros((2, 8, 8))
    for y in range(21):
        for x in range(30):
            sums[y % 8, x % 8] += np.mean((photo[y, x].astype(float) - compressed[y, x]) ** 2)
            counts[y % 8, x % 8] += 1
    assert np.allclose(metrics.position_error(photo, compressed), sums / counts)


def test_error_is_largest_in_the_corners():
    """Figure 2 of the BlockCNN paper."""
    photo = skimage.data.astronaut()
    error = metrics.position_error(photo, compress(photo, 20))
    corners, middle = error[::7, ::7].mean(), error[3:5, 3:5].mean()
    assert corners > 1.2 * middle


TWO = [metrics.mse, metrics.psnr, metrics.psnr_y, metrics.ssim, metrics.psnr_b, metrics.position_error]


@pytest.mark.parametrize("metric", TWO)
def test_two_images_of_one_size(metric, pair):
    with pytest.raises(ValueError, match=r"got shapes \(128, 160, 3\) and \(128, 152, 3\)"):
        metric(pair[0], pair[1][:, :152])
    with pytest.raises(ValueError, match=r"image: expected uint8 of shape \(height, width, 3\), got float64"):
        metric(pair[0], pair[1] / 255)
    with pytest.raises(ValueError, match=r"reference: .* got uint8 of shape \(128, 160\)"):
        metric(pair[0][..., 0], pair[1][..., 0])


@pytest.mark.parametrize("metric, side", [(metrics.ssim, 10), (metrics.position_error, 7)])
def test_images_too_small_to_measure(metric, side):
    small = np.zeros((side, 20, 3), np.uint8)
    with pytest.raises(ValueError, match=f"{side}x20"):
        metric(small, small)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (7, 5, 3)])
def test_tiny_images(shape):
    image = np.zeros(shape, np.uint8)
    assert metrics.blocking(image) == 0 and metrics.blockiness(image) == 1
    assert metrics.psnr_b(image, image + np.uint8(1)) > 48


@pytest.mark.full
@pytest.mark.parametrize("quality, published", [(10, 26.67), (20, 29.15), (25, 29.89), (30, 30.49), (40, 31.42)])
def test_jpeg_row_of_kodak24(quality, published):
    folder = Path(os.environ.get("BLOCKCNN_DATA", "")) / "kodak24"
    photos = sorted(folder.glob("kodim*.png"))
    if len(photos) != 24:
        pytest.skip("set BLOCKCNN_DATA to a folder that holds kodak24")
    images = (np.asarray(Image.open(path).convert("RGB")) for path in photos)
    assert abs(np.mean([metrics.psnr(image, compress(image, quality)) for image in images]) - published) < 0.006
