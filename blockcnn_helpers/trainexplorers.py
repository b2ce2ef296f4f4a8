"""The sliders of lesson 04: how far to step, a guess drawn as it is made, a patch getting better.

The other explorers, and how they are built, are in `explorers`.
"""

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers import trainfigures
from blockcnn_helpers.figures import METHOD_COLOURS
from blockcnn_helpers.sketches import explorer, line_of, png, slider_of
from blockcnn_helpers.viewer import Viewer

QUARTERS = 4
LEAST, MOST = -50, 250  # hundredths of a decibel


def guess_sliders(steps):
    """Guess how many dB a network will gain over JPEG after each quarter of its training.

    Parameters
    ----------
    steps : int
        Of the whole training.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` and ``.second``, ``.third``, ``.last`` (hundredths of a dB), ``.text``, ``.drawing`` (an SVG); see `guessed`.
    """
    at = [round(steps * quarter / QUARTERS) for quarter in range(1, QUARTERS + 1)]
    sliders = [slider_of(f"step {step}", LEAST, MOST, 0) for step in at]
    text, drawing = widgets.HTML(), widgets.HTML()

    def show(_):
        values = [slider.value / 100 for slider in sliders]
        drawing.value = _curve([0.0, *values], at)
        said = ", ".join(f"{value:+.2f}" for value in values)
        text.value = line_of(f"your guess: {said} dB" if any(values) else "no guess yet: the sliders stand at 0 dB")

    parts = dict(zip(("slider", "second", "third", "last"), sliders)) | {"text": text, "drawing": drawing}
    box = explorer([*sliders, text, drawing], show, **parts)
    box.steps = at
    return box


def guessed(box):
    """Return the guess made with `guess_sliders` as [(step, dB), ...] from step 0 on; an empty list if no slider was moved."""
    values = np.array([slider.value / 100 for slider in (box.slider, box.second, box.third, box.last)])
    return [(0, 0.0), *zip(box.steps, values.tolist())] if values.any() else []


def valley_slider(rate=3):
    """Set the learning rate of one weight w, whose loss is w squared; see its first ten steps from w = 1.

    Parameters
    ----------
    rate : int
        Where the slider stands at first, in hundredths, 1...120.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (hundredths), ``.text``, ``.drawing`` (an SVG).

    Examples
    --------
    >>> box = valley_slider()
    >>> box.slider.value = 50
    >>> "rate 0.50" in box.text.value
    True
    """
    slider, text, drawing = slider_of("Rate / 100", 1, 120, rate), widgets.HTML(), widgets.HTML()

    def show(_):
        w = trainfigures.walk(slider.value / 100)
        drawing.value = _valley(w)
        first = ", ".join(f"{place:+.2f}" for place in w[1:4])
        text.value = line_of(f"rate {slider.value / 100:.2f}", f"w: +1.00, {first} ...", f"loss after {len(w) - 1} steps {w[-1] ** 2:.3g}")

    return explorer([slider, text, drawing], show, slider=slider, text=text, drawing=drawing)


def frame_slider(clean, frames, history):
    """Go through a training epoch by epoch; see one patch as it was repaired then, and what the network had changed in it.

    Parameters
    ----------
    clean : ndarray, uint8, shape (height, width, 3)
        The patch as it was before JPEG.
    frames : dict of int to ndarray, uint8, shape (height, width, 3)
        Step to the repaired patch; at step 0 the JPEG: see `monitor.live`.
    history : list of dict
        As `training.train` returns it, with gains.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (the number of a frame), ``.text``, ``.drawing`` (an SVG of the gain so far), ``.viewer`` (original, repaired, change:
        ``.viewer.files``).

    Examples
    --------
    >>> grey = np.full((16, 16, 3), 90, np.uint8)
    >>> box = frame_slider(grey, {0: grey, 25: grey + np.uint8(2)}, [{"step": 25, "gain": {"10": 0.5}}])
    >>> box.slider.value = 1
    >>> "step 25" in box.text.value, "changed by 2.00" in box.text.value
    (True, True)
    """
    steps, gains = sorted(frames), {row["step"]: row["gain"] for row in history}
    slider, text, drawing = slider_of("Epoch", 0, len(steps) - 1, 0), widgets.HTML(), widgets.HTML()
    told = ["the patch before JPEG", "the patch repaired after this epoch", "what the network changed in it, 8 times as strong, on grey"]
    viewer = Viewer(["original", "repaired", f"change x {trainfigures.TIMES}"], clean, descriptions=told, wide=256)
    viewer.show(0, png(clean))

    def show(_):
        step = steps[slider.value]
        viewer.show(1, png(frames[step]))
        viewer.show(2, png(trainfigures.changes(frames[0], frames[step])))
        drawing.value = _climb(history, step)
        known = [f"quality {quality}: {gain:+.2f} dB" for quality, gain in gains.get(step, {}).items()]
        moved = np.abs(frames[step].astype(np.int16) - frames[0]).mean()
        text.value = line_of(f"step {step}", *known, f"the patch was changed by {moved:.2f} grey levels on average")

    return explorer([slider, text, drawing, viewer], show, slider=slider, text=text, drawing=drawing, viewer=viewer)



def _climb(history, step):
    """Draw the gain at the first quality over the steps as SVG, with a dot at `step`."""
    points = [(0, 0.0), *((row["step"], next(iter(row["gain"].values()))) for row in history)]
    gains = [gain for _, gain in points]
    low, high = min(gains), max(*gains, min(gains) + 0.01)
    place = lambda at, gain: (40 + 480 * at / points[-1][0], 66 - 56 * (gain - low) / (high - low))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
    x, y = place(step, dict(points).get(step, 0.0))
    return (
        f'<svg width="560" height="76" role="img" aria-label="the gain over the steps, a dot at step {step}"><polyline points="{line}" '
        f'fill="none" stroke="#888" stroke-width="2"/><circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{trainfigures.OURS}"/></svg>'
    )


def _valley(w):
    """Draw a walk in the valley of w squared as SVG."""
    across, down = (lambda value: 280 + 110 * value), (lambda value: 195 - 36 * value)
    inside = [(place, place**2) for place in w if abs(place) < 2.4]
    line = lambda points: " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in points)
    ground = [(x, x * x) for x in np.linspace(-2.3, 2.3, 47)]
    dots = "".join(f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="4" fill="{trainfigures.OURS}"/>' for x, y in inside)
    return (
        f'<svg width="560" height="210" role="img" aria-label="ten steps in a valley"><polyline points="{line(ground)}" fill="none" '
        f'stroke="#888" stroke-width="2"/><polyline points="{line(inside)}" fill="none" stroke="{trainfigures.OURS}"/>{dots}</svg>'
    )


def _curve(values, at):
    """Draw gains after each quarter as SVG, quicker than a slider moves."""
    place = lambda value: 200 * (MOST / 100 + 0.1 - value) / ((MOST - LEAST) / 100 + 0.2)
    across = [60 + 115 * quarter for quarter in range(QUARTERS + 1)]
    marks = "".join(
        f'<line x1="60" x2="520" y1="{place(level):.1f}" y2="{place(level):.1f}" stroke="{colour}" stroke-dasharray="{dashes}"/>'
        f'<text x="52" y="{place(level) + 4:.1f}" text-anchor="end" font-size="11" fill="{colour}">{name}</text>'
        for level, name, colour, dashes in (
            (-0.5, "-0.5 dB", "#888", "1 4"),
            (0, "JPEG", METHOD_COLOURS["JPEG"], "6 4"),
            (0.5, "+0.5 dB", "#888", "1 4"),
            (1, "+1.0 dB", "#888", "1 4"),
            (1.5, "+1.5 dB", "#888", "1 4"),
            (2, "+2.0 dB", "#888", "1 4"),
            (2.5, "+2.5 dB", "#888", "1 4"),
        )
    )
    steps = "".join(
        f'<text x="{x}" y="218" text-anchor="middle" font-size="11" fill="currentColor">{step}</text>' for x, step in zip(across, [0, *at])
    )
    line = " ".join(f"{x},{place(value):.1f}" for x, value in zip(across, values))
    guess = f'<polyline points="{line}" fill="none" stroke="{trainfigures.GUESS}" stroke-width="3"/>'
    return f'<svg width="560" height="226" role="img" aria-label="the gain you expect, over training steps">{marks}{steps}{guess}</svg>'
