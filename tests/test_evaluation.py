"""The bilateral filter against OpenCV, and the table that every claim rests on."""

import json
import math
import time

import numpy as np
import pytest
from PIL import Image
from test_package import imported

from blockcnn_helpers import evaluation, images, jpeg, methods, metrics, tables
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
    assert rows[1]["psnr_y"] == metrics.psnr_y(photos["a"], bilateral(decoded))


def test_methods_that_look_into_the_file_get_its_bytes():
    photos, seen = {"a": noise(16, 24), "b": noise(200, 140)}, []

    def of_file(image, data):
        seen.append(data)
        return jpeg.decode(data)

    rows = evaluation.evaluate(photos, [30], {"TV": evaluation.do_nothing, "file": (evaluation.do_nothing, of_file)})
    assert [data[:2] for data in seen] == [b"\xff\xd8"] * 3 and seen[1:] == [jpeg.encode(photo, 30) for photo in photos.values()]
    assert jpeg.decode(seen[0]).shape == (16, 24, 3), "a first call before the clock starts"
    assert [row["method"] for row in rows] == ["JPEG", "TV", "file"] * 2
    assert rows[0]["psnr"] == rows[1]["psnr"] == rows[2]["psnr"]


def test_what_methods_share_is_done_once_and_counts_for_each():
    calls = []

    def slow(image):
        calls.append(image.shape)
        time.sleep(0.05)
        return image

    def last(image, data):
        time.sleep(0.02)
        return image

    rows = evaluation.evaluate({"a": noise(16, 16)}, [30, 60], {"alone": slow, "then": (slow, last)})
    assert len(calls) == 1 + 2, "once to warm up, once at each quality"
    for _, alone, then in (rows[:3], rows[3:]):
        assert alone["seconds"] >= 0.05 and then["seconds"] >= alone["seconds"] + 0.02


def test_several_processes_measure_the_same(tmp_path):
    for name in images.COURSE[:2]:
        Image.fromarray(images.course_photos()[name][40:136, 150:300]).save(tmp_path / f"{name}.png")
    ticks, names = [], ["Bilateral+", "BlockCNN"]
    photos = images.image_set(tmp_path)
    one = evaluation.evaluate(photos, [10, 40], names)
    two = evaluation.evaluate(photos, [10, 40], names, ticks.append, jobs=2)
    assert [row["method"] for row in one[:3]] == ["JPEG", "Bilateral+", "BlockCNN"] and ticks == [1] * 4
    assert all(row.pop("seconds") >= 0 for row in one + two)
    assert one == two
    same = evaluation.evaluate({name: photos[name] for name in photos}, [10], ["JPEG"], jobs=2)  # images themselves, not files
    assert [row["psnr"] for row in same] == [row["psnr"] for row in one[::3]][:2]


def test_several_processes_take_methods_by_name():
    with pytest.raises(ValueError, match="2 jobs need their methods by name"):
        evaluation.evaluate({"a": noise(16, 16)}, [50], {"Bilateral": bilateral}, jobs=2)
    with pytest.raises(ValueError, match="no method Smooth; the methods are JPEG, Bilateral"):
        evaluation.evaluate({"a": noise(16, 16)}, [50], ["Smooth"])


def test_an_error_in_another_process_is_the_same_error(tmp_path):
    Image.fromarray(noise(16, 16)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:-30])
    said = []
    for jobs in (1, 2):
        with pytest.raises((OSError, ValueError)) as found:
            evaluation.evaluate(images.image_set(tmp_path), [50], ["JPEG"], jobs=jobs)
        said.append(f"{found.type.__name__}: {found.value}")
    assert said[0] == said[1] and "b.png" in said[0]


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
    assert "Y PSNR" not in text
    assert "mean of 2" in (means := evaluation.table(rows, per_image=False)) and len(means) < len(text)


def test_a_table_can_show_more_and_makes_room_for_long_names():
    rows = evaluation.evaluate({"a": noise(32, 32)}, [25], {"a name of 19 letters": bilateral})
    for text in (evaluation.table(rows, luma=True, seconds=True), tables.spread_table(rows)):
        lines = [line for line in text.splitlines() if line.startswith("|")]
        assert len({len(line) for line in lines}) == 1 and {line.count("|") for line in lines} == {lines[0].count("|")}
    last = evaluation.table(rows, luma=True, seconds=True).splitlines()[-1].split("|")
    assert float(last[7]) == pytest.approx(rows[1]["psnr_y"], abs=0.005) and float(last[8]) == pytest.approx(rows[1]["seconds"], abs=0.005)


def test_rows_from_before_luma_was_measured_still_have_means():
    rows = [{key: value for key, value in row.items() if key != "psnr_y"} for row in evaluation.evaluate({"a": noise(16, 16)}, [50], {})]
    assert evaluation.means(rows)[0]["psnr_y"] is None and evaluation.means(rows)[0]["psnr"] == rows[0]["psnr"]


def test_a_report_is_short_and_its_means_are_those_of_its_rows():
    photos = {"a": images.course_photos()["coffee"][:64, :64], "b": images.course_photos()["chelsea"][:40, :48]}
    rows = evaluation.evaluate(photos, [10, 40], ["Bilateral", "Bilateral+", "BlockCNN"])
    text = evaluation.report(rows, command="blockcnn evaluate", jobs=3)
    report = json.loads(text)
    lines = [line.strip(" ,") for line in text.splitlines()]
    assert [json.loads(line) for line in lines if line.startswith('{"quality"')] == report["means"] + report["spread"] + report["rows"]
    for short, row in zip(report["rows"], rows, strict=True):
        assert list(short) == list(row) and short == pytest.approx(row, abs=5.1e-5)
        assert len(str(short["psnr"]).partition(".")[2]) <= 4
    for key, again in (("means", evaluation.means(report["rows"])), ("spread", evaluation.spread(report["rows"]))):
        for stored, found in zip(report[key], again, strict=True):
            assert stored == pytest.approx(found, abs=5.1e-5)
    assert report["machine"]["processes"] == 3 and report["command"] == "blockcnn evaluate"
    assert report["protocol"] == evaluation.PROTOCOL and report["code"]["sha256"] == evaluation.code_hash()
    assert report["weights"] == methods.weights_of(["BlockCNN"]) and "jpegqs" not in report["versions"]


def test_a_report_names_the_version_and_the_setting_of_jpegqs(monkeypatch):
    row = evaluation.evaluate({"a": noise(16, 16)}, [50], {})[0]
    monkeypatch.setattr(methods, "program_version", lambda: "1.2.3")
    report = json.loads(evaluation.report([row, row | {"method": "jpegqs"}]))
    assert report["versions"]["jpegqs"] == "1.2.3 --quality 6 --info 0" and report["weights"] == {}


def test_the_code_hash_covers_every_module_that_makes_a_number():
    """Whatever `evaluation` imports, directly or not, but what reads, writes, fetches and starts."""
    found, new = set(), {"evaluation"}
    while new:
        found |= new
        new = set().union(*(imported(module, everywhere=True) for module in new)) - found
    no_numbers = {"images", "download", "leaves", "photos", "metadata", "files", "storage", "quiet", "workers"}
    assert found - no_numbers == set(evaluation.CODE)


def test_images_without_loss_or_too_small_for_ssim_break_nothing(tmp_path, monkeypatch):
    rows = evaluation.evaluate({"dot": np.full((1, 1, 3), 128, np.uint8)}, [90], {"Bilateral": bilateral})
    assert rows[0]["psnr"] == math.inf and rows[0]["ssim"] is None
    assert "inf" in evaluation.table(rows)
    monkeypatch.setattr(evaluation, "provenance", lambda *_: {})
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
