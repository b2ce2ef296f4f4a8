"""BlockCNN and its relatives as Keras models, and what they cost.

Every network here takes decoded JPEG pixels, 0...255, and returns repaired pixels on [0, 1]: the scaling is its first layer, so that saved
weights carry it. The output is smaller than the input by the 8 pixels on each side that a block needs around it; nothing is made up there.
"""

import math

import keras
import numpy as np
from keras import layers, ops

from blockcnn_helpers.jpeg import BLOCK
from blockcnn_helpers.patches import BORDER, PATCH

SLOPE = 0.1


def build(name, precision=None, **options):
    """Build a network by name, with fresh weights.

    Parameters
    ----------
    name : {"blockcnn", "original", "paper"}
    precision : str, optional
        A Keras dtype policy, such as "mixed_float16" for training on a GPU. Weights are float32 in any case.
    options
        Passed on to `blockcnn`.

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


def blockcnn(channels=64, width=96, zero_start=True, residual=True, place=True):
    """Build the course's BlockCNN.

    Parameters
    ----------
    channels, width : int
        Channels between the bottlenecks, and inside them.
    zero_start : bool
        Start the last layer at zero, so that the untrained network returns its input.
    residual : bool
        Add what the last layer says to the decoded pixels. Without, it has to draw every pixel anew.
    place : bool
        Tell each pixel its place in its block.

    Notes
    -----
    The patch is folded 2x2 into channels, 24x24 to 12x12, and meets four unpadded 3x3 convolutions, 12x12 to 4x4, which unfold to 8x8.
    Each repaired pixel sees 18x18 decoded ones, the block as a whole sees all 24x24.
    """
    inputs = keras.Input((None, None, 3), name="decoded")
    pixels = layers.Rescaling(1 / 255, dtype="float32", name="scale")(inputs)
    x = PlaceInBlock(name="place")(pixels) if place else pixels
    x = layers.Conv2D(channels, 2, strides=2, name="fold")(x)
    for step in range(1, 5):
        x = bottleneck(x, width, f"bottleneck_{step}")
    x = layers.LeakyReLU(SLOPE, name="last")(x)
    start = "zeros" if zero_start else "glorot_uniform"
    x = layers.Conv2DTranspose(3, 2, strides=2, kernel_initializer=start, name="unfold")(x)
    if not residual:
        return keras.Model(inputs, layers.Activation("linear", dtype="float32", name="repaired")(x), name="blockcnn")
    centre = layers.Cropping2D(BORDER, dtype="float32", name="centre")(pixels)
    outputs = layers.Add(dtype="float32", name="repaired")([centre, x])  # in float32: 16 bits can't hold a pixel and its small correction
    return keras.Model(inputs, outputs, name="blockcnn")


def bottleneck(x, width, name):
    """Look around through one unpadded 3x3 convolution: shape (batch, h, w, c) to (batch, h - 2, w - 2, c).

    A 1x1 convolution changes the number of channels to `width`, another changes it back, and the result is added to the input, whose rim is
    cropped as the unpadded convolution has lost it.
    """
    y = layers.Conv2D(width, 1, name=f"{name}_widen")(x)
    y = layers.LeakyReLU(SLOPE, name=f"{name}_widened")(y)
    y = layers.Conv2D(width, 3, name=f"{name}_look")(y)
    y = layers.LeakyReLU(SLOPE, name=f"{name}_looked")(y)
    y = layers.Conv2D(x.shape[-1], 1, name=f"{name}_narrow")(y)
    return layers.Add(name=name)([layers.Cropping2D(1, name=f"{name}_crop")(x), y])


@keras.saving.register_keras_serializable("blockcnn")
class PlaceInBlock(layers.Layer):
    """Append channels that tell each pixel its place in its 8x8 block.

    A convolution treats all places alike, but JPEG's error does not: it is largest in a block's corners. The channels are products of the
    first four cosines down and across, without the constant: the fifteen lowest pictures of the 8x8 DCT.

    Input shape (batch, height, width, channels), height and width multiples of 8 and starting on the block grid;
    output shape (batch, height, width, channels + 15).
    """

    FREQUENCIES = 4

    def build(self, shape):
        n, k = np.arange(BLOCK), np.arange(self.FREQUENCIES)
        cosines = np.cos(np.pi * (2 * n[:, None] + 1) * k / (2 * BLOCK))
        places = np.einsum("yv,xu->yxvu", cosines, cosines)
        self.places = places.reshape(1, BLOCK, BLOCK, -1)[..., 1:].astype("float32")

    def call(self, images):
        batch, height, width = ops.shape(images)[:3]
        places = ops.cast(ops.convert_to_tensor(self.places), images.dtype)
        places = ops.tile(places, (batch, height // BLOCK, width // BLOCK, 1))
        return ops.concatenate([images, places], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] + self.FREQUENCIES**2 - 1)


def original():
    """Build the network of the class project this course grew from: plain convolutions, 24x24 to 8x8, a sigmoid at the end.

    16, 32 and 128 channels, two residual bottlenecks, 0.40 M weights; nothing is added to the input, so it has to draw every pixel anew.
    """
    inputs = keras.Input((PATCH, PATCH, 3), name="decoded")
    x = layers.Rescaling(1 / 255, dtype="float32", name="scale")(inputs)
    x = layers.LeakyReLU(SLOPE)(layers.Conv2D(16, 3, use_bias=False)(x))
    x = _padded_bottleneck(x, slope=0.3)
    for filters, kernel, deepen in ((32, 5, False), (128, 5, True), (16, 7, False)):
        x = _normalised(x, filters, kernel)
        x = _padded_bottleneck(x, slope=0.3) if deepen else x
    x = layers.Conv2D(3, 1, use_bias=False)(x)
    return keras.Model(inputs, layers.Activation("sigmoid", dtype="float32", name="repaired")(x), name="original")


def paper():
    """Build the paper's network as far as it is known: nine padded bottlenecks, 64 to 512 to 64 channels, batch norm, a sigmoid.

    Only its predicting half was published. Here its three widening convolutions are 5x5, 7x7 and 7x7, which take 24x24 to 8x8; the rest
    is as there.

    References
    ----------
    D. Maleki, S. Nadalian, M. M. Derakhshani, M. A. Sadeghi, "BlockCNN: A Deep Network for Artifact Removal and Image Compression",
    CVPR Workshops 2018.
    """
    inputs = keras.Input((PATCH, PATCH, 3), name="decoded")
    x = layers.Rescaling(1 / 255, dtype="float32", name="scale")(inputs)
    for filters, kernel, depth in ((64, 5, 2), (128, 7, 1), (256, 7, 2), (512, 1, 1), (256, 1, 1), (128, 1, 1), (64, 1, 1)):
        x = _normalised(x, filters, kernel)
        for _ in range(depth):
            x = _padded_bottleneck(x, slope=SLOPE, normalised=True)
    x = layers.Conv2D(3, 1, use_bias=False)(x)
    return keras.Model(inputs, layers.Activation("sigmoid", dtype="float32", name="repaired")(x), name="paper")


MODELS = {"blockcnn": blockcnn, "original": original, "paper": paper}


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
    shapes = keras.Model(model.input, [layer.output for layer in convolutions] + [model.output]).compute_output_shape((1, size, size, 3))
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
    said = copy.predict(patches, verbose=0)
    changed = np.abs(said[:-1] - said[-1]).max(axis=-1) > 1e-6 * np.abs(said).max()  # a sum's last digit depends on its order
    return np.moveaxis(changed, 0, -1).reshape(BLOCK, BLOCK, PATCH, PATCH)


def _normalised(x, filters, kernel):
    x = layers.Conv2D(filters, kernel, use_bias=False)(x)
    return layers.LeakyReLU(SLOPE)(layers.BatchNormalization()(x))


def _padded_bottleneck(x, slope, normalised=False):
    """Two 1x1 convolutions around a padded 3x3; with batch norm, the last of them has no activation before the addition."""
    y = x
    for position, kernel in enumerate((1, 3, 1)):
        y = layers.Conv2D(x.shape[-1], kernel, padding="same", use_bias=False)(y)
        y = layers.BatchNormalization()(y) if normalised else y
        y = y if normalised and position == 2 else layers.LeakyReLU(slope)(y)
    return layers.LeakyReLU(SLOPE)(layers.Add()([x, y]))
