"""Averaged weights: the mean of where a training has lately been is often a better network than where it is now."""

import contextlib

import keras
from keras import ops


class RunningMean(keras.callbacks.Callback):
    """Keep a running mean of a model's weights while it is trained.

    Parameters
    ----------
    model : keras.Model
    share : float
        0...1: how much of the mean stays at each step, 0.999 for one over the last thousand steps or so. Early on less stays, so that
        the first weights are soon forgotten.
    every : int
        Steps between two looks at the weights; each counts as so many.

    Notes
    -----
    mean <- d mean + (1 - d) weights, d = min(share ** every, n / (n + 10)) at the n-th look; 0 at every step before the first.

    References
    ----------
    B. T. Polyak, A. B. Juditsky, "Acceleration of stochastic approximation by averaging", SIAM J. Control and Optimization 30, 1992.
    """

    def __init__(self, model, share=0.999, every=10):
        super().__init__()
        if not 0 < share < 1:
            raise ValueError(f"the share of a running mean that stays lies between 0 and 1, got {share}")
        self.share, self.every = share, every
        self.weights = model.trainable_variables
        self.means = [keras.Variable(ops.convert_to_numpy(weight), trainable=False) for weight in self.weights]
        self.steps = keras.Variable(0, dtype="int32", trainable=False)

    @property
    def variables(self):
        """What a checkpoint has to keep."""
        return [*self.means, self.steps]

    def on_train_batch_end(self, batch, logs=None):
        steps = int(self.steps) + 1
        self.steps.assign(steps)
        if steps % self.every == 0 or steps < self.every:  # before the first look the mean is where the weights are
            self.weights = self.model.trainable_variables  # JAX keeps them elsewhere during an epoch; asking for the model brings them back
            looks = steps // self.every
            stays = min(self.share**self.every, looks / (looks + 10))
            for mean, weight in zip(self.means, self.weights, strict=True):
                mean.assign(ops.add(stays * mean, (1 - stays) * weight))

    @contextlib.contextmanager
    def in_place(self):
        """Give the model the mean weights for the length of a ``with`` block."""
        kept = [ops.convert_to_numpy(weight).copy() for weight in self.weights]
        self.keep()
        try:
            yield
        finally:
            for weight, value in zip(self.weights, kept, strict=True):
                weight.assign(value)

    def keep(self):
        """Give the model the mean weights for good."""
        for weight, mean in zip(self.weights, self.means, strict=True):
            weight.assign(ops.convert_to_numpy(mean))
