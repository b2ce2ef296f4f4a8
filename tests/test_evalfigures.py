"""Figures, slider and card of lesson 05: they show the numbers they are given, inside the picture."""

import json
import re

import numpy as np
import pytest
from test_figures import assert_inside, rendered, titles

from blockcnn_helpers import cards, evalexplorers, evalfigures, evaluation, images, jpeg, metrics, restoration, tables, trials
from blockcnn_helpers.filters import bilateral, total_variation

CROP = (48, 120, 128)


@pytest.fixture(scope="module")
def cat():
    return images.course_photos()["chelsea"]


@pytest.fixture(scope="module")
def rows(cat):
    photos = {"left": cat[:96, :96], "right": cat[96:192, 96:192]}
    return evaluation.evaluate(photos, [10, 90], {"Bilateral": bilateral, "TV": total_variation})


def test_curves_show_mean_and_range(rows):
    figure = evalfigures.gain_curves(rows, near=10, trained=(10, 40))
    assert_inside(figure)
    near, far = ({line.get_label(): line.get_xydata() for line in axes.lines} for axes in figure.axes)
    assert list(near) == list(far) == ["JPEG", "Bilateral", "TV"] and (far["JPEG"][:, 1] == 0).all()
    spread = {(row["quality"], row["method"]): row["mean"] for row in tables.spread(rows)}
    found = tables.gains(rows)
    for place, method in enumerate(("Bilateral", "TV")):
        assert near[method].tolist() == [[10, pytest.approx(spread[10, method])]]
        assert far[method][:, 1].tolist() == [pytest.approx(spread[q, method]) for q in (10, 90)]
        assert np.abs(far[method][:, 0] - (10, 90)).max() <= 1.2, "methods stand side by side, each at its quality"
        ranges = [segment[:, 1].tolist() for segment in figure.axes[1].collections[place].get_segments()]
        assert ranges == [pytest.approx([min(found[q, method].values()), max(found[q, method].values())]) for q in (10, 90)]


def test_photos_are_sorted_by_the_last_method(rows):
    figure = evalfigures.photo_gains(rows, 10)
    assert_inside(figure)
    dots = figure.axes[0].collections[-1].get_offsets()
    assert list(dots[:, 0]) == sorted(tables.gains(rows)[10, "TV"].values())
    assert {text.get_text() for text in figure.axes[0].get_yticklabels()} == {"left", "right"}


def test_error_maps_say_how_many_pixels_moved_which_way(cat):
    decoded = jpeg.compress(cat, 10)
    better = evalfigures.error_maps(cat, decoded, cat, CROP)
    assert_inside(better)
    assert "mean 0.0 grey levels" in titles(better)[1] and "0% farther" in titles(better)[2]
    nothing = evalfigures.error_maps(cat, decoded, decoded, CROP)
    assert "0% closer, 0% farther" in titles(nothing)[2]


def test_shift_maps_are_percent_of_the_gain_on_the_grid():
    gains = np.full((8, 8), 0.9)
    gains[0, 0], gains[3, 4] = 1.2, 0.6
    figure = evalfigures.shift_maps({"cat\n+1.20 dB": gains, "dog\n+1.20 dB": gains})
    assert_inside(figure)
    words = [text.get_text() for text in figure.axes[0].texts]
    assert words[0] == "100" and words[3 * 8 + 4] == "50" and words.count("75") == 62


def test_position_maps_share_a_scale_and_tell_what_was_taken_away():
    before, after = np.full((8, 8), 80.0), np.full((8, 8), 60.0)
    before[0, 0] = 120
    figure = evalfigures.position_maps(before, after)
    assert_inside(figure)
    first, second, taken = figure.axes
    assert first.images[0].get_clim() == second.images[0].get_clim()
    assert [text.get_text() for text in taken.texts[:2]] == ["50", "25"] and first.texts[0].get_text() == "120"


def test_two_levels_show_both_and_the_gain_between():
    figure = evalfigures.two_levels({"ours": (27.11, 28.34), "luma": (30.19, 31.41)})
    assert_inside(figure)
    axes = figure.axes[0]
    before, after = (dots.get_offsets() for dots in axes.collections[1:])
    assert before[:, 0].tolist() == [27.11, 30.19] and after[:, 0].tolist() == [28.34, 31.41]
    assert [text.get_text() for text in axes.texts] == ["+1.23", "+1.22"]
    assert before[0, 1] > before[1, 1], "the first one is drawn at the top"


def test_bars_are_sorted_and_coloured_by_sign():
    figure = evalfigures.sorted_gains({"a": -2.0, "b": 1.5, "c": 0.5})
    assert_inside(figure)
    bars = figure.axes[0].patches
    assert [bar.get_width() for bar in bars] == [-2.0, 0.5, 1.5]
    assert bars[0].get_facecolor() != bars[1].get_facecolor() == bars[2].get_facecolor()
    named = evalfigures.sorted_gains({"a": -2.0, "b": 1.5}, {"a": 30.2, "b": 11.7})
    assert_inside(named)
    assert [text.get_text() for text in named.axes[0].get_yticklabels()] == ["a, JPEG 30 dB", "b, JPEG 12 dB"]


def test_strength_is_swept_from_the_jpeg_to_the_repair(cat):
    decoded = jpeg.compress(cat, 10)
    cases = {"better": (cat, decoded, cat / np.float32(255)), "worse": (cat, decoded, 255 - decoded)}
    figure = evalfigures.strength_sweep(cases, steps=4)
    assert_inside(figure)
    better, worse, zero = figure.axes[0].lines
    assert better.get_xdata().tolist() == worse.get_xdata().tolist() == [0, 0.25, 0.5, 0.75, 1]
    half = np.rint((decoded.astype(float) + cat) / 2).astype(np.uint8)
    gain = metrics.psnr(cat, half) - metrics.psnr(cat, decoded)
    assert better.get_ydata()[2] == pytest.approx(gain, abs=0.05) and better.get_ydata()[0] == worse.get_ydata()[0] == 0
    assert worse.get_ydata()[-1] == pytest.approx(metrics.psnr(cat, 255 - decoded) - metrics.psnr(cat, decoded))
    assert set(zero.get_ydata()) == {0}
    assert {text.get_text() for text in figure.axes[0].texts} == {"better", "worse"}


def test_cost_is_seconds_over_all_pixels(rows):
    rows = [row | {"seconds": 0.5 if row["method"] == "TV" else 0.1} for row in rows]
    seconds = tables.seconds_per_megapixel(rows)
    assert seconds["TV"] == pytest.approx(0.5e6 / 96**2) and list(seconds) == ["JPEG", "Bilateral", "TV"]
    rows[1]["seconds"] = 9.0  # one slow run counts for nothing: the work is the same at each quality
    assert tables.seconds_per_megapixel(rows) == seconds
    assert rendered(evalfigures.cost(rows, 10)).shape[0] == 300
    assert_inside(evalfigures.cost(rows, 10))
    axes = evalfigures.cost(rows, 10).axes[0]
    assert [text.get_text() for text in axes.texts] == ["JPEG", "Bilateral", "TV"]
    assert axes.collections[0].get_offsets().tolist() == [[0, 0]]


# --- the slider -------------------------------------------------------------------------------------------------------


def test_shift_slider_says_what_the_trial_measures(cat):
    def repair(image):  # one that minds the grid
        return total_variation(image) // 16 * 16 + np.arange(len(image), dtype=np.uint8)[:, None, None] % 8

    box = evalexplorers.shift_slider(cat, repair, CROP, quality=20)
    decoded = jpeg.compress(cat, 20)
    gain = trials.shift_gain(cat, decoded, repair, CROP, 0, 0)
    assert f"({gain:+.2f} dB)" in box.text.value and "nothing cut off" in box.text.value
    before = [picture.value for picture in box.pictures]
    box.shift.value = 3
    gain = trials.shift_gain(cat, decoded, repair, CROP, 3, 3)
    assert f"({gain:+.2f} dB)" in box.text.value and "3 rows and columns cut off" in box.text.value
    after = [picture.value for picture in box.pictures]
    assert [old == new for old, new in zip(before, after)] == [True, True, False]
    box.slider.value = 60
    assert "quality 60" in box.text.value and box.pictures[1].value != before[1]


# --- the card ---------------------------------------------------------------------------------------------------------


def test_a_card_holds_table_limits_and_provenance(rows, tmp_path):
    text, data = cards.card(rows, "TV", "two halves of a cat", ["quality 90: worse"], "repeat me", size="No weights.")
    facts = json.loads(data)
    short = facts["rows"]  # means and spreads are those of the rounded rows
    assert tables.spread_table(short) in text and "- quality 90: worse" in text and "two halves of a cat" in text
    assert facts["code"]["sha256"] == evaluation.code_hash() and facts["limits"] == ["quality 90: worse"]
    assert facts["weights"] == {} and "**Weights.** None" in text
    assert re.search(r"numpy \d", text) and len(facts["rows"]) == len(rows)
    assert "`repeat me`" in text and facts["command"] == "repeat me"
    assert "total_variation(weight=0.015, steps=100)" in text and "bilateral(radius=2, sigma_colour=40.0, sigma_space=2.0)" in text
    assert re.search(r"\*\*Cost\.\*\* .*cores\): Bilateral \d\.\d\d, TV \d\.\d\d\. No weights\.", text)
    assert "\n\n\n" not in text
    for _ in range(2):
        paths = cards.write_card(tmp_path / "new" / "card", text, data)
    assert [path.name for path in paths] == ["card.md", "card.json"] and paths[0].read_text(encoding="utf-8") == text


def test_a_card_names_the_weights_of_the_networks_in_it(rows):
    repaired = [row | {"method": "BlockCNN"} for row in rows if row["method"] == "TV"]
    text, data = cards.card(rows + repaired, "BlockCNN", "two halves of a cat", ["quality 90: worse"], "repeat me")
    digest = restoration.find_weights()[1]
    assert json.loads(data)["weights"] == {"blockcnn": {"file": "blockcnn.weights.h5", "sha256": digest}}
    assert f"**Weights.** blockcnn.weights.h5, SHA-256 {digest}\n" in text


def test_a_card_of_stored_rows_tells_where_and_with_what_they_were_measured():
    stored = evaluation.results("kodak24")
    chosen = [row for row in stored["rows"] if row["method"] in evaluation.METHODS]
    about, limit = "Kodak24", ["quality 95: worse"]
    text, data = cards.card(chosen, "BlockCNN", about, limit, stored["command"], qualities=(10, 95), measured=stored)
    facts = json.loads(data)
    assert tables.spread_table(chosen, (10, 95)) in text and "|      40 |" not in text
    assert len(facts["rows"]) == len(chosen)
    for key in ("protocol", "machine", "code"):
        assert facts[key] == stored[key]
    assert facts["weights"] == {"blockcnn": stored["weights"]["blockcnn"]} and stored["weights"]["blockcnn"]["sha256"] in text
    assert "jpegqs" not in facts["versions"] and facts["versions"].items() <= stored["versions"].items()
    assert stored["code"]["sha256"] in text and f"`{stored['command']}`" in text
    assert f"({stored['machine']['processor']}, {stored['machine']['cores']} cores" in text


def test_a_card_without_limits_is_refused(rows):
    with pytest.raises(ValueError, match="name at least one case"):
        cards.card(rows, "TV", "two halves of a cat", [], "repeat me")


# --- rows -------------------------------------------------------------------------------------------------------------


def test_spread_counts_and_finds_the_worst(rows):
    (first, *_), gains = tables.spread(rows), list(tables.gains(rows)[10, "Bilateral"].values())
    assert first["mean"] == pytest.approx(np.mean(gains)) and first["sd"] == pytest.approx(np.std(gains, ddof=1))
    assert first["least"] == min(gains) and first["better"] == 2 and first["worst"] in ("left", "right")
    lossless = [row | {"psnr": np.inf} if row["image"] == "left" else row for row in rows]
    assert all(row["images"] == 1 and row["sd"] is None for row in tables.spread(lossless))
    with pytest.raises(ValueError, match="no JPEG row for image 'left' at quality 10"):
        tables.gains([row for row in rows if row["method"] != "JPEG"])


def test_methods_are_warm_before_the_clock_starts(cat):
    sizes = []
    evaluation.evaluate({"cat": cat, "again": cat}, [10], {"seen": lambda image: sizes.append(image.shape) or image})
    assert sizes == [(128, 128, 3), cat.shape, cat.shape]


def test_seconds_get_a_column_of_their_own(rows):
    plain, timed = tables.table(rows), tables.table(rows, seconds=True)
    assert "seconds" in timed and "seconds" not in plain
    assert all(line.count("|") == 8 for line in timed.splitlines() if line.startswith("|"))
    assert [metrics.psnr, metrics.ssim, metrics.psnr_b, metrics.psnr_y] == list(evaluation.MEASURES.values())
