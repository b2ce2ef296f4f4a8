"""The live monitor: it shows, it stops, and it says on paper what it is."""

import asyncio
import io
import os
import signal
import threading
import time

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import images, jpeg, models, monitor, patches, quiet, trainexplorers, trainfigures, training

keras = quiet.start_keras()
PLAN = {"steps": 6, "batch": 2, "per_epoch": 3}
LEVELS = {10: {"JPEG": 26.0, "Bilateral": 26.4}, 25: {"JPEG": 28.0, "Bilateral": 28.5}}


@pytest.fixture(scope="module")
def photo():
    return images.course_photos()["chelsea"][:64, :64]


@pytest.fixture(scope="module")
def material(photo):
    """Pairs, validation photos and a watched patch, all tiny."""
    pairs = patches.draw([images.course_photos()["chelsea"][:96, :96]], [10], 12, size=16)
    decoded = jpeg.compress(photo, 10)
    return {"data": pairs, "validation": {10: [(photo, decoded)]}, "watched": (photo[:32, :32], decoded[:32, :32])}


def tiny():
    keras.utils.set_random_seed(0)
    return models.build("blockcnn", channels=8, width=8)


@pytest.fixture
def screens(monkeypatch):
    """The screens that were shown."""
    shown = []
    monkeypatch.setattr(monitor, "display", shown.append)
    return shown


def test_it_trains_as_training_does(material, screens):
    watched, plain = tiny(), tiny()
    history, frames = asyncio.run(monitor.live(watched, **material, **PLAN))
    data, validation = material["data"], material["validation"]
    again = training.train(plain, data, validation=validation, **PLAN)
    assert [(row["step"], row["loss"], row["gain"]) for row in history] == [(row["step"], row["loss"], row["gain"]) for row in again]
    assert list(frames) == [0, 3, 6] and frames[6].shape == (32, 32, 3)
    (screen,) = screens
    assert "finished at step 6 of 6" in screen.text.value and screen.button.layout.display == "none"
    assert Image.open(io.BytesIO(screen.curves.value)).size == (900, 300)
    assert Image.open(io.BytesIO(screen.patch.value)).size == (3 * 128 + 2 * 8, 128)
    assert "stop button" in repr(screen)


class At(keras.callbacks.Callback):
    """Does something after a step, in another thread if asked."""

    def __init__(self, step, act):
        super().__init__()
        self.step, self.act, self.seen = step, act, 0

    def on_train_batch_begin(self, batch, logs=None):
        self.seen += 1
        if self.seen == self.step:
            self.act()


def pressed(screens):
    """Press the button as a click does: from a thread that is not the training's."""
    thread = threading.Thread(target=screens[-1].button.click)
    thread.start()
    thread.join()


def interrupted(screens):
    os.kill(os.getpid(), signal.SIGINT)
    while not screens[-1].stop.is_set():
        time.sleep(0.01)


@pytest.mark.parametrize("act", [pressed, interrupted])
def test_button_and_interrupt_stop_after_the_step_and_the_run_goes_on(act, material, screens, tmp_path, monkeypatch):
    path, watcher = tmp_path / "run.npz", monitor.Watcher
    monkeypatch.setattr(
        monitor, "Watcher", lambda *given: keras.callbacks.CallbackList([watcher(*given), At(2, lambda: act(screens))])
    )
    history, _ = asyncio.run(monitor.live(tiny(), **material, **PLAN, checkpoint=path))
    assert [(row["step"], row.get("partial")) for row in history] == [(2, True)]
    assert "stopped at step 2 of 6" in screens[-1].text.value and path.is_file()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    monkeypatch.setattr(monitor, "Watcher", watcher)
    resumed, _ = asyncio.run(monitor.live(tiny(), **material, **PLAN, checkpoint=path))
    steady, _ = asyncio.run(monitor.live(tiny(), **material, **PLAN))
    assert [row["step"] for row in resumed] == [row["step"] for row in steady] == [3, 6]
    assert np.allclose([row["loss"] for row in resumed], [row["loss"] for row in steady], rtol=0, atol=1e-3)


def test_errors_of_the_training_arrive(material, screens):
    with pytest.raises(ValueError, match="don't fill a batch"):
        asyncio.run(monitor.live(tiny(), **material, steps=2, batch=99))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("loss, said", [("l1", "loss 2.55 grey levels"), ("mse", "loss 650.25 squared grey levels")])
def test_the_loss_is_told_in_its_unit(loss, said, screens):
    screen = monitor.Screen()
    watcher = monitor.Watcher(screen, 9, loss)
    model = tiny()
    training.compile_model(model, 9)
    watcher.set_model(model)
    watcher.on_train_batch_end(0, {"loss": 0.01})
    assert said in screen.text.value and "step 0 of 9" in screen.text.value


def test_levels_are_those_of_jpeg_and_of_the_filter(photo):
    decoded = jpeg.compress(photo, 10)
    lines = monitor.levels({10: [(photo, decoded)]})[10]
    assert lines["JPEG"] == pytest.approx(10 * np.log10(255**2 / np.square(photo - decoded.astype(float)).mean()))
    assert lines["Bilateral"] > lines["JPEG"]


def test_guess_sliders_draw_and_tell_the_guess():
    box = trainexplorers.guess_sliders(700)
    assert trainexplorers.guessed(box) == [] and "no guess yet" in box.text.value
    before = box.drawing.value
    box.slider.value, box.last.value = 10, 80
    assert trainexplorers.guessed(box) == [(0, 0.0), (175, 0.1), (350, 0.0), (525, 0.0), (700, 0.8)]
    assert "+0.10, +0.00, +0.00, +0.80 dB" in box.text.value and box.drawing.value != before


def test_figures_say_what_they_were_handed():
    history = [{"step": step, "loss": 8.0 - step / 10, "gain": {"10": step / 100, "25": step / 50}} for step in (5, 10)]
    loss, low, high = trainfigures.progress(history, LEVELS, 20).axes
    assert list(loss.lines[0].get_ydata()) == [7.5, 7.0] and loss.get_xlim() == (0, 20)
    drawn = {line.get_label(): list(line.get_ydata()) for line in low.lines}
    assert drawn == {"JPEG": [26.0, 26.0], "Bilateral": [26.4, 26.4], "BlockCNN": [26.0, 26.05, 26.1]}
    assert high.get_title() == "PSNR at quality 25 (dB)"
    assert len(loss.lines) == 1
    loss, low, _ = trainfigures.progress(history, LEVELS, 20, guess=[(0, 0.0), (20, 0.8)], nothing=[8.0, 8.5]).axes
    assert list(loss.lines[1].get_ydata()) == [8.0, 8.5]
    assert list(low.lines[-1].get_ydata()) == [26.0, 26.8] and low.lines[-1].get_label() == "your guess"
    (axes,) = trainfigures.rates([(1e-4, 5.0, 5.0), (1e-3, 9.9, 10.0), (1e-2, 30.0, 6.0)], 3e-3, 1e-2).axes
    said = ["JPEG: doing nothing", "the profile's 0.003", "doubled at 0.0100"]
    assert axes.get_xscale() == "log" and [text.get_text().strip() for text in axes.texts] == said
    single, running = (line.get_ydata() for line in axes.lines[1:3])
    assert np.allclose(single, [1, 0.99, 5]) and np.allclose(running, (5 + 9.9 + 2.4 * 6) / 21), "running sums, not means of shares"
    (loss,) = trainfigures.losses({"l1": [[(0, 0.0), (5, 0.2)], [(0, 0.0), (5, 0.4)]]}).axes
    assert [line.get_label() for line in loss.lines][::3] == ["JPEG", "L1, mean of 2"]
    assert np.allclose(loss.lines[3].get_ydata(), [0, 0.3])
    assert len(trainfigures.valley((0.1, 1.1)).axes) == 2
    _, right = trainfigures.past(history).axes
    assert [line.get_label() for line in right.lines] == ["JPEG", "quality 10", "quality 25"]


YOURS = [(None, False), (lambda step: ..., False), (lambda step: 1 // 0, False), (lambda step: step / 10, True)]


@pytest.mark.parametrize("yours, drawn", YOURS)
def test_a_learners_schedule_is_drawn_if_it_is_one(yours, drawn):
    (axes,) = trainfigures.schedule([(0, 0.0), (5, 2e-3), (10, 0.0)], yours).axes
    assert axes.lines[0].get_xydata().tolist() == [[0, 0], [5, 2e-3], [10, 0]] and axes.get_ylim()[0] == 0
    assert [line.get_ydata().tolist() for line in axes.lines[1:]] == ([[0, 0.5, 1]] if drawn else [])


def test_thumbnails_are_the_middle_squares():
    wide = np.zeros((20, 60, 3), np.uint8)
    wide[:, 20:40] = 200
    (axes,) = trainfigures.thumbnails({"a_wide": wide}, side=10, columns=2).axes
    assert axes.get_title() == "a\nwide" and (np.asarray(axes.images[0].get_array()) == 200).all()


def test_the_valley_slider_walks():
    box = trainexplorers.valley_slider()
    before = box.drawing.value
    box.slider.value = 110
    assert box.drawing.value != before and "w: +1.00, -1.20, +1.44, -1.73" in box.text.value
    box.slider.value = 25
    assert "+0.50, +0.25, +0.12" in box.text.value and f"{0.5**20:.3g}" in box.text.value


def test_the_frame_slider_shows_what_was_repaired_then(photo):
    history = [{"step": 3, "gain": {"10": 0.12}}, {"step": 6, "gain": {"10": -0.3}}]
    frames = {0: photo, 3: photo, 6: photo // 2}
    box = trainexplorers.frame_slider(photo, frames, history)
    opened = lambda data: np.asarray(Image.open(io.BytesIO(data)))
    start = box.drawing.value
    assert (opened(box.viewer.files[2]) == 128).all() and "step 0" in box.text.value and box.slider.max == 2
    box.slider.value = 2
    assert (opened(box.viewer.files[1]) == frames[6]).all() and (opened(box.viewer.files[0]) == photo).all()
    assert (opened(box.viewer.files[2]) == trainfigures.changes(photo, photo // 2)).all()
    assert box.drawing.value != start and "step 6" in box.text.value and "quality 10: -0.30 dB" in box.text.value
