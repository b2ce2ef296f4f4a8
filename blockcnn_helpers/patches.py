"""Photos cut into what the network sees and what it should say: training pairs, in memory, on disk, or drawn afresh."""

import json
from pathlib import Path

import numpy as np

from blockcnn_helpers import storage
from blockcnn_helpers.colour import check_image
from blockcnn_helpers.feeding import UNIT, dataset, flip
from blockcnn_helpers.images import content_hash
from blockcnn_helpers.jpeg import BLOCK, compress
from blockcnn_helpers.quantisation import check_quality

__all__ = ["BORDER", "PATCH", "UNIT", "create", "dataset", "draw", "flip", "grid", "load", "pairs", "tell"]

BORDER = BLOCK  # pixels that the network wants to see around what it repairs
PATCH = BLOCK + 2 * BORDER
FILES = ("inputs.npy", "targets.npy", "index.json")


def pairs(clean, compressed, size=BLOCK):
    """Cut a photo and its decoded JPEG into pairs on the block grid.

    Parameters
    ----------
    clean, compressed : ndarray, uint8, shape (height, width, 3)
        The photo and what JPEG made of it. Any size.
    size : int
        Side of a target, a multiple of 8. At 8, the smallest, a pair is a block and its nine-block neighbourhood; larger targets
        hold many blocks that share neighbours, which trains several times faster.

    Returns
    -------
    inputs : ndarray, uint8, shape (n, size + 16, size + 16, 3)
        Decoded pixels: the target's place and 8 pixels around it, the image's edge replicated where it ends.
    targets : ndarray, uint8, shape (n, size, size, 3)
        The clean pixels in the middle, row by row over the photo. Where a photo's side is no multiple of `size`, its last targets
        are moved back until they fit, and overlap the ones before.

    Raises
    ------
    ValueError
        If the shapes differ, or `size` is no multiple of 8.

    Examples
    --------
    >>> clean = np.arange(16 * 24 * 3, dtype=np.uint8).reshape(16, 24, 3)
    >>> inputs, targets = pairs(clean, clean)
    >>> inputs.shape, targets.shape
    ((6, 24, 24, 3), (6, 8, 8, 3))
    >>> bool((inputs[:, 8:16, 8:16] == targets).all())
    True
    """
    clean, around = _on_the_grid(clean, compressed, size)
    starts = [np.minimum(np.arange(0, side, size), side - size) for side in clean.shape[:2]]
    return _windows(around, size + 2 * BORDER, starts), _windows(clean, size, starts)


def grid(height, width, size=BLOCK):
    """Return how many rows and columns of pairs an image of this size is cut into.

    Examples
    --------
    >>> grid(512, 768), grid(300, 451)
    ((64, 96), (38, 57))
    """
    return tuple(-(-side // size) for side in (height, width))


def draw(images, qualities, count, size=64, seed=0, per_image=8, equally=False, told=False):
    """Draw random pairs: mirrored and shifted photos, encoded afresh, cropped on the grid.

    Parameters
    ----------
    images : sequence of ndarray, uint8, shape (height, width, 3)
        Clean photos.
    qualities : sequence of int
        JPEG qualities to choose from, each equally likely; None among them leaves a photo as it is.
    count : int
        How many pairs.
    size : int
        Side of a target, a multiple of 8.
    seed : int or sequence of int
        The same seed draws the same pairs.
    per_image : int
        Pairs taken from one encoding.
    equally : bool
        Choose each photo equally often, not in proportion to its area.
    told : bool
        Give the inputs a fourth channel that tells the quality (see `tell`).

    Returns
    -------
    inputs, targets : ndarrays, uint8, shapes (count, size + 16, size + 16, 3) and (count, size, size, 3)

    Notes
    -----
    The clean photo is mirrored and cut by 0...15 pixels at its top left before it is encoded, so that the grid falls somewhere else on it
    each time, and every pair is one that JPEG could have made.
    """
    images = [check_image(image) for image in images]
    rng = np.random.default_rng(seed)
    areas = np.array([1.0 if equally else image.shape[0] * image.shape[1] for image in images])
    inputs = np.empty((count, size + 2 * BORDER, size + 2 * BORDER, 4 if told else 3), np.uint8)
    targets = np.empty((count, size, size, 3), np.uint8)
    for first in range(0, count, per_image):
        clean = _varied(images[rng.choice(len(images), p=areas / areas.sum())], rng)
        quality = qualities[rng.integers(len(qualities))]
        clean, around = _on_the_grid(clean, clean if quality is None else compress(clean, int(quality)), size)
        around = tell(around, quality) if told else around
        for k in range(first, min(first + per_image, count)):
            row, column = (BLOCK * rng.integers(0, (side - size) // BLOCK + 1) for side in clean.shape[:2])
            inputs[k] = around[row : row + size + 2 * BORDER, column : column + size + 2 * BORDER]
            targets[k] = clean[row : row + size, column : column + size]
    return inputs, targets


def tell(image, quality):
    """Append a fourth channel that tells the JPEG quality.

    Parameters
    ----------
    image : ndarray, uint8, shape (..., height, width, 3)
    quality : int or None
        1...100; None, for a picture that was never compressed, is told as 0.

    Returns
    -------
    ndarray, uint8, shape (..., height, width, 4)

    Examples
    --------
    >>> tell(np.zeros((8, 8, 3), np.uint8), 25)[0, 0].tolist()
    [0, 0, 0, 25]
    """
    level = 0 if quality is None else check_quality(quality)
    return np.concatenate([image, np.full((*image.shape[:-1], 1), level, np.uint8)], axis=-1)


def create(images, folder, quality, size=BLOCK, force=False, progress=iter):
    """Create a patch dataset on disk from photos: ``inputs.npy``, ``targets.npy``, ``index.json``.

    Parameters
    ----------
    images : mapping from name to ndarray, uint8, shape (height, width, 3)
        Taken in the mapping's order, one at a time.
    folder : path-like
        To be created. It appears only when it is complete.
    quality : int or sequence of int
        JPEG quality, 1...100; several ones cut each photo once at each.
    size : int
        Side of a target, a multiple of 8: see `pairs`.
    force : bool
        Replace a dataset that is there already.
    progress : callable
        Wraps the names while they are gone through, as `tqdm.tqdm` does.

    Returns
    -------
    dict
        What ``index.json`` says: size, count, and for each photo and quality its name, content hash, and first and number of pairs.

    Raises
    ------
    FileExistsError
        If `folder` is there and not to be replaced, or is something else than a patch dataset.
    ValueError
        If there are no images, or on an impossible size or quality.
    """
    qualities = [check_quality(q) for q in (quality if isinstance(quality, (list, tuple, range)) else [quality])]
    if not len(images):
        raise ValueError("no images to create a patch dataset from")
    index = {"format": 1, "size": size, "count": 0, "images": []}
    with storage.new_folder(folder, FILES, force) as partial:
        with storage.GrowingArray(partial / "inputs.npy") as inputs, storage.GrowingArray(partial / "targets.npy") as targets:
            for name in progress(images):
                clean = check_image(images[name])
                entry = {"name": name, "sha256": content_hash(clean)}
                for quality in qualities:
                    cut = pairs(clean, compress(clean, quality), size)
                    inputs.append(cut[0])
                    targets.append(cut[1])
                    index["images"].append(entry | {"quality": quality, "first": index["count"], "count": len(cut[0])})
                    index["count"] += len(cut[0])
        (partial / "index.json").write_text(json.dumps(index, indent=1))
    return index


def load(folder):
    """Open a patch dataset made by `create`.

    Returns
    -------
    inputs, targets : ndarrays, uint8, mapped from disk: what isn't looked at takes no memory
    index : dict

    Raises
    ------
    FileNotFoundError, ValueError
        If there is none, or it is not whole.
    """
    folder = Path(folder)
    if not (folder / "index.json").is_file():
        raise FileNotFoundError(f"no patch dataset in {folder}; create one with: blockcnn create-data -o {folder}")
    try:
        index = json.loads((folder / "index.json").read_text())
        inputs, targets = (np.load(folder / f"{side}.npy", mmap_mode="r") for side in ("inputs", "targets"))
        size, count = index["size"], index["count"]
    except (ValueError, KeyError, OSError) as error:
        raise ValueError(f"the patch dataset in {folder} is damaged ({error}); create it again with --force") from error
    around = size + 2 * BORDER
    if inputs.shape != (count, around, around, 3) or targets.shape != (count, size, size, 3) or inputs.dtype != np.uint8:
        found = f"{inputs.dtype} arrays of shapes {inputs.shape} and {targets.shape}"
        raise ValueError(f"the patch dataset in {folder} holds {found}, its index says {count} pairs of {size}")
    return inputs, targets, index


def _on_the_grid(clean, compressed, size):
    """Check a photo and its decoded JPEG; replicate their edges up to whole blocks, and the decoded one's 8 pixels further all around."""
    clean, compressed = check_image(clean), check_image(compressed)
    if clean.shape != compressed.shape:
        raise ValueError(f"a photo of shape {clean.shape} and a decoded one of shape {compressed.shape} are no pair: is it the same photo?")
    if size < BLOCK or size % BLOCK:
        raise ValueError(f"a target's side is a multiple of {BLOCK}, got {size}")
    unit = BLOCK if size % UNIT else UNIT
    fill = [max(size, -(-side // unit) * unit) - side for side in clean.shape[:2]]
    clean = np.pad(clean, [(0, more) for more in fill] + [(0, 0)], mode="edge")
    return clean, np.pad(compressed, [(BORDER, more + BORDER) for more in fill] + [(0, 0)], mode="edge")


def _windows(image, size, starts):
    """Copy the windows of `size` that start at all pairs of a row and a column: shape (n, size, size, 3)."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))
    return np.moveaxis(windows[np.ix_(*starts)], 2, -1).reshape(-1, size, size, 3)


def _varied(image, rng):
    """Mirror a clean photo at random, and move the grid that JPEG will lay over it."""
    row, column = (rng.integers(0, min(UNIT, side)) for side in image.shape[:2])
    down, across = rng.choice((1, -1), 2)
    return np.ascontiguousarray(image[::down, ::across][row:, column:])
