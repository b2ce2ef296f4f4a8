"""A photo in, the repaired photo out: run a network over an image of any size, over a file, over a folder."""

import os
from pathlib import Path

import numpy as np

from blockcnn_helpers import images, jpeg, photos, projection
from blockcnn_helpers.colour import check_image
from blockcnn_helpers.files import check_absent
from blockcnn_helpers.jpeg import BLOCK, pad
from blockcnn_helpers.patches import BORDER
from blockcnn_helpers.quiet import start_keras
from blockcnn_helpers.weights import find_weights, load_model

__all__ = ["find_weights", "load_model", "plan", "restore", "restore_blocks", "restore_file", "restore_photo"]

HELPS_UP_TO = 70  # JPEG quality: finer photos than the network was trained on lose more by smoothing than they gain
TILE = 128  # side of the pieces an image is repaired in: fits a processor's cache, and one size is compiled once
WIDE = {"wide": (64, 768)}  # networks that look farther than a block's neighbours: how many pixels, and the side of their pieces

MIRRORS = [(slice(None, None, down), slice(None, None, across)) for down in (1, -1) for across in (1, -1)]


def restore(image, model=None, tile=None, rounded=True, progress=None, ensemble=False, strength=1.0, file=None):
    """Repair a decoded JPEG image.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
        As decoded: its top left pixel is the top left pixel of a block. Any size.
    model : keras.Model, optional
        BlockCNN with the weights that come with the course, by default.
    tile : int, optional
        Repair it in pieces of this side, a multiple of 8 (128 by default, 768 for a network that looks farther). The result doesn't
        depend on it, to float rounding; memory and speed do. A tile as large as the image means: all at once.
    rounded : bool
        False returns what the network says, before rounding and clipping.
    progress : callable, optional
        Called after each piece with its share of the image; the shares add up to 1.
    ensemble : bool
        Repair the image and its three mirror images, and take the mean: four times the work for a little more PSNR.
    strength : float
        0...1: how much of the change to make; 0 returns the image.
    file : bytes, optional
        The JPEG file that the image was decoded from: the result is projected onto what it allows (see `projection.project`).

    Returns
    -------
    ndarray, shape (height, width, 3)
        uint8; or float32 on [0, 1], give or take, if not `rounded`.

    Raises
    ------
    ValueError
        On another kind of array, tile or strength, or a file of another size or without a luma plane.

    Notes
    -----
    Pixels beyond the image's edge are copies of those on it. Inside, each 8x8 block is computed from the 24x24 pixels around
    it and nothing else, so running the network once over a large area gives, to float rounding, what running it block by
    block gives (`restore_blocks`).
    """
    image = check_image(image)
    model = model or load_model()
    if model.input_shape[1] is not None:  # a network that takes one neighbourhood and nothing else
        return restore_blocks(image, model, rounded)
    if not 0 <= strength <= 1:
        raise ValueError(f"strength lies between 0 and 1, got {strength}")
    luma = None if file is None else _luma(image, file)
    result = np.empty(image.shape, np.uint8 if rounded else np.float32)
    pieces = _mirrored(image, model, tile, progress) if ensemble else _pieces(image, model, tile, progress)
    for window, pixels in pieces:
        if strength < 1:
            decoded = image[window] / np.float32(255)
            pixels = decoded + np.float32(strength) * (pixels - decoded)
        if luma is not None:
            plane, table = luma
            pixels = pixels + (projection.correction(255 * pixels, plane[window], table) / 255).astype(np.float32)[..., None]
        result[window] = _to_uint8(pixels) if rounded else pixels
    return result


def restore_blocks(image, model=None, rounded=True, batch=512):
    """Repair a decoded JPEG image block by block: each 24x24 neighbourhood on its own. Slow; see `restore`.

    Parameters and result are those of `restore`; `batch` neighbourhoods go through the network at a time.
    """
    image = check_image(image)
    model = model or load_model()
    height, width = image.shape[:2]
    corners = [(row, column) for row in range(0, height, BLOCK) for column in range(0, width, BLOCK)]
    result = np.empty((*(-(-side // BLOCK) * BLOCK for side in (height, width)), 3), np.uint8 if rounded else np.float32)
    for start in range(0, len(corners), batch):
        group = corners[start : start + batch]
        patches = np.stack([_neighbourhood(image, row, column, (BLOCK, BLOCK))[0] for row, column in group])
        for (row, column), pixels in zip(group, _run(model, patches), strict=True):
            result[row : row + BLOCK, column : column + BLOCK] = _to_uint8(pixels) if rounded else pixels
    return result[:height, :width]


def restore_photo(photo, model=None, progress=None, **settings):
    """Repair what `photos.read_photo` has read; return a `photos.Photo` with all else unchanged.

    A JPEG file's picture is projected onto what the file allows. In 16-bit grey files the network's correction, 257 times as large, is
    added to the 16-bit samples. `settings`, ensemble and strength, are those of `restore`.
    """
    model = model or load_model()
    if photo.deep is None:
        return photo._replace(image=restore(photo.image, model, progress=progress, file=photo.coded, **settings))
    pixels = restore(photo.image, model, rounded=False, progress=progress, **settings)
    correction = pixels.mean(axis=-1) - photo.image[..., 0] / np.float32(255)
    return photo._replace(deep=np.rint(photo.deep + 65535 * correction).clip(0, 65535).astype(np.uint16))


def restore_file(path, output, weights=None, force=False, progress=None, model="blockcnn", **settings):
    """Repair a photo file: read `path`, write the PNG file `output`. Return a list of notes, empty for ordinary photos.

    Whatever happens, `output` is either whole or not there, and the input is never touched. Errors: see `photos.read_photo`,
    `photos.write_photo`, `load_model`.
    """
    check_pair(path, output, force)
    photo = photos.read_photo(path)
    photos.write_photo(output, restore_photo(photo, load_model(model, weights), progress, **settings), force)
    notes = list(photo.notes)
    if photo.quality is not None and photo.quality > HELPS_UP_TO:
        notes.append(f"its JPEG quality is about {photo.quality}: above {HELPS_UP_TO} the original is likely better, keep it")
    return notes


def check_pair(path, output, force=False):
    """Raise FileExistsError if writing `output` would replace the input, or, without `force`, anything else."""
    if os.path.exists(output) and os.path.exists(path) and os.path.samefile(path, output):
        raise FileExistsError(f"{output} is the input itself: give another folder with -o")
    check_absent(output, force)


def plan(inputs, folder):
    """Pair each photo file with the PNG file that is to be made of it.

    Parameters
    ----------
    inputs : sequence of path-like
        Files, and folders that stand for the image files directly in them, sorted.
    folder : path-like
        Where the PNG files go.

    Returns
    -------
    list of (Path, Path)

    Raises
    ------
    ValueError
        If two inputs would become the same file, or a folder holds no images.

    Examples
    --------
    >>> [(source.name, target.name) for source, target in plan(["holiday/beach.jpg"], "repaired")]
    [('beach.jpg', 'beach.png')]
    """
    sources = []
    for entry in map(Path, inputs):
        sources += list(images.image_set(entry).paths.values()) if entry.is_dir() else [entry]
    pairs = {}
    for source in dict.fromkeys(sources):
        target = Path(folder) / f"{source.stem}.png"
        other = pairs.setdefault(target.name.casefold(), (source, target))[0]
        if other != source:
            raise ValueError(f"{other} and {source} would both become {target}; give one of them another folder with -o")
    return list(pairs.values())


def _luma(image, file):
    plane = jpeg.luma_plane(file)
    if plane.shape != image.shape[:2]:
        raise ValueError(f"the JPEG file holds {plane.shape[0]}x{plane.shape[1]} pixels, the image {image.shape[0]}x{image.shape[1]}")
    return plane, jpeg.luma_table(file)


def _mirrored(image, model, tile, progress):
    """Yield one (window, pixels): the mean of four repairs, as it is, mirrored, upside down, both.

    The image is grown to whole 16x16 units first, so that its mirror images keep the grid.
    """
    height, width = image.shape[:2]
    grown = pad(image, 2 * BLOCK)
    total = np.zeros(grown.shape, np.float32)
    quarter = progress and (lambda share: progress(share / len(MIRRORS)))
    for mirror in MIRRORS:
        total += restore(np.ascontiguousarray(grown[mirror]), model, tile, rounded=False, progress=quarter)[mirror]
    yield (slice(height), slice(width)), total[:height, :width] / np.float32(len(MIRRORS))


def _pieces(image, model, tile, progress):
    """Yield (window, pixels): the image's pieces, float32 on [0, 1], of shape (height, width, 3) each."""
    if tile is not None and (tile <= 0 or tile % BLOCK):
        raise ValueError(f"tile is a positive multiple of {BLOCK}, got {tile}")
    height, width = image.shape[:2]
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
    """Run a model on uint8 patches, shape (n, h + 16, w + 16, 3); return float32, shape (n, h, w, 3)."""
    return np.asarray(_compiled(model)(batch), dtype=np.float32)


def _to_uint8(pixels):
    return np.rint(pixels * np.float32(255)).clip(0, 255).astype(np.uint8)


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
