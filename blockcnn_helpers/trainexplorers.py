"""The sliders of lesson 04: a guess, drawn as it is made. The other explorers, and how they are built, are in `explorers`."""

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers import trainfigures
from blockcnn_helpers.figures import METHOD_COLOURS
from blockcnn_helpers.sketches import explorer, line_of, slider_of

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


STYLES = {"your guess": {"color": trainfigures.GUESS, "linestyle": ":", "marker": "D"}}
