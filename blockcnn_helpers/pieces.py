"""Run a network over an image of any size: in pieces that fit a processor's cache, mirrored, or block by block."""

import numpy as np

from blockcnn_helpers.jpeg import BLOCK, pad
from blockcnn_helpers.patches import BORDER
from blockcnn_helpers.quiet import start_keras

TILE = 128  # side of the pieces an image is repaired in: fits a processor's cache, and one size is compiled once
WIDE = {"wide": (64, 768)}  # networks that look farther than a block's neighbours: how many pixels, and the side of their pieces
MIRRORS = [(slice(None, None, down), slice(None, None, across)) for down in (1, -1) for across in (1, -1)]


def pieces(image, model, tile, progress):
    """Yield (window, pixels): the image's pieces, float32 on [0, 1], of shape (height, width, 3) each."""
    if tile is not None and (tile <= 0 or tile % BLOCK):
        raise ValueError(f"tile is a positive multiple of {BLOCK}, got {tile}")
    height, width = image.shape[:2]
    if model.input_shape[1] is not None:  # a network that takes one neighbourhood and nothing else
        yield (slice(height), slice(width)), blocks(image, model)
        if progress:
            progress(1)
        return
    reach, largest = WIDE.get(model.name, (BORDER, TILE))
    whole = [-(-side // BLOCK) * BLOCK for side in (height, width)]
    size = (TILE, TILE) if tile is None and model.name not in WIDE else [min(tile or largest, side) for side in whole]
    for row in range(0, height, size[0]):
        for column in range(0, width, size[1]):
            around, (above, left) = _neighbourhood(image, row, column, size, reach)
            pixels = _run(model, around[None])[0][above:, left:]
            pixels = pixels[: min(size[0], height - row), : min(size[1], width - column)]
            yield (slice(row, row + len(pixels)), slice(column, column + pixels.shape[1])), pixels
            if progress:
                progress(pixels.shape[0] * pixels.shape[1] / (height * width))


def mirrored(image, model, tile, progress):
    """Yield one (window, pixels): the mean of four repairs, as it is, mirrored, upside down, both.

    The image is grown to whole 16x16 units first, so that its mirror images keep the grid.
    """
    height, width = image.shape[:2]
    grown = pad(image, 2 * BLOCK)
    total = np.zeros((*grown.shape[:2], 3), np.float32)
    quarter = progress and (lambda share: progress(share / len(MIRRORS)))
    for mirror in MIRRORS:
        for window, pixels in pieces(np.ascontiguousarray(grown[mirror]), model, tile, quarter):
            total[mirror][window] += pixels
    yield (slice(height), slice(width)), total[:height, :width] / np.float32(len(MIRRORS))


def blocks(image, model, batch=512):
    """Return the whole image repaired block by block, each 24x24 neighbourhood on its own, `batch` of them at a time: float32 on [0, 1]."""
    height, width = image.shape[:2]
    corners = [(row, column) for row in range(0, height, BLOCK) for column in range(0, width, BLOCK)]
    result = np.empty((*(-(-side // BLOCK) * BLOCK for side in (height, width)), 3), np.float32)
    for start in range(0, len(corners), batch):
        group = corners[start : start + batch]
        patches = np.stack([_neighbourhood(image, row, column, (BLOCK, BLOCK))[0] for row, column in group])
        for (row, column), pixels in zip(group, _run(model, patches), strict=True):
            result[row : row + BLOCK, column : column + BLOCK] = pixels
    return result[:height, :width]


def _neighbourhood(image, row, column, size, reach=BORDER):
    """Return the piece of `size` at (row, column) with what lies around it, and how much of the answer comes before it.

    Around it are `reach` pixels of the image, but at most 8 beyond the image's edge, which are copies of those on it.
    """
    places, before = [], []
    for start, length, side in zip((row, column), size, image.shape, strict=False):
        whole, end = -(-side // BLOCK) * BLOCK, start + length
        if reach > BORDER:  # a piece at the image's end is as large as what is left of it; BlockCNN's are all alike
            end = min(end, whole)
        first, last = start - min(reach, start + BORDER), end + min(reach, max(0, whole - end) + BORDER)
        places.append(np.arange(first, last).clip(0, side - 1))
        before.append(start - first - BORDER)
    return image[places[0][:, None], places[1]], before


def _run(model, batch):
    """Run a model on uint8 patches, shape (n, h + 16, w + 16, 3 or, told the quality, 4); return float32, shape (n, h, w, 3)."""
    return np.asarray(_compiled(model)(batch), dtype=np.float32)


def _compiled(model):
    """Return the model as a compiled function; under TensorFlow one that takes every size without compiling again."""
    if not hasattr(model, "_blockcnn_run"):
        keras = start_keras()
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            signature = [tf.TensorSpec((None, *model.input_shape[1:]), tf.uint8)]
            run = tf.function(lambda batch: model(tf.cast(batch, tf.float32), training=False), input_signature=signature)
        elif keras.backend.backend() == "jax":
            import jax

            call = jax.jit(lambda weights, state, batch: model.stateless_call(weights, state, batch, training=False)[0])

            def run(batch):
                weights = [[v.value for v in group] for group in (model.trainable_variables, model.non_trainable_variables)]
                return call(*weights, batch.astype(np.float32))
        else:

            def run(batch):
                return keras.ops.convert_to_numpy(model(batch.astype(np.float32), training=False))

        model._blockcnn_run = run
    return model._blockcnn_run
