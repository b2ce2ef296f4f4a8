"""How far is a picture from the one it should be? PSNR of colour and of luma, SSIM, PSNR-B, blockiness, and what it costs in bits."""

import math

import numpy as np

from blockcnn_helpers.colour import TO_YCBCR, check_image
from blockcnn_helpers.transform import BLOCK

PEAK = 255
THOUSANDTHS = np.array([299, 587, 114], np.float32)  # red, green and blue in luma


def mse(reference, image):
    """Mean squared error over all pixels and the three channels together.

    Parameters
    ----------
    reference, image : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    float
        In squared grey levels, 0…65025. (Divide by 255² for the number that code on [0, 1] reports.)

    Raises
    ------
    ValueError
        If the two are not images of one size.

    Examples
    --------
    >>> mse(np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 3, np.uint8))
    9.0
    """
    reference, image = _pair(reference, image)
    difference = reference.astype(np.int16) - image
    return int(np.einsum("ijk,ijk", difference, difference, dtype=np.int64)) / difference.size


def psnr(reference, image):
    """Peak signal-to-noise ratio in dB, red, green and blue jointly.

    Parameters
    ----------
    reference, image : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    float
        Higher is better; infinity for equal images. 3 dB less is twice the squared error.

    Notes
    -----
    PSNR = 10 log10(255² / MSE).

    Examples
    --------
    >>> round(psnr(np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 3, np.uint8)), 2)
    38.59
    """
    return decibels(mse(reference, image))


def psnr_y(reference, image):
    """Peak signal-to-noise ratio of the luma alone, in dB: what most of the eye's attention, and of JPEG's bits, goes to.

    Parameters
    ----------
    reference, image : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    float
        Of JPEG's luma, 0...255, which is not rounded. (The 16...235 luma of MATLAB and many papers reads 1.32 dB more.)

    Examples
    --------
    >>> grey, blue = np.zeros((2, 8, 8, 3), np.uint8)
    >>> blue[..., 2] = 100  # weighs 0.114: an error of 11.4
    >>> round(psnr_y(grey, blue), 2)
    26.99
    """
    return decibels(float(np.mean(np.square(_difference(reference, image) @ TO_YCBCR[0]))))


def ssim(reference, image):
    """Structural similarity, the mean over pixels and channels.

    Parameters
    ----------
    reference, image : ndarray, uint8, shape (height, width, 3)
        Both sides at least 11 pixels, the width of the window.

    Returns
    -------
    float
        1 for equal images; around 0 for unrelated ones.

    Notes
    -----
    Means, variances and covariance under a Gaussian window of sigma 1.5, population covariance, each channel by itself.

    References
    ----------
    Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity", 2004.

    Examples
    --------
    >>> image = np.tile(np.arange(0, 160, 10, dtype=np.uint8), (16, 1))[..., None].repeat(3, axis=2)
    >>> round(ssim(image, image), 6)
    1.0
    """
    from skimage.metrics import structural_similarity  # here, so that importing this module stays quick

    _pair(reference, image)
    if min(reference.shape[:2]) < 11:
        raise ValueError(f"SSIM needs at least 11x11 pixels, the size of its window; got {reference.shape[0]}x{reference.shape[1]}")
    return float(
        structural_similarity(
            reference, image, channel_axis=-1, data_range=PEAK, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )


def blocking(image):
    """Blocking effect factor of the luma: how much more pixels differ across block borders than inside blocks.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
        Its grid starts in the top left corner.

    Returns
    -------
    float
        In squared grey levels, the unit of `mse`. 0 if the borders are no worse than the rest.

    Notes
    -----
    With D_B the mean squared difference of horizontal and vertical neighbours on two sides of a border and D_I that of all
    other neighbours, the factor is eta (D_B − D_I) where D_B > D_I and else 0, with eta = log2(8) / log2(min(height, width)).

    References
    ----------
    Yim, Bovik, "Quality assessment of deblocked images", IEEE Transactions on Image Processing 20, 2011.

    Examples
    --------
    >>> blocking(np.full((16, 16, 3), 7, np.uint8))
    0.0
    """
    border, inside = _steps(image, lambda steps: np.square(steps, dtype=np.float64))
    shorter = min(image.shape[:2])
    if border <= inside or shorter < 2:
        return 0.0
    return math.log2(BLOCK) / math.log2(shorter) * (border - inside)


def psnr_b(reference, image):
    """PSNR that charges for visible blocks: the blocking factor of `image` is added to its squared error.

    Parameters
    ----------
    reference, image : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    float
        In dB; at most `psnr`.

    Notes
    -----
    PSNR-B = 10 log10(255² / (MSE + blocking)), with the error of RGB and the blocking factor of luma.

    References
    ----------
    Yim, Bovik, "Quality assessment of deblocked images", IEEE Transactions on Image Processing 20, 2011.

    Examples
    --------
    >>> blocks = np.zeros((16, 16, 3), np.uint8)
    >>> blocks[:, 8:] = 20
    >>> smooth = np.full((16, 16, 3), 10, np.uint8)
    >>> round(psnr(smooth, blocks), 2), round(psnr_b(smooth, blocks), 2)
    (28.13, 24.15)
    """
    return decibels(mse(reference, image) + blocking(image))


def blockiness(image):
    """Mean step of luma across block borders divided by the mean step inside blocks: one number to read off.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    float
        About 1 for a photo, 2 when borders are twice as sharp as the rest. 1 for a flat image, infinity if all steps are on borders.

    Examples
    --------
    >>> ramp = np.tile(np.arange(64, dtype=np.uint8), (64, 1))[..., None].repeat(3, axis=2)
    >>> blockiness(ramp + ramp.swapaxes(0, 1))
    1.0
    """
    border, inside = _steps(image, np.abs)
    return round(border, 9) / round(inside, 9) if round(inside, 9) else (1.0 if border == 0 else math.inf)


def bits_per_pixel(data, image):
    """Size of a file per pixel of its image.

    Parameters
    ----------
    data : bytes or int
        The file, or its length in bytes.
    image : ndarray, shape (height, width, ...)

    Returns
    -------
    float
        Bits per pixel; 24 for the uncompressed photo.

    Examples
    --------
    >>> bits_per_pixel(192, np.zeros((8, 8, 3), np.uint8))
    24.0
    """
    length = data if isinstance(data, (int, np.integer)) else len(data)
    height, width = np.shape(image)[:2]
    return 8 * int(length) / (height * width)


def position_error(reference, image):
    """Mean squared error by place in the block.

    Parameters
    ----------
    reference, image : ndarray, uint8, shape (height, width, 3)
        The grid starts in the top left corner.

    Returns
    -------
    ndarray, float64, shape (8, 8)
        Entry [y, x]: the mean over all pixels in row y and column x of their block, in squared grey levels.

    Examples
    --------
    >>> clean, spoiled = np.zeros((2, 16, 16, 3), np.uint8)
    >>> spoiled[0, 0] = 10  # one of the four blocks
    >>> float(position_error(clean, spoiled)[0, 0])
    25.0
    """
    squares = np.square(_difference(reference, image)).mean(axis=2)
    if min(squares.shape) < BLOCK:
        raise ValueError(f"an image of {squares.shape[0]}x{squares.shape[1]} holds no whole {BLOCK}x{BLOCK} block")
    return np.array([[squares[y::BLOCK, x::BLOCK].mean() for x in range(BLOCK)] for y in range(BLOCK)])


def _pair(reference, image):
    reference, image = check_image(reference, "reference"), check_image(image)
    if reference.shape != image.shape:
        raise ValueError(f"two images of one size are compared, got shapes {reference.shape} and {image.shape}")
    return reference, image


def _difference(reference, image):
    reference, image = _pair(reference, image)
    return reference.astype(np.float64) - image


def decibels(error):
    """Turn a mean squared error in squared grey levels into PSNR, in dB; infinity for no error.

    Examples
    --------
    >>> round(decibels(9.0), 2)
    38.59
    """
    return 10 * math.log10(PEAK**2 / error) if error > 0 else math.inf


def _steps(image, measure):
    """Return the mean of `measure` over neighbours' differences of luma: across block borders, and inside blocks."""
    luma = check_image(image) @ THOUSANDTHS  # whole numbers below 2**24: exact, in half the time and memory of float64
    sums, counts = np.zeros(2), np.zeros(2)  # across borders, everywhere
    for steps in (np.diff(luma, axis=0), np.diff(luma, axis=1).T):
        for which, rows in enumerate((steps[BLOCK - 1 :: BLOCK], steps)):
            sums[which] += measure(rows).sum(dtype=np.float64)
            counts[which] += rows.size
    (border, total), (borders, everywhere), unit = sums, counts, measure(1000.0)
    return float(border / max(borders, 1) / unit), float((total - border) / max(everywhere - borders, 1) / unit)
