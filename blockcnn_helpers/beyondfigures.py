"""Figures of lesson 06: intervals and what lies outside, the wide network, averaged weights, what each idea brings and costs."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.patches import FancyArrowPatch, Rectangle

from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, bare, finished
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


def intervals(table, levels, shown, slack=1.0):
    """Draw where one block's coefficients lie in the intervals of its file, from slow to fast ones.

    Parameters
    ----------
    table, levels : ndarray, int, shape (8, 8)
        The file's steps, and this block's levels.
    shown : dict of str to ndarray, shape (8, 8)
        Name to coefficients.
    slack : float
        Grey-level units of coefficient beyond the interval that rounding explains: a paler rim.

    Returns
    -------
    matplotlib.figure.Figure
        In steps from the middle of each interval; hollow marks are outside, slack included.
    """
    places = tuple(ZIGZAG.T)
    rim = 0.5 + slack / table[places]
    lines = {name: ((values - levels * table) / table)[places] for name, values in shown.items()}
    reach = max(0.75, 1.1 * max(np.abs(line).max() for line in lines.values()))
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(860 / DPI, 320 / DPI), layout="constrained")
        axes.axhspan(-0.5, 0.5, color="#0072b2", alpha=0.10, linewidth=0, label="what the file allows")
        for side in (-1, 1):
            band = {"step": "mid", "color": "#0072b2", "alpha": 0.25, "linewidth": 0, "label": "slack" if side > 0 else None}
            axes.fill_between(range(64), side * 0.5, side * rim, **band)
        axes.axhline(0, color=METHOD_COLOURS["JPEG"], linewidth=1.2, label="JPEG: the middle")
        for name, line in lines.items():
            colour, marker = COLOURS.get(name, INK), "o" if name == "original" else "D"
            inside = np.abs(line) <= rim
            hollow = {"color": "white", "markeredgecolor": colour, "markersize": 6, "linestyle": "none"}
            axes.plot(np.flatnonzero(inside), line[inside], marker, color=colour, markersize=4, label=name)
            label = None if inside.all() else f"{name}, outside"
            axes.plot(np.flatnonzero(~inside), line[~inside], marker=marker, label=label, **hollow)
        axes.set(xlabel="coefficient, from the slowest to the fastest", ylabel="steps from the middle", ylim=(-reach, reach))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=6)
    return finished(figure)


def box(low, high, points, labels):
    """Draw two coefficients' intervals as a rectangle, and points in and outside it.

    Parameters
    ----------
    low, high : array_like, shape (2,)
        Corners of the rectangle.
    points : dict of str to (float, float)
        "original" is joined to each other by a line that tells the distance.
    labels : (str, str)
        Of the two axes.

    """
    colours = (INK, METHOD_COLOURS["Bilateral"], WIDE, METHOD_COLOURS["JPEG"])
    origin = np.array(points["original"])
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(560 / DPI, 420 / DPI), layout="constrained")
        axes.add_patch(Rectangle(low, *np.subtract(high, low), facecolor="#0072b2", alpha=0.12, label="what the file allows"))
        for colour, (name, point) in zip(colours, points.items()):
            axes.plot(*point, "o", color=colour, markersize=7, label=name, zorder=3)
            if name != "original":
                axes.plot(*np.transpose([origin, point]), color=colour, linewidth=1)
                middle = (origin + point) / 2
                axes.annotate(f"{np.hypot(*(origin - point)):.1f}", middle, xytext=(5, 0), textcoords="offset points", color=colour)
        axes.set(xlabel=labels[0], ylabel=labels[1], aspect="equal")
        axes.margins(0.12)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper")
    return finished(figure)


def wide_network():
    """Draw the wide network: looks at 2x2 pixels a cell, and the detour on which one cell stands for a block."""
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(900 / DPI, 330 / DPI), layout="constrained")
        _arrow(axes, (-2.2, 0), (0, 0))
        axes.text(-2.3, 0, "JPEG", ha="right", va="center")
        for x, after, (name, out) in zip((0, 6, 15, 21), (6, 15, 21, 28), STAGES):
            _box(axes, x, 0, name, INK)
            axes.text(x + 4.9, -1.05, out, ha="center", va="top", fontsize=8)
            _arrow(axes, (x + 4, 0), (after, 0))
        for place, name in enumerate(("gather\n4x4 cells to 1", "2 pairs of 3x3\na cell a block", "spread\n1 cell to 4x4")):
            _box(axes, 5.5 + 5 * place, 3.4, name, WIDE)
        for start in (9.5, 14.5):
            _arrow(axes, (start, 3.4), (start + 1, 3.4), WIDE)
        axes.plot([11, 11, 4.1, 4.1], [0, 1.8, 1.8, 3.4], color=WIDE)
        _arrow(axes, (4.1, 3.4), (5.5, 3.4), WIDE)
        axes.plot([19.5, 20.5, 20.5, 13.2, 13.2], [3.4, 3.4, 1.8, 1.8, 1.2], color=WIDE)
        _arrow(axes, (13.2, 1.2), (13.2, 0.1), WIDE)
        axes.text(20.9, 2.6, "the detour: a view of\nfive blocks and more", color=WIDE, va="center", fontsize=9)
        axes.text(29, 0, "+", ha="center", va="center", fontsize=14, bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": INK})
        _arrow(axes, (30, 0), (32, 0))
        axes.text(32.2, 0, "repaired", va="center")
        axes.plot([-1.2, -1.2, 29], [0, -2.6, -2.6], color=METHOD_COLOURS["JPEG"])
        _arrow(axes, (29, -2.6), (29, -0.9), METHOD_COLOURS["JPEG"])
        axes.text(12, -2.5, "the decoded pixels themselves", color=METHOD_COLOURS["JPEG"], ha="center", va="bottom", fontsize=9)
        axes.set(xlim=(-5, 36), ylim=(-3, 4.8))
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


def averaging(history, qualities=None):
    """Draw the gain of a training's last weights and of their running mean, one panel a quality.

    Parameters
    ----------
    history : list of dict
        From `training.train` with ``average``: each with step, gain and unaveraged.
    qualities : sequence of str, optional
        Of those in the history; all by default.
    """
    groups = {}
    for quality in qualities or history[0]["gain"]:
        lines = {"last weights": "unaveraged", "running mean": "gain"}
        points = {name: [(epoch["step"], epoch[key][quality]) for epoch in history] for name, key in lines.items()}
        groups[f"quality {quality}"] = points
    return panels(groups, "training steps", "gain over JPEG (dB)", {"last weights": "#999999", "running mean": WIDE}, height=300)


def worth(points, front):
    """Draw gain against cost, one dot a row; those that no other beats are joined, the others are grey.

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
        for name in places.keys() - set(front):  # below its dot
            side = "right" if places[name][0] == max(cost for cost, _ in places.values()) else "center"
            axes.annotate(name, places[name], xytext=(0, -7), textcoords="offset points", color="#777777", ha=side, va="top")
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


def panels(groups, xlabel, ylabel, colours=None, reference=None, height=390):
    """Draw curves in panels side by side, each on a scale of its own.

    Parameters
    ----------
    groups : dict of str to dict of str to sequence of (x, y)
        Title of the panel to its curves by name.
    colours : dict of str to colour, optional
        `COLOURS` are known by name.
    reference : str, optional
        What the dashed line at 0 is called; none is drawn without a name.

    Returns
    -------
    matplotlib.figure.Figure
        One legend if all panels show the same names, otherwise one below each.
    """
    colours = COLOURS | (colours or {})
    with plt.rc_context(LOOK):
        figure, row = plt.subplots(1, len(groups), figsize=(900 / DPI, height / DPI), layout="constrained", squeeze=False)
        for axes, (title, lines) in zip(row[0], groups.items()):
            if reference:
                axes.axhline(0, color=METHOD_COLOURS["JPEG"], linestyle="--", label=reference)
            for name, points in lines.items():
                axes.plot(*np.transpose(points), marker="o", markersize=3.5, color=colours.get(name), label=name)
            axes.set(title=title, xlabel=xlabel)
        row[0, 0].set_ylabel(ylabel)
        if len({tuple(lines) for lines in groups.values()}) == 1:
            figure.legend(*row[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
        else:
            for axes in row[0]:
                axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17))
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
    found, groups = [row for row in spread(rows) if row["method"] in methods], {}
    for title, low, high in (("up to quality 60", 0, 60), ("finer ones", 60, last)):
        for method in methods:
            points = [(row["quality"], row["mean"]) for row in found if row["method"] == method and low <= row["quality"] <= high]
            groups.setdefault(title, {}).update({method: points} if points else {})
    return panels(groups, "JPEG quality", "gain over JPEG (dB)", reference="JPEG")


def noticed(changes):
    """Picture which repaired pixels notice a planted one, and by how much: black where none, a bar on a logarithmic scale.

    Parameters
    ----------
    changes : dict of str to ndarray, shape (height, width)
        Title to absolute change in grey levels.
        Below 0.001 and not 0 they have the bar's last colour.
    """
    with plt.rc_context(LOOK):
        figure, row = plt.subplots(1, len(changes), figsize=(760 / DPI, 370 / DPI), layout="constrained", squeeze=False)
        colours = plt.get_cmap("plasma").with_extremes(bad="black")
        for axes, (title, change) in zip(row[0], changes.items()):
            shown = np.where(change > 0, np.maximum(change, 1e-3), np.nan)
            picture = axes.imshow(shown, norm=LogNorm(1e-3, 100), cmap=colours, interpolation="none")
            axes.set_title(title)
            bare(axes)
        figure.colorbar(picture, ax=row[0], label="change (grey levels)", shrink=0.9)
    return finished(figure)
