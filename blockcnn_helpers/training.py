"""Train a network on pairs: profiles for the machine at hand, the loss, the schedule, checkpoints that a run goes on from."""

import contextlib
import io
import json
import os
import time
import zipfile
from pathlib import Path

import keras
import numpy as np
from keras import ops

from blockcnn_helpers import metrics, restoration
from blockcnn_helpers.files import new_file

PROFILES = {
    "smoke": {"steps": 24, "batch": 8, "size": 32, "rate": 2e-3, "precision": "float32", "xla": False},
    "cpu": {"steps": 700, "batch": 8, "size": 64, "rate": 3e-3, "precision": "float32", "xla": False},
    "gpu": {"steps": 12000, "batch": 64, "size": 64, "rate": 1e-3, "precision": "mixed_float16", "xla": True},
}


def profile(name=None):
    """Return the name and the settings of a training profile.

    Parameters
    ----------
    name : {"smoke", "cpu", "gpu"}, optional
        By default what the environment variable BLOCKCNN_PROFILE says, else "gpu" if Keras sees a GPU, else "cpu".

    Returns
    -------
    name : str
    settings : dict
        steps (parameter updates), batch (pairs per step), size (side of a target, pixels), rate (highest learning rate), precision
        (Keras' dtype policy), xla (compile the step with XLA; on a CPU it measured slower).

    Examples
    --------
    >>> name, settings = profile("smoke")
    >>> settings["steps"] * settings["batch"]
    192
    """
    name = name or os.environ.get("BLOCKCNN_PROFILE") or ("gpu" if gpus() else "cpu")
    if name not in PROFILES:
        raise ValueError(f"a profile is one of {', '.join(PROFILES)}, got {name!r}; is BLOCKCNN_PROFILE set?")
    return name, dict(PROFILES[name])


def gpus():
    """Return how many GPUs Keras' backend can use."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return len(tf.config.list_physical_devices("GPU"))
    return len([name for name in keras.distribution.list_devices() if "cpu" not in name.lower()])


def mean_absolute_error(targets, repaired):
    """Return the mean absolute difference between targets, 0...255, and the network's output, on [0, 1]: the loss, on [0, 1].

    It pulls less at the few large errors that no network can mend than the squared error does, and trains faster here.
    """
    return ops.mean(ops.abs(ops.cast(targets, "float32") / 255 - repaired))


def compile_model(model, steps, rate=2e-3, xla=False, loss=mean_absolute_error):
    """Prepare a model for `steps` updates: Adam, gradients clipped at norm 1, a short warm-up, then a cosine down to zero.

    Notes
    -----
    rate(t) = rate t / w for the first w steps, then rate (1 + cos(pi (t - w) / (steps - w))) / 2, with w = steps / 20, at most 200.
    """
    warmup = max(1, min(200, steps // 20))
    schedule = keras.optimizers.schedules.CosineDecay(rate / 100, max(1, steps - warmup), warmup_target=rate, warmup_steps=warmup)
    compiled = {"jit_compile": xla} if keras.backend.backend() == "tensorflow" else {}
    model.compile(keras.optimizers.Adam(schedule, clipnorm=1.0), loss, **compiled)


def train(model, data, steps, batch, rate=2e-3, xla=False, per_epoch=None, seed=0, checkpoint=None, validation=None, callbacks=()):
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
    per_epoch : int, optional
        Updates per epoch: as many as the pairs are enough for, by default.
    seed : int
        Of the order of the pairs.
    checkpoint : path-like, optional
        An ``.npz`` file to be written after each epoch. If it is there already, the run goes on from it.
    validation : mapping from quality to sequence of (clean, decoded) images, optional
        Photos to measure the gain over JPEG on after each epoch.
    callbacks : sequence of keras.callbacks.Callback

    Returns
    -------
    list of dict
        For each epoch: step, loss (mean absolute error in grey levels), seconds (since the start, pauses left out), and with
        `validation` gain: {quality: dB}.

    Raises
    ------
    ValueError
        If there are fewer pairs than a batch, or the checkpoint belongs to another run.
    """
    draw = data if callable(data) else lambda epoch: data
    plan = {"model": model.name, "weights": model.count_params(), "steps": steps, "batch": batch, "rate": rate, "seed": seed}
    compile_model(model, steps, rate, xla)
    model.optimizer.build(model.trainable_variables)
    history = restore_checkpoint(model, checkpoint, plan) if checkpoint and Path(checkpoint).is_file() else []
    done, before = (history[-1]["step"], history[-1]["seconds"]) if history else (0, 0.0)
    start = time.perf_counter()
    while done < steps:
        inputs, targets = draw(len(history))
        if len(inputs) < batch:
            raise ValueError(f"{len(inputs)} pairs don't fill a batch of {batch}: use more or larger photos, or a smaller batch")
        count = min(per_epoch or steps, len(inputs) // batch, steps - done)
        order = np.random.default_rng((seed, len(history))).permutation(len(inputs))[: count * batch]
        fitted = model.fit(inputs[order], targets[order], batch_size=batch, shuffle=False, verbose=0, callbacks=list(callbacks))
        done += count
        row = {"step": done, "loss": round(255 * float(fitted.history["loss"][-1]), 4)}
        if validation:
            row["gain"] = {str(quality): round(gain(model, pairs), 3) for quality, pairs in validation.items()}
        history.append(row | {"seconds": round(before + time.perf_counter() - start, 1)})
        if checkpoint:
            save_checkpoint(model, checkpoint, plan, history)
        if model.stop_training:
            break
    return history


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


def gain(model, pairs):
    """Return by how many dB a model raises PSNR over JPEG: the mean over (clean, decoded) images."""
    rises = [metrics.psnr(clean, restoration.restore(decoded, model)) - metrics.psnr(clean, decoded) for clean, decoded in pairs]
    return float(np.mean(rises))


def save_checkpoint(model, path, plan, history):
    """Write weights, the optimiser's state, what run they belong to and its history to one ``.npz`` file, whole or not at all."""
    arrays = {f"variable_{k}": np.asarray(ops.convert_to_numpy(variable)) for k, variable in enumerate(_state(model))}
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, plan=json.dumps(plan), history=json.dumps(history), **arrays)
    with new_file(path, force=True) as file:
        file.write(buffer.getvalue())


def restore_checkpoint(model, path, plan):
    """Give a compiled model the state in a checkpoint; return its history. Nothing in the file is executed.

    Raises
    ------
    ValueError
        If the file is damaged, or belongs to a run with other settings: the message says which.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            saved, history = json.loads(str(file["plan"])), json.loads(str(file["history"]))
            arrays = [file[f"variable_{k}"] for k in range(len(file.files) - 2)]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"the checkpoint {path} is damaged ({error}); start afresh without it") from error
    other = [f"{key} {saved.get(key)} there, {value} here" for key, value in plan.items() if saved.get(key) != value]
    state = _state(model)
    if other or [array.shape for array in arrays] != [tuple(variable.shape) for variable in state]:
        raise ValueError(f"the checkpoint {path} belongs to another run ({'; '.join(other) or 'other layers'}); choose another file")
    for variable, array in zip(state, arrays, strict=True):
        variable.assign(array)
    return history


def _state(model):
    return [*model.variables, *model.optimizer.variables]
