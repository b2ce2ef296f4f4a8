"""Pairs on their way to the network: mirrored where that is safe, shuffled, in batches."""

import numpy as np

from blockcnn_helpers.transform import BLOCK

UNIT = 2 * BLOCK  # 4:2:0 codes colour in units of 16x16 pixels


def flip(inputs, targets, rng):
    """Mirror each pair at random, left-right and up-down, in place of the JPEG grid.

    Parameters
    ----------
    inputs, targets : ndarray, shapes (n, size + 16, size + 16, 3) and (n, size, size, 3)
        Pairs whose targets start on multiples of 16 in the photo, as those of `patches.pairs` do when `size` is a multiple of 16.
    rng : numpy.random.Generator

    Returns
    -------
    inputs, targets : mirrored copies

    Raises
    ------
    ValueError
        If `size` is no multiple of 16: the mirror image of a colour unit, 16 pixels wide, would not be one.

    Notes
    -----
    Mirroring keeps a block a block and its quantisation table the same, up to signs. A quarter turn doesn't: it transposes the table.
    """
    size = targets.shape[1]
    if size % UNIT:
        raise ValueError(f"pairs can be mirrored if their size is a multiple of {UNIT}, got {size}; mirror the photo before encoding it")
    inputs, targets = inputs.copy(), targets.copy()
    for axis in (1, 2):
        chosen = rng.random(len(inputs)) < 0.5
        inputs[chosen] = np.flip(inputs[chosen], axis)
        targets[chosen] = np.flip(targets[chosen], axis)
    return inputs, targets


def dataset(inputs, targets, batch, shuffle=True, flips=False, seed=0):
    """Feed pairs to TensorFlow: a `tf.data` pipeline that shuffles whole pairs and gathers a batch at a time.

    Parameters
    ----------
    inputs, targets : ndarrays, uint8, as `patches.pairs` returns them
    batch : int
        Pairs per batch; a last, smaller one is dropped when shuffling.
    shuffle, flips : bool
        A new order, and new mirror images (see `flip`), in every epoch.
    seed : int

    Returns
    -------
    tf.data.Dataset
        Of (inputs, targets), uint8: the network's first layer scales them.
    """
    import tensorflow as tf

    rng = np.random.default_rng(seed)

    def gather(chosen):
        pair = inputs[chosen], targets[chosen]
        return flip(*pair, rng) if flips else pair

    def shaped(chosen):
        pair = tf.numpy_function(gather, [chosen], (tf.uint8, tf.uint8))
        return tuple(tf.ensure_shape(array, (None, *side.shape[1:])) for array, side in zip(pair, (inputs, targets), strict=True))

    numbers = tf.data.Dataset.range(len(inputs))
    if shuffle:
        numbers = numbers.shuffle(len(inputs), seed=seed)
    return without_tuner(numbers.batch(batch, drop_remainder=shuffle).map(shaped).prefetch(4))


def without_tuner(pipeline):
    """Switch off a `tf.data` pipeline's tuner: its thread sleeps ever longer, and the end of each epoch waits for it to wake up."""
    import tensorflow as tf

    options = tf.data.Options()
    options.autotune.enabled = False
    return pipeline.with_options(options)
