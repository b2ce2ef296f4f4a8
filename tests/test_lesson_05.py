"""What lesson 05 says of its own account, and no cell of it prints."""

import numpy as np
import pytest

from blockcnn_helpers import evaluation, images, jpeg, metrics, restoration, tables, trials


@pytest.mark.full
@pytest.mark.parametrize("quality, least, most", [(10, -0.001, 0.001), (60, 0.04, 0.1), (80, 0.22, 0.3)])
def test_a_file_is_repaired_a_little_better_than_its_pixels(quality, least, most):
    """Projected onto what the file allows: nothing at quality 10, under 0.1 dB at 60, more than half of the loss at 80."""
    plain, projected = [], []
    for photo in images.course_photos().values():
        data = jpeg.encode(photo, quality)
        decoded = jpeg.decode(data)
        before = metrics.psnr(photo, decoded)
        plain.append(metrics.psnr(photo, restoration.restore(decoded)) - before)
        projected.append(metrics.psnr(photo, restoration.restore(decoded, file=data)) - before)
    assert least < np.mean(projected) - np.mean(plain) < most
    assert quality < 80 or np.mean(plain) < 2 * np.mean(projected) < 0


@pytest.mark.full
def test_odd_shifts_cost_more_than_even_ones():
    """In percent of the gain on the grid: both even 91 to 98, one odd 84 to 94, both odd 80 to 88."""
    kept = []
    for name, photo in images.course_photos().items():
        found = trials.shift_gains(photo, jpeg.compress(photo, 10), restoration.restore, images.CROPS[name])
        kept.append(100 * found / found[0, 0])
    odd = np.arange(8) % 2
    which = odd[:, None] + odd
    which[0, 0] = -1  # nothing cut off
    ranges = [[values[which == number] for values in kept] for number in (0, 1, 2)]
    assert [(round(np.min(group)), round(np.max(group))) for group in ranges] == [(91, 98), (84, 94), (80, 88)]


def test_a_measure_can_tell_another_story():
    """Total variation at quality 40: more PSNR than JPEG on each photo, less SSIM on 15 of 24."""
    rows = evaluation.results()["rows"]
    better = {measure: tables.gains(rows, measure)[40, "TV"].values() for measure in ("psnr", "ssim")}
    assert min(better["psnr"]) > 0 and sum(gain < 0 for gain in better["ssim"]) == 15


def test_how_sure_the_means_are():
    """The t distribution's 95 percent: 4.3 standard errors for three photos, 2.1 for 24."""
    from scipy.stats import t

    row = next(r for r in tables.spread(evaluation.results()["rows"]) if (r["quality"], r["method"]) == (10, "BlockCNN"))
    error = row["sd"] / row["images"] ** 0.5
    assert f"{error:.2f} {error * t.ppf(0.975, 23):.2f}" == "0.05 0.10"
    assert f"{t.ppf(0.975, 2):.1f} {0.2327 / 3**0.5 * t.ppf(0.975, 2):.1f}" == "4.3 0.6"


def test_weights_of_ones_own_stand_beside_the_course_s():
    """The lesson's cell for a learner's weights, handed the course's own: the same numbers twice."""
    photos = {"chelsea": images.course_photos()["chelsea"][:128, :128]}
    rows = evaluation.evaluate(photos, [10])
    model = restoration.load_model(weights=restoration.find_weights()[0])
    trial = evaluation.evaluate(photos, [10], {"yours": lambda image: restoration.restore(image, model)})
    found = tables.gains(rows + trial)
    assert found[10, "yours"] == found[10, "BlockCNN"]
    assert "| yours " in tables.spread_table(rows + trial)
