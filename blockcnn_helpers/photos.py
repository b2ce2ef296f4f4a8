"""Photo files in, photo files out: what a camera, a scanner or a drawing program wrote, with nothing lost on the way.

An image here is the course's one currency, uint8 of shape (height, width, 3). Real files have more to them: grey, palettes,
transparency, four inks, 16 bits, a note that the camera was held upright. `read_photo` takes that apart and `write_photo`
puts it together again.
"""

import io
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from blockcnn_helpers import jpeg, metadata
from blockcnn_helpers.files import new_file
from blockcnn_helpers.quantisation import nearest_quality
from blockcnn_helpers.quiet import deaf
from blockcnn_helpers.transform import BLOCK

FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP", "GIF", "PPM", "JPEG2000", "AVIF")
MAX_MEGAPIXELS = 250
DEEP = 257  # grey levels of a 16-bit file per grey level of an 8-bit one: 65535 / 255


class Photo(NamedTuple):
    """What a photo file holds, taken apart: made by `read_photo`."""

    image: np.ndarray  # uint8, (height, width, 3), as coded: not turned yet, so that blocks start at the top left
    grey: bool = False  # the file has one channel: the three of `image` are alike
    deep: np.ndarray | None = None  # uint16, (height, width): the samples of a 16-bit grey file
    alpha: np.ndarray | None = None  # uint8, (height, width): transparency
    orientation: int = 1
    metadata: dict = {}  # what PNG can carry along: exif, icc_profile, xmp, dpi
    quality: int | None = None  # of a JPEG file: the quality whose quantisation table comes closest to its own
    coded: bytes | None = None  # the JPEG file itself, where it has a luma plane: it allows some pictures and excludes others
    notes: tuple = ()  # sentences for the user about what was changed or left out


def read_photo(path):
    """Read a photo file of any common kind.

    Parameters
    ----------
    path : path-like
        JPEG, PNG, TIFF, WebP, BMP, GIF, PNM, JPEG 2000 or AVIF; at most 250 megapixels.

    Returns
    -------
    Photo

    Raises
    ------
    OSError
        If the file is not there or can't be read (`FileNotFoundError`, `IsADirectoryError`, ...).
    ValueError
        If it is empty, no image, cut off, damaged or too large. The text names the file and the reason.

    Notes
    -----
    Four inks (CMYK) become sRGB, by the file's own ICC profile where it has one. Of 16 bits per sample all are kept in grey
    files; in colour Pillow hands over the upper eight. Of an animation the first frame is read. `Photo.notes` says so.
    """
    path = Path(path)
    size = path.stat().st_size
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder")
    if not path.is_file() or size == 0:
        raise ValueError(f"{path} is " + ("empty (0 bytes)" if path.is_file() else "no ordinary file"))
    # Pillow warns of oddities that it copes with, and libtiff prints errors past Python that are raised as well.
    with warnings.catch_warnings(action="ignore"), deaf(), _open(path) as picture:
        notes = []
        frames = _frames(picture)
        deep_colour = any(";16" in str(tile[-1]) for tile in picture.tile)
        try:
            picture.load()
        except MemoryError:
            raise
        except Exception as error:  # whatever the decoder of a broken file raises
            raise ValueError(f"{path} is cut off or damaged: {_one_line(error)}") from error
        kept, orientation = metadata.keep(picture)
        quality = _quality(picture)
        coded = path.read_bytes() if quality is not None and jpeg.has_luma(picture) else None
        if frames > 1:
            notes.append(f"first of {frames} frames")
        picture = _plain(picture, path, kept, notes)
        if deep_colour and picture.mode != "I;16":
            notes.append("16 bits per sample read as 8")
        photo = _take_apart(picture)
    return photo._replace(orientation=orientation, metadata=kept, quality=quality, coded=coded, notes=tuple(notes))


def write_photo(path, photo, force=False):
    """Write a photo as PNG: upright, with its transparency, depth, EXIF, ICC profile and resolution.

    Parameters
    ----------
    path : path-like
        The file is written beside it under another name and moved there when complete.
    photo : Photo
        For grey photos the mean of the three channels is written, or `Photo.deep`.
    force : bool
        Replace a file that is there.

    Raises
    ------
    FileExistsError
        If the file is there and `force` is not set.
    """
    samples = photo.deep if photo.deep is not None else photo.image
    if photo.grey and photo.deep is None:
        samples = np.rint(photo.image.mean(axis=-1, dtype=np.float32)).astype(np.uint8)
    if photo.alpha is not None:
        samples = np.dstack([samples, photo.alpha])
    samples = np.ascontiguousarray(metadata.turn(samples, photo.orientation))
    keywords = {key: value for key, value in photo.metadata.items() if key != "xmp"}
    keywords["pnginfo"] = PngImagePlugin.PngInfo()
    if "xmp" in photo.metadata:
        keywords["pnginfo"].add_itxt("XML:com.adobe.xmp", photo.metadata["xmp"])
    with new_file(path, force) as file:
        Image.fromarray(samples).save(file, "PNG", compress_level=4, **keywords)


def _open(path):
    """Open an image file with this module's own size limit in place of Pillow's warning at 89 megapixels."""
    pillow_limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        picture = Image.open(path, formats=FORMATS)
    except Image.UnidentifiedImageError as error:
        raise ValueError(f"{path} is not an image (JPEG, PNG, TIFF, WebP, BMP, GIF, ...)") from error
    except MemoryError:
        raise
    except Exception as error:
        if getattr(error, "errno", None):  # not the file's contents but the way to it: no permission, a broken disk
            raise
        raise ValueError(f"{path} is cut off or damaged: {_one_line(error)}") from error
    finally:
        Image.MAX_IMAGE_PIXELS = pillow_limit
    width, height = picture.size
    if width * height > MAX_MEGAPIXELS * 1e6:
        picture.close()
        size = f"{width}x{height} = {width * height / 1e6:.0f} megapixels"
        raise ValueError(f"{path} is too large: {size}, at most {MAX_MEGAPIXELS} are accepted; cut it into pieces")
    return picture


def _frames(picture):
    try:
        return getattr(picture, "n_frames", 1)
    except Exception:  # a damaged second frame: the first may still be whole
        return 1


def _quality(picture):
    tables = getattr(picture, "quantization", None)
    if not tables:
        return None
    return nearest_quality(np.asarray(tables[min(tables)]).reshape(BLOCK, BLOCK))


def _plain(picture, path, kept, notes):
    """Convert a Pillow image to one of L, LA, RGB, RGBA, I;16."""
    mode = picture.mode
    if mode == "CMYK":
        profile = kept.pop("icc_profile", None)
        notes.append("CMYK converted to sRGB " + ("by its ICC profile" if profile else "(it has no ICC profile)"))
        return _cmyk_to_rgb(picture, profile, notes)
    if mode.startswith("I"):
        samples = np.asarray(picture)
        if samples.size and (samples.min() < 0 or samples.max() > 65535):
            raise ValueError(f"{path}: samples {samples.min()}...{samples.max()} don't fit 16 bits; convert it to 8 or 16 bits first")
        return Image.fromarray(samples.astype(np.uint16))
    if mode in ("P", "RGB", "L", "1") and "transparency" in picture.info:
        return picture.convert("LA" if mode in ("L", "1") else "RGBA")
    simple = {"1": "L", "P": "RGB", "PA": "RGBA", "La": "LA", "RGBa": "RGBA", "RGBX": "RGB", "YCbCr": "RGB", "HSV": "RGB"}
    if mode in simple:
        return picture.convert(simple[mode])
    if mode not in ("L", "LA", "RGB", "RGBA"):
        raise ValueError(f"{path} has pixels of a kind not known here ({mode}); convert it to RGB first")
    return picture


def _cmyk_to_rgb(picture, profile, notes):
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError) as error:
            notes[-1] = f"CMYK converted to sRGB without its ICC profile, which is damaged ({_one_line(error)})"
    return picture.convert("RGB")


def _take_apart(picture):
    samples = np.asarray(picture)
    alpha = np.ascontiguousarray(samples[..., -1]) if picture.mode in ("LA", "RGBA") else None
    if picture.mode in ("RGB", "RGBA"):
        return Photo(np.ascontiguousarray(samples[..., :3]), alpha=alpha)
    grey = samples[..., 0] if picture.mode == "LA" else samples
    deep = grey if grey.dtype == np.uint16 else None
    if deep is not None:
        grey = np.rint(deep / np.float32(DEEP)).astype(np.uint8)
    return Photo(np.broadcast_to(grey[..., None], (*grey.shape, 3)), grey=True, deep=deep, alpha=alpha)


def _one_line(error):
    return (" ".join(str(error).split()) or type(error).__name__)[:200]
