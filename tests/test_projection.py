"""Projection onto what a JPEG file allows: nearer to the original, never farther, and hands off where the file says nothing."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

from blockcnn_helpers import colour, images, jpeg, metrics, projection


def luma_psnr(reference, image):
    difference = (reference.astype(np.float64) - image) @ colour.TO_YCBCR[0]
    return 10 * np.log10(255**2 / np.mean(difference**2))


def blurred(image):
    return np.asarray(Image.fromarray(image).filter(ImageFilter.GaussianBlur(2)))


def rounded(pixels):
    return np.rint(pixels).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def photo():
    return images.course_photos()["chelsea"]  # 300x451: no multiple of 8 in either direction


@pytest.mark.parametrize("quality", [5, 10, 25, 40, 60, 80, 95])
def test_a_blurred_photo_comes_nearer_to_its_original(photo, quality):
    data = jpeg.encode(photo, quality)
    blurry = blurred(jpeg.decode(data))
    projected = projection.project(blurry, data)
    assert projected.dtype == np.float32 and projected.shape == photo.shape
    assert luma_psnr(photo, projected) > luma_psnr(photo, blurry) + 0.05
    assert metrics.psnr(photo, rounded(projected)) > metrics.psnr(photo, blurry)


@pytest.mark.parametrize("quality", [5, 10, 40, 75, 90, 100])
@pytest.mark.parametrize("name", images.COURSE)
def test_original_and_jpeg_lie_in_their_own_intervals(name, quality):
    clean = images.course_photos()[name]
    data = jpeg.encode(clean, quality)
    for picture in (clean, jpeg.decode(data)):
        assert np.abs(projection.project(picture, data) - picture).mean() < 0.02


@pytest.mark.full
def test_nothing_is_lost_on_any_kodak_photo(kodak24):
    for name, clean in images.image_set("kodak24").items():
        for quality in (10, 25, 40, 60, 80, 95):
            data = jpeg.encode(clean, quality)
            decoded = jpeg.decode(data)
            for picture in (decoded, blurred(decoded)) if quality in (10, 40) else (decoded,):
                assert luma_psnr(clean, projection.project(picture, data)) > luma_psnr(clean, picture) - 0.01, (name, quality)


def test_it_is_a_projection(photo):
    data = jpeg.encode(photo, 20)
    once = projection.project(blurred(jpeg.decode(data)), data)
    assert np.abs(projection.project(once, data) - once).max() < 1e-3


def test_coefficients_end_inside(photo):
    data = jpeg.encode(photo, 10)
    projected = projection.project(np.full(photo.shape, 128.0), data, share=0.6, slack=0.5)
    levels, exact = jpeg.luma_levels(data)
    table = jpeg.read_tables(data)[0]
    found = jpeg.dct(jpeg.to_blocks(jpeg.pad(projected @ colour.TO_YCBCR[0])) - 128)
    assert (np.abs(found - jpeg.dequantise(levels, table))[exact] <= 0.3 * table + 0.5 + 1e-3).all()
    assert exact.mean() > 0.9


def test_colour_differences_stay(photo):
    data = jpeg.encode(photo, 10)
    noisy = photo + np.random.default_rng(0).normal(0, 40, photo.shape)
    moved = projection.project(noisy, data) - noisy
    assert np.abs(moved).max() > 10
    assert np.abs(moved - moved[..., :1]).max() < 1e-3


def test_clipped_and_cut_blocks_are_left_alone():
    clean = np.full((20, 24, 3), 120, np.uint8)
    clean[:8, :8] = 255
    clean[:8, 8:16] = 0
    data = jpeg.encode(clean, 50)
    moved = projection.project(clean + np.float32(40), data) - clean - 40
    assert (moved[:8, :16] == 0).all() and (moved[16:] == 0).all()
    assert (moved[:8, 16:] < -30).all() and (moved[8:16] < -30).all()


def test_strips_make_no_difference(photo, monkeypatch):
    data = jpeg.encode(photo, 10)
    noisy = photo + np.random.default_rng(0).normal(0, 20, photo.shape)
    whole = projection.project(noisy, data)
    monkeypatch.setattr(projection, "STRIP", 3)
    assert np.array_equal(projection.project(noisy, data), whole)


def test_grey_and_progressive_files(photo):
    grey = np.asarray(Image.fromarray(photo).convert("L"))
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "JPEG", quality=10, progressive=True)
    clean = np.repeat(grey[..., None], 3, axis=-1)
    decoded = jpeg.decode(file.getvalue())
    blurry = blurred(decoded)
    assert luma_psnr(clean, projection.project(blurry, file.getvalue())) > luma_psnr(clean, blurry) + 0.05


def test_a_file_that_stores_red_green_and_blue_says_nothing_of_luma(photo):
    file = io.BytesIO()
    Image.fromarray(photo).save(file, "JPEG", keep_rgb=True, quality=30)
    adobe = file.getvalue().index(b"\xff\xee")
    without_marker = file.getvalue()[:adobe] + file.getvalue()[adobe + 16 :]
    for data in (file.getvalue(), without_marker):  # libjpeg then goes by the names of the components, R, G and B
        assert np.abs(jpeg.decode(data).astype(int) - photo).mean() < 10
        with pytest.raises(ValueError, match="no luma plane"):
            projection.project(photo, data)


def test_the_table_is_the_one_that_luma_uses(photo):
    data = bytearray(jpeg.encode(photo, 10))
    first, second = (data.index(b"\xff\xdb"), data.rindex(b"\xff\xdb"))
    data[first + 4], data[second + 4] = 1, 0  # swap the numbers of the two tables, in their segments ...
    frame = data.index(b"\xff\xc0")
    for component, table in enumerate((1, 0, 0)):
        data[frame + 12 + 3 * component] = table  # ... and in the frame's header
    swapped = bytes(data)
    assert np.array_equal(jpeg.decode(swapped), jpeg.decode(jpeg.encode(photo, 10)))
    assert np.array_equal(jpeg.luma_table(swapped), jpeg.quantisation_tables(10)[0])
    assert np.array_equal(projection.project(blurred(photo), swapped), projection.project(blurred(photo), jpeg.encode(photo, 10)))


def test_errors(photo):
    data = jpeg.encode(photo, 10)
    with pytest.raises(ValueError, match=r"300x451 pixels.*\(10, 10, 3\)"):
        projection.project(np.zeros((10, 10, 3)), data)
    with pytest.raises(ValueError, match="share and slack"):
        projection.project(photo, data, share=-1)
    with pytest.raises(ValueError, match="no JPEG"):
        projection.project(photo, b"nothing")
    file = io.BytesIO()
    Image.fromarray(photo).convert("CMYK").save(file, "JPEG")
    with pytest.raises(ValueError, match="CMYK"):
        projection.project(photo, file.getvalue())
