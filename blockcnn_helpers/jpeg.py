"""JPEG as the decoder sees it: real files written, read, and asked for the coefficients they store.

What a file is made of has its own modules, whose names can be had from here too: `transform` (blocks and their cosines),
`colour` (light and colour differences) and `quantisation` (tables, rounding, the codec by hand).
"""

import io

import numpy as np
from PIL import Image

from blockcnn_helpers.colour import check_image, rgb_to_ycbcr, subsample, upsample, ycbcr_to_rgb
from blockcnn_helpers.quantisation import (
    CHROMA,
    LUMA,
    MIDDLE,
    check_quality,
    compress_by_hand,
    decode_plane,
    dequantise,
    encode_plane,
    intervals,
    nearest_quality,
    quantisation_tables,
    quantise,
)
from blockcnn_helpers.transform import BLOCK, DCT, ZIGZAG, dct, dct_matrix, from_blocks, idct, pad, to_blocks

# fmt: off
__all__ = [
    "BLOCK", "CHROMA", "DCT", "LUMA", "MIDDLE", "SUBSAMPLING", "ZIGZAG", "compress", "compress_by_hand", "dct", "dct_matrix",
    "decode", "decode_plane", "dequantise", "encode", "encode_plane", "from_blocks", "has_luma", "idct", "intervals", "luma_levels",
    "luma_plane", "luma_table", "nearest_quality", "pad", "plane_levels", "quantisation_tables", "quantise", "read_tables", "rgb_to_ycbcr",
    "subsample", "to_blocks", "upsample", "ycbcr_to_rgb",
]
# fmt: on

SUBSAMPLING = ("4:4:4", "4:2:2", "4:2:0")


def encode(image, quality, subsampling="4:2:0"):
    """Compress an image to a JPEG file in memory.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    quality : int
        1 to 100.
    subsampling : {"4:2:0", "4:2:2", "4:4:4"}
        Size of the colour planes: half in both directions, half as wide, full.

    Returns
    -------
    bytes
        A baseline JPEG file, as Pillow (libjpeg-turbo) writes it.

    Raises
    ------
    ValueError
        On another kind of array, quality or subsampling.

    Examples
    --------
    >>> encode(np.zeros((8, 8, 3), np.uint8), quality=25)[:2].hex()  # "start of image"
    'ffd8'
    """
    if subsampling not in SUBSAMPLING:
        raise ValueError(f"subsampling is one of {', '.join(SUBSAMPLING)}, got {subsampling!r}")
    file = io.BytesIO()
    Image.fromarray(check_image(image)).save(file, "JPEG", quality=check_quality(quality), subsampling=subsampling)
    return file.getvalue()


def decode(data):
    """Decode a JPEG file in memory: the other half of `encode`.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)

    Raises
    ------
    ValueError
        If the bytes are no JPEG file, or break off.

    Examples
    --------
    >>> decode(encode(np.full((8, 8, 3), 200, np.uint8), quality=90))[0, 0]
    array([200, 200, 200], dtype=uint8)
    """
    return np.asarray(_open(data).convert("RGB"))


def compress(image, quality, subsampling="4:2:0"):
    """Return what is left of an image after JPEG: ``decode(encode(image, quality, subsampling))``."""
    return decode(encode(image, quality, subsampling))


def read_tables(data):
    """Read the quantisation tables out of a JPEG file.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    list of ndarray, int, shape (8, 8)
        In the file's numbering (0 is luma, 1 chroma, by custom), rows = vertical frequency.

    Examples
    --------
    >>> int(read_tables(encode(np.zeros((8, 8, 3), np.uint8), quality=25))[0][0, 7])
    122
    """
    tables = _open(data, load=False).quantization
    return [np.array(tables[number]).reshape(BLOCK, BLOCK) for number in sorted(tables)]


def luma_plane(data):
    """Decode the luma (Y) plane of a JPEG file alone, untouched by colour.

    Parameters
    ----------
    data : bytes
        A colour (YCbCr) or grey JPEG file.

    Returns
    -------
    ndarray, uint8, shape (height, width)

    Raises
    ------
    ValueError
        If the file has no luma plane (CMYK, or RGB stored as such).

    Examples
    --------
    >>> luma_plane(encode(np.full((8, 8, 3), 200, np.uint8), quality=90)).shape
    (8, 8)
    """
    picture = _open(data, load=False)
    if not has_luma(picture):
        raise ValueError(f"this JPEG stores {picture.mode} as it is and has no luma plane")
    picture.draft("L", picture.size)
    return np.asarray(_load(picture).convert("L"))


def luma_levels(data):
    """Recover the luma levels that a JPEG file stores.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    levels : ndarray, int64, shape (rows, columns, 8, 8)
        ``rint(dct(luma − 128) / table)``. One row and column of blocks more where the image's sides are no multiples of 8.
    exact : ndarray, bool, shape (rows, columns)
        Where the levels can be trusted: complete blocks in which no pixel is 0 or 255 (the decoder may have clipped there).

    Notes
    -----
    Decoded pixels are rounded, which shifts a coefficient by 0.3 or so: harmless while every step is 5 or more, that is
    up to about quality 75. Beyond it, ask a library that reads the coefficients themselves (jpeglib).

    Examples
    --------
    >>> levels, exact = luma_levels(encode(np.full((8, 8, 3), 138, np.uint8), quality=50))
    >>> int(levels[0, 0, 0, 0]), bool(exact[0, 0])
    (5, True)
    """
    return plane_levels(luma_plane(data), luma_table(data))


def luma_table(data):
    """Return the quantisation table of a JPEG file's luma plane, whatever its number: int, shape (8, 8)."""
    picture = _open(data, load=False)
    return np.array(picture.quantization[picture.layer[0][3]]).reshape(BLOCK, BLOCK)


def plane_levels(plane, table):
    """Recover the levels behind a decoded plane: `luma_levels` for a plane, or rows of one, and its table."""
    blocks = to_blocks(pad(plane))
    rows, columns = (side // BLOCK for side in plane.shape)
    exact = ((blocks > 0) & (blocks < 255)).all(axis=(2, 3))
    exact[rows:] = exact[:, columns:] = False
    return quantise(dct(blocks - np.float64(MIDDLE)), table), exact


def has_luma(picture):
    """Return whether a JPEG file opened by Pillow is grey, or stores light and colour differences: not red, green, blue or four inks."""
    as_rgb = picture.info.get("adobe_transform") == 0 or [component[0] for component in picture.layer] == [*b"RGB"]
    return picture.mode == "L" or (picture.mode == "RGB" and not as_rgb)


def _open(data, load=True):
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"expected the bytes of a JPEG file, got {type(data).__name__}; read a file with open(path, 'rb').read()")
    try:
        picture = Image.open(io.BytesIO(data), formats=["JPEG"])
    except (OSError, SyntaxError) as error:
        raise ValueError(f"these {len(data)} bytes are no JPEG file") from error
    return _load(picture) if load else picture


def _load(picture):
    try:
        picture.load()
    except (OSError, SyntaxError) as error:
        raise ValueError(f"this JPEG file is damaged: {error}") from error
    return picture
