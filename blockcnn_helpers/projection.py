"""What a JPEG file still knows: between which values each luma coefficient of its original lay. Bring a repaired picture back there."""

import numpy as np

from blockcnn_helpers import jpeg
from blockcnn_helpers.colour import TO_YCBCR
from blockcnn_helpers.jpeg import BLOCK, MIDDLE
from blockcnn_helpers.transform import dct, from_blocks, idct, pad, to_blocks

STRIP = 32  # rows of blocks at a time: memory stays small for the largest photo


def project(image, data, share=1.0, slack=1.0):
    """Move a repaired picture's luma coefficients into the intervals that its JPEG file allows.

    Parameters
    ----------
    image : ndarray, shape (height, width, 3)
        Repaired pixels in 0...255, uint8 or float: better not rounded yet.
    data : bytes
        The JPEG file that was repaired.
    share : float
        Width of the interval as a share of the quantisation step: 1 is all that rounding allows; smaller ones hold the picture nearer
        to the middle, where the decoder put it.
    slack : float
        Grey-level units of coefficient added at both ends, since encoders round on the way.

    Returns
    -------
    ndarray, float32, shape (height, width, 3)
        Neither rounded nor clipped. Colour differences stay: red, green and blue all move by what luma moves.

    Raises
    ------
    ValueError
        If the file has no luma plane (CMYK, RGB), or is of another size than the image.

    Notes
    -----
    If the file was made from the original, the original's coefficients lie in these intervals, a box, and so a convex set: the
    nearest point of it to any repaired picture is no farther from the original. Two rules keep that true for real files: a little
    slack, and hands off blocks that hold a 0 or a 255 (the decoder may have clipped them) or that the image's edge cuts through.
    A file saved from an earlier JPEG knows that JPEG instead: its box can take back much of a good repair (lesson 06).

    References
    ----------
    Rosenholtz, Zakhor, "Iterative procedures for reduction of blocking effects in transform image coding", IEEE TCSVT 1992.

    Examples
    --------
    >>> data = jpeg.encode(np.full((8, 8, 3), 100, np.uint8), quality=50)
    >>> project(np.full((8, 8, 3), 103.0), data)[0, 0]  # a step of 16 is 2 grey levels, 1 to each side, 1/8 of slack
    array([101.125, 101.125, 101.125], dtype=float32)
    """
    plane = jpeg.luma_plane(data)
    if image.ndim != 3 or image.shape[:2] != plane.shape or image.shape[2] != 3:
        raise ValueError(f"the JPEG file holds {plane.shape[0]}x{plane.shape[1]} pixels, the repaired picture has shape {image.shape}")
    if not (share >= 0 and slack >= 0):
        raise ValueError(f"share and slack are not negative, got {share} and {slack}")
    table = jpeg.luma_table(data)
    result = image.astype(np.float32)
    for top in range(0, plane.shape[0], STRIP * BLOCK):
        rows = slice(top, top + STRIP * BLOCK)
        result[rows] += correction(result[rows], plane[rows], table, share, slack)[..., None]
    return result


def correction(pixels, plane, table, share=1.0, slack=1.0):
    """Return what has to be added to each colour of a piece of picture, float, shape (height, width).

    Parameters
    ----------
    pixels : ndarray, shape (height, width, 3)
        In 0...255. The piece starts on the block grid.
    plane : ndarray, uint8, shape (height, width)
        The same piece of the file's luma plane, `jpeg.luma_plane`.
    table, share, slack
        `jpeg.luma_table`; see `project`.
    """
    height, width = plane.shape
    levels, exact = jpeg.plane_levels(plane, table)
    low, high = jpeg.intervals(levels, table, slack, share)
    found = dct(to_blocks(pad(pixels @ TO_YCBCR[0])) - MIDDLE)
    moved = np.where(exact[..., None, None], found.clip(low, high) - found, 0)
    return from_blocks(idct(moved))[:height, :width]
