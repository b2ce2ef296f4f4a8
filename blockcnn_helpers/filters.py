"""Filters to beat: what can be had without learning anything. A network that can't do better has not earned its keep."""

import numpy as np

from blockcnn_helpers.colour import check_image

PEAK = np.float32(255)


def do_nothing(image):
    """Return the image as it is: JPEG itself, the first row of every table."""
    return image


def bilateral(image, radius=2, sigma_colour=40.0, sigma_space=2.0):
    """Smooth an image but not across edges: the filter to beat before a network earns its keep.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    radius : int
        Pixels farther away than this don't count: 2 is a round window 5 pixels wide.
    sigma_colour : float
        In grey levels, for the sum of the three channels' absolute differences: pixels that differ by more hardly count.
    sigma_space : float
        In pixels: pixels farther away count less.

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)

    Notes
    -----
    Each pixel p becomes the mean of its neighbours q with weights
    exp(-|p - q|^2 / 2 sigma_space^2) exp(-(|dR| + |dG| + |dB|)^2 / 2 sigma_colour^2); the image is mirrored at its edges without
    repeating the edge itself. That is OpenCV's ``bilateralFilter(image, 5, 40, 2)``.

    References
    ----------
    Tomasi, Manduchi, "Bilateral filtering for gray and color images", ICCV 1998.

    Examples
    --------
    >>> edge = np.zeros((4, 8, 3), np.uint8)
    >>> edge[:, 4:] = 200
    >>> bool((bilateral(edge) == edge).all())
    True
    """
    image = check_image(image)
    height, width = image.shape[:2]
    rows, columns = (_mirrored(side, radius) for side in (height, width))
    around = image[rows[:, None], columns].astype(np.float32)
    total, weights = np.zeros(image.shape, np.float32), np.zeros((height, width, 1), np.float32)
    colour = np.exp(-0.5 * (np.arange(3 * 255 + 1, dtype=np.float32) / sigma_colour) ** 2)
    for y in range(-radius, radius + 1):
        for x in range(-radius, radius + 1):
            if np.hypot(y, x) > radius:
                continue
            shifted = around[radius + y : radius + y + height, radius + x : radius + x + width]
            difference = np.abs(shifted - image).sum(axis=-1, keepdims=True).astype(np.intp)
            weight = colour[difference] * np.float32(np.exp(-0.5 * (y * y + x * x) / sigma_space**2))
            total += weight * shifted
            weights += weight
    return np.rint(total / weights).astype(np.uint8)


def _mirrored(side, radius):
    """Return the indices -radius...side + radius - 1, mirrored at both ends; a side of 1 has nothing to mirror."""
    index = np.abs(np.arange(-radius, side + radius))
    period = max(1, 2 * (side - 1))
    index %= period
    return np.minimum(index, period - index) if side > 1 else index * 0


def total_variation(image, weight=0.015, steps=100):
    """Take small steps out of an image and leave large ones: total variation denoising.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    weight : float
        How much a step costs, on a scale where the image runs from 0 to 1: more is smoother. The default gained most on photos of
        BSDS500's validation part, over qualities 10, 25 and 40 together.
    steps : int
        At most so many iterations.

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)

    Notes
    -----
    The result u makes sum |u - image|^2 / 2 + weight sum |grad u| small: stay close to the image, but pay for every step between
    neighbours by its height. Scikit-image's ``denoise_tv_chambolle``, the three channels together.

    References
    ----------
    Chambolle, "An algorithm for total variation minimization and applications", Journal of Mathematical Imaging and Vision 20, 2004.

    Examples
    --------
    >>> edge = np.full((8, 8, 3), 100, np.uint8)
    >>> edge[:, 4:] = 103
    >>> edge[:, 7:] = 203
    >>> total_variation(edge)[0, :, 0].tolist()
    [101, 101, 101, 101, 103, 103, 104, 199]
    """
    from skimage.restoration import denoise_tv_chambolle  # here, so that importing this module stays quick

    smooth = denoise_tv_chambolle(check_image(image) / PEAK, weight=weight, max_num_iter=steps, channel_axis=-1)
    return np.rint(PEAK * smooth).clip(0, PEAK).astype(np.uint8)
