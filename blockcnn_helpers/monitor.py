"""Watch a training while it runs, and stop it without losing what it has learnt."""

import asyncio
import contextlib
import signal
import threading
import time

import ipywidgets as widgets
import keras
import numpy as np
from IPython.display import display

from blockcnn_helpers import metrics, restoration, trainfigures, training
from blockcnn_helpers.evaluation import METHODS
from blockcnn_helpers.figures import enlarge
from blockcnn_helpers.labels import named
from blockcnn_helpers.sketches import image_of, line_of, png

PAUSE = 0.5  # seconds between two lines of text
SIMPLE = ("JPEG", "Bilateral")  # the levels to beat


class Screen(widgets.VBox):
    """A stop button, a line of text, the curves and one patch; on paper (a stored notebook, a test) it says what it is."""

    def __init__(self):
        self.button = widgets.Button(description="Stop, keep the weights", layout=widgets.Layout(width="220px"))
        self.text, self.curves, self.patch = widgets.HTML(line_of("starting")), image_of("png"), image_of("png")
        self.stop = threading.Event()
        self.button.on_click(lambda _: self.ask())
        super().__init__([self.button, self.text, self.curves, self.patch])
        named(self)

    def ask(self):
        """Ask the run to stop after the step at hand."""
        self.stop.set()
        self.button.disabled, self.button.description = True, "stopping"

    def __repr__(self):
        return "Live monitor with a stop button: run the cell to watch; a still picture of the same follows."


async def live(model, data, steps, watched, validation, guess=(), **settings):
    """Train a model as `training.train` does, watched: curves, one patch getting better, and a button that stops it.

    Parameters
    ----------
    model, data, steps, validation, settings
        As for `training.train`.
    watched : (clean, decoded)
        A small image before and after JPEG, uint8, shape (height, width, 3), to be repaired after each epoch.
    guess : sequence of (int, float), optional
        What somebody expects, drawn on the curves: see `trainexplorers.guessed`.

    Returns
    -------
    history : list of dict
        As `training.train` returns it.
    frames : dict of int to ndarray, uint8
        Step to the watched image as it was repaired then; step 0 is the JPEG.

    Notes
    -----
    To be awaited. The training has a thread of its own, so that the kernel is free to hear the button (ipykernel 7.4 attends to widgets
    while a cell awaits; older ones do so when the cell has ended). The run ends after the step at hand, with its checkpoint written,
    when the button is pressed or, whatever the kernel, when it is interrupted (■).
    """
    screen, (clean, decoded), lines = Screen(), watched, levels(validation)
    frames = {0: decoded}

    def report(history):
        frames[history[-1]["step"]] = restoration.restore(decoded, model)
        screen.curves.value = trainfigures.as_png(trainfigures.progress(history, lines, steps, guess))
        screen.patch.value = png(beside([clean, decoded, frames[history[-1]["step"]]]))

    display(screen)
    settings |= {"validation": validation, "callbacks": [Watcher(screen, steps, settings.get("loss", "l1"))], "report": report}
    with interruptible(screen):
        run = asyncio.ensure_future(asyncio.to_thread(training.train, model, data, steps, **settings))
        while not run.done():
            await asyncio.wait([run], timeout=PAUSE)  # an interrupt is heard when Python's main thread wakes up
    history = run.result()
    done = history[-1]["step"]
    screen.button.layout.display = "none"
    screen.text.value = line_of(f"{'finished' if done == steps else 'stopped'} at step {done} of {steps}", "the weights are kept")
    return history, frames


def levels(validation):
    """Return what is to be beaten on validation photos: {quality: {"JPEG": dB, "Bilateral": dB}}, means of PSNR."""
    psnr = {
        (quality, name): np.mean([metrics.psnr(clean, METHODS[name](decoded)) for clean, decoded in pairs])
        for quality, pairs in validation.items()
        for name in SIMPLE
    }
    return {quality: {name: float(psnr[quality, name]) for name in SIMPLE} for quality in validation}


def beside(images, times=4, gap=8):
    """Put images of one size side by side, each pixel enlarged, `gap` white pixels apart."""
    white = np.full((images[0].shape[0] * times, gap, 3), 255, np.uint8)
    return np.concatenate([part for image in images for part in (white, enlarge(image, times))][1:], axis=1)


@contextlib.contextmanager
def interruptible(screen):
    """While this lasts, an interrupt asks the run to stop, as the button does."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread is ever interrupted
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: screen.ask())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.default_int_handler)


class Watcher(keras.callbacks.Callback):
    """Tells a screen how far the training is, and the training when it is to stop."""

    def __init__(self, screen, steps, loss="l1"):
        super().__init__()
        self.screen, self.steps, self.shown = screen, steps, 0.0
        self.scale, self.unit = training.LOSSES[loss][1], "squared grey levels" if loss == "mse" else "grey levels"

    def on_train_batch_end(self, batch, logs=None):
        if self.screen.stop.is_set():
            self.model.stop_training = True
        if time.monotonic() - self.shown > PAUSE:
            self.shown = time.monotonic()
            step = int(self.model.optimizer.iterations)
            loss = f"loss {self.scale * logs['loss']:.2f} {self.unit} in this epoch"
            self.screen.text.value = line_of(f"step {step} of {self.steps}", loss)
