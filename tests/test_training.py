"""Training: it learns, it stops and goes on, it says what is wrong."""

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import devices, experiments, images, jpeg, models, patches, quiet, training

keras = quiet.start_keras()
SETTINGS = {"steps": 12, "batch": 4, "rate": 2e-3, "per_epoch": 4}


@pytest.fixture(scope="module")
def pairs():
    """Smooth pictures that JPEG makes blocky: what a network learns first."""
    coarse = np.random.default_rng(4).integers(0, 256, (2, 7, 7, 3), np.uint8)
    smooth = [np.asarray(Image.fromarray(colours).resize((160, 160), Image.Resampling.BICUBIC)) for colours in coarse]
    return patches.draw(smooth, [10], 48, size=32, seed=1)


def fresh():
    keras.utils.set_random_seed(0)
    return models.build("blockcnn")


class Stop(Exception):
    """Stands for whatever ends a run."""


class StopAt(keras.callbacks.Callback):
    def __init__(self, epochs):
        super().__init__()
        self.epochs = epochs

    def on_train_begin(self, logs=None):
        self.epochs -= 1
        if self.epochs < 0:
            raise Stop


def test_the_loss_falls(pairs):
    keras.utils.set_random_seed(0)
    history = training.train(models.build("blockcnn", channels=24, width=24), pairs, steps=120, batch=8, rate=4e-3)
    losses = [row["loss"] for row in history]
    assert [row["step"] for row in history] == [6 * (k + 1) for k in range(20)]
    jpeg_alone = np.abs(pairs[0][:, 8:-8, 8:-8].astype(float) - pairs[1]).mean()
    assert losses[0] < 1.05 * jpeg_alone and losses[-1] < 0.99 * jpeg_alone


def test_a_stopped_run_goes_on_where_it_was(tmp_path, pairs):
    whole, cut = fresh(), fresh()
    steady = training.train(whole, pairs, **SETTINGS)
    with pytest.raises(Stop):
        training.train(cut, pairs, checkpoint=tmp_path / "run.npz", callbacks=[StopAt(2)], **SETTINGS)
    keras.utils.set_random_seed(99)
    other = models.build("blockcnn", zero_start=False)
    history = training.train(other, pairs, checkpoint=tmp_path / "run.npz", **SETTINGS)
    assert [row["step"] for row in history] == [4, 8, 12]
    assert np.allclose([row["loss"] for row in history], [row["loss"] for row in steady], atol=1e-3)
    for mine, theirs in zip(other.get_weights(), whole.get_weights(), strict=True):
        assert np.allclose(mine, theirs, atol=1e-4)
    assert [path.name for path in tmp_path.iterdir()] == ["run.npz"]


def stopping(model, step):
    """A callback that asks to stop after a step of the whole run."""

    def ask(batch, logs):
        model.stop_training = int(model.optimizer.iterations) == step

    return keras.callbacks.LambdaCallback(on_train_batch_end=ask)


@pytest.mark.parametrize("step, kept", [(6, [4, 6]), (8, [4, 8])])
def test_a_run_stopped_within_an_epoch_finishes_that_epoch_later(tmp_path, pairs, step, kept):
    steady, cut = training.train(fresh(), pairs, **SETTINGS), fresh()
    history = training.train(cut, pairs, checkpoint=tmp_path / "run.npz", callbacks=[stopping(cut, step)], **SETTINGS)
    assert [row["step"] for row in history] == kept and ("partial" in history[-1]) == (step == 6)
    resumed = training.train(fresh(), pairs, checkpoint=tmp_path / "run.npz", **SETTINGS)
    assert [row["step"] for row in resumed] == [4, 8, 12] and not any("partial" in row for row in resumed)
    assert np.allclose([row["loss"] for row in resumed], [row["loss"] for row in steady], rtol=0, atol=1e-3)


def test_callbacks_are_told_the_epoch_and_reports_come_after_it(pairs):
    epochs, reported = [], []
    tell = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: epochs.append(epoch))
    history = training.train(fresh(), pairs, callbacks=[tell], report=lambda rows: reported.append(len(rows)), **SETTINGS)
    assert epochs == [0, 1, 2] and reported == [1, 2, 3] and len(history) == 3


def test_the_squared_error_is_a_loss_to_choose(tmp_path, pairs):
    rng = np.random.default_rng(0)
    targets, said = rng.integers(0, 256, (2, 8, 8, 3), np.uint8), rng.random((2, 8, 8, 3), np.float32)
    assert float(training.mean_squared_error(targets, said)) == pytest.approx(np.square(targets / 255 - said).mean(), rel=1e-5)
    few = tuple(side[:4] for side in pairs)
    history = training.train(fresh(), few, steps=1, batch=4, loss="mse", checkpoint=tmp_path / "run.npz")
    nothing = np.square(few[0][:, 8:-8, 8:-8].astype(float) - few[1]).mean()
    assert history[0]["loss"] == pytest.approx(nothing, rel=1e-3), "in squared grey levels, before the first update"
    with pytest.raises(ValueError, match=r"another run .*loss mse there, l1 here"):
        training.train(fresh(), few, steps=1, batch=4, checkpoint=tmp_path / "run.npz")
    with pytest.raises(ValueError, match="l1, mse, rmse, got 'huber'"):
        training.train(fresh(), few, steps=1, batch=4, loss="huber")


def test_the_root_of_the_squared_error_is_taken_for_each_pair(pairs):
    rng = np.random.default_rng(0)
    targets, said = rng.integers(0, 256, (3, 8, 8, 3), np.uint8), rng.random((3, 8, 8, 3), np.float32)
    said[0], said[1] = targets[0] / 255, targets[1] / 255 + 0.01 * said[1]
    each = np.sqrt(np.square(targets / 255 - said).mean(axis=(1, 2, 3)) + training.FLOOR**2)
    assert float(training.root_mean_squared_error(targets, said)) == pytest.approx(each.mean(), rel=1e-5)
    few = tuple(side[:4] for side in pairs)
    history = training.train(fresh(), few, steps=1, batch=4, loss="rmse")
    nothing = np.square(few[0][:, 8:-8, 8:-8].astype(float) - few[1]).mean(axis=(1, 2, 3))
    assert history[0]["loss"] == pytest.approx(np.sqrt(nothing + 0.255**2).mean(), rel=1e-3), "in grey levels, before the first update"


def test_the_root_has_a_slope_where_nothing_is_wrong():
    """Photos that were never compressed begin at no error at all, where a bare root's slope is infinite."""
    model = fresh()
    targets = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    inputs = np.pad(targets, ((0, 0), (8, 8), (8, 8), (0, 0)), mode="edge")
    history = training.train(model, (inputs, targets), steps=3, batch=4, loss="rmse")
    assert history[0]["loss"] == pytest.approx(255 * training.FLOOR, rel=0.01)
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


def test_the_range_test_finds_the_rate_that_is_too_high(pairs):
    keras.utils.set_random_seed(0)
    found = experiments.rate_range(models.build("blockcnn", channels=16, width=16), pairs, low=1e-6, high=10, steps=24, batch=2)
    rates, losses, nothing = np.transpose(found)
    shares = losses / nothing
    assert np.allclose(np.diff(np.log(rates)), np.log(1e7) / 23)
    assert np.allclose(shares[:4], 1, atol=0.01), "at first it is the JPEG"
    assert shares[-1] > 2 or len(found) < 24


def test_doing_nothing_is_jpegs_own_loss(pairs):
    inputs, targets = pairs
    apart = np.abs(inputs[:, 8:-8, 8:-8].astype(float) - targets).mean()
    assert experiments.doing_nothing(lambda epoch: pairs, 2) == pytest.approx([apart, apart])


def test_speed_is_in_pairs_per_second(pairs):
    first, rate = experiments.speed(models.build("blockcnn", channels=8, width=8), pairs, batch=4, steps=2)
    assert first > 0 and 0.1 < rate < 1e6


def test_speed_refuses_a_batch_that_is_not_there(pairs):
    few = (pairs[0][:3], pairs[1][:3])
    with pytest.raises(ValueError, match="3 pairs don't fill a batch of 64: hand in at least 64"):
        experiments.speed(models.build("blockcnn", channels=8, width=8), few, batch=64)


class FakeGPUs:
    """Stands for TensorFlow's configuration on a machine with two GPUs."""

    def __init__(self):
        self.grown, self.experimental = [], self

    def list_physical_devices(self, kind):
        return ["first", "second"] if kind == "GPU" else []

    def set_memory_growth(self, gpu, grows):
        self.grown.append((gpu, grows))


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="TensorFlow's setting")
def test_every_gpu_grows_its_memory(monkeypatch):
    import tensorflow as tf

    fake = FakeGPUs()
    monkeypatch.setattr(tf, "config", fake)
    assert devices.grow_memory() == 2 and fake.grown == [("first", True), ("second", True)]
    monkeypatch.delenv("BLOCKCNN_PROFILE", raising=False)
    assert training.profile() == ("gpu", training.PROFILES["gpu"])


def test_checkpoints_of_other_runs_and_damaged_ones_are_refused(tmp_path, pairs):
    path = tmp_path / "run.npz"
    training.train(fresh(), pairs, checkpoint=path, steps=1, batch=4)
    with pytest.raises(ValueError, match=r"another run .*steps 1 there, 2 here"):
        training.train(fresh(), pairs, checkpoint=path, steps=2, batch=4)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(ValueError, match="damaged"):
        training.train(fresh(), pairs, checkpoint=path, steps=1, batch=4)


def test_too_few_pairs(pairs):
    with pytest.raises(ValueError, match="3 pairs don't fill a batch of 4"):
        training.train(fresh(), (pairs[0][:3], pairs[1][:3]), steps=1, batch=4)


def test_gain_is_zero_before_training():
    clean = images.course_photos()["chelsea"][:64, :64]
    pairs = [(clean, jpeg.compress(clean, 20))]
    assert training.gain(models.build("blockcnn"), pairs) == 0


def test_the_loss_is_the_mean_absolute_error_on_0_to_1():
    rng = np.random.default_rng(0)
    targets, said = rng.integers(0, 256, (2, 8, 8, 3), np.uint8), rng.random((2, 8, 8, 3), np.float32)
    want = np.abs(targets / 255 - said).mean()
    assert float(training.mean_absolute_error(targets, said)) == pytest.approx(want, rel=1e-5)


def test_the_rate_rises_then_falls_to_zero():
    model = fresh()
    training.compile_model(model, steps=200, rate=1e-3)
    rates = [float(model.optimizer._learning_rate(step)) for step in (0, 5, 10, 105, 200)]
    assert rates[:3] == pytest.approx([1e-5, 5.05e-4, 1e-3])
    assert rates[3] == pytest.approx(5e-4, rel=0.01) and rates[4] < 1e-8


@pytest.mark.parametrize("name", training.PROFILES)
def test_profiles(name, monkeypatch):
    monkeypatch.setenv("BLOCKCNN_PROFILE", name)
    assert training.profile() == (name, training.PROFILES[name])
    assert training.PROFILES[name]["size"] % patches.UNIT == 0


def test_unknown_profiles_are_named(monkeypatch):
    monkeypatch.setenv("BLOCKCNN_PROFILE", "turbo")
    with pytest.raises(ValueError, match="smoke, cpu, gpu, got 'turbo'; is BLOCKCNN_PROFILE set"):
        training.profile()
