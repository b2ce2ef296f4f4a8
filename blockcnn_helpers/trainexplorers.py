"""The sliders of lesson 04: a guess, drawn as it is made. The other explorers, and how they are built, are in `explorers`."""

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers import trainfigures
from blockcnn_helpers.sketches import explorer, image_of, line_of, slider_of

QUARTERS = 4
MOST = 150  # hundredths of a decibel


def guess_sliders(steps):
    """Guess how many dB a network will gain over JPEG after each quarter of its training.

    Parameters
    ----------
    steps : int
        Of the whole training.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` and ``.second``, ``.third``, ``.last`` (hundredths of a dB), ``.text``, ``.picture`` (a PNG); see `guessed`.
    """
    at = [round(steps * quarter / QUARTERS) for quarter in range(1, QUARTERS + 1)]
    sliders = [slider_of(f"step {step}", -50, MOST, 0) for step in at]
    text, picture = widgets.HTML(), image_of("png")

    def show(_):
        values = [slider.value / 100 for slider in sliders]
        points = [(0, 0.0), *zip(at, values)]
        picture.value = trainfigures.as_png(trainfigures.gains({"your guess": points}, styles=STYLES))
        said = ", ".join(f"{value:+.2f}" for value in values)
        text.value = line_of(f"your guess: {said} dB" if any(values) else "no guess yet: the sliders stand at 0 dB")

    parts = dict(zip(("slider", "second", "third", "last"), sliders)) | {"text": text, "picture": picture}
    box = explorer([*sliders, text, picture], show, **parts)
    box.steps = at
    return box


def guessed(box):
    """Return the guess made with `guess_sliders` as [(step, dB), ...] from step 0 on; an empty list if no slider was moved."""
    values = np.array([slider.value / 100 for slider in (box.slider, box.second, box.third, box.last)])
    return [(0, 0.0), *zip(box.steps, values.tolist())] if values.any() else []


STYLES = {"your guess": {"color": trainfigures.GUESS, "linestyle": ":", "marker": "D"}}
