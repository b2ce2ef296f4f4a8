"""A photo in, the repaired photo out: an image of any size, a file, a folder."""

import os
from pathlib import Path

import numpy as np

from blockcnn_helpers import images, jpeg, photos, projection
from blockcnn_helpers.colour import check_image
from blockcnn_helpers.files import check_absent
from blockcnn_helpers.patches import tell
from blockcnn_helpers.pieces import blocks, mirrored, pieces
from blockcnn_helpers.weights import BEST, find_weights, load_model, network_of

# fmt: off
__all__ = [
    "BEST", "advice", "blend", "deblock", "find_weights", "load_model", "network_of", "plan", "restore", "restore_blocks", "restore_data",
    "restore_file", "restore_photo",
]
# fmt: on
HELPS_UP_TO = {"blockcnn": 70}  # JPEG quality: what is finer than all it was trained on loses more by smoothing than it gains


def deblock(image, model=BEST, **settings):
    """Repair a decoded JPEG image by the course's best network.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
        As decoded: its top left pixel is the top left pixel of a block. Any size.
    model : str or keras.Model
        "wide", "blockcnn", or a network of your own.
    settings
        Those of `restore`. With ``file=data``, the bytes of the JPEG file, the result keeps to what the file allows; with ``strength=0.5``
        half of the change is made.

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)
    """
    return restore(image, load_model(model) if isinstance(model, str) else model, **settings)


def restore(image, model=None, tile=None, rounded=True, progress=None, ensemble=False, strength=1.0, file=None, quality=None):
    """Repair a decoded JPEG image.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
        As decoded: its top left pixel is the top left pixel of a block. Any size.
    model : keras.Model, optional
        BlockCNN with the weights that come with the course, by default: the network that the lessons are about. `deblock` and the command
        line take the best one.
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
        0...1: how much of the change to make; 0 returns the image (see `blend`).
    file : bytes, optional
        The JPEG file that the image was decoded from: the result is projected onto what it allows (see `projection.project`).
    quality : int, optional
        The JPEG quality, 1...100, for a network that is told it: by default `file`'s own, else 0, never compressed.

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
    Pixels beyond the image's edge are copies of those on it. BlockCNN computes each 8x8 block from the 24x24 pixels around
    it and nothing else, so running it once over a large area gives, to float rounding, what running it block by block gives
    (`restore_blocks`). With `file` and `strength`, the repaired picture is projected and then blended: the decoded one lies
    in the middle of what its file allows, so all between the two is allowed as well.
    """
    image = check_image(image)
    model = model or load_model()
    if not 0 <= strength <= 1:
        raise ValueError(f"strength lies between 0 and 1, got {strength}")
    luma = None if file is None else _luma(image, file)
    result = np.empty(image.shape, np.uint8 if rounded else np.float32)
    seen = image
    if model.input_shape[-1] > 3:
        seen = tell(image, jpeg.nearest_quality(jpeg.luma_table(file)) if quality is None and file is not None else quality)
    for window, pixels in (mirrored if ensemble else pieces)(seen, model, tile, progress):
        if luma is not None:
            plane, table = luma
            pixels = pixels + (projection.correction(255 * pixels, plane[window], table) / 255).astype(np.float32)[..., None]
        result[window] = blend(image[window], pixels, strength, rounded)
    return result


def blend(image, repaired, strength=1.0, rounded=True):
    """Go part of the way from a decoded image to its repair.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    repaired : ndarray, shape (height, width, 3)
        uint8; or float32 on [0, 1], as `restore` returns it if not `rounded`.
    strength : float
        0, the image itself, ... 1, its repair.
    rounded : bool
        See `restore`.

    Examples
    --------
    >>> image = np.full((1, 1, 3), 100, np.uint8)
    >>> blend(image, image / np.float32(255) + np.float32(0.1), 0.4).tolist()
    [[[110, 110, 110]]]
    """
    if repaired.dtype == np.uint8:
        repaired = repaired / np.float32(255)
    if strength < 1:
        decoded = image / np.float32(255)
        repaired = decoded + np.float32(strength) * (repaired - decoded)
    return _to_uint8(repaired) if rounded else repaired


def restore_blocks(image, model=None, rounded=True, batch=512):
    """Repair a decoded JPEG image block by block: each 24x24 neighbourhood on its own. Slow; see `restore`.

    Parameters and result are those of `restore`; `batch` neighbourhoods go through the network at a time.
    """
    pixels = blocks(check_image(image), model or load_model(), batch)
    return _to_uint8(pixels) if rounded else pixels


def restore_data(data, model=BEST, **settings):
    """Repair what the bytes of a JPEG file hold, within what the file allows: `deblock`, given its file.

    Examples
    --------
    >>> data = jpeg.encode(np.full((24, 40, 3), 100, np.uint8), 10)
    >>> restore_data(data, strength=0)[0, 0]
    array([98, 98, 98], dtype=uint8)
    """
    return deblock(jpeg.decode(data), model, file=data, **settings)


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


def restore_file(path, output, weights=None, force=False, progress=None, model=None, **settings):
    """Repair a photo file: read `path`, write the PNG file `output`. Return a list of notes, empty for ordinary photos.

    The network is `model`; by default the best one, or the one that `weights` are for. Whatever happens, `output` is either whole or not
    there, and the input is never touched. Errors: see `photos.read_photo`, `photos.write_photo`, `load_model`.
    """
    check_pair(path, output, force)
    photo = photos.read_photo(path)
    network = load_model(model or network_of(weights), weights)
    photos.write_photo(output, restore_photo(photo, network, progress, **settings), force)
    return [*photo.notes, *advice(photo, network.name)]


def advice(photo, network="blockcnn"):
    """Return what to tell the user of a photo finer than those a network was trained on, a list; it is empty for the wide one."""
    limit = HELPS_UP_TO.get(network)
    if limit is None:
        return []
    if photo.quality is None:
        return ["no JPEG file: if it never was one, keep it as it is"]
    if photo.quality <= limit:
        return []
    return [f"its JPEG quality is about {photo.quality}: above {limit} the original is likely better, keep it"]


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


def _to_uint8(pixels):
    return np.rint(pixels * np.float32(255)).clip(0, 255).astype(np.uint8)
