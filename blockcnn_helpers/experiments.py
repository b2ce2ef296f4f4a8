"""Short runs that answer a question before the long one: how fast may it learn, how fast does it go?"""

import time

import numpy as np

from blockcnn_helpers import training
from blockcnn_helpers.patches import BORDER


def rate_range(model, data, low=1e-5, high=1.0, steps=100, batch=8):
    """Try every learning rate from `low` to `high` once: raise it a little after each step, and watch the loss.

    Parameters
    ----------
    model : keras.Model
        Spent afterwards: its weights have been through rates that are far too high. Train another one.
    data : (inputs, targets)
        uint8 pairs as `patches.pairs` returns them, `steps` batches of them.
    low, high : float
        First and last rate; each is the one before times a constant.
    steps, batch : int

    Returns
    -------
    list of (float, float, float)
        Rate, the loss of the batch met at that rate, and JPEG's own on the same batch, in grey levels. The share of two batches' sums is
        steadier than the mean of their shares: a small harm is a large share where JPEG was nearly right. Stops early once the loss is no
        number any more.

    References
    ----------
    L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017.
    """
    optimizer = training.OPTIMISERS["adam"](low)  # as in `compile_model`, with a rate that can be set
    model.compile(optimizer, training.mean_absolute_error, **training.with_xla(False))
    found = []
    for step, rate in enumerate(np.geomspace(low, high, steps)):
        inputs, targets = (side[step * batch : (step + 1) * batch] for side in data)
        optimizer.learning_rate = rate
        model.reset_metrics()  # else Keras averages over the batches so far
        loss = 255 * float(model.train_on_batch(inputs, targets))
        if not np.isfinite(loss):
            break
        found.append((float(rate), loss, jpeg_loss(inputs, targets)))
    return found


def jpeg_loss(inputs, targets):
    """Return the mean absolute error of doing nothing, in grey levels.

    Parameters
    ----------
    inputs, targets : ndarrays, uint8, shapes (n, size + 16, size + 16, 3) and (n, size, size, 3)

    Examples
    --------
    >>> jpeg_loss(np.full((1, 24, 24, 3), 7, np.uint8), np.full((1, 8, 8, 3), 9, np.uint8))
    2.0
    """
    return float(np.abs(inputs[:, BORDER:-BORDER, BORDER:-BORDER].astype(np.int16) - targets).mean())


def doing_nothing(draw, epochs):
    """Return `jpeg_loss` of the pairs of epoch 0, 1, ...: what a training's loss would be if the network changed nothing.

    Parameters
    ----------
    draw : callable
        Returns the pairs of an epoch, as `recipe.drawn` does.
    epochs : int

    Returns
    -------
    list of float
    """
    return [jpeg_loss(*draw(epoch)) for epoch in range(epochs)]


def speed(model, data, batch, xla=False, steps=4):
    """Time training steps.

    Parameters
    ----------
    model : keras.Model
        It is trained a little.
    data : (inputs, targets)
        uint8 pairs, at least one batch of them; the first batch is used.
    batch : int
    xla : bool
        Compile the step with XLA.
    steps : int
        How many to time after the first.

    Returns
    -------
    first : float
        Seconds of the first step, in which the network is compiled.
    rate : float
        Pairs per second afterwards.

    Raises
    ------
    ValueError
        If the pairs don't fill a batch.
    """
    if len(data[0]) < batch:
        raise ValueError(f"{len(data[0])} pairs don't fill a batch of {batch}: hand in at least {batch}")
    training.compile_model(model, steps + 1, xla=xla)
    inputs, targets = data[0][:batch], data[1][:batch]
    start = time.perf_counter()
    model.train_on_batch(inputs, targets)
    first = time.perf_counter() - start
    for _ in range(steps):
        model.train_on_batch(inputs, targets)
    return first, steps * batch / (time.perf_counter() - start - first)
