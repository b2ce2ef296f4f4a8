"""What photo files say about themselves: EXIF, ICC profile, XMP, resolution; and which way up they were taken."""

import contextlib
import re
import struct

from PIL import Image

ORIENTATION = 0x0112  # the EXIF tag: 1 upright, 2...8 mirrored or turned
KEPT_TIFF_TAGS = (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x8298, 0x8769, 0x8825)  # who, when, with what, where


def keep(picture):
    """Collect what a PNG file can carry along of a picture's metadata.

    Parameters
    ----------
    picture : PIL.Image.Image
        Loaded.

    Returns
    -------
    kept : dict
        Of ``exif`` (bytes, its orientation reset to upright), ``icc_profile`` (bytes), ``xmp`` (str), ``dpi`` those there are.
    orientation : int
        1...8, as it was.
    """
    info = picture.info
    kept = {"icc_profile": info["icc_profile"]} if info.get("icc_profile") else {}
    with contextlib.suppress(TypeError, ValueError):
        kept |= {"dpi": info["dpi"]} if all(1 < float(dots) < 1e6 for dots in info.get("dpi", (0,))) else {}
    try:
        tags = picture.getexif()
        orientation = tags.get(ORIENTATION, 1)
        exif = info.get("exif") or (_tiff_tags(tags) if picture.format == "TIFF" else tags.tobytes() if tags else b"")
    except Exception:  # damaged EXIF must not cost the photo
        exif, orientation = info.get("exif") or b"", 1
    if orientation not in range(1, 9):
        orientation = 1
    if exif:
        kept["exif"] = upright(exif)
    if isinstance(info.get("xmp"), bytes):
        with contextlib.suppress(UnicodeDecodeError):
            kept["xmp"] = re.sub(r'(tiff:Orientation(?:="|>))[2-8]', r"\g<1>1", info["xmp"].decode())
    return kept, orientation


def _tiff_tags(tags):
    """Return the EXIF of a TIFF file without the tags that describe how its own pixels are stored."""
    exif = Image.Exif()
    for tag in KEPT_TIFF_TAGS:
        if tag in tags:
            exif[tag] = tags.get_ifd(tag) if tag in (0x8769, 0x8825) else tags[tag]
    return exif.tobytes() if len(exif) else b""


def upright(exif):
    """Set the orientation tag in EXIF bytes to 1 (upright) and leave every other byte as it is.

    Examples
    --------
    >>> exif = Image.Exif()
    >>> exif[ORIENTATION] = 6
    >>> before, after = exif.tobytes(), upright(exif.tobytes())
    >>> [place for place in range(len(before)) if before[place] != after[place]]  # one byte
    [25]
    """
    start = 6 if exif.startswith(b"Exif\0\0") else 0
    order = {b"II": "<", b"MM": ">"}.get(exif[start : start + 2])
    if order is None:
        return exif
    exif = bytearray(exif)
    with contextlib.suppress(struct.error):
        (place,) = struct.unpack_from(order + "I", exif, start + 4)
        (count,) = struct.unpack_from(order + "H", exif, start + place)
        for entry in range(start + place + 2, start + place + 2 + 12 * count, 12):
            if struct.unpack_from(order + "H", exif, entry)[0] == ORIENTATION:
                struct.pack_into(order + "HIHH", exif, entry + 2, 3, 1, 1, 0)  # one short number: 1
    return bytes(exif)


def turn(array, orientation):
    """Turn or mirror an array of shape (height, width, ...) as the EXIF orientation 1...8 asks.

    Examples
    --------
    >>> import numpy as np
    >>> turn(np.array([[1, 2, 3]]), 6)  # the camera was turned to the left: turn the picture to the right
    array([[1],
           [2],
           [3]])
    """
    if orientation >= 5:  # 5...8 are 1...4 with rows and columns swapped first
        array, orientation = array.swapaxes(0, 1), {5: 1, 6: 2, 7: 3, 8: 4}[orientation]
    return {1: array, 2: array[:, ::-1], 3: array[::-1, ::-1], 4: array[::-1]}[orientation]
