"""Figures of lesson 04: what is learnt from, the rate to learn at, loss and gain while a network learns beside what somebody guessed."""

import io

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from blockcnn_helpers.answers import ask_number
from blockcnn_helpers.figures import DPI, INK, LOOK, METHOD_COLOURS, finished, pictures

OURS = METHOD_COLOURS["BlockCNN"]
QUALITY_COLOURS = {"10": "#0072b2", "25": "#009e73", "40": "#cc79a7"}
LOSS_COLOURS = {"l1": "#0072b2", "mse": "#009e73", "rmse": "#cc79a7"}
GUESS = "#cc79a7"
TOP = 2.4  # times JPEG's loss: there the plot of the rates ends
TIMES = 8  # how much stronger a change is shown


def thumbnails(images, side=84, columns=8):
    """Show pictures of any sizes small: the square in the middle of each, `side` pixels across.

    Parameters
    ----------
    images : dict of str to ndarray, uint8, shape (height, width, 3)
    side, columns : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    small = {}
    for name, image in images.items():
        least = min(image.shape[:2])
        top, left = ((length - least) // 2 for length in image.shape[:2])
        square = Image.fromarray(image[top : top + least, left : left + least])
        small[name.replace("_", "\n", 1)] = np.asarray(square.resize((side, side), Image.Resampling.BOX))
    return pictures(small, columns, columns * (side + 8))


def changes(decoded, repaired):
    """Picture what a repair changes, 8 times as strong: grey where nothing, brighter where it added, darker where it took away.

    Parameters
    ----------
    decoded, repaired : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)

    Examples
    --------
    >>> changes(np.array([[[9, 9, 9]]], np.uint8), np.array([[[10, 9, 5]]], np.uint8)).tolist()
    [[[136, 128, 96]]]
    """
    return np.clip(128 + TIMES * (repaired.astype(np.int16) - decoded), 0, 255).astype(np.uint8)


def progress(history, levels, steps, guess=(), nothing=()):
    """Draw how a training goes: the loss, and for each quality the PSNR beside what is to be beaten.

    Parameters
    ----------
    history : list of dict
        As `training.train` returns it, with gains.
    levels : dict of int to dict
        Quality to {"JPEG": dB, "Bilateral": dB}.
    steps : int
        Of the whole run: the width of the plots.
    guess : sequence of (int, float), optional
        Step and gain over JPEG in dB that somebody expects at the first quality.
    nothing : sequence of float, optional
        For each row of the history JPEG's own loss on that epoch's pairs, in grey levels: see `experiments.doing_nothing`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    done = [row["step"] for row in history]
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(1, 1 + len(levels), figsize=(900 / DPI, 300 / DPI), layout="constrained")
        all_axes[0].plot(done, [row["loss"] for row in history], color=INK, marker="o", markersize=2.5)
        if len(nothing):
            all_axes[0].plot(done, nothing, color=METHOD_COLOURS["JPEG"], linestyle="--", marker="o", markersize=2.5)
        all_axes[0].set(title="loss (grey levels)")
        for axes, (quality, lines) in zip(all_axes[1:], levels.items()):
            psnr = [lines["JPEG"] + row["gain"][str(quality)] for row in history]
            for name, level in lines.items():
                axes.axhline(level, color=METHOD_COLOURS[name], linestyle="--", label=name)
            axes.plot([0, *done], [lines["JPEG"], *psnr], color=OURS, marker="o", markersize=2.5, label="BlockCNN")
            reach = max([*psnr, *lines.values()]) - lines["JPEG"]
            if len(guess) and quality == next(iter(levels)):
                at, expected = np.transpose(guess)
                axes.plot(at, lines["JPEG"] + expected, color=GUESS, linestyle=":", marker="D", markersize=3.5, label="your guess")
                reach = max(reach, *expected)
            axes.set(title=f"PSNR at quality {quality} (dB)", ylim=(min([*psnr, lines["JPEG"] - 0.2 * reach]), lines["JPEG"] + 1.2 * reach))
        for axes in all_axes:
            axes.set(xlabel="training steps", xlim=(0, steps))
        figure.legend(handles=all_axes[1].get_legend_handles_labels()[0], loc="outside lower center", ncols=4)
    return finished(figure)


def as_png(figure):
    """Return a figure as the bytes of a PNG file."""
    file = io.BytesIO()
    with plt.rc_context(LOOK):
        figure.savefig(file, format="png", dpi=DPI)
    return file.getvalue()


def rates(found, chosen, limit):
    """Draw the loss met at each learning rate, the rate a profile takes, and the one at which the loss has doubled.

    Parameters
    ----------
    found : list of (float, float, float)
        Rate, loss and JPEG's loss, as `experiments.rate_range` returns them.
    chosen, limit : float

    Returns
    -------
    matplotlib.figure.Figure
    """
    rate, loss, nothing = np.transpose(found)
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(760 / DPI, 330 / DPI), layout="constrained")
        axes.axhline(1, color=METHOD_COLOURS["JPEG"], linestyle="--")
        axes.annotate("JPEG: doing nothing", (rate[0], 1), xytext=(0, -15), textcoords="offset points", color=METHOD_COLOURS["JPEG"])
        axes.plot(rate, loss / nothing, color=OURS, alpha=0.55, linewidth=1)
        together = smooth(np.minimum(loss, TOP * nothing)) / smooth(nothing)  # else one explosion lifts all its neighbours
        axes.plot(rate, np.where(together < TOP, together, np.nan), color=OURS)
        for at, said, colour, height, side in (
            (chosen, f"the profile's {chosen:g} ", GUESS, 2.15, "right"),
            (limit, f" doubled at {limit:.4f}", INK, 1.2, "left"),
        ):
            axes.axvline(at, color=colour, linestyle=":")
            axes.annotate(said, (at, height), color=colour, ha=side)
        axes.set(xscale="log", ylim=(0.75, TOP), xlabel="learning rate", ylabel="loss, as a share of JPEG's")
    return finished(figure)


def walk(rate, steps=10, start=1.0):
    """Walk down the valley of w squared, whose slope at w is 2 w: return w before the first step and after each.

    Examples
    --------
    >>> walk(0.25, steps=3).tolist()
    [1.0, 0.5, 0.25, 0.125]
    """
    return start * (1 - 2 * rate) ** np.arange(steps + 1)


def valley(rates=(0.03, 0.3, 0.9, 1.1), steps=10):
    """Draw walks down the valley of w squared at several learning rates: `trainexplorers.valley_slider` on paper.

    Parameters
    ----------
    rates : sequence of float
    steps : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    ground = np.linspace(-2.2, 2.2, 89)
    with plt.rc_context(LOOK):
        figure, all_axes = plt.subplots(1, len(rates), figsize=(900 / DPI, 250 / DPI), layout="constrained", sharey=True)
        for axes, rate in zip(all_axes, rates):
            w = walk(rate, steps)
            axes.plot(ground, ground**2, color=INK, linewidth=1)
            axes.plot(w, w**2, color=OURS, marker="o", markersize=3.5, linewidth=1)
            axes.set(title=f"rate {rate:g}", xlim=(-2.2, 2.2), ylim=(-0.3, 5), xlabel="w")
        all_axes[0].set_ylabel("loss, w squared")
    return finished(figure)


def schedule(points, yours=None):
    """Draw a learning rate over the steps of a training.

    Parameters
    ----------
    points : sequence of (step, rate)
    yours : callable, optional
        A learner's: takes a step, returns a rate. It is left out unless it returns a number at each step.

    Returns
    -------
    matplotlib.figure.Figure
    """
    steps, rate = np.transpose(points)
    guess = [ask_number(yours, step)[0] for step in steps] if yours else [None]
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(640 / DPI, 300 / DPI), layout="constrained")
        axes.plot(steps, rate, color=OURS, label="the course's")
        if None not in guess:
            axes.plot(steps, guess, color=GUESS, linestyle=":", marker="D", markersize=3.5, label="yours")
            axes.legend()
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


def losses(runs):
    """Draw the gain of short runs with several losses: each run thin, the mean of a loss's runs thick.

    Parameters
    ----------
    runs : dict of str to list of sequences of (step, dB)
        A name of LOSS_COLOURS to its runs, one for each seed, measured at the same steps.

    Returns
    -------
    matplotlib.figure.Figure
    """
    with plt.rc_context(LOOK):
        figure, axes = plt.subplots(figsize=(760 / DPI, 330 / DPI), layout="constrained")
        axes.axhline(0, color=METHOD_COLOURS["JPEG"], linestyle="--", label="JPEG")
        for name, curves in runs.items():
            colour = LOSS_COLOURS[name]
            for points in curves:
                axes.plot(*np.transpose(points), color=colour, linewidth=0.9, alpha=0.6)
            steps, gains = np.mean(curves, axis=0).T
            axes.plot(steps, gains, color=colour, linewidth=2.5, label=f"{name.upper()}, mean of {len(curves)}")
        axes.set(xlabel="training steps", ylabel="gain over JPEG (dB)")
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
        right.axhline(0, color=METHOD_COLOURS["JPEG"], linestyle="--", label="JPEG")
        for quality in history[0]["gain"]:
            colour = QUALITY_COLOURS.get(quality)
            values = [row["gain"][quality] for row in history]
            right.plot(steps, values, color=colour, marker="o", markersize=3.5, label=f"quality {quality}")
        right.set(title="gain over JPEG (dB)", xlabel="training steps")
        right.legend(loc="lower right")
    return finished(figure)
