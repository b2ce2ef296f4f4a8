"""Figures of lessons 05 and 06: gains with their spread, by photo, by strength, where it errs, where the grid lies, what it costs."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from blockcnn_helpers import metrics
from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, bare, curves, cut, enlarge, finished, numbers
from blockcnn_helpers.restoration import blend
from blockcnn_helpers.tables import gains, seconds_per_megapixel, spread

BETTER, WORSE = "#0072b2", "#d55e00"
BALANCE = LinearSegmentedColormap.from_list("balance", [WORSE, "white", BETTER])


def gain_curves(rows, near=60):
    """Draw the mean gain over JPEG against quality, one curve a method, with the range from worst to best image around it.

    Parameters
    ----------
    rows : list of dict
        From `evaluation.evaluate`.
    near : int
        The left panel shows the qualities up to here, the right one all.

    Returns
    -------
    matplotlib.figure.Figure
    """
    found = gains(rows)
    methods = dict.fromkeys(method for _, method in found)
    with plt.rc_context(LOOK):
        figure, panels = plt.subplots(1, 2, figsize=(820 / DPI, 340 / DPI), layout="constrained")
        for axes, last in zip(panels, (near, 100)):
            for place, method in enumerate(methods):
                groups = sorted((q, list(group.values())) for (q, name), group in found.items() if name == method and q <= last)
                qualities, values = [q for q, _ in groups], [group for _, group in groups]
                if place == 0:
                    axes.plot(qualities, np.zeros(len(qualities)), color=METHOD_COLOURS["JPEG"], linestyle="--", label="JPEG")
                colour = METHOD_COLOURS.get(method)
                axes.plot(qualities, [np.mean(group) for group in values], marker="o", markersize=3.5, color=colour, label=method)
                low, high = [min(group) for group in values], [max(group) for group in values]
                axes.fill_between(qualities, low, high, color=colour, alpha=0.13, linewidth=0)
            axes.set(title=f"up to quality {near}" if last == near else "all", xlabel="JPEG quality", ylabel="gain over JPEG (dB)")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return finished(figure)


def photo_gains(rows, quality):
    """Draw each photo's gains as dots in a row, the photos sorted by what the last method gains.

    Parameters
    ----------
    rows : list of dict
        From `evaluation.evaluate`.
    quality : int
        One of their qualities.

    Returns
    -------
    matplotlib.figure.Figure
    """
    found = {method: group for (q, method), group in gains(rows).items() if q == quality}
    last = list(found.values())[-1]
    names = sorted(last, key=last.get)
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(720 / DPI, (60 + 17 * len(names)) / DPI), layout="constrained")
        axes.axvline(0, color=METHOD_COLOURS["JPEG"], linestyle="--", label="JPEG")
        for method, group in found.items():
            axes.scatter([group[name] for name in names], range(len(names)), color=METHOD_COLOURS.get(method), label=method, s=22, zorder=3)
        axes.set(yticks=range(len(names)), yticklabels=names, xlabel=f"gain over JPEG at quality {quality} (dB)")
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=5)
    return finished(figure)


def error_maps(original, decoded, repaired, crop, most=60, width=900):
    """Show the error before, the error after, and which pixels came closer to the original, for one crop.

    Parameters
    ----------
    original, decoded, repaired : ndarray, uint8, shape (height, width, 3)
    crop : (int, int, int)
        Row, column and size.
    most : int
        Error, in grey levels, that is drawn in full.

    Returns
    -------
    matplotlib.figure.Figure
        Errors are the mean over the colours of the absolute difference: white is none. In the last picture a pixel is blue where the
        repair took error away and orange where it added some.
    """
    before, after = (np.abs(cut(image, crop).astype(float) - cut(original, crop)).mean(axis=-1) for image in (decoded, repaired))
    shown = {
        f"error of the JPEG\nmean {before.mean():.1f} grey levels": (before, "gray_r", 0, most),
        f"error after the repair\nmean {after.mean():.1f} grey levels": (after, "gray_r", 0, most),
        f"closer (blue) or farther (orange)\n{np.mean(after < before):.0%} closer, {np.mean(after > before):.0%} farther": (
            before - after,
            BALANCE,
            -most / 2,
            most / 2,
        ),
    }
    times = max(1, (width // 3 - 8) // crop[2])
    side, gap, head = times * crop[2], 8, 44
    size = 3 * (side + gap) + gap, side + head + gap
    with plt.rc_context(LOOK):
        figure = plt.figure(figsize=(size[0] / DPI, size[1] / DPI))
        for place, (title, (plane, cmap, low, high)) in enumerate(shown.items()):
            axes = figure.add_axes([(gap + place * (side + gap)) / size[0], gap / size[1], side / size[0], side / size[1]])
            axes.imshow(enlarge(plane, times), cmap=cmap, vmin=low, vmax=high, interpolation="none")
            axes.set_title(title, pad=4)
            bare(axes)
    return finished(figure)


def shift_maps(maps, width=290):
    """Show gains by how many rows and columns were cut off, one 8x8 map a title, in percent of the gain with nothing cut off.

    Parameters
    ----------
    maps : dict of str to ndarray, shape (8, 8)
        As `trials.shift_gains` returns them, in dB.

    Returns
    -------
    matplotlib.figure.Figure
        Dark is 100 percent and more, white 60 and less.
    """
    with plt.rc_context(LOOK):
        figure, row = plt.subplots(1, len(maps), figsize=(len(maps) * width / DPI, (width + 50) / DPI), layout="constrained", squeeze=False)
        for axes, (title, values) in zip(row[0], maps.items()):
            percent = np.clip(100 * values / values[0, 0], -999, 999)
            numbers(axes, percent, title, "{:.0f}", cmap="Blues", low=60, high=110)
            axes.set(xticks=range(8), yticks=range(8), xlabel="columns cut off", ylabel="rows cut off")
            axes.tick_params(length=0, labelbottom=True, labelleft=True)
    return finished(figure)


def sorted_gains(named):
    """Draw gains as bars, the largest above: blue where the picture got better, orange where it got worse.

    Parameters
    ----------
    named : dict of str to float
        In dB.
    """
    names = sorted(named, key=named.get)
    values = [named[name] for name in names]
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(720 / DPI, (60 + 20 * len(names)) / DPI), layout="constrained")
        bars = axes.barh(names, values, color=[BETTER if value > 0 else WORSE for value in values], height=0.65)
        axes.bar_label(bars, [f"{value:+.2f}" for value in values], padding=4)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.margins(x=0.14)
        axes.set(xlabel="gain over JPEG (dB)")
        axes.grid(False, axis="y")
    return finished(figure)


def strength_sweep(cases, steps=10):
    """Draw the gain over JPEG against strength, one curve a picture: `evalexplorers.strength_slider` on paper.

    Parameters
    ----------
    cases : dict of str to (original, decoded, repaired)
        ndarrays of shape (height, width, 3), uint8; `repaired` at full strength, better float32 on [0, 1], as `restore` returns it if
        not `rounded`.
    steps : int
        Strengths 0, 1/steps ... 1.

    Returns
    -------
    matplotlib.figure.Figure
    """
    lines = {}
    for name, (original, decoded, repaired) in cases.items():
        nothing = metrics.psnr(original, decoded)
        strengths = [step / steps for step in range(steps + 1)]
        lines[name] = [(strength, metrics.psnr(original, blend(decoded, repaired, strength)) - nothing) for strength in strengths]
    figure = curves(lines, "strength", "gain over JPEG (dB)")
    figure.axes[0].axhline(0, color=METHOD_COLOURS["JPEG"], linestyle="--", zorder=0)
    return figure


def cost(rows, quality):
    """Draw the mean gain over JPEG against seconds per megapixel, one dot a method: up and to the left is better."""
    points = seconds_per_megapixel(rows)
    chosen = [(points[row["method"]], row["mean"], row["method"]) for row in spread(rows) if row["quality"] == quality]
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(560 / DPI, 300 / DPI), layout="constrained")
        for *place, method in chosen:
            axes.scatter(*place, color=METHOD_COLOURS.get(method), s=60, zorder=3)
            axes.annotate(method, place, xytext=(9, 0), textcoords="offset points", va="center")
        right, top = (max(column) for column in list(zip(*chosen))[:2])
        axes.set(xlabel="seconds per megapixel", ylabel=f"gain at quality {quality} (dB)", ylim=(0, 1.2 * top), xlim=(0, 1.3 * right))
    return finished(figure)
