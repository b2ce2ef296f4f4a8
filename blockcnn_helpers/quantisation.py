"""Quantisation: the tables, the rounding, and JPEG's way there and back written out (without the file around it)."""

import numpy as np

from blockcnn_helpers.colour import check_image, rgb_to_ycbcr, subsample, upsample, ycbcr_to_rgb
from blockcnn_helpers.transform import BLOCK, dct, from_blocks, idct, pad, to_blocks

MIDDLE = 128  # the grey level that JPEG subtracts first, so that samples lie around zero

LUMA = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
CHROMA = np.full((BLOCK, BLOCK), 99)
CHROMA[:4, :4] = [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]]


def quantisation_tables(quality):
    """Return the two tables that a quality stands for.

    Parameters
    ----------
    quality : int
        1 (smallest file) to 100 (best picture).

    Returns
    -------
    luma, chroma : ndarray, int, shape (8, 8)
        The step of each coefficient, 1…255: it is stored as a whole number of such steps.

    Raises
    ------
    ValueError
        If the quality is not a whole number from 1 to 100.

    Notes
    -----
    The Independent JPEG Group's rule: scale the standard's tables by 5000 / quality percent below 50 and by
    200 − 2 quality percent from there on (50: the tables as they are; 100: every step is 1).

    References
    ----------
    ITU-T T.81 (JPEG), Annex K.1; libjpeg, ``jpeg_quality_scaling`` in ``jcparam.c``.

    Examples
    --------
    >>> quantisation_tables(25)[0][0]
    array([ 32,  22,  20,  32,  48,  80, 102, 122])
    """
    quality = check_quality(quality)
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    luma, chroma = (((base * percent + 50) // 100).clip(1, 255) for base in (LUMA, CHROMA))
    return luma, chroma


def quantise(coefficients, table):
    """Divide each coefficient by its step and round: the one place where JPEG throws information away.

    Parameters
    ----------
    coefficients : array_like, shape (..., 8, 8)
    table : array_like of int, shape (8, 8)

    Returns
    -------
    ndarray, int64, shape (..., 8, 8)
        Levels. Halves are rounded away from zero, as libjpeg does.

    Examples
    --------
    >>> int(quantise(np.full((8, 8), 40.0), LUMA)[0, 0])  # 40 / 16 = 2.5
    3
    """
    steps = np.asarray(coefficients, dtype=np.float64) / _table(table)
    return (np.sign(steps) * np.floor(np.abs(steps) + 0.5 + 1e-9)).astype(np.int64)


def dequantise(levels, table):
    """Multiply each level by its step: what the decoder has in place of the coefficients.

    Parameters
    ----------
    levels : array_like of int, shape (..., 8, 8)
    table : array_like of int, shape (8, 8)

    Returns
    -------
    ndarray, int64, shape (..., 8, 8)
        Within half a step of what went into `quantise`.

    Examples
    --------
    >>> int(dequantise(np.full((8, 8), 3), LUMA)[0, 0])
    48
    """
    return np.asarray(levels, dtype=np.int64) * _table(table)


def encode_plane(plane, table):
    """Turn one plane into levels: cut, centre, transform, quantise.

    Parameters
    ----------
    plane : array_like, shape (height, width)
        Samples in 0…255; sides that are no multiples of 8 are padded.
    table : array_like of int, shape (8, 8)

    Returns
    -------
    ndarray, int64, shape (rows, columns, 8, 8)

    Examples
    --------
    >>> int(encode_plane(np.full((8, 8), 138), LUMA)[0, 0, 0, 0])  # ten above the middle: 80 / 16
    5
    """
    return quantise(dct(to_blocks(pad(plane)) - np.float64(MIDDLE)), table)


def decode_plane(levels, table):
    """Turn levels into a plane: the mirror image of `encode_plane`.

    Parameters
    ----------
    levels : array_like of int, shape (rows, columns, 8, 8)
    table : array_like of int, shape (8, 8)

    Returns
    -------
    ndarray, uint8, shape (8 rows, 8 columns)
        Rounded and clipped to 0…255. libjpeg computes with whole numbers and may differ by one grey level.

    Examples
    --------
    >>> int(decode_plane(encode_plane(np.full((8, 8), 138), LUMA), LUMA)[0, 0])
    138
    """
    samples = from_blocks(idct(dequantise(levels, table))) + MIDDLE
    return np.rint(samples).clip(0, 255).astype(np.uint8)


def compress_by_hand(image, quality, subsampling="4:2:0"):
    """Do to an image what a JPEG file does to it, in this course's own functions.

    Parameters and result are those of `jpeg.compress`, which asks libjpeg instead; the two differ by rounding.
    ``subsampling`` is "4:4:4" or "4:2:0".

    Examples
    --------
    >>> compress_by_hand(np.full((8, 8, 3), 77, np.uint8), quality=90)[0, 0]
    array([77, 77, 77], dtype=uint8)
    """
    if subsampling not in ("4:4:4", "4:2:0"):
        raise ValueError(f"by hand we do '4:4:4' and '4:2:0', not {subsampling!r}")
    height, width = check_image(image).shape[:2]
    half = subsampling == "4:2:0"
    planes = pad(np.rint(rgb_to_ycbcr(image)), 2 * BLOCK if half else BLOCK)
    tables = quantisation_tables(quality)
    decoded = []
    for channel, table in enumerate((tables[0], tables[1], tables[1])):
        small = half and channel > 0
        plane = np.rint(subsample(planes[..., channel])) if small else planes[..., channel]
        plane = decode_plane(encode_plane(plane, table), table)
        decoded.append(upsample(plane[: -(-height // 2), : -(-width // 2)]) if small else plane)
    colours = ycbcr_to_rgb(np.stack([plane[:height, :width] for plane in decoded], axis=-1))
    return np.rint(colours).clip(0, 255).astype(np.uint8)


def intervals(levels, table, slack=1.0, share=1.0):
    """Return between which values the coefficients lay before they were rounded to these levels.

    Parameters
    ----------
    levels : array_like of int, shape (..., 8, 8)
    table : array_like of int, shape (8, 8)
    slack : float
        Encoders round on the way; leave this much room on both sides.
    share : float
        Width as a share of the step: 1 is all that rounding allows.

    Returns
    -------
    low, high : ndarray, float64, shape (..., 8, 8)
        (level − share/2) step − slack and (level + share/2) step + slack.

    Examples
    --------
    >>> low, high = intervals(np.full((8, 8), 5), LUMA, slack=0)
    >>> float(low[0, 0]), float(high[0, 0])
    (72.0, 88.0)
    """
    middle, half = dequantise(levels, table), share * _table(table) / 2 + slack
    return middle - half, middle + half


def nearest_quality(table):
    """Return the quality, 1...100, whose luma table comes closest to `table`, shape (8, 8): what a file made by other tables is like.

    Examples
    --------
    >>> nearest_quality(quantisation_tables(25)[0])
    25
    """
    table = _table(table)
    return min(range(1, 101), key=lambda quality: np.abs(quantisation_tables(quality)[0] - table).sum())


def check_quality(quality):
    """Return `quality` as an int; raise ValueError unless it is a whole number from 1 to 100."""
    if isinstance(quality, bool) or not isinstance(quality, (int, np.integer)) or not 1 <= quality <= 100:
        raise ValueError(f"quality is a whole number from 1 to 100, got {quality!r}")
    return int(quality)


def _table(table):
    table = np.asarray(table)
    if table.shape != (BLOCK, BLOCK) or (table <= 0).any():
        raise ValueError(f"expected a quantisation table of 8x8 positive steps, got shape {table.shape}, smallest {table.min(initial=1)}")
    return table.astype(np.int64)
