"""Figures of lesson 04: loss and gain while a network learns, the rate to learn at, a guess beside what was measured."""

import io

import matplotlib.pyplot as plt
import numpy as np

from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, finished

OURS = METHOD_COLOURS["BlockCNN"]
QUALITY_COLOURS = {"10": "#0072b2", "25": "#009e73", "40": "#cc79a7"}
GUESS = "#cc79a7"


def progress(history, levels, steps):
    """Draw how a training goes: the loss, and for each quality the PSNR beside what is to be beaten.

    Parameters
    ----------
    history : list of dict
        As `training.train` returns it, with gains.
    levels : dict of int to dict
        Quality to {"JPEG": dB, "Bilateral": dB}.
    steps : int
        Of the whole run: the width of the plots.

    Returns
    -------
    matplotlib.figure.Figure
    """
    done = [row["step"] for row in history]
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(1, 1 + len(levels), figsize=(900 / DPI, 300 / DPI), layout="constrained")
        all_axes[0].plot(done, [row["loss"] for row in history], color=INK, marker="o", markersize=2.5)
        all_axes[0].set(title="loss (grey levels)")
        for axes, (quality, lines) in zip(all_axes[1:], levels.items()):
            psnr = [lines["JPEG"] + row["gain"][str(quality)] for row in history]
            for name, level in lines.items():
                axes.axhline(level, color=METHOD_COLOURS[name], linestyle="--", label=name)
            axes.plot([0, *done], [lines["JPEG"], *psnr], color=OURS, marker="o", markersize=2.5, label="BlockCNN")
            reach = max([*psnr, *lines.values()]) - lines["JPEG"]
            axes.set(title=f"PSNR at quality {quality} (dB)", ylim=(min([*psnr, lines["JPEG"] - 0.2 * reach]), lines["JPEG"] + 1.2 * reach))
        for axes in all_axes:
            axes.set(xlabel="training steps", xlim=(0, steps))
        figure.legend(handles=all_axes[-1].get_legend_handles_labels()[0], loc="outside lower center", ncols=3)
    return finished(figure)


def as_png(figure):
    """Return a figure as the bytes of a PNG file."""
    file = io.BytesIO()
    with plt.rc_context(LOOK):
        figure.savefig(file, format="png", dpi=DPI)
    return file.getvalue()


def rates(found, chosen):
    """Draw the loss met at each learning rate, and the rate a profile takes.

    Parameters
    ----------
    found : list of (float, float)
        As `experiments.rate_range` returns it.
    chosen : float

    Returns
    -------
    matplotlib.figure.Figure
    """
    rate, loss = np.transpose(found)
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(760 / DPI, 330 / DPI), layout="constrained")
        axes.axhline(1, color=METHOD_COLOURS["JPEG"], linestyle="--")
        axes.annotate("JPEG: doing nothing", (rate[0], 1), xytext=(0, -13), textcoords="offset points", color=METHOD_COLOURS["JPEG"])
        axes.plot(rate, loss, color=OURS, alpha=0.35, linewidth=1)
        axes.plot(rate, smooth(loss), color=OURS)
        axes.axvline(chosen, color=GUESS, linestyle=":")
        low = min(1, smooth(loss).min())
        below = (chosen, low - 0.25 * (1.1 - low))
        axes.annotate(f"the profile's {chosen:g}", below, xytext=(5, 0), textcoords="offset points", color=GUESS)
        axes.set(xscale="log", ylim=(low - 0.3 * (1.1 - low), 1.1), xlabel="learning rate", ylabel="loss, as a share of JPEG's")
    return finished(figure)


def schedule(points):
    """Draw a learning rate over the steps of a training.

    Parameters
    ----------
    points : sequence of (step, rate)

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(640 / DPI, 300 / DPI), layout="constrained")
        axes.plot(*np.transpose(points), color=OURS)
        axes.set(xlabel="training steps", ylabel="learning rate", ylim=(0, None))
    return finished(figure)


def smooth(values, reach=3):
    """Return running means over 2 reach + 1 values, over fewer at the ends.

    Examples
    --------
    >>> smooth([0, 3, 6, 9], reach=1)
    array([1.5, 3. , 6. , 7.5])
    """
    values = np.asarray(values, float)
    return np.array([values[max(0, k - reach) : k + reach + 1].mean() for k in range(len(values))])


def gains(lines, levels=(), xlabel="training steps", styles=None, title=""):
    """Draw gains over JPEG: `lines` holds (step, dB) by name, `levels` names horizontal lines with their dB.

    Parameters
    ----------
    lines : dict of str to sequence of (step, dB)
    levels : dict of str to float, optional
        Names of METHOD_COLOURS, such as the bilateral filter's gain. JPEG's line, at 0, is always there.
    styles : dict of str to dict, optional
        What matplotlib is to be told of a line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(760 / DPI, 330 / DPI), layout="constrained")
        for name, level in ({"JPEG": 0.0} | dict(levels)).items():
            axes.axhline(level, color=METHOD_COLOURS[name], linestyle="--", label=name)
        for name, points in lines.items():
            axes.plot(*np.transpose(points), **({"marker": "o", "markersize": 3.5, "label": name} | (styles or {}).get(name, {})))
        axes.set(xlabel=xlabel, ylabel="gain over JPEG (dB)", title=title)
        figure.legend(loc="outside right center")
    return finished(figure)


def past(history):
    """Draw a long training's history: its loss, and its gain at each quality, over the minutes it took.

    Parameters
    ----------
    history : list of dict
        As `training.train` returns it, with gains.

    Returns
    -------
    matplotlib.figure.Figure
    """
    steps = [row["step"] for row in history]
    with plt.rc_context(LOOK):
        figure, (left, right) = plt.subplots(1, 2, figsize=(900 / DPI, 310 / DPI), layout="constrained")
        left.plot(steps, [row["loss"] for row in history], color=INK, marker="o", markersize=3.5)
        left.set(title="loss (grey levels)", xlabel="training steps")
        right.axhline(0, color=METHOD_COLOURS["JPEG"], linestyle="--")
        for quality in history[0]["gain"]:
            colour = QUALITY_COLOURS.get(quality)
            values = [row["gain"][quality] for row in history]
            right.plot(steps, values, color=colour, marker="o", markersize=3.5, label=f"quality {quality}")
        right.set(title="gain over JPEG (dB)", xlabel="training steps")
        right.legend(loc="lower right")
    return finished(figure)
