"""Colour as JPEG sees it: one plane of light and two of colour, the colours at half size."""

import numpy as np

TO_YCBCR = np.array([[0.299, 0.587, 0.114], [-0.168735892, -0.331264108, 0.5], [0.5, -0.418687589, -0.081312411]])
TO_RGB = np.array([[1.0, 0.0, 1.402], [1.0, -0.344136286, -0.714136286], [1.0, 1.772, 0.0]])
CENTRE = np.array([0.0, 128.0, 128.0])


def check_image(image, name="image"):
    """Return `image` if it is the course's one currency, uint8 of shape (height, width, 3); raise ValueError if not.

    Examples
    --------
    >>> check_image(np.zeros((8, 8)))
    Traceback (most recent call last):
    ...
    ValueError: image: expected uint8 of shape (height, width, 3), got float64 of shape (8, 8)
    """
    image = np.asarray(image)
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ValueError(f"{name}: expected uint8 of shape (height, width, 3), got {image.dtype} of shape {image.shape}")
    return image


def rgb_to_ycbcr(image):
    """Turn red, green, blue into light (Y) and two colour differences (Cb, Cr).

    Parameters
    ----------
    image : array_like, shape (..., 3)
        Red, green, blue in 0…255.

    Returns
    -------
    ndarray, float64, shape (..., 3)
        Y in 0…255; Cb (blueness) and Cr (redness) in 0.5…255.5, 128 where there is no colour. Not rounded.

    Notes
    -----
    Y = 0.299 R + 0.587 G + 0.114 B; Cb = 128 + (B − Y) / 1.772; Cr = 128 + (R − Y) / 1.402: full range, as in every JFIF
    file. (Television, and MATLAB's ``rgb2ycbcr``, squeeze Y into 16…235.)

    References
    ----------
    ITU-T T.871 (JFIF), 7.

    Examples
    --------
    >>> rgb_to_ycbcr([200, 200, 200]).round(3)
    array([200., 128., 128.])
    """
    return _colours(image) @ TO_YCBCR.T + CENTRE


def ycbcr_to_rgb(planes):
    """Turn light and colour differences back into red, green, blue: the inverse of `rgb_to_ycbcr`.

    Parameters
    ----------
    planes : array_like, shape (..., 3)
        Y, Cb, Cr.

    Returns
    -------
    ndarray, float64, shape (..., 3)
        Red, green, blue; neither rounded nor clipped, and outside 0…255 where Y, Cb, Cr are no real colour.

    Examples
    --------
    >>> ycbcr_to_rgb(rgb_to_ycbcr([255, 128, 64])).round(3)
    array([255., 128.,  64.])
    """
    return (_colours(planes) - CENTRE) @ TO_RGB.T


def subsample(plane):
    """Halve a plane: the mean of every 2x2 pixels (an odd last row or column is repeated first).

    Parameters
    ----------
    plane : array_like, shape (height, width)

    Returns
    -------
    ndarray, float64, shape (ceil(height / 2), ceil(width / 2))

    Examples
    --------
    >>> subsample([[0, 4], [8, 12]])
    array([[6.]])
    """
    plane = _plane(plane)
    height, width = plane.shape
    plane = np.pad(plane, ((0, height % 2), (0, width % 2)), mode="edge")
    return (plane[::2, ::2] + plane[::2, 1::2] + plane[1::2, ::2] + plane[1::2, 1::2]) / 4


def upsample(plane, shape=None):
    """Double a plane: each new pixel takes 3/4 of the nearer sample and 1/4 of the farther one, in both directions.

    Parameters
    ----------
    plane : array_like, shape (height, width)
    shape : (int, int), optional
        Size to cut the result to, for images with odd sides.

    Returns
    -------
    ndarray, float64, shape (2 height, 2 width), or `shape`

    Notes
    -----
    libjpeg calls this triangle filter "fancy upsampling" and uses it unless told otherwise; repeating each sample twice
    is what fast decoders do. Either way, the detail that `subsample` averaged away stays lost.

    Examples
    --------
    >>> upsample([[0, 100]])[0]
    array([  0.,  25.,  75., 100.])
    """
    plane = _plane(plane)
    for axis in (0, 1):
        edges = np.pad(plane, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        before, after = (np.take(edges, range(start, start + plane.shape[axis]), axis) for start in (0, 2))
        pair = np.stack([0.75 * plane + 0.25 * before, 0.75 * plane + 0.25 * after], axis=axis + 1)
        plane = pair.reshape([side * (2 if a == axis else 1) for a, side in enumerate(plane.shape)])
    return plane if shape is None else plane[: shape[0], : shape[1]]


def _colours(array):
    array = np.asarray(array, dtype=np.float64)
    if array.ndim < 1 or array.shape[-1] != 3:
        raise ValueError(f"expected three channels in the last axis, got an array of shape {array.shape}")
    return array


def _plane(array):
    array = np.asarray(array, dtype=np.float64)
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"expected one plane of shape (height, width), got an array of shape {array.shape}; take one channel")
    return array
