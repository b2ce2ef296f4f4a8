"""Networks to operate on: small relatives of BlockCNN, some with a fault. The fourth assignment measures them and repairs them."""

import math

import keras
import numpy as np
from keras import layers

from blockcnn_helpers.networks import SLOPE, bottleneck
from blockcnn_helpers.patches import BORDER


def stack(plan, channels=6):
    """Build layers one after the other from a list, and nothing else: no scaling, no activation, no skip.

    Parameters
    ----------
    plan : sequence of (str, int, int, int)
        ("conv", kernel, stride, dilation): an unpadded convolution; or ("unfold", side, side, 1): a transposed one, by which each cell
        paints a square of its own. The first layer comes first.
    channels : int
        Channels after each layer.

    Returns
    -------
    keras.Model
        (batch, height, width, 3) to (batch, height', width', channels).

    Raises
    ------
    ValueError
        On another kind of layer.

    Examples
    --------
    >>> stack([("conv", 2, 2, 1), ("conv", 3, 1, 2), ("unfold", 2, 2, 1)]).compute_output_shape((1, 24, 20, 3))
    (1, 16, 12, 6)
    """
    x = inputs = keras.Input((None, None, 3), name="pixels")
    for kind, kernel, stride, dilation in plan:
        if kind == "conv":
            x = layers.Conv2D(channels, kernel, strides=stride, dilation_rate=dilation)(x)
        elif kind == "unfold":
            x = layers.Conv2DTranspose(channels, kernel, strides=stride)(x)
        else:
            raise ValueError(f'a layer of a plan is "conv" or "unfold", got {kind!r}')
    return keras.Model(inputs, x, name="stack")


def stirred(model, seed=0):
    """Return a copy of a model with random weights, none of them zero: what it could do, not what it has learnt.

    Parameters
    ----------
    model : keras.Model
        Without batch normalisation, whose variances can't be negative.
    seed : int
        The same seed gives the same weights, on any machine.
    """
    return _stir(keras.models.clone_model(model), seed)


def _stir(model, seed):
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(0, 1, weights.shape) / math.prod(weights.shape[:-1]) ** 0.5 for weights in model.weights])
    return model


def colour_blind(model):
    """Make a stack see nothing but blue, the last of three colours. Return it."""
    first = next(layer for layer in model.layers if layer.weights)
    kernel, bias = first.get_weights()
    kernel[:, :, :2] = 0
    first.set_weights([kernel, bias])
    return model


def half_mute(model):
    """Make a stack that ends with a convolution say the same in its first channel, whatever it sees. Return it."""
    kernel, bias = model.layers[-1].get_weights()
    kernel[..., 0] = 0
    model.layers[-1].set_weights([kernel, bias])
    return model


def restless(looks=4, ending="sigmoid", bias=True, seed=0):
    """Build a thin network that draws every pixel anew from random weights: no residual, a layer "draw" and `ending` after it.

    Parameters
    ----------
    looks : int
        How many unpadded 3x3 convolutions there are: the output is smaller than the input by twice as many pixels on each side.
    ending : str
        The activation after "draw".
    bias : bool
        Whether "draw" has biases.

    Returns
    -------
    keras.Model
        (batch, height, width, 3) decoded pixels in 0...255, sides even, to repaired ones on [0, 1].
    """
    inputs = keras.Input((None, None, 3), name="decoded")
    x = layers.Rescaling(1 / 255, name="scale")(inputs)
    x = layers.Conv2D(8, 2, strides=2, name="fold")(x)
    for step in range(1, looks + 1):
        x = layers.LeakyReLU(SLOPE)(layers.Conv2D(8, 3, name=f"look_{step}")(x))
    x = layers.Conv2DTranspose(3, 2, strides=2, use_bias=bias, name="draw")(x)
    return _stir(keras.Model(inputs, layers.Activation(ending, name="repaired")(x), name="restless"), seed)


def patient(looks=4, padded=0, shift=(0, 0), rectified=False, blank=("unfold",), seed=0):
    """Build a thin BlockCNN, not told the place: the course's geometry with 8 channels. Its options are what can go wrong.

    Parameters
    ----------
    looks, padded : int
        How many bottlenecks there are, and how many of them, the first ones, pad. What is too much is cropped before the residual is added.
    shift : (int, int)
        How many rows and columns away from the block's own place the decoded pixels are taken that the residual is added to.
    rectified : bool
        Put a ReLU after the last layer.
    blank : sequence of str
        The layers whose weights start at zero, by the beginning of their names.
    seed : int
        Of the other weights.

    Returns
    -------
    keras.Model
        (batch, h + 16, w + 16, 3) decoded pixels in 0...255 to (batch, h, w, 3) repaired ones on [0, 1], h and w even.
    """
    inputs = keras.Input((None, None, 3), name="decoded")
    pixels = layers.Rescaling(1 / 255, name="scale")(inputs)
    x = layers.Conv2D(8, 2, strides=2, name="fold")(pixels)
    for step in range(1, looks + 1):
        x = bottleneck(x, 8, f"bottleneck_{step}", padding="same" if step <= padded else "valid")
    x = layers.LeakyReLU(SLOPE, name="last")(x)
    x = layers.Conv2DTranspose(3, 2, strides=2, name="unfold")(x)
    x = layers.ReLU(name="rectified")(x) if rectified else x
    x = layers.Cropping2D(BORDER - 2 * (looks - padded), name="trim")(x)
    places = tuple((BORDER + step, BORDER - step) for step in shift)
    outputs = layers.Add(name="repaired")([layers.Cropping2D(places, name="centre")(pixels), x])
    model = _stir(keras.Model(inputs, outputs, name="patient"), seed)
    for layer in model.layers:
        if layer.name.startswith(tuple(blank)):
            layer.set_weights([np.zeros(weights.shape) for weights in layer.get_weights()])
    return model


def operate(answer, model, last, border, pictures, seed=0):
    """Let ``answer(model, last, border)`` operate on a model; return what becomes of it, or None where no answer came.

    Returns
    -------
    (ndarray, ndarray, int)
        What the new model says at once; what it says when its last layer has got random weights; how many arrays of weights learn.
    """
    count = len(model.get_layer(last).weights)
    after = answer(model, last, border)
    if after is None or after is ...:
        return None
    if not hasattr(after, "trainable_variables"):
        raise TypeError(f"a keras.Model was expected, a {type(after).__name__} came")
    at_once, rng = np.array(after(pictures)), np.random.default_rng(seed)
    for weights in after.weights[-count:]:
        weights.assign(rng.normal(0, 0.3, weights.shape))
    return at_once, np.array(after(pictures)), len(after.trainable_variables)
