"""What lesson 05 says of its own account, and no cell of it prints."""

import numpy as np
import pytest

from blockcnn_helpers import evaluation, images, jpeg, metrics, restoration, tables


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
