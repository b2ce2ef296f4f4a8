"""Muon: what it does to a kernel, against the decomposition it avoids; that it learns, and goes on from a checkpoint."""

import numpy as np
import pytest

from blockcnn_helpers import quiet

keras = quiet.start_keras()
from blockcnn_helpers import models, optimisers, training  # noqa: E402


def one_step(gradient, rate=0.1):
    layer = keras.layers.Conv2D(gradient.shape[-1], gradient.shape[:2], use_bias=False, name="look")
    layer.build((None, 8, 8, gradient.shape[2]))
    before = np.array(layer.kernel)
    optimiser = optimisers.muon(rate)
    optimiser.apply([keras.ops.convert_to_tensor(gradient)], [layer.kernel])
    return before - np.array(layer.kernel)


def test_a_step_is_the_gradient_with_its_singular_values_alike():
    gradient = np.random.default_rng(0).normal(0, 1, (3, 3, 8, 16)).astype("float32")
    gradient[..., :8] *= 0.05  # half of the channels get hardly any gradient
    step = one_step(gradient).reshape(72, 16)
    values = np.linalg.svd(step, compute_uv=False)
    assert values.max() / values.min() < 2.5  # five Newton-Schulz iterations bring them to 0.7...1.2
    u, _, v = np.linalg.svd(gradient.reshape(72, 16), full_matrices=False)
    exact = u @ v
    assert (step * exact).sum() / np.linalg.norm(step) / np.linalg.norm(exact) > 0.97


def test_the_step_does_not_depend_on_the_size_of_the_gradient():
    gradient = np.random.default_rng(0).normal(0, 1, (3, 3, 8, 16)).astype("float32")
    assert np.allclose(one_step(gradient), one_step(1000 * gradient), rtol=1e-3, atol=1e-5)


def test_ends_and_biases_are_left_to_adam():
    model = models.build("wide", channels=8, width=8, blocks=8)
    optimiser = optimisers.muon(1e-3)
    optimiser.build(model.trainable_variables)
    by_adam = {v.path for v, velocity in zip(model.trainable_variables, optimiser.adam_velocities, strict=True) if velocity is not None}
    kernels = {v.path for v in model.trainable_variables if v.path.endswith("kernel")}
    assert {path.split("/")[-2] for path in by_adam & kernels} == {"fold", "unfold"}
    assert {v.path for v in model.trainable_variables} - kernels <= by_adam


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    clean = np.kron(rng.integers(0, 256, (16, 4, 4, 3)), np.ones((1, 12, 12, 1))).astype(np.uint8)
    noisy = (clean[:, :32, :32].astype(int) + rng.integers(0, 31, (16, 32, 32, 3))).clip(0, 255).astype(np.uint8)
    return noisy, clean[:, 8:24, 8:24]


def test_it_learns(pairs):
    keras.utils.set_random_seed(0)
    model = models.build("wide", channels=8, width=8, blocks=8)
    history = training.train(model, pairs, steps=40, batch=8, rate=3e-3, per_epoch=2, optimiser="muon")
    assert history[-1]["loss"] < 0.9 * history[0]["loss"]


def test_a_stopped_run_goes_on_as_if_nothing_had_been(pairs, tmp_path):
    def run(checkpoint, callbacks=()):
        keras.utils.set_random_seed(0)
        model = models.build("wide", channels=8, width=8, blocks=8)
        settings = {"steps": 8, "batch": 8, "rate": 3e-3, "per_epoch": 2, "optimiser": "muon"}
        return training.train(model, pairs, checkpoint=checkpoint, callbacks=callbacks, **settings)

    class Stop(keras.callbacks.Callback):
        steps = 0

        def on_train_batch_end(self, batch, logs=None):
            self.steps += 1
            self.model.stop_training = self.steps >= 4

    whole = run(None)
    run(tmp_path / "half.npz", [Stop()])
    resumed = run(tmp_path / "half.npz")
    assert resumed[-1]["step"] == 8
    assert resumed[-1]["loss"] == pytest.approx(whole[-1]["loss"], abs=1e-3)


def test_other_optimisers_are_named():
    with pytest.raises(ValueError, match="one of adam, muon, got 'sgd'"):
        training.compile_model(models.build("wide", channels=8, width=8, blocks=8), 10, optimiser="sgd")
