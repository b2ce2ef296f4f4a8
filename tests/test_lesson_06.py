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


def test_the_lesson_says_what_the_ablation_does_not_measure():
    """Adam had another rate than Muon, no row is wide without its detour, none was trained by the squared error."""
    adam = ablation.variants()["adam"][1]["training"]
    assert (STUDIED["training"]["rate"], adam["rate"]) == (0.003, 0.001) and "a rate of 0.003, Adam at 0.001" in PROSE
    recipes = [settings for _, settings in ablation.variants().values()]
    assert not any("blocks" in recipe["options"] for recipe in recipes) and "nobody has trained it" in PROSE
    assert {recipe["training"]["loss"] for recipe in recipes} == {"rmse", "l1"} and "It has none for the squared error" in PROSE


def test_the_front_is_drawn_with_the_told_network_on_it():
    """A network that is told beats the blind one and its four mirror images, as the text says."""
    rows = {row["row"]: (np.mean(list(row["gain"].values())), row["seconds"]) for row in STUDIED["rows"]}
    told = rows["wide, told the quality"]
    for beaten in ("wide", "wide, mean of four mirror images"):
        assert told[0] > rows[beaten][0] and told[1] < rows[beaten][1]
    assert f"{rows['wide, mean of four mirror images'][1] / told[1]:.0f}" == "4" and "for a quarter of the seconds" in PROSE
    assert abs(rows["wide, projected"][0] - rows["wide"][0]) < 0.015 > abs(rows["wide, told each pixel's place"][0] - rows["wide"][0])


def test_a_cut_photo_is_brought_back_onto_its_grid():
    """What the lesson prints of it: the place is found, wide is then ahead of BlockCNN at 95 and behind it at 80."""
    gained = r"([+-][\d.]+)"
    found = re.findall(rf"10, cut, (\d+): \w+ +BlockCNN {gained} dB, wide {gained}; 4 and 4 more cut off, wide {gained}", PRINTED)
    assert [second for second, *_ in found] == ["95"] * 3 + ["80"] * 3
    for second, blockcnn, wide, again in found:
        assert (float(again) > float(blockcnn)) == (second == "95") and float(wide) < float(blockcnn)
    assert all(f"{again}" in PROSE for _, _, _, again in found[:3])


def test_a_file_made_from_a_copy_draws_its_box_around_the_copy():
    """Half of the original's coefficients lie outside, hardly any of the first JPEG's; and what the lesson prints of it, it says."""
    part = images.course_photos()["chelsea"][32:224, 96:288]
    once = jpeg.compress(part, 10)
    data = jpeg.encode(once, 95)
    low, high = jpeg.intervals(jpeg.luma_levels(data)[0], jpeg.luma_table(data), 1.0)
    outside = []
    for picture in (part, once):
        found = jpeg.dct(jpeg.to_blocks(jpeg.rgb_to_ycbcr(picture)[..., 0]) - 128)
        outside.append(((found < low) | (found > high)).mean())
    assert 0.45 < outside[0] < 0.55 and outside[1] < 0.01
    said = re.findall(r"(\d+), then (\d+): (\d+)% outside; wide alone \+([\d.]+) dB, in the box \+([\d.]+)", PRINTED)
    assert [row[:2] for row in said] == [("10", "95"), ("10", "80"), ("20", "30")] and said[0][2] == f"{100 * outside[0]:.0f}"
    assert all(float(alone) > float(boxed) for *_, alone, boxed in said)
    assert f"of +{said[0][3]} dB it leaves +{said[0][4]}" in PROSE and f"left +{said[0][4]} dB of +{said[0][3]}" in PROSE


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
    assert f"{work[0] / work[2] - 1:.0%}" == "43%" and "43 % more work than BlockCNN" in PROSE
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
