"""Figures of lessons 05 and 06: gains with their spread, by photo, by strength, by way to measure; where it errs; what it costs."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from blockcnn_helpers import metrics
from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, PALE, bare, curves, cut, enlarge, finished, numbers
from blockcnn_helpers.restoration import blend
from blockcnn_helpers.tables import gains, seconds_per_megapixel, spread

BETTER, WORSE = "#0072b2", "#d55e00"
BALANCE = LinearSegmentedColormap.from_list("balance", [WORSE, "white", BETTER])


def gain_curves(rows, near=60, trained=None):
    """Draw the mean gain over JPEG against quality, one curve a method, with the range from worst to best image around it.

    Parameters
    ----------
    rows : list of dict
        From `evaluation.evaluate`.
    near : int
        The left panel shows the qualities up to here, the right one those from here on, methods side by side with their ranges as bars.
    trained : (int, int), optional
        Qualities that a network was trained on, shaded.

    Returns
    -------
    matplotlib.figure.Figure
    """
    found = gains(rows)
    methods = dict.fromkeys(method for _, method in found)
    nothing = METHOD_COLOURS["JPEG"]
    with plt.rc_context(LOOK):
        figure, (left, right) = plt.subplots(1, 2, figsize=(860 / DPI, 370 / DPI), layout="constrained")
        if trained:
            left.axvspan(*trained, color=PALE, alpha=0.5, linewidth=0, label="trained on")
        for axes, title in ((left, f"up to quality {near}"), (right, f"from quality {near} on (note the scale)")):
            axes.axhline(0, color=nothing, linestyle="--", label="JPEG")
            axes.set(title=title, xlabel="JPEG quality", ylabel="gain over JPEG (dB)")
        for place, method in enumerate(methods):
            groups = sorted((q, list(group.values())) for (q, name), group in found.items() if name == method)
            colour, aside = METHOD_COLOURS.get(method), 1.2 * (place - (len(methods) - 1) / 2)
            for axes, part in ((left, [one for one in groups if one[0] <= near]), (right, [one for one in groups if one[0] >= near])):
                at = np.array([q for q, _ in part]) + (aside if axes is right else 0)
                low, mean, high = (np.array([function(group) for _, group in part]) for function in (min, np.mean, max))
                dashed = ":" if axes is right else "-"
                axes.plot(at, mean, dashed, marker="o", markersize=4.5, color=colour, label=method)
                if axes is left:
                    axes.fill_between(at, low, high, color=colour, alpha=0.13, linewidth=0)
                else:
                    axes.vlines(at, low, high, color=colour, linewidth=3.5, alpha=0.4)
        right.set_xticks(sorted({q for q, _ in found if q >= near}))
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=6)
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


def error_maps(original, decoded, repaired, crop, most=60, width=1000):
    """Show the error before, the error after, and which pixels came closer to the original, for one crop.

    Parameters
    ----------
    original, decoded, repaired : ndarray, uint8, shape (height, width, 3)
    crop : (int, int, int)
        Row, column and size.
    most : int
        Error, in grey levels, that is drawn in black; a quarter of it, taken away or added, in full colour.

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
            -most / 4,
            most / 4,
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


def position_maps(before, after, width=270):
    """Show mean squared error by place in the block before and after a repair on one scale, and the share that was taken away.

    Parameters
    ----------
    before, after : ndarray, shape (8, 8)
        As `metrics.position_error` returns them, in squared grey levels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    scale = {"cmap": "Oranges", "low": 0.8 * min(before.min(), after.min()), "high": 1.15 * max(before.max(), after.max())}
    with plt.rc_context(LOOK):
        figure, panels = plt.subplots(1, 3, figsize=(3 * width / DPI, (width + 30) / DPI), layout="constrained")
        for axes, title, errors in zip(panels, ("JPEG", "after the repair"), (before, after)):
            numbers(axes, errors, title, **scale)
        numbers(panels[2], 100 * (before - after) / before, "taken away, in percent", cmap="Blues", low=0, high=60)
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


def sorted_gains(named, levels=None):
    """Draw gains as bars, the largest above: blue where the picture got better, orange where it got worse.

    Parameters
    ----------
    named : dict of str to float
        In dB.
    levels : dict of str to float, optional
        PSNR before the repair in dB, written beside the names.
    """
    names = sorted(named, key=named.get)
    values = [named[name] for name in names]
    words = names if levels is None else [f"{name}, JPEG {levels[name]:.0f} dB" for name in names]
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(720 / DPI, (60 + 20 * len(names)) / DPI), layout="constrained")
        bars = axes.barh(words, values, color=[BETTER if value > 0 else WORSE for value in values], height=0.65)
        axes.bar_label(bars, [f"{value:+.2f}" for value in values], padding=4)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.margins(x=0.14)
        axes.set(xlabel="gain over JPEG (dB)")
        axes.grid(False, axis="y")
    return finished(figure)


def two_levels(told, name="BlockCNN"):
    """Draw what several ways to measure say of the same pictures: a dot for JPEG, one for the repair, and the gain in words.

    Parameters
    ----------
    told : dict of str to (float, float)
        Way to measure to PSNR before and after the repair, in dB; the first is drawn at the top.
    name : str
        What made the repair.

    Returns
    -------
    matplotlib.figure.Figure
    """
    places = np.arange(len(told))[::-1]
    before, after = np.array(list(told.values())).T
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(760 / DPI, (80 + 26 * len(told)) / DPI), layout="constrained")
        axes.hlines(places, before, after, color=PALE, linewidth=4, zorder=1)
        axes.scatter(before, places, color=METHOD_COLOURS["JPEG"], label="JPEG", s=34, zorder=3)
        axes.scatter(after, places, color=METHOD_COLOURS.get(name), label=name, s=34, zorder=3)
        for place, low, high in zip(places, before, after):
            axes.annotate(f"{high - low:+.2f}", (high, place), xytext=(8, 0), textcoords="offset points", va="center")
        axes.set(yticks=places, yticklabels=list(told), xlabel="PSNR (dB)")
        axes.margins(x=0.1)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
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
        for *place, method in [(0, 0, "JPEG"), *chosen]:
            axes.scatter(*place, color=METHOD_COLOURS.get(method), s=60, zorder=3, clip_on=False)
            axes.annotate(method, place, xytext=(9, 6), textcoords="offset points", va="center")
        right, top = (max(column) for column in list(zip(*chosen))[:2])
        axes.set(xlabel="seconds per megapixel", ylabel=f"gain at quality {quality} (dB)", ylim=(0, 1.2 * top), xlim=(0, 1.3 * right))
    return finished(figure)
