"""The running mean of the weights: what it is, step by step, and that no stop, loan or backend loses it."""

import numpy as np
import pytest

from blockcnn_helpers import averaging, models, quiet, training

keras = quiet.start_keras()
SETTINGS = {"steps": 36, "batch": 2, "rate": 2e-2, "per_epoch": 12, "average": 0.98}


@pytest.fixture(scope="module")
def pairs():
    rng = np.random.default_rng(4)
    targets = rng.integers(0, 256, (24, 16, 16, 3), np.uint8)
    inputs = np.pad(targets // 2 + 60, ((0, 0), (8, 8), (8, 8), (0, 0)), mode="edge")
    return inputs, targets


def fresh(**options):
    keras.utils.set_random_seed(0)
    return models.build("blockcnn", channels=8, width=8, **options)


class Watch(keras.callbacks.Callback):
    """Writes down the weights after each step; stops after one of them, if asked to."""

    def __init__(self, stop=None):
        super().__init__()
        self.stop, self.seen = stop, []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(self.model.get_weights())
        if len(self.seen) == self.stop:
            self.model.stop_training = True


def by_hand(seen, share, every=10):
    """The mean as its docstring has it, of every step's weights."""
    mean = seen[min(len(seen), every - 1) - 1]
    for step in range(every, len(seen) + 1, every):
        look = step // every
        stays = min(share**every, look / (look + 10))
        mean = [stays * old + (1 - stays) * new for old, new in zip(mean, seen[step - 1], strict=True)]
    return mean


def alike(some, others, tolerance=1e-6):
    return all(np.allclose(a, b, rtol=0, atol=tolerance) for a, b in zip(some, others, strict=True))


@pytest.mark.parametrize("share", [0.98, 0.5])
def test_the_model_ends_with_the_mean_of_its_weights(pairs, share):
    model, watch = fresh(), Watch()
    training.train(model, pairs, callbacks=[watch], **SETTINGS | {"average": share})
    assert len(watch.seen) == 36
    assert alike(model.get_weights(), by_hand(watch.seen, share))
    assert not alike(model.get_weights(), watch.seen[-1], 1e-4), "the mean is to differ from the last weights"


@pytest.mark.parametrize("steps", [1, 7])
def test_a_run_too_short_for_a_mean_keeps_its_last_weights(pairs, steps):
    model, watch = fresh(), Watch()
    before = model.get_weights()
    training.train(model, pairs, callbacks=[watch], **SETTINGS | {"steps": steps})
    assert alike(model.get_weights(), watch.seen[-1]) and not alike(model.get_weights(), before)


def test_it_does_not_touch_the_training(pairs):
    plain, averaged = Watch(), Watch()
    training.train(fresh(), pairs, callbacks=[plain], **SETTINGS | {"average": None})
    training.train(fresh(), pairs, callbacks=[averaged], **SETTINGS)
    assert all(alike(a, b, 1e-4) for a, b in zip(plain.seen, averaged.seen, strict=True))


def test_on_loan_the_weights_come_back_whatever_happens():
    model = fresh()
    mean = averaging.RunningMean(model, 0.9)
    theirs = [weight + 1 for weight in model.get_weights()]
    for variable, weight in zip(mean.means, theirs, strict=True):
        variable.assign(weight)
    before = model.get_weights()
    with mean.in_place():
        assert alike(model.get_weights(), theirs)
    assert alike(model.get_weights(), before, 0)
    with pytest.raises(RuntimeError, match="no photos"), mean.in_place():
        raise RuntimeError("no photos")
    assert alike(model.get_weights(), before, 0)
    mean.keep()
    assert alike(model.get_weights(), theirs)


@pytest.fixture(scope="module")
def steady(pairs):
    """A model whose run was never stopped."""
    model = fresh()
    training.train(model, pairs, **SETTINGS)
    return model


@pytest.mark.parametrize("stop", [5, 12, 17])
def test_a_stopped_run_goes_on_to_the_same_mean(tmp_path, pairs, steady, stop):
    """Within an epoch, before the first look and after it, and between two epochs."""
    cut = fresh()
    training.train(cut, pairs, checkpoint=tmp_path / "run.npz", callbacks=[Watch(stop)], **SETTINGS)
    other = fresh(zero_start=False)
    history = training.train(other, pairs, checkpoint=tmp_path / "run.npz", **SETTINGS)
    assert [row["step"] for row in history] == [12, 24, 36]
    assert alike(other.get_weights(), steady.get_weights(), 1e-4)


def test_a_mean_is_part_of_what_a_checkpoint_belongs_to(tmp_path, pairs):
    training.train(fresh(), pairs, checkpoint=tmp_path / "run.npz", **SETTINGS | {"steps": 2})
    with pytest.raises(ValueError, match=r"another run .*average 0.98 there, 0.9 here"):
        training.train(fresh(), pairs, checkpoint=tmp_path / "run.npz", **SETTINGS | {"steps": 2, "average": 0.9})


def test_validation_is_of_the_mean_and_says_what_the_last_weights_give(pairs):
    model, watch = fresh(), Watch()
    clean = pairs[1][0]
    photos = {20: [(clean, pairs[0][0][8:-8, 8:-8])]}
    history = training.train(model, pairs, callbacks=[watch], validation=photos, **SETTINGS)
    assert history[-1]["gain"]["20"] == pytest.approx(training.gain(model, photos[20]), abs=1e-3)
    model.set_weights(watch.seen[-1])
    assert history[-1]["unaveraged"]["20"] == pytest.approx(training.gain(model, photos[20]), abs=1e-3)
    assert history[-1]["gain"] != history[-1]["unaveraged"]


@pytest.mark.parametrize("share", [0, 1, -0.5, 1.5, float("nan")])
def test_impossible_shares_are_refused(share):
    with pytest.raises(ValueError, match=f"between 0 and 1, got {share}"):
        averaging.RunningMean(fresh(), share)
