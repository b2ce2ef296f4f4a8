"""Train a network on pairs: the loss, the schedule, checkpoints that a run goes on from."""

import contextlib
import io
import json
import time
import zipfile
from pathlib import Path

import keras
import numpy as np
from keras import ops

from blockcnn_helpers import feeding, metrics, restoration
from blockcnn_helpers.averaging import RunningMean
from blockcnn_helpers.devices import PROFILES, gpus, grow_memory, profile
from blockcnn_helpers.files import new_file
from blockcnn_helpers.optimisers import muon

__all__ = [
    "LOSSES",
    "PROFILES",
    "compile_model",
    "gain",
    "gpus",
    "grow_memory",
    "mean_absolute_error",
    "mean_squared_error",
    "profile",
    "progress",
    "restore_checkpoint",
    "root_mean_squared_error",
    "save_checkpoint",
    "train",
    "with_xla",
]


def mean_absolute_error(targets, repaired):
    """Return the mean absolute difference between targets, 0...255, and the network's output, on [0, 1]: the loss, on [0, 1].

    It pulls less at the few large errors that no network can mend than the squared error does.
    """
    return ops.mean(ops.abs(ops.cast(targets, "float32") / 255 - repaired))


def mean_squared_error(targets, repaired):
    """Return the mean squared difference, as `mean_absolute_error` returns the absolute one: PSNR's own measure, on [0, 1]."""
    return ops.mean(ops.square(ops.cast(targets, "float32") / 255 - repaired))


def root_mean_squared_error(targets, repaired):
    """Return the root of each pair's mean squared difference, averaged over the pairs, on [0, 1].

    Within a pair it is the squared error, PSNR's own measure. Between pairs it is fair: in a batch of many JPEG qualities, the squared
    error would hear the coarse ones only.
    """
    squares = ops.square(ops.cast(targets, "float32") / 255 - repaired)
    return ops.mean(ops.sqrt(ops.mean(squares, axis=(1, 2, 3)) + FLOOR**2))


FLOOR = 1e-3  # a quarter of a grey level: a root has no slope at zero, where a photo that was never compressed would be
LOSSES = {  # and what turns them into grey levels (squared)
    "l1": (mean_absolute_error, 255),
    "mse": (mean_squared_error, 255**2),
    "rmse": (root_mean_squared_error, 255),
}


OPTIMISERS = {"adam": lambda schedule: keras.optimizers.Adam(schedule, clipnorm=1.0), "muon": muon}


def compile_model(model, steps, rate=2e-3, xla=False, loss=mean_absolute_error, optimiser="adam"):
    """Prepare a model for `steps` updates: a short warm-up, then a cosine down to zero; by Adam, gradients clipped at norm 1, or by Muon.

    Notes
    -----
    rate(t) = rate (1 + 99 t / w) / 100 for the first w steps: from a hundredth of the rate up to it. Then
    rate (1 + cos(pi (t - w) / (steps - w))) / 2. w = steps / 20, at most 200.
    """
    if optimiser not in OPTIMISERS:
        raise ValueError(f"an optimiser is one of {', '.join(OPTIMISERS)}, got {optimiser!r}")
    warmup = max(1, min(200, steps // 20))
    schedule = keras.optimizers.schedules.CosineDecay(rate / 100, max(1, steps - warmup), warmup_target=rate, warmup_steps=warmup)
    model.compile(OPTIMISERS[optimiser](schedule), loss, **with_xla(xla))


def with_xla(xla):
    """Return what a model's `compile` is to be told of XLA; JAX always uses it."""
    return {"jit_compile": xla} if keras.backend.backend() == "tensorflow" else {}


def train(
    model,
    data,
    steps,
    batch,
    rate=2e-3,
    xla=False,
    loss="l1",
    optimiser="adam",
    average=None,
    per_epoch=None,
    seed=0,
    checkpoint=None,
    validation=None,
    callbacks=(),
    report=None,
):
    """Train a model on pairs.

    Parameters
    ----------
    model : keras.Model
    data : (inputs, targets), or callable
        uint8 pairs as `patches.pairs` returns them, or a function that returns the pairs of epoch 0, 1, ... afresh.
    steps : int
        Parameter updates in all.
    batch : int
        Pairs per update.
    rate, xla
        See `compile_model`.
    loss : {"l1", "mse", "rmse"}
        Mean absolute error, mean squared error, or the root of each pair's own mean squared error.
    optimiser : {"adam", "muon"}
        Muon (`optimisers`) needs about half the steps; its rate is of the same size.
    average : float, optional
        Keep a running mean of the weights, in which yesterday's counts `average` (0.999, say) at each step; it is what is validated, and
        what the model has at the end.
    per_epoch : int, optional
        Updates per epoch: as many as the pairs are enough for, by default.
    seed : int
        Of the order of the pairs.
    checkpoint : path-like, optional
        An ``.npz`` file to be written after each epoch. If it is there already, the run goes on from it.
    validation : mapping from quality to sequence of (clean, decoded) images, optional
        Photos to measure the gain over JPEG on after each epoch.
    callbacks : sequence of keras.callbacks.Callback
        One that sets ``model.stop_training`` ends the run after the step at hand; the checkpoint is written, and the same call
        finishes the epoch later.
    report : callable, optional
        Called with the history so far after each epoch.

    Returns
    -------
    list of dict
        For each epoch: step, loss (the epoch's mean, in grey levels, squared ones for "mse"), seconds (since the start, pauses left
        out), and with `validation` gain: {quality: dB}, with `average` that of the mean weights, and unaveraged that of the last
        ones. An epoch that was stopped on its way says so: partial: True.

    Raises
    ------
    ValueError
        If there are fewer pairs than a batch, or the checkpoint belongs to another run.
    """
    if loss not in LOSSES:
        raise ValueError(f"a loss is one of {', '.join(LOSSES)}, got {loss!r}")
    function, scale = LOSSES[loss]
    draw = data if callable(data) else lambda epoch: data
    plan = {"model": model.name, "weights": model.count_params(), "steps": steps, "batch": batch, "rate": rate, "seed": seed, "loss": loss}
    plan |= {"optimiser": optimiser} if optimiser != "adam" else {}
    plan |= {"average": average} if average else {}
    compile_model(model, steps, rate, xla, function, optimiser)
    model.optimizer.build(model.trainable_variables)
    mean = RunningMean(model, average) if average else None
    history = restore_checkpoint(model, checkpoint, plan, mean) if checkpoint and Path(checkpoint).is_file() else []
    before = history[-1]["seconds"] if history else 0.0
    partial = history.pop() if history and history[-1].get("partial") else None
    start = time.perf_counter()
    while (first := history[-1]["step"] if history else 0) < steps:
        inputs, targets = draw(len(history))
        if len(inputs) < batch:
            raise ValueError(f"{len(inputs)} pairs don't fill a batch of {batch}: use more or larger photos, or a smaller batch")
        count = min(per_epoch or steps, len(inputs) // batch, steps - first)
        skip = partial["step"] - first if partial else 0
        order = np.random.default_rng((seed, len(history))).permutation(len(inputs))[skip * batch : count * batch]
        counter, epochs = _Counter(), {"initial_epoch": len(history), "epochs": len(history) + 1}
        settings = epochs | {"shuffle": False, "verbose": 0, "callbacks": [counter, *([mean] if mean else []), *callbacks]}
        fitted = model.fit(**_batches(inputs[order], targets[order], batch), **settings)
        error = scale * float(fitted.history["loss"][-1])
        if partial:
            error = (skip * partial["loss"] + counter.steps * error) / (skip + counter.steps)
        row, partial = {"step": first + skip + counter.steps, "loss": round(error, 4)}, None
        if validation:
            row["gain"] = _gains(model, validation)
            if mean:
                row["unaveraged"] = row["gain"]
                with mean.in_place():
                    row["gain"] = _gains(model, validation)
        row["seconds"] = round(before + time.perf_counter() - start, 1)
        history.append(row if row["step"] == first + count else row | {"partial": True})
        if checkpoint:
            save_checkpoint(model, checkpoint, plan, history, mean)
        if report:
            report(history)
        if model.stop_training:
            break
    if mean:
        mean.keep()
    return history


def _batches(inputs, targets, batch):
    """Return what `fit` is to be given: pairs in this order, for TensorFlow as a pipeline that doesn't make it wait."""
    if keras.backend.backend() != "tensorflow":
        return {"x": inputs, "y": targets, "batch_size": batch}
    import tensorflow as tf

    return {"x": feeding.without_tuner(tf.data.Dataset.from_tensor_slices((inputs, targets)).batch(batch)).prefetch(2)}


class _Counter(keras.callbacks.Callback):
    """Counts the steps that were done."""

    steps = 0

    def on_train_batch_end(self, batch, logs=None):
        self.steps += 1


@contextlib.contextmanager
def progress(steps):
    """Yield a Keras callback that shows a bar of `steps` on the terminal, with the loss in grey levels; silent elsewhere."""
    from tqdm import tqdm

    with tqdm(total=steps, disable=None, unit="step", leave=False, mininterval=0.5) as bar:

        class Bar(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                bar.update()
                bar.set_postfix(loss=f"{255 * logs['loss']:.2f}", refresh=False)

        yield Bar()


def _gains(model, validation):
    return {str(quality): round(gain(model, pairs, quality), 3) for quality, pairs in validation.items()}


def gain(model, pairs, quality=None):
    """Return by how many dB a model raises PSNR over JPEG: the mean over (clean, decoded) images of one quality, which it may be told."""
    repaired = [restoration.restore(decoded, model, quality=quality) for _, decoded in pairs]
    rises = [metrics.psnr(clean, image) - metrics.psnr(clean, decoded) for (clean, decoded), image in zip(pairs, repaired, strict=True)]
    return float(np.mean(rises))


def save_checkpoint(model, path, plan, history, mean=None):
    """Write weights, the optimiser's state, what run they belong to and its history to one ``.npz`` file, whole or not at all."""
    arrays = {f"variable_{k}": np.asarray(ops.convert_to_numpy(variable)) for k, variable in enumerate(_state(model, mean))}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, plan=json.dumps(plan), history=json.dumps(history), **arrays)
    with new_file(path, force=True) as file:
        file.write(buffer.getvalue())


def restore_checkpoint(model, path, plan, mean=None):
    """Give a compiled model the state in a checkpoint; return its history. Nothing in the file is executed.

    Raises
    ------
    ValueError
        If the file is damaged, or belongs to a run with other settings: the message says which.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            saved, history = {"loss": "l1"} | json.loads(str(file["plan"])), json.loads(str(file["history"]))
            arrays = [file[f"variable_{k}"] for k in range(len(file.files) - 2)]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"the checkpoint {path} is damaged ({error}); start afresh without it") from error
    other = [f"{key} {saved.get(key)} there, {value} here" for key, value in plan.items() if saved.get(key) != value]
    state = _state(model, mean)
    if other or [array.shape for array in arrays] != [tuple(variable.shape) for variable in state]:
        raise ValueError(f"the checkpoint {path} belongs to another run ({'; '.join(other) or 'other layers'}); choose another file")
    for variable, array in zip(state, arrays, strict=True):
        variable.assign(array)
    return history


def _state(model, mean):
    return [*model.variables, *model.optimizer.variables, *(mean.variables if mean else ())]
