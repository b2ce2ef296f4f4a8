"""The same two pictures, other decibels: what published tables call PSNR, to be told apart."""

import numpy as np

from blockcnn_helpers import metrics
from blockcnn_helpers.colour import check_image, rgb_to_ycbcr

STUDIO = np.array([65.481, 128.553, 24.966]) / 255


def luma(image, studio=False):
    """Return an image's brightness.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    studio : bool
        False: JPEG's luma, 0...255. True: television's, 16...235, as MATLAB's ``rgb2ycbcr`` gives it.

    Returns
    -------
    ndarray, float64, shape (height, width)

    Examples
    --------
    >>> white = np.full((1, 1, 3), 255, np.uint8)
    >>> round(float(luma(white)[0, 0]), 6), round(float(luma(white, studio=True)[0, 0]), 6)
    (255.0, 235.0)
    """
    image = check_image(image)
    return 16 + image @ STUDIO if studio else rgb_to_ycbcr(image)[..., 0]


def psnr(reference, image):
    """Return the PSNR in dB of two arrays of any one shape, floating-point values among them; the peak is 255.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> round(psnr(np.zeros((4, 4)), np.full((4, 4), 25.5)), 2)
    20.0
    """
    reference, image = np.asarray(reference, dtype=np.float64), np.asarray(image, dtype=np.float64)
    if reference.shape != image.shape:
        raise ValueError(f"arrays of one shape are compared, got {reference.shape} and {image.shape}")
    return float(metrics.decibels(np.square(reference - image).mean()))


def cropped(image, border=8):
    """Return an image without `border` pixels on each side."""
    return image[border:-border, border:-border]


def luma_psnr(reference, image, studio=False):
    """PSNR of the luma alone, in dB; see `luma`."""
    return psnr(luma(reference, studio), luma(image, studio))


def channel_psnr(reference, image):
    """Mean of the PSNRs of red, green and blue, in dB: not the PSNR of the three together."""
    return float(np.mean([psnr(reference[..., c], image[..., c]) for c in range(3)]))


def cropped_psnr(reference, image):
    """PSNR without the outer 8 pixels, in dB: the border, where a network sees least, is not judged."""
    return metrics.psnr(cropped(reference), cropped(image))


def pooled_psnr(references, images):
    """PSNR of the mean squared error of several pictures, in dB; at most the mean of their PSNRs.

    Parameters
    ----------
    references, images : sequence of ndarray, uint8, shape (height, width, 3)

    Examples
    --------
    >>> black = np.zeros((2, 2, 3), np.uint8)
    >>> good, bad = black + np.uint8(1), black + np.uint8(10)
    >>> round(pooled_psnr([black, black], [good, bad]), 2), round((metrics.psnr(black, good) + metrics.psnr(black, bad)) / 2, 2)
    (31.1, 38.13)
    """
    errors = [metrics.mse(reference, image) for reference, image in zip(references, images, strict=True)]
    return float(metrics.decibels(np.mean(errors)))
