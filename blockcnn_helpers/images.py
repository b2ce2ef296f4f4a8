"""Named sets of images: bundled samples, Kodak24, BSDS500, or a folder of your own.

An image is uint8, shape (height, width, 3), sRGB. Nothing is downloaded on import; `fetch` downloads on request, checks
every file against its SHA-256, and goes on where an interrupted download stopped.
"""

import hashlib
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from blockcnn_helpers.colour import check_image
from blockcnn_helpers.download import SPLITS as DOWNLOADED
from blockcnn_helpers.download import data_folder, fetch, shipped, splits
from blockcnn_helpers.leaves import dead_leaves

COURSE = ("astronaut", "coffee", "chelsea")
CROPS = {"astronaut": (64, 160, 128), "coffee": (248, 328, 128), "chelsea": (48, 120, 128)}
CLEAN = ("motorcycle_left.png", "camera.png", "brick.png", "grass.png", "gravel.png")
HALVED = ("rocket.jpg", "retina.jpg", "hubble_deep_field.jpg", "ihc.png", "coins.png", "moon.png")
SPLITS = {"bundled": ("train", "test")} | DOWNLOADED
SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm"}

# fmt: off
__all__ = [
    "COURSE", "CROPS", "bundled", "content_hash", "course_photos", "data_folder", "dead_leaves", "fetch",
    "halve", "image_set", "overlap", "read", "shipped", "split_by_image", "training_photos",
]
# fmt: on


def read(path):
    """Read an image file as the course's one currency.

    Parameters
    ----------
    path : path-like
        Any still image that Pillow reads; of several frames the first. Pixels stay on the grid they were coded on: an
        EXIF orientation is not applied. Alpha is dropped, 16-bit grey is scaled to 8 bits.

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is empty, cut off, or no image that Pillow reads.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no image file at {path}" + (": that is a folder" if path.is_dir() else ""))
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty (0 bytes)")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                opened.load()
                return _as_rgb(opened)
    except UnidentifiedImageError:
        raise ValueError(f"{path} is not an image that Pillow {Image.__version__} can read") from None
    except (OSError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} is damaged, cut off or too large to read: {error}") from None


def _as_rgb(image):
    if image.mode.startswith("I"):
        grey = np.clip(np.rint(np.asarray(image, dtype=np.float64) / 257), 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    return np.array(image.convert("RGB"))


def halve(image):
    """Halve an image by averaging 2x2 pixels: a JPEG's errors shrink and its 8x8 grid is gone.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    ndarray, uint8, shape (height // 2, width // 2, 3)
        An odd last row or column is left out.

    Examples
    --------
    >>> image = np.zeros((2, 2, 3), np.uint8); image[0] = 101
    >>> halve(image).tolist()
    [[[50, 50, 50]]]
    """
    height, width = (side // 2 * 2 for side in check_image(image).shape[:2])
    quads = image[:height, :width].reshape(height // 2, 2, width // 2, 2, 3)
    return np.rint(quads.mean(axis=(1, 3))).astype(np.uint8)


def bundled(name):
    """Read one of the sample photos that ship inside the installed scikit-image, by file name; nothing is downloaded."""
    return read(Path(find_spec("skimage").submodule_search_locations[0]) / "data" / name)


def course_photos():
    """Return the course's three photos, {name: image}: shown and tested on in every lesson, never trained on."""
    return {name: bundled(f"{name}.png") for name in COURSE}


def training_photos():
    """Return the bundled photos that may be trained on, {name: image}, all clean enough to be labels.

    Six of the eleven come at half size: three are stored as JPEG, two PNG files show the 8x8 grid of an earlier JPEG, and the
    moon was enlarged by repeating pixels. The right view of the motorcycle stays out, being almost the left one.
    """
    whole = {name.partition(".")[0]: bundled(name) for name in CLEAN}
    return whole | {name.partition(".")[0]: halve(bundled(name)) for name in HALVED}


class ImageSet(Mapping):
    """Names to images, in sorted order, each file read when it is asked for (five hundred photos need not fit in memory)."""

    def __init__(self, paths):
        self.paths = dict(paths)

    def __getitem__(self, name):
        return read(self.paths[name])

    def __iter__(self):
        return iter(self.paths)

    def __len__(self):
        return len(self.paths)


def image_set(name, split=None, progress=True):
    """Return the images of a data set or of a folder, as an ordered mapping from name to image.

    Parameters
    ----------
    name : str or path-like
        "bundled", "kodak24", "bsds500", or the path of a folder. Kodak24 and BSDS500 are fetched if they are not there.
    split : str, optional
        "bundled": "train" or "test" (the course's photos). "kodak24": "test". "bsds500": "train", "val" or "test".
    progress : bool
        Whether a download shows a bar.

    Raises
    ------
    FileNotFoundError
        If the folder is not there, or the data set is neither there nor to be had.
    ValueError
        If the set has no such split, or the folder holds no image, or two of the same name.
    """
    if name == "bundled":
        sides = {"train": training_photos, "test": course_photos}
        return {key: image for side in splits(name, split, SPLITS) for key, image in sides[side]().items()}
    if name in SPLITS:
        return ImageSet((path.stem, path) for path in fetch(name, split, progress=progress))
    return ImageSet(_folder(Path(name), split))


def _folder(folder, split):
    if split is not None:
        raise ValueError(f"a folder has no split {split!r}; divide its names with split_by_image")
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}; give a folder of images or one of {', '.join(SPLITS)}")
    paths = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.is_file() and not path.name.startswith("."):
            if path.stem in paths:
                raise ValueError(f"{paths[path.stem].name} and {path.name} in {folder} would share a name; rename one")
            paths[path.stem] = path
    if not paths:
        raise ValueError(f"no images in {folder}; files that end in {', '.join(sorted(SUFFIXES))} count")
    return paths


def split_by_image(names, test=0.25, seed=0):
    """Divide names of whole images into a train and a test part.

    Parameters
    ----------
    names : iterable of str
        Each name once; the order they come in makes no difference.
    test : int or float
        How many images to test on, or which share of them (at least one).
    seed : int
        The same seed divides the same names in the same way.

    Returns
    -------
    train, test : lists of str, sorted

    Examples
    --------
    >>> split_by_image("abcde", test=2)
    (['a', 'b', 'd'], ['c', 'e'])
    """
    given = list(names)
    names = sorted(set(given))
    if len(names) < len(given):
        raise ValueError(f"{len(given)} names, but only {len(names)} different ones: a photo would be on two sides")
    count = test if isinstance(test, int) else max(1, round(test * len(names)))
    if not 0 < count < len(names):
        raise ValueError(f"can't put {count} of {len(names)} images into the test part and leave some to train on")
    chosen = set(np.random.default_rng(seed).permutation(names)[:count].tolist())
    return [name for name in names if name not in chosen], sorted(chosen)


def content_hash(image):
    """Return the SHA-256 of an image's size and pixels, as 64 hex digits: equal for equal pictures under any name."""
    image = check_image(image)
    return hashlib.sha256(np.array(image.shape[:2], "<u4").tobytes() + np.ascontiguousarray(image).tobytes()).hexdigest()


def overlap(first, second):
    """Return pairs (name in `first`, name in `second`) of equal pictures, compared by content; [] is what you want.

    Parameters
    ----------
    first, second : mappings from name to image
    """
    known = {content_hash(first[name]): name for name in first}
    hashes = ((name, content_hash(second[name])) for name in second)
    return [(known[digest], name) for name, digest in hashes if digest in known]
