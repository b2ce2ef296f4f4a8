"""Figures of lesson 06: intervals and what lies outside, the wide network, averaged weights, what each idea brings and costs."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyArrowPatch, Rectangle

from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, finished
from blockcnn_helpers.jpeg import ZIGZAG
from blockcnn_helpers.tables import spread

COLOURS = {
    "Bilateral+": "#b8860b",
    "jpegqs": "#009e73",
    "BlockCNN+": "#56b4e9",
    "Wide": "#a06cc0",
    "Wide+": "#5e2c87",
    "Wide+x4": "#cc79a7",
} | METHOD_COLOURS
WIDE = COLOURS["Wide+"]
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20)
STAGES = (  # of the wide network: what is done, what comes out
    ("fold", "2x2 pixels\n96 channels"),
    ("look 1, 2", "2x2 pixels\n96 channels"),
    ("look 3, 4, 5", "2x2 pixels\n96 channels"),
    ("unfold", "pixels\n3 channels"),
)


def intervals(table, levels, shown, count=64):
    """Draw where one block's coefficients lie in the intervals of its file, from slow to fast ones.

    Parameters
    ----------
    table, levels : ndarray, int, shape (8, 8)
        The file's steps, and this block's levels.
    shown : dict of str to ndarray, shape (8, 8)
        Name to coefficients.
    count : int
        How many of the 64.

    Returns
    -------
    matplotlib.figure.Figure
        In steps from the middle of each interval; outside ±1/2 is outside.
    """
    places = tuple(ZIGZAG[:count].T)
    lines = {name: ((values - levels * table) / table)[places] for name, values in shown.items()}
    reach = max(0.75, 1.1 * max(np.abs(line).max() for line in lines.values()))
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(860 / DPI, 300 / DPI), layout="constrained")
        axes.axhspan(-0.5, 0.5, color="#0072b2", alpha=0.10, linewidth=0, label="what the file allows")
        axes.axhline(0, color=METHOD_COLOURS["JPEG"], linewidth=1.2, label="JPEG: the middle")
        for name, line in lines.items():
            colour, marker = COLOURS.get(name, INK), "o" if name == "original" else "D"
            inside = np.abs(line) <= 0.5
            axes.plot(np.flatnonzero(inside), line[inside], marker, color=colour, markersize=4, label=name)
            axes.plot(np.flatnonzero(~inside), line[~inside], marker, color="white", markeredgecolor=colour, markersize=6)
        axes.set(xlabel="coefficient, from the slowest to the fastest", ylabel="steps from the middle", ylim=(-reach, reach))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=5)
    return finished(figure)


def wide_network():
    """Draw the wide network: the looks at 2x2 pixels a cell, and the detour on which one cell stands for a block."""
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(900 / DPI, 330 / DPI), layout="constrained")
        _arrow(axes, (-2.2, 0), (0, 0))
        axes.text(-2.3, 0, "JPEG", ha="right", va="center")
        for place, (name, out) in enumerate(STAGES):
            x = 6 * place
            _box(axes, x, 0, name, INK)
            axes.text(x + 4.9, -1.05, out, ha="center", va="top", fontsize=8)
            _arrow(axes, (x + 4, 0), (x + 6, 0))
        for place, name in enumerate(("gather\n4x4 cells to 1", "2 pairs of 3x3\na cell a block", "spread\n1 cell to 4x4")):
            _box(axes, 5 + 5 * place, 3.4, name, WIDE)
        for start in (9, 14):
            _arrow(axes, (start, 3.4), (start + 1, 3.4), WIDE)
        axes.plot([10.5, 10.5, 3.6, 3.6], [0, 1.8, 1.8, 3.4], color=WIDE)
        _arrow(axes, (3.6, 3.4), (5, 3.4), WIDE)
        axes.plot([19, 20, 20, 11.3, 11.3], [3.4, 3.4, 1.8, 1.8, 1.2], color=WIDE)
        _arrow(axes, (11.3, 1.2), (11.3, 0.1), WIDE)
        axes.text(20.4, 2.6, "the detour: a view of\nfive blocks and more", color=WIDE, va="center", fontsize=9)
        axes.text(25, 0, "+", ha="center", va="center", fontsize=14, bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": INK})
        _arrow(axes, (26, 0), (28, 0))
        axes.text(28.2, 0, "repaired", va="center")
        axes.plot([-1.2, -1.2, 25], [0, -2.6, -2.6], color=METHOD_COLOURS["JPEG"])
        _arrow(axes, (25, -2.6), (25, -0.9), METHOD_COLOURS["JPEG"])
        axes.text(12, -2.5, "the decoded pixels themselves", color=METHOD_COLOURS["JPEG"], ha="center", va="bottom", fontsize=9)
        axes.set(xlim=(-5, 32), ylim=(-3, 4.8))
        axes.axis("off")
    return finished(figure)


def _box(axes, x, y, words, colour):
    axes.add_patch(Rectangle((x, y - 0.9), 4, 1.8, facecolor="white", edgecolor=colour))
    axes.text(x + 2, y, words, ha="center", va="center", fontsize=8.5)


def _arrow(axes, start, end, colour=INK):
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, color=colour, linewidth=1.2, shrinkA=0, shrinkB=0))


def loss_shares(shares):
    """Draw what each JPEG quality has to say in a loss: one panel a loss, bars that add up to 100 percent.

    Parameters
    ----------
    shares : dict of str to dict of int to float
        Loss to quality to its share, 0...1.
    """
    with plt.rc_context(LOOK):
        figure, row = plt.subplots(1, len(shares), figsize=(820 / DPI, 260 / DPI), layout="constrained", sharey=True, squeeze=False)
        for axes, (title, group) in zip(row[0], shares.items()):
            percent = [100 * share for share in group.values()]
            bars = axes.bar([str(quality) for quality in group], percent, color=METHOD_COLOURS["BlockCNN"])
            axes.bar_label(bars, [f"{value:.0f}" for value in percent], padding=2, fontsize=9)
            axes.set(title=title, xlabel="JPEG quality")
            axes.grid(False, axis="x")
            axes.margins(y=0.12)
        row[0, 0].set_ylabel("share of the loss (%)")
    return finished(figure)


def averaging(history):
    """Draw the gain of a training's last weights and of their running mean, one panel a quality.

    Parameters
    ----------
    history : list of dict
        From `training.train` with ``average``: each with step, gain and unaveraged.
    """
    steps, qualities = [row["step"] for row in history], list(history[0]["gain"])
    with plt.rc_context(LOOK):
        figure, row = plt.subplots(1, len(qualities), figsize=(900 / DPI, 260 / DPI), layout="constrained", squeeze=False)
        for axes, quality in zip(row[0], qualities):
            for key, colour, label in (("unaveraged", "#999999", "last weights"), ("gain", WIDE, "running mean")):
                values = [epoch[key][quality] for epoch in history]
                axes.plot(steps, values, color=colour, marker="o", markersize=2.5, linewidth=1.3, label=label)
            least = sorted(epoch[key][quality] for epoch in history for key in ("gain", "unaveraged"))
            axes.set(title=f"quality {quality}", xlabel="training steps", ylim=(max(least[0], min(0, least[len(least) // 4])), None))
        row[0, 0].set_ylabel("gain over JPEG (dB)")
        figure.legend(*row[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return finished(figure)


def walk(lines, goal):
    """Draw walks, step by step, and the goal: `lines` holds the places by name, the first in grey."""
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(760 / DPI, 280 / DPI), layout="constrained")
        axes.axhline(goal, color=METHOD_COLOURS["JPEG"], linestyle="--", label="goal")
        for colour, (name, places) in zip(("#aaaaaa", WIDE), lines.items()):
            axes.plot(places, color=colour, linewidth=1 if colour != WIDE else 2, label=name)
        axes.set(xlabel="step", ylabel="place")
        axes.legend(loc="lower right")
    return finished(figure)


def worth(points, front):
    """Draw gain against cost, one dot a row; those that no other beats are named and joined.

    Parameters
    ----------
    points : list of (str, float, float)
        Name, gain in dB, cost in seconds.
    front : sequence of str
        The names to be joined, cheapest first.
    """
    places = {name: (cost, gain) for name, gain, cost in points}
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(820 / DPI, 380 / DPI), layout="constrained")
        rest = np.array([place for name, place in places.items() if name not in front])
        axes.plot(*np.transpose([places[name] for name in front]), color=WIDE, marker="o", markersize=7, linewidth=1)
        if len(rest):
            axes.plot(*rest.T, "o", color="#aaaaaa", markersize=6, zorder=1, label="beaten by another")
            axes.legend(loc="lower right")
        right = np.median([cost for cost, _ in places.values()])
        for name, after in zip(front, [*front[1:], None]):
            left = places[name][0] > right
            close = after and places[after][0] < 1.2 * places[name][0]  # the next one's name needs the room above
            place = {"xytext": (-9 if left else 9, -15 if close else 6), "ha": "right" if left else "left"}
            place["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85}
            axes.annotate(name, places[name], textcoords="offset points", color=WIDE, **place)
        axes.set(xscale="log", xlabel="seconds for a photo of 768x512", ylabel="mean gain over JPEG (dB)")
        low, high = axes.get_xlim()
        axes.set_xticks([tick for tick in TICKS if low <= tick <= high], [f"{tick:g}" for tick in TICKS if low <= tick <= high])
        axes.minorticks_off()
        axes.margins(x=0.12, y=0.14)
    return finished(figure)


def gains_over_quality(rows, methods, last=100):
    """Draw mean gains over JPEG against quality, one curve a method, without their spread.

    Parameters
    ----------
    rows : list of dict
        From `evaluation.evaluate`.
    methods : sequence of str
        Those of `rows` to draw.
    last : int
        The left panel shows the qualities up to 60, the right one those from 60 to this one.
    """
    found = [row for row in spread(rows) if row["method"] in methods]
    with plt.rc_context(LOOK):
        figure, panels = plt.subplots(1, 2, figsize=(900 / DPI, 380 / DPI), layout="constrained")
        for axes, (low, high) in zip(panels, ((0, 60), (60, last))):
            axes.axhline(0, color=METHOD_COLOURS["JPEG"], linestyle="--", label="JPEG")
            for method in methods:
                points = [(row["quality"], row["mean"]) for row in found if row["method"] == method and low <= row["quality"] <= high]
                if points:
                    axes.plot(*np.transpose(points), marker="o", markersize=3.5, color=COLOURS.get(method), label=method)
            axes.set(title=f"up to quality {high}" if low == 0 else "finer ones", xlabel="JPEG quality")
        panels[0].set_ylabel("gain over JPEG (dB)")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return finished(figure)


def noticed(change):
    """Picture which repaired pixels notice a planted one, and how much: white from a grey level on, black below a millionth of it.

    Parameters
    ----------
    change : ndarray, shape (height, width)
        Absolute change in grey levels.

    Returns
    -------
    ndarray, uint8, shape (height, width)
    """
    seen = np.log10(np.maximum(change, 1e-9))
    return (255 * np.clip(1 + seen / 6, 0, 1)).astype(np.uint8)

