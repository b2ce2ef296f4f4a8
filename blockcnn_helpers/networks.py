"""The networks, layer by layer: BlockCNN, its two ancestors, and the wider one that goes beyond it."""

import keras
import numpy as np
from keras import layers, ops

from blockcnn_helpers.jpeg import BLOCK
from blockcnn_helpers.patches import BORDER, PATCH

SLOPE = 0.1
FAINT = 0.1  # of what the wide network is told besides the pixels: as loud as they are, it drowns them for the first thousands of steps


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


def bottleneck(x, width, name, padding="valid"):
    """Look around through one 3x3 convolution: shape (batch, h, w, c) to (batch, h - 2, w - 2, c), or the same shape if padded.

    A 1x1 convolution changes the number of channels to `width`, another changes it back, and the result is added to the input, whose rim is
    cropped where an unpadded convolution has lost it.
    """
    y = layers.Conv2D(width, 1, name=f"{name}_widen")(x)
    y = layers.LeakyReLU(SLOPE, name=f"{name}_widened")(y)
    y = layers.Conv2D(width, 3, padding=padding, name=f"{name}_look")(y)
    y = layers.LeakyReLU(SLOPE, name=f"{name}_looked")(y)
    y = layers.Conv2D(x.shape[-1], 1, name=f"{name}_narrow")(y)
    x = layers.Cropping2D(1, name=f"{name}_crop")(x) if padding == "valid" else x
    return layers.Add(name=name)([x, y])


@keras.saving.register_keras_serializable("blockcnn")
class PlaceInBlock(layers.Layer):
    """Append channels that tell each pixel its place in its 8x8 block.

    A convolution treats all places alike, but JPEG's error does not: it is largest in a block's corners. The channels are products of the
    first four cosines down and across, without the constant: the fifteen lowest pictures of the 8x8 DCT.

    Input shape (batch, height, width, channels), height and width multiples of 8 and starting on the block grid;
    output shape (batch, height, width, channels + 15). `strength` is the largest of their values.
    """

    FREQUENCIES = 4

    def __init__(self, strength=1.0, **settings):
        super().__init__(**settings)
        self.strength = strength

    def build(self, shape):
        n, k = np.arange(BLOCK), np.arange(self.FREQUENCIES)
        cosines = np.cos(np.pi * (2 * n[:, None] + 1) * k / (2 * BLOCK))
        places = np.einsum("yv,xu->yxvu", cosines, cosines)
        self.places = self.strength * places.reshape(1, BLOCK, BLOCK, -1)[..., 1:].astype("float32")

    def call(self, images):
        batch, height, width = ops.shape(images)[:3]
        places = ops.cast(ops.convert_to_tensor(self.places), images.dtype)
        places = ops.tile(places, (batch, height // BLOCK, width // BLOCK, 1))
        return ops.concatenate([images, places], axis=-1)

    def compute_output_shape(self, shape):
        return (*shape[:-1], shape[-1] + self.FREQUENCIES**2 - 1)

    def get_config(self):
        return super().get_config() | {"strength": self.strength}


def wide(channels=96, width=96, before=2, after=3, blocks=64, depth=2, place=False, told=False):
    """Build BlockCNN with a wider view: the same bottlenecks, and a detour on which one cell stands for each 8x8 block.

    Parameters
    ----------
    channels, width : int
        Channels between the bottlenecks, and inside them.
    before, after : int
        How many bottlenecks come before the detour, and after it.
    blocks : int
        Channels of a block's cell; 0 leaves the detour out.
    depth : int
        Pairs of 3x3 convolutions on the detour: each looks two blocks farther.
    place : bool
        Tell each pixel its place in its block. The detour's kernels have a weight for each place, so it is no news to this network, and it
        learns faster without.
    told : bool
        Take a fourth input channel, the JPEG quality (see `patches.tell`). Otherwise the network has to see it for itself.

    Notes
    -----
    Its convolutions are padded, so that a picture of any size goes through as a whole; the 8 pixels on each side that BlockCNN needs around
    a block are cut off at the end, so what a network is fed and returns is the same for both. A repaired pixel sees five blocks and more in
    every direction; the detour's cells are few and cost next to nothing.
    """
    inputs = keras.Input((None, None, 4 if told else 3), name="decoded")
    x = layers.Rescaling([1 / 255] * 3 + [FAINT / 255] * told, dtype="float32", name="scale")(inputs)
    pixels = TakeChannels(3, dtype="float32", name="pixels")(x) if told else x
    x = PlaceInBlock(FAINT, name="place")(x) if place else x
    x = layers.Conv2D(channels, 2, strides=2, name="fold")(x)
    for step in range(1, before + 1):
        x = bottleneck(x, width, f"before_{step}", padding="same")
    if blocks:
        y = layers.Conv2D(blocks, BLOCK // 2, strides=BLOCK // 2, name="gather")(x)
        for step in range(1, depth + 1):
            y = pair(y, f"blocks_{step}")
        y = layers.Conv2DTranspose(channels, BLOCK // 2, strides=BLOCK // 2, name="spread")(y)
        x = layers.Add(name="join")([x, y])
    for step in range(1, after + 1):
        x = bottleneck(x, width, f"after_{step}", padding="same")
    x = layers.LeakyReLU(SLOPE, name="last")(x)
    x = layers.Conv2DTranspose(3, 2, strides=2, kernel_initializer="zeros", name="unfold")(x)
    x = layers.Add(dtype="float32", name="corrected")([pixels, x])
    return keras.Model(inputs, layers.Cropping2D(BORDER, dtype="float32", name="repaired")(x), name="wide")


@keras.saving.register_keras_serializable("blockcnn")
class TakeChannels(layers.Layer):
    """Take the first few channels and leave out the others: shape (..., channels) to (..., count)."""

    def __init__(self, count, **settings):
        super().__init__(**settings)
        self.count = count

    def call(self, images):
        return images[..., : self.count]

    def compute_output_shape(self, shape):
        return (*shape[:-1], self.count)

    def get_config(self):
        return super().get_config() | {"count": self.count}


def pair(x, name):
    """Look around through two padded 3x3 convolutions and add what was found: the shape stays."""
    y = layers.Conv2D(x.shape[-1], 3, padding="same", name=f"{name}_look")(x)
    y = layers.LeakyReLU(SLOPE, name=f"{name}_looked")(y)
    y = layers.Conv2D(x.shape[-1], 3, padding="same", name=f"{name}_say")(y)
    return layers.Add(name=name)([x, y])


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
