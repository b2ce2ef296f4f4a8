"""What lesson 06 says: its numbers are those of data/results, and what no cell of it prints is so."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from blockcnn_helpers import ablation, evaluation, images, jpeg, metrics, models, restoration

LESSON = Path(__file__).parents[1] / "notebooks" / "06_go_beyond_blockcnn.ipynb"
CELLS = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]
PROSE = "\n".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown").replace("−", "-")
PRINTED = "\n".join("".join(output.get("text", "")) for cell in CELLS for output in cell.get("outputs", ()))
KODAK, STUDIED = evaluation.results("kodak24"), evaluation.results("ablation")
LEVELS = {(row["quality"], row["method"]): row["psnr"] for row in KODAK["means"]}


def gain(quality, method):
    return LEVELS[quality, method] - LEVELS[quality, "JPEG"]


def test_gains_in_the_prose_are_those_measured_on_kodak24():
    said = re.findall(r"(BlockCNN\+?|Wide\+x4|Wide\+?|jpegqs) (?:has|gains) ([+-]\d\.\d\d) dB at quality (\d+)", PROSE)
    assert {method for method, _, _ in said} >= {"BlockCNN", "Wide+", "Wide+x4"}
    assert said == [(method, f"{gain(int(quality), method):+.2f}", quality) for method, _, quality in said]


def test_the_printed_tables_are_those_of_the_results():
    for method in dict.fromkeys(method for _, method in LEVELS):
        if method != "JPEG":
            row = " ".join(f"{gain(quality, method):+6.2f}" for quality in dict.fromkeys(quality for quality, _ in LEVELS))
            assert f"{method:14} {row}" in PRINTED
    assert ablation.table(STUDIED["rows"]) in PRINTED and STUDIED["command"] in PRINTED


def test_the_ablation_was_trained_and_judged_alike():
    assert [row["row"] for row in STUDIED["rows"]] == [name for name, _, _ in ablation.ROWS]
    steps = {row["training"]["steps"] for row in STUDIED["rows"] if row["training"]}
    assert len(steps) == 1 and f"**{steps.pop()} steps on the same pairs in the same order**" in PROSE
    assert len(STUDIED["judged_on"]) == 20 and STUDIED["training"]["images"] == "bsds500"
    assert STUDIED["command"].startswith("blockcnn ablate bsds500 ")


def test_a_pixel_is_noticed_as_far_as_the_lesson_counts():
    """34 to 125 for the wide network, 72 to 89 for BlockCNN, and no farther; with random weights, so that nothing is unseen by chance."""
    rng = np.random.default_rng(0)
    grey = np.full((1, 176, 176, 3), 128, "float32")
    planted = grey.copy()
    planted[0, 88, 88] = 255
    for name, first, last in (("wide", 34, 125), ("blockcnn", 72, 89)):
        model = models.build(name)
        model.set_weights([rng.normal(0, 1, weights.shape) / max(1, np.prod(weights.shape[:-1])) ** 0.5 for weights in model.get_weights()])
        noticed = (np.asarray(model(planted)) != np.asarray(model(grey)))[0].any(axis=-1)
        for axis in (0, 1):
            seen = np.flatnonzero(noticed.any(axis=axis))
            assert (seen[0], seen[-1]) == (first, last)


def test_what_the_lesson_says_of_costs():
    """The detour: two fifths of the weights for 4 percent of the work; wide: 2.2 times BlockCNN's weights, 1.4 times its work."""
    wide, short, blockcnn = models.build("wide"), models.build("wide", blocks=0), models.build("blockcnn")
    weights, work = zip(*((models.parameters(model), models.multiply_adds(model)) for model in (wide, short, blockcnn)))
    assert f"{weights[0] - weights[1]:,}" in PROSE and f"{(weights[0] - weights[1]) / weights[0]:.1f}" == "0.4"
    assert f"{1 - work[1] / work[0]:.0%}" == "4%"
    assert f"{weights[0] / weights[2]:.1f} {work[0] / work[2]:.1f}" == "2.2 1.4"
    assert f"{((768 + 128) / 768) ** 2:.1f}" == "1.4"  # pieces of 768 with 64 around: a third more and a little


@pytest.mark.full
@pytest.mark.parametrize("name", images.COURSE)
def test_the_best_network_leaves_alone_what_needs_no_repair(name):
    """An uncompressed photo changes by half a grey level at most in the mean; quality 95 loses less than 0.05 dB."""
    photo, wide = images.course_photos()[name], restoration.load_model("wide")
    assert np.abs(restoration.restore(photo, wide).astype(float) - photo).mean() <= 0.5
    data = jpeg.encode(photo, 95)
    decoded = jpeg.decode(data)
    assert metrics.psnr(photo, restoration.restore(decoded, wide, file=data)) > metrics.psnr(photo, decoded) - 0.05
