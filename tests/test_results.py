"""Numbers that the course quotes are the numbers that were measured, with the weights that are here."""

import json
import re
from pathlib import Path

import pytest

from blockcnn_helpers import evaluation, images, restoration, tables

ROOT = Path(__file__).parent.parent
RESULTS = json.loads((ROOT / "data" / "results" / "kodak24.json").read_text())
MEANS = {(row["quality"], row["method"]): row for row in RESULTS["means"]}
QUALITIES = (10, 20, 25, 30, 40)  # what it was trained for, and what the README shows
EVERY = (5, *QUALITIES, 60, 80, 95)


def gain(quality, method):
    return MEANS[quality, method]["psnr"] - MEANS[quality, "JPEG"]["psnr"]


def test_results_belong_to_the_weights_that_are_here():
    path, found = restoration.find_weights()
    assert RESULTS["weights"] == {"file": path.name, "sha256": found}
    notes = json.loads(path.with_name("blockcnn.json").read_text())
    assert notes["images"] == "bsds500" and notes["command"].startswith("blockcnn train ")
    assert notes["history"][-1]["step"] == notes["steps"]
    assert path.stat().st_size < 3e6


def test_results_hold_every_photo_and_method():
    rows = {(row["quality"], row["image"], row["method"]) for row in RESULTS["rows"]}
    names = [f"kodim{number:02}" for number in range(1, 25)]
    assert rows == {(q, name, method) for q in EVERY for name in names for method in evaluation.METHODS}
    assert RESULTS["command"] == f"blockcnn evaluate kodak24 --quality {' '.join(map(str, EVERY))}"
    assert RESULTS["code"]["modules"] == list(evaluation.CODE) and re.fullmatch("[0-9a-f]{64}", RESULTS["code"]["sha256"])
    assert RESULTS["protocol"] == evaluation.PROTOCOL and RESULTS["spread"] == tables.spread(RESULTS["rows"])
    for (quality, method), mean in MEANS.items():
        group = [row["psnr"] for row in RESULTS["rows"] if (row["quality"], row["method"]) == (quality, method)]
        assert mean["psnr"] == pytest.approx(sum(group) / 24)


def test_results_are_what_was_promised():
    """JPEG as known for Pillow's encoder; the network well above the filter and at least what the course set out to reach."""
    assert [MEANS[quality, "JPEG"]["psnr"] for quality in QUALITIES] == pytest.approx([26.67, 29.15, 29.89, 30.49, 31.42], abs=0.01)
    assert all(gain(quality, "BlockCNN") >= (0.8 if quality == 40 else 0.95) for quality in QUALITIES)
    for measure in ("psnr", "ssim", "psnr_b"):
        assert all(MEANS[quality, "BlockCNN"][measure] > MEANS[quality, "Bilateral"][measure] for quality in QUALITIES)


def test_the_readme_quotes_the_results():
    text = (ROOT / "README.md").read_text()
    lines = [line for line in text.splitlines() if re.match(r"\| (JPEG|bilateral filter|total variation|BlockCNN) ", line)]
    table = [re.split(r"\s*\|\s*", line.strip("| ")) for line in lines]
    assert [row[0] for row in table] == ["JPEG", "bilateral filter", "total variation", "BlockCNN"]
    for row, method in zip(table, evaluation.METHODS, strict=True):
        quoted = [cell.split()[0] for cell in row[1:]]
        want = [f"{MEANS[quality, method]['psnr']:.2f}" if method == "JPEG" else f"{gain(quality, method):+.2f}" for quality in QUALITIES]
        assert quoted == want


def test_where_it_hurts_is_in_the_results():
    """Lesson 05 shows both ends: it helps at 5, which it was not trained for, and harms where nothing is to be repaired."""
    assert gain(5, "BlockCNN") > 0.5 > 0 > gain(80, "BlockCNN") > gain(95, "BlockCNN")


def test_lesson_05_quotes_the_results():
    """The lesson prints its tables from the results; the gains that its prose names are those."""
    cells = json.loads((ROOT / "notebooks" / "05_evaluate_honestly.ipynb").read_text(encoding="utf-8"))["cells"]
    prose = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    said = {
        (int(quality), float(value))
        for value, quality in re.findall(r"([+-]\d\.\d\d) dB at quality (\d+) on Kodak24", prose.replace("−", "-"))
    }
    assert {quality for quality, _ in said} >= {10, 95}
    assert said == {(quality, round(gain(quality, "BlockCNN"), 2)) for quality, _ in said}
    printed = "\n".join("".join(output.get("text", "")) for cell in cells for output in cell.get("outputs", ()))
    for quality in (5, 10, 25, 40, 60, 80, 95):
        chosen = [row for row in RESULTS["rows"] if row["quality"] == quality]
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
    for row in evaluation.evaluate(chosen, [10, 25]):
        stored = next(r for r in RESULTS["rows"] if all(r[key] == row[key] for key in ("quality", "image", "method")))
        assert row["psnr"] == pytest.approx(stored["psnr"], abs=0.01)
        assert row["ssim"] == pytest.approx(stored["ssim"], abs=0.001)
