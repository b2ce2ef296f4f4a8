"""Numbers of lesson 02 that its own cells can't measure."""

import numpy as np
import pytest

from blockcnn_helpers import images, jpeg, metrics, patches


@pytest.mark.full
def test_doing_nothing_on_kodak(kodak24):
    """The lesson compares the original project's loss, 0.00138, with that of JPEG itself on the same photos: 0.00115."""
    photos = images.image_set("kodak24")
    errors = [metrics.mse(photos[name], jpeg.compress(photos[name], 25)) / 255**2 for name in photos]
    assert len(errors) == 24 and f"{np.mean(errors):.5f}" == "0.00115"


def test_a_split_by_tile_leaks_and_a_split_by_photo_does_not():
    photo = np.repeat(np.arange(9), 1024)
    tiles = np.random.default_rng(3).permutation(len(photo)) < 0.15 * len(photo)
    assert len(set(photo[tiles]) & set(photo[~tiles])) == 9
    train, test = images.split_by_image([str(n) for n in range(9)], test=2)
    assert not set(train) & set(test)


def test_flipping_decoded_pairs_agrees_with_flipping_before_encoding_only_on_units_of_16():
    photo = images.course_photos()["chelsea"][:288]
    apart = {}
    for width in (288, 280, 275):
        crop = photo[:, :width]
        apart[width] = metrics.psnr(jpeg.compress(crop, 25)[:, ::-1], jpeg.compress(crop[:, ::-1], 25))
    assert apart[288] > 45 > 40 > apart[280] > apart[275]


def test_uint8_pairs_take_an_eighth():
    photo = images.course_photos()["chelsea"]
    cut = patches.pairs(photo, jpeg.compress(photo, 25))
    assert sum(side.nbytes for side in cut) * 8 == sum((side / 255).nbytes for side in cut)


def test_repeated_pixels_leave_three_steps_of_seven():
    """The moon: each pixel stored twice, so three of the seven steps inside a block are not zero, and every one at its border."""
    wide = np.random.default_rng(2).integers(0, 256, (256, 256), dtype=np.uint8).repeat(2, axis=0).repeat(2, axis=1)
    assert abs(metrics.blockiness(np.dstack([wide] * 3)) - 7 / 3) < 0.05
    moon = images.bundled("moon.png")[2:, 2:]
    assert f"{metrics.blockiness(moon):.2f}" == "2.38"


def test_the_moon_looks_like_quality_10():
    photos = images.course_photos().values()
    values = [metrics.blockiness(jpeg.compress(photo, 10)) for photo in photos]
    assert min(values) < 2.38 < max(values)
