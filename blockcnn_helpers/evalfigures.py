"""Figures of lesson 05: gains with their spread, photo by photo, where it errs, where the grid lies, what it costs."""

import matplotlib.pyplot as plt
import numpy as np

from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, bare, curves, cut, enlarge, finished, numbers
from blockcnn_helpers.tables import gains, spread

BETTER, WORSE = "#0072b2", "#d55e00"


def gain_curves(rows, ylim=None):
    """Draw the mean gain over JPEG against quality, one curve a method, with the range from worst to best image around it.

    Parameters
    ----------
    rows : list of dict
        From `evaluation.evaluate`.
    ylim : (float, float), optional
        What to show, in dB.

    Returns
    -------
    matplotlib.figure.Figure
    """
    found = gains(rows)
    methods = dict.fromkeys(method for _, method in found)
    lines = {m: sorted((q, np.mean(list(group.values()))) for (q, name), group in found.items() if name == m) for m in methods}
    nothing = {"JPEG": [(quality, 0.0) for quality, _ in next(iter(lines.values()))]}
    figure = curves(nothing | lines, "JPEG quality", "gain over JPEG (dB)", labels=False)
    axes = figure.axes[0]
    for method in methods:
        bands = sorted((q, min(group.values()), max(group.values())) for (q, name), group in found.items() if name == method)
        axes.fill_between(*np.transpose(bands), color=METHOD_COLOURS.get(method), alpha=0.13, linewidth=0)
    axes.set(ylim=ylim)
    return figure


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
            "PuOr",
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


def cost(rows, quality):
    """Draw the mean gain over JPEG against seconds per megapixel, one dot a method: up and to the left is better."""
    points = seconds_per_megapixel(rows)
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(560 / DPI, 300 / DPI), layout="constrained")
        for row in spread(rows):
            if row["quality"] == quality:
                place = points[row["method"]], row["mean"]
                axes.scatter(*place, color=METHOD_COLOURS.get(row["method"]), s=60, zorder=3)
                axes.annotate(row["method"], place, xytext=(9, 0), textcoords="offset points", va="center")
        axes.set(xlabel="seconds per megapixel", ylabel=f"gain at quality {quality} (dB)", ylim=(0, None), xlim=(0, None))
        axes.margins(x=0.2)
    return finished(figure)


def seconds_per_megapixel(rows):
    """Return {method: seconds per million pixels}, over all rows of a method together."""
    sums = {}
    for row in rows:
        seconds, pixels = sums.get(row["method"], (0, 0))
        sums[row["method"]] = seconds + row["seconds"], pixels + row["pixels"]
    return {method: 1e6 * seconds / pixels for method, (seconds, pixels) in sums.items()}
