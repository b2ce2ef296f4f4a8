"""Figures of lesson 06: they show the numbers they are given, inside the picture."""

import numpy as np
import pytest
from test_figures import assert_inside, titles

from blockcnn_helpers import beyondfigures
from blockcnn_helpers.tables import spread


def lines_of(axes):
    return {line.get_label(): line.get_xydata().tolist() for line in axes.lines}


def test_intervals_are_in_steps_from_the_middle_and_say_what_is_outside():
    table, levels = np.full((8, 8), 10), np.zeros((8, 8), int)
    levels[0, 1] = 3
    found = (levels * table).astype(float)
    found[0, 1] += 4  # the second on the zigzag: inside
    found[1, 0] -= 8  # the third: outside
    figure = beyondfigures.intervals(table, levels, {"original": found})
    assert_inside(figure)
    inside, outside = (line.get_xydata().tolist() for line in figure.axes[0].lines[-2:])
    assert [1.0, 0.4] in inside and len(inside) == 63 and outside == [[2.0, -0.8]]
    assert "original, outside" in lines_of(figure.axes[0])
    found[1, 0] = -5.9  # outside the interval, inside the slack of 1
    rim = beyondfigures.intervals(table, levels, {"original": found})
    assert "original, outside" not in lines_of(rim.axes[0])
    assert figure.axes[0].get_ylim()[0] < -0.8


def test_the_wide_network_is_drawn_with_its_detour():
    figure = beyondfigures.wide_network()
    assert_inside(figure)
    words = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert all(word in words for word in ("fold", "look 3, 4, 5", "gather", "spread", "96 channels", "the decoded pixels themselves"))


def test_shares_of_the_loss_are_percent():
    figure = beyondfigures.loss_shares({"squared": {5: 0.75, 80: 0.25}, "root": {5: 0.6, 80: 0.4}})
    assert_inside(figure)
    assert titles(figure) == ["squared", "root"]
    assert [bar.get_height() for bar in figure.axes[1].patches] == pytest.approx([60, 40])
    assert [text.get_text() for text in figure.axes[0].texts] == ["75", "25"]


def test_averaging_draws_both_curves_for_each_quality():
    history = [{"step": 400 * k, "gain": {"10": k / 10, "80": k / 20}, "unaveraged": {"10": k / 11, "80": k / 21}} for k in (1, 2, 3)]
    figure = beyondfigures.averaging(history)
    assert_inside(figure)
    assert titles(figure) == ["quality 10", "quality 80"]
    assert lines_of(figure.axes[1])["running mean"] == [[400 * k, k / 20] for k in (1, 2, 3)]
    assert titles(beyondfigures.averaging(history, ["80"])) == ["quality 80"]
    assert lines_of(figure.axes[0])["last weights"] == [[400 * k, k / 11] for k in (1, 2, 3)]


def test_what_is_worth_its_price_is_named_and_joined():
    points = [("filter", 0.4, 0.2), ("beaten", 0.3, 0.5), ("wide", 0.8, 0.6), ("four", 0.9, 2.4)]
    figure = beyondfigures.worth(points, ["filter", "wide", "four"])
    assert_inside(figure)
    front, beaten = (line.get_xydata().tolist() for line in figure.axes[0].lines)
    assert front == [[0.2, 0.4], [0.6, 0.8], [2.4, 0.9]] and beaten == [[0.5, 0.3]]
    assert sorted(text.get_text() for text in figure.axes[0].texts) == ["beaten", "filter", "four", "wide"]
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["0.2", "0.5", "1", "2"]


def test_gains_over_quality_are_means_of_the_chosen_methods():
    levels = {"JPEG": (25.0, 30.0, 36.0), "TV": (25.5, 30.1, 35.0), "Wide+": (26.5, 31.0, 36.1)}
    rows = [
        {"quality": quality, "image": image, "method": method, "psnr": psnr + 0.1 * (image == "b") * (method == "TV")}
        for method, group in levels.items()
        for quality, psnr in zip((10, 60, 95), group)
        for image in "ab"
    ]
    figure = beyondfigures.gains_over_quality(rows, ["Wide+"])
    assert_inside(figure)
    coarse, fine = map(lines_of, figure.axes)
    assert list(coarse) == list(fine) == ["JPEG", "Wide+"]
    mean = {row["quality"]: row["mean"] for row in spread(rows) if row["method"] == "Wide+"}
    assert coarse["Wide+"] == [[q, pytest.approx(mean[q])] for q in (10, 60)] and fine["Wide+"][-1] == [95, pytest.approx(0.1)]


def test_what_is_noticed_is_drawn_on_a_bar_and_what_is_not_is_black():
    figure = beyondfigures.noticed({"near": np.array([[0, 1e-6], [1, 50]]), "far": np.ones((2, 2))})
    assert_inside(figure)
    assert titles(figure)[:2] == ["near", "far"]
    (picture,) = figure.axes[0].images
    assert picture.get_array().mask.tolist() == [[True, False], [False, False]] and picture.get_array()[0, 1] == 1e-3
    assert picture.cmap.get_bad().tolist() == [0, 0, 0, 1] and "grey levels" in figure.axes[-1].get_ylabel()


def test_a_box_tells_how_far_each_point_is_from_the_original():
    figure = beyondfigures.box((0, 0), (10, 20), {"original": (5, 5), "repaired": (8, 9), "JPEG": (5, 10)}, ("[0, 0]", "[3, 1]"))
    assert_inside(figure)
    axes = figure.axes[0]
    assert axes.patches[0].get_bbox().extents.tolist() == [0, 0, 10, 20]
    assert [text.get_text() for text in axes.texts] == ["5.0", "5.0"]


def test_panels_share_a_legend_only_if_they_show_the_same_names():
    same = beyondfigures.panels({"one": {"a": [(0, 1), (1, 2)]}, "two": {"a": [(0, 3), (1, 4)]}}, "x", "y", reference="nothing")
    other = beyondfigures.panels({"one": {"a": [(0, 1), (1, 2)]}, "two": {"b": [(0, 3), (1, 4)]}}, "x", "y")
    for figure in (same, other):
        assert_inside(figure)
    assert [len(figure.legends) for figure in (same, other)] == [1, 0] and titles(same) == ["one", "two"]
    assert "nothing" in lines_of(same.axes[0]) and "nothing" not in lines_of(other.axes[0])
    assert lines_of(other.axes[1])["b"] == [[0, 3], [1, 4]] and other.axes[1].get_legend()
