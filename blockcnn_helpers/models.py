"""BlockCNN and its relatives as Keras models, and what they cost.

Every network here takes decoded JPEG pixels, 0...255, and returns repaired pixels on [0, 1]: the scaling is its first layer, so that saved
weights carry it. The output is smaller than the input by the 8 pixels on each side that a block needs around it; nothing is made up there.
"""

import math

import keras
import numpy as np
from keras import layers

from blockcnn_helpers.jpeg import BLOCK
from blockcnn_helpers.networks import blockcnn, original, paper, wide
from blockcnn_helpers.patches import BORDER, PATCH

MODELS = {"blockcnn": blockcnn, "wide": wide, "original": original, "paper": paper}


def build(name, precision=None, **options):
    """Build a network by name, with fresh weights.

    Parameters
    ----------
    name : {"blockcnn", "wide", "original", "paper"}
    precision : str, optional
        A Keras dtype policy, such as "mixed_float16" for training on a GPU. Weights are float32 in any case.
    options
        Passed on to the function of that name in `networks`.

    Returns
    -------
    keras.Model
        (batch, h + 16, w + 16, 3) decoded pixels in 0...255 to (batch, h, w, 3) repaired pixels on [0, 1], float32. h and w are
        multiples of 8 and start on the block grid; "original" and "paper" take h = w = 8 only.

    Raises
    ------
    ValueError
        On another name.
    """
    if name not in MODELS:
        raise ValueError(f"a model is one of {', '.join(MODELS)}, got {name!r}")
    policy = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy(precision or policy)
        return MODELS[name](**options)
    finally:
        keras.config.set_dtype_policy(policy)


def parameters(model):
    """Return how many numbers a model has learnt or will learn."""
    return sum(math.prod(variable.shape) for variable in model.trainable_variables)


def multiply_adds(model, side=512):
    """Return the multiply-adds of a model's convolutions per repaired pixel.

    Parameters
    ----------
    model : keras.Model
    side : int
        Side of the area that is repaired at once, a multiple of 8; a model that takes one size only is asked for that one. At 8, block
        by block, the neighbours' work is done again for each block.
    """
    size = model.input_shape[1] or side + 2 * BORDER
    convolutions = [layer for layer in model.layers if isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose))]
    watched = keras.Model(model.input, [layer.output for layer in convolutions] + [model.output])
    shapes = watched.compute_output_shape((1, size, size, model.input_shape[-1]))
    total = 0
    for layer, shape in zip(convolutions, shapes, strict=False):
        transposed = isinstance(layer, layers.Conv2DTranspose)  # each kernel entry meets an input pixel, not an output pixel
        total += math.prod(layer.kernel.shape) * shape[1] * shape[2] / (math.prod(layer.strides) if transposed else 1)
    return total / (shapes[-1][1] * shapes[-1][2])


def receptive_field(model, row=0, column=0, seed=0):
    """Find out which pixels of a 24x24 patch a repaired pixel depends on, by changing each in turn.

    Parameters
    ----------
    model : keras.Model
        Its weights are replaced by random ones in a copy: what it could see, not what it has learnt to look at.
    row, column : int
        The repaired pixel, 0...7 each.

    Returns
    -------
    ndarray, bool, shape (24, 24)
    """
    return receptive_fields(model, seed)[row, column]


def receptive_fields(model, seed=0):
    """Return `receptive_field` of every repaired pixel: bool, shape (8, 8, 24, 24)."""
    copy = keras.models.clone_model(model)
    rng = np.random.default_rng(seed)
    copy.set_weights([rng.normal(0, 1, weights.shape) / math.prod(weights.shape[:-1]) ** 0.5 for weights in model.get_weights()])
    patches = np.repeat(rng.uniform(0, 255, (1, PATCH, PATCH, 3)), PATCH**2 + 1, axis=0)
    for k in range(PATCH**2):
        patches[k, k // PATCH, k % PATCH] += 1e4
    said = np.asarray(copy(patches))  # predict fuses layers, and on some processors a batch then differs from a single patch
    changed = np.abs(said[:-1] - said[-1]).max(axis=-1) > 1e-6 * np.abs(said).max()  # a sum's last digit depends on its order
    return np.moveaxis(changed, 0, -1).reshape(BLOCK, BLOCK, PATCH, PATCH)
