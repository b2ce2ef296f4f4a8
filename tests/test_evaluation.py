"""The bilateral filter against OpenCV, and the table that every claim rests on."""

import json
import math

import numpy as np
import pytest

from blockcnn_helpers import evaluation, images, jpeg, metrics
from blockcnn_helpers.evaluation import bilateral


def noise(*shape):
    return np.random.default_rng(3).integers(0, 256, (*shape, 3), dtype=np.uint8)


@pytest.mark.parametrize("name", images.COURSE)
def test_bilateral_is_opencvs(name):
    cv2 = pytest.importorskip("cv2")
    photo = jpeg.compress(images.course_photos()[name][:160, :200], 10)
    difference = np.abs(bilateral(photo).astype(int) - cv2.bilateralFilter(photo, 5, 40, 2))
    assert difference.max() <= 1 and (difference > 0).mean() < 1e-4, "rounding ties at most"


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (2, 3), (7, 5), (33, 20)])
def test_bilateral_of_noise_of_any_size_is_opencvs(size):
    cv2 = pytest.importorskip("cv2")
    assert np.abs(bilateral(noise(*size)).astype(int) - cv2.bilateralFilter(noise(*size), 5, 40, 2)).max() <= 1


def test_bilateral_refuses_what_is_no_image():
    with pytest.raises(ValueError, match=r"float64 of shape \(8, 8\)"):
        bilateral(np.zeros((8, 8)))


def test_rows_come_by_quality_then_image_with_jpeg_first():
    photos = {"a": images.course_photos()["coffee"][:64, :64], "b": images.course_photos()["chelsea"][:40, :48]}
    ticks = []
    rows = evaluation.evaluate(photos, [10, 40], {"Bilateral": bilateral}, ticks.append)
    assert [(row["quality"], row["image"], row["method"]) for row in rows] == [
        (quality, name, method) for quality in (10, 40) for name in "ab" for method in ("JPEG", "Bilateral")
    ]
    assert ticks == [1] * 4
    decoded = jpeg.compress(photos["a"], 10)
    assert rows[0]["psnr"] == metrics.psnr(photos["a"], decoded)
    assert rows[0]["psnr_b"] == metrics.psnr_b(photos["a"], decoded)
    assert rows[0]["bpp"] == metrics.bits_per_pixel(jpeg.encode(photos["a"], 10), photos["a"])
    assert rows[1]["ssim"] == metrics.ssim(photos["a"], bilateral(decoded))


def test_a_method_that_returns_another_size_is_found_out():
    with pytest.raises(ValueError, match="one size"):
        evaluation.evaluate({"a": noise(16, 16)}, [50], {"crop": lambda image: image[:8]})


def test_means_are_means_over_images():
    rows = evaluation.evaluate({"a": noise(16, 16), "b": noise(24, 16)}, [50], {})
    (mean,) = evaluation.means(rows)
    assert mean["images"] == 2 and mean["method"] == "JPEG"
    assert math.isclose(mean["psnr"], (rows[0]["psnr"] + rows[1]["psnr"]) / 2)


def test_table_shows_gains_over_jpeg_and_means_last():
    rows = [
        {"quality": 25, "image": name, "method": method, "bpp": 1, "psnr": psnr, "ssim": 0.8, "psnr_b": psnr - 1, "seconds": 0}
        for name, method, psnr in (("a", "JPEG", 30), ("a", "BlockCNN", 31.5), ("b", "JPEG", 20), ("b", "BlockCNN", 19.75))
    ]
    text = evaluation.table(rows)
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    assert lines[2:6] == [
        ["a", "JPEG", "30.00", "", "0.8000", "29.00"],
        ["", "BlockCNN", "31.50", "+1.50", "0.8000", "30.50"],
        ["b", "JPEG", "20.00", "", "0.8000", "19.00"],
        ["", "BlockCNN", "19.75", "-0.25", "0.8000", "18.75"],
    ]
    assert lines[6][:4] == ["mean of 2", "JPEG", "25.00", ""] and lines[7][3] == "+0.62"
    assert "mean of 2" in (means := evaluation.table(rows, per_image=False)) and len(means) < len(text)


def test_images_without_loss_or_too_small_for_ssim_break_nothing(tmp_path, monkeypatch):
    rows = evaluation.evaluate({"dot": np.full((1, 1, 3), 128, np.uint8)}, [90], {"Bilateral": bilateral})
    assert rows[0]["psnr"] == math.inf and rows[0]["ssim"] is None
    assert "inf" in evaluation.table(rows)
    monkeypatch.setattr(evaluation, "provenance", lambda weights: {})
    report = json.loads(evaluation.report(rows), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert report["rows"][0]["psnr"] is None and report["means"][0]["psnr"] is None


@pytest.mark.full
def test_kodak_starts_from_the_known_numbers(kodak24):
    photos = images.image_set(kodak24)
    rows = evaluation.means(evaluation.evaluate(photos, [10, 25, 40], {"Bilateral": bilateral}))
    jpeg_rows, filtered = rows[::2], rows[1::2]
    assert [round(row["psnr"], 2) for row in jpeg_rows] == [26.67, 29.89, 31.42]
    gains = [after["psnr"] - before["psnr"] for before, after in zip(jpeg_rows, filtered)]
    assert gains == pytest.approx([0.40, 0.50, 0.43], abs=0.006)
