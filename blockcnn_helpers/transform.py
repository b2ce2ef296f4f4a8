"""Blocks and the discrete cosine transform: how JPEG cuts an image and in what terms it describes the pieces."""

import numpy as np

BLOCK = 8


def dct_matrix():
    """Return the orthonormal 8x8 DCT-II matrix.

    Row k holds the k-th cosine, so ``dct_matrix() @ x`` are the coefficients of eight samples ``x``.

    Returns
    -------
    ndarray, float64, shape (8, 8)
        ``C @ C.T`` is the identity: the transform keeps energy and its inverse is its transpose.

    Notes
    -----
    C[k, n] = s(k) cos(pi (2 n + 1) k / 16), with s(0) = sqrt(1/8) and s(k) = 1/2 otherwise.

    References
    ----------
    ITU-T T.81 (JPEG), A.3.3.

    Examples
    --------
    >>> (dct_matrix() @ np.ones(8)).round(3) + 0.0
    array([2.828, 0.   , 0.   , 0.   , 0.   , 0.   , 0.   , 0.   ])
    """
    k, n = np.ogrid[:BLOCK, :BLOCK]
    matrix = np.cos(np.pi * (2 * n + 1) * k / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    matrix[0] /= np.sqrt(2)
    return matrix


DCT = dct_matrix()


def dct(blocks):
    """Transform 8x8 blocks to DCT coefficients.

    Parameters
    ----------
    blocks : array_like, shape (..., 8, 8)
        Samples, usually centred by subtracting 128.

    Returns
    -------
    ndarray, float64, shape (..., 8, 8)
        Coefficient [v, u]: v-th vertical, u-th horizontal frequency; [0, 0] is 8 times the mean.

    Raises
    ------
    ValueError
        If the last two axes are not 8x8.

    Examples
    --------
    >>> float(dct(np.full((8, 8), 10.0))[0, 0].round(6))
    80.0
    """
    return DCT @ _as_blocks(blocks) @ DCT.T


def idct(coefficients):
    """Transform DCT coefficients back to samples: the inverse of `dct`.

    Parameters
    ----------
    coefficients : array_like, shape (..., 8, 8)
        Coefficient [v, u]: v-th vertical, u-th horizontal frequency.

    Returns
    -------
    ndarray, float64, shape (..., 8, 8)
        Samples, centred as the ones that went into `dct`.

    Raises
    ------
    ValueError
        If the last two axes are not 8x8.

    Examples
    --------
    >>> idct(dct(np.arange(64).reshape(8, 8)))[0].round(6)
    array([0., 1., 2., 3., 4., 5., 6., 7.])
    """
    return DCT.T @ _as_blocks(coefficients) @ DCT


def pad(image, multiple=BLOCK):
    """Grow an image to a multiple of 8 by repeating its last row and last column.

    Parameters
    ----------
    image : array_like, shape (height, width) or (height, width, channels)
    multiple : int
        Both sides are rounded up to it.

    Returns
    -------
    ndarray, same type
        The image in the top left corner, its edge repeated below and to the right.

    Examples
    --------
    >>> pad(np.array([[1, 2, 3]]), multiple=4)[:2]
    array([[1, 2, 3, 3],
           [1, 2, 3, 3]])
    """
    image = np.asarray(image)
    if image.ndim not in (2, 3) or 0 in image.shape:
        raise ValueError(f"expected a plane (height, width) or an image (height, width, channels), got shape {image.shape}")
    below, right = (-side % multiple for side in image.shape[:2])
    return np.pad(image, ((0, below), (0, right)) + ((0, 0),) * (image.ndim - 2), mode="edge")


def to_blocks(plane):
    """Cut a plane into 8x8 blocks.

    Parameters
    ----------
    plane : array_like, shape (height, width)
        Both sides multiples of 8; `pad` makes them so.

    Returns
    -------
    ndarray, same type, shape (height / 8, width / 8, 8, 8)
        Block [r, c] holds rows 8 r … 8 r + 7 and columns 8 c … 8 c + 7.

    Raises
    ------
    ValueError
        If the array is not a plane or its sides are no multiples of 8.

    Examples
    --------
    >>> to_blocks(np.zeros((16, 24))).shape
    (2, 3, 8, 8)
    """
    plane = np.asarray(plane)
    if plane.ndim != 2:
        raise ValueError(f"expected one plane of shape (height, width), got an array of shape {plane.shape}; take one channel")
    height, width = plane.shape
    if height % BLOCK or width % BLOCK:
        raise ValueError(f"{height}x{width} is not a whole number of {BLOCK}x{BLOCK} blocks; grow the plane with pad")
    return plane.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK).swapaxes(1, 2)


def from_blocks(blocks):
    """Put 8x8 blocks back together: the inverse of `to_blocks`.

    Parameters
    ----------
    blocks : array_like, shape (rows, columns, 8, 8)

    Returns
    -------
    ndarray, same type, shape (8 rows, 8 columns)

    Examples
    --------
    >>> plane = np.arange(16 * 24).reshape(16, 24)
    >>> bool((from_blocks(to_blocks(plane)) == plane).all())
    True
    """
    blocks = np.asarray(blocks)
    if blocks.ndim != 4 or blocks.shape[-2:] != (BLOCK, BLOCK):
        raise ValueError(f"expected blocks of shape (rows, columns, {BLOCK}, {BLOCK}), got an array of shape {blocks.shape}")
    rows, columns = blocks.shape[:2]
    return blocks.swapaxes(1, 2).reshape(rows * BLOCK, columns * BLOCK)


def _zigzag():
    """Return the 64 places (v, u) from low to high frequency, back and forth along the diagonals (T.81, figure 5)."""
    places = [(v, u) for v in range(BLOCK) for u in range(BLOCK)]
    return np.array(sorted(places, key=lambda p: (sum(p), p[0] if sum(p) % 2 else p[1])))


ZIGZAG = _zigzag()


def _as_blocks(array):
    array = np.asarray(array, dtype=np.float64)
    if array.shape[-2:] != (BLOCK, BLOCK):
        raise ValueError(f"expected blocks of shape (..., 8, 8), got an array of shape {array.shape}; cut an image with to_blocks")
    return array
