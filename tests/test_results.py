"""Numbers that the course quotes are the numbers that were measured, with the weights that are here."""

import json
import re
from pathlib import Path

import pytest

from blockcnn_helpers import evaluation, images, methods, restoration, tables

ROOT = Path(__file__).parent.parent
FILE = ROOT / "data" / "results" / "kodak24.json"
RESULTS = json.loads(FILE.read_text())
ROWS = {(row["quality"], row["image"], row["method"]): row for row in RESULTS["rows"]}
MEANS = {(row["quality"], row["method"]): row for row in RESULTS["means"]}
GAINS = {(row["quality"], row["method"]): row["mean"] for row in tables.spread(RESULTS["rows"])}  # dB over JPEG
QUALITIES = (10, 20, 25, 30, 40)  # what the README shows
EVERY = (5, *QUALITIES, 60, 80, 95)
PHOTOS = [f"kodim{number:02}" for number in range(1, 25)]
PROMISED = {"BlockCNN": (1.05, 1.05, 1.05, 1.05, 0.95), "Wide+": (1.45, 1.40, 1.40, 1.35, 1.25)}
README = {
    "JPEG": "JPEG",
    "bilateral filter": "Bilateral",
    "total variation": "TV",
    "jpegqs": "jpegqs",
    "BlockCNN": "BlockCNN",
    "wide network": "Wide+",
    "wide network, four mirror images": "Wide+x4",
}


# --- the file ---------------------------------------------------------------------------------------------------------


def test_results_hold_every_photo_and_method():
    assert list(ROWS) == [(quality, name, method) for quality in EVERY for name in PHOTOS for method in methods.NAMES]
    assert len(RESULTS["rows"]) == len(ROWS) and list(MEANS) == [(quality, method) for quality in EVERY for method in methods.NAMES]
    assert all(row["pixels"] == 768 * 512 and row["seconds"] >= 0 for row in ROWS.values())
    assert FILE.stat().st_size < 600_000


def test_results_say_what_they_depend_on():
    call = f"blockcnn evaluate kodak24 --quality {' '.join(map(str, EVERY))} --methods all"
    assert re.fullmatch(rf"{call}( --jobs \d+)?", RESULTS["command"])
    assert RESULTS["protocol"] == evaluation.PROTOCOL
    assert RESULTS["code"]["modules"] == list(evaluation.CODE) and re.fullmatch("[0-9a-f]{64}", RESULTS["code"]["sha256"])
    assert {"numpy", "pillow", "scikit-image", "keras", "jpegqs"} <= set(RESULTS["versions"])
    assert RESULTS["versions"]["jpegqs"].endswith(" ".join(methods.OPTIONS))
    assert RESULTS["machine"]["processes"] * RESULTS["machine"]["threads"] <= RESULTS["machine"]["cores"]


@pytest.mark.parametrize("network, most", [("blockcnn", 3e6), ("wide", 4e6)])
def test_results_belong_to_the_weights_that_are_here(network, most):
    path, found = restoration.find_weights(network)
    assert RESULTS["weights"][network] == {"file": path.name, "sha256": found} and set(RESULTS["weights"]) == {"blockcnn", "wide"}
    notes = json.loads(path.with_name(f"{network}.json").read_text())
    assert notes["images"] == "bsds500" and notes["command"].startswith("blockcnn train ")
    assert notes["history"][-1]["step"] == notes["steps"]
    assert path.stat().st_size < most


def test_means_and_spreads_are_those_of_the_rows():
    for (quality, method), mean in MEANS.items():
        group = [ROWS[quality, name, method] for name in PHOTOS]
        for measure in evaluation.MEASURES:
            assert mean[measure] == pytest.approx(sum(row[measure] for row in group) / 24, abs=5.1e-5)
    for stored, found in zip(RESULTS["spread"], tables.spread(RESULTS["rows"]), strict=True):
        assert stored == pytest.approx(found, abs=5.1e-5)


# --- what they show ---------------------------------------------------------------------------------------------------


def test_jpeg_is_where_every_table_starts():
    assert [MEANS[quality, "JPEG"]["psnr"] for quality in QUALITIES] == pytest.approx([26.67, 29.15, 29.89, 30.49, 31.42], abs=0.01)


@pytest.mark.parametrize("method", PROMISED)
def test_networks_gain_what_was_promised(method):
    """And in every measure more than the filter, as a network must."""
    found = [GAINS[quality, method] for quality in QUALITIES]
    assert all(value >= least for value, least in zip(found, PROMISED[method], strict=True)), found
    for measure in evaluation.MEASURES:
        assert all(MEANS[quality, method][measure] > MEANS[quality, "Bilateral"][measure] for quality in QUALITIES)


def test_the_best_network_leaves_fine_files_alone():
    assert all(GAINS[95, method] > -0.05 for method in ("Wide", "Wide+", "Wide+x4"))


@pytest.mark.parametrize("method", ["Bilateral", "BlockCNN", "Wide"])
def test_projection_never_lowers_luma(method):
    """By more than 0.01 dB on any photo. It can't before rounding; these results are rounded, so a thousandth or so may be lost."""
    changes = {(q, n): ROWS[q, n, f"{method}+"]["psnr_y"] - ROWS[q, n, method]["psnr_y"] for q in EVERY if q >= 10 for n in PHOTOS}
    assert len(changes) == 8 * 24
    worst = min(changes, key=changes.get)
    assert changes[worst] >= -0.01, (worst, changes[worst])


def test_where_blockcnn_hurts_is_in_the_results():
    """Lesson 05 shows both ends: it helps at 5, which it was not trained for, and harms where nothing is to be repaired."""
    assert GAINS[5, "BlockCNN"] > 0.5 > 0 > GAINS[80, "BlockCNN"] > GAINS[95, "BlockCNN"]


# --- who quotes them --------------------------------------------------------------------------------------------------


def test_the_readme_quotes_the_results():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = text.partition("| Kodak24, RGB PSNR")[2].partition("\n\n")[0].splitlines()[2:]
    table = [re.split(r"\s*\|\s*", line.strip("| ")) for line in lines]
    assert [row[0] for row in table] == list(README)
    for label, *cells in table:
        method = README[label]
        want = [f"{MEANS[quality, method]['psnr']:.2f}" if method == "JPEG" else f"{GAINS[quality, method]:+.2f}" for quality in QUALITIES]
        assert [cell.split()[0] for cell in cells] == want
    assert RESULTS["command"] in text


def lesson(number):
    """Return a lesson's prose, and what its cells print."""
    (path,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    printed = "\n".join("".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", ()))
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"), printed


@pytest.mark.parametrize("number, method, least", [("05", "BlockCNN", {10, 95}), ("06", "Wide+", {10})])
def test_gains_in_a_lesson_s_prose_are_measured(number, method, least):
    """Each "+1.23 dB at quality 10 on Kodak24": BlockCNN's in lesson 05, in lesson 06 those of what `deblock` does."""
    prose = lesson(number)[0].replace("−", "-")
    said = [(int(quality), float(value)) for value, quality in re.findall(r"([+-]\d\.\d\d) dB at quality (\d+) on Kodak24", prose)]
    assert {quality for quality, _ in said} >= least
    assert said == [(quality, round(GAINS[quality, method], 2)) for quality, _ in said]


def test_lesson_05_prints_the_results_of_its_four_methods():
    printed = lesson("05")[1]
    assert RESULTS["command"] in printed
    for quality in (5, 10, 25, 40, 60, 80, 95):
        chosen = [row for row in RESULTS["rows"] if row["quality"] == quality and row["method"] in evaluation.METHODS]
        assert all(line in printed for line in tables.spread_table(chosen).splitlines())


def test_published_numbers_start_from_the_known_jpeg_rows():
    published = evaluation.results("published")
    live1 = published["live1_colour"]
    assert live1["qualities"] == [10, 20, 30, 40] and live1["rows"][0] == {"method": "JPEG", "psnr": [25.69, 28.06, 29.37, 30.28]}
    assert all(len(row["psnr"]) == 4 and row["source"] for row in live1["rows"][1:])


@pytest.mark.full
@pytest.mark.parametrize("name", ["kodim05", "kodim23"])
def test_results_can_be_repeated(kodak24, name):
    chosen = {name: images.image_set(kodak24)[name]}
    again = evaluation.evaluate(chosen, [10, 25], ["Bilateral", "BlockCNN", "Wide+"])
    assert len(again) == 2 * 4
    for row in again:
        stored = ROWS[row["quality"], name, row["method"]]
        for measure, apart in {"psnr": 0.01, "psnr_b": 0.02, "psnr_y": 0.01, "ssim": 0.001}.items():
            assert row[measure] == pytest.approx(stored[measure], abs=apart)
