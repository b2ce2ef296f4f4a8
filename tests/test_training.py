"""Training: it learns, it stops and goes on, it says what is wrong."""

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import images, jpeg, models, patches, quiet, training

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
    rates = [float(model.optimizer._learning_rate(step)) for step in (0, 10, 105, 200)]
    assert rates[1] == pytest.approx(1e-3) and rates[2] == pytest.approx(5e-4, rel=0.01)
    assert rates[0] < 2e-5 and rates[3] < 1e-8


@pytest.mark.parametrize("name", training.PROFILES)
def test_profiles(name, monkeypatch):
    monkeypatch.setenv("BLOCKCNN_PROFILE", name)
    assert training.profile() == (name, training.PROFILES[name])
    assert training.PROFILES[name]["size"] % patches.UNIT == 0


def test_unknown_profiles_are_named(monkeypatch):
    monkeypatch.setenv("BLOCKCNN_PROFILE", "turbo")
    with pytest.raises(ValueError, match="smoke, cpu, gpu, got 'turbo'; is BLOCKCNN_PROFILE set"):
        training.profile()
