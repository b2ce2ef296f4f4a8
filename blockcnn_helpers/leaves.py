"""Drawn images with the statistics of photographs: training material that needs no download."""

import numpy as np
from PIL import Image, ImageDraw

SMALLEST = 2.5
DEPTH = 4


def dead_leaves(height, width, seed):
    """Draw overlapping, shaded discs whose radii follow a power law: a stand-in for photographs.

    Parameters
    ----------
    height, width : int
        Size in pixels.
    seed : int
        The same seed gives the same image.

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)

    Notes
    -----
    P(radius > r) falls as 1 / r^2 between 2.5 pixels and a third of the longer side, as areas of objects in photographs
    do. Leaves fall until a pixel lies under four of them on average; one large leaf lies below all. Drawn twice as large
    and halved, so that edges are soft. A leaf has its own colour, slope of brightness and strength of a 1/f texture.

    References
    ----------
    A. B. Lee, D. Mumford, J. Huang, "Occlusion models for natural images", IJCV 41, 2001.

    Examples
    --------
    >>> dead_leaves(16, 24, seed=1).shape
    (16, 24, 3)
    """
    if height < 1 or width < 1:
        raise ValueError(f"expected a height and width of at least 1 pixel, got {height} and {width}")
    rng = np.random.default_rng(seed)
    leaf, centres, radii = _fallen_leaves(2 * height, 2 * width, rng)
    count = len(radii)
    colour = rng.uniform(60, 190, 3) + rng.normal(0, 45, (count, 1)) + rng.normal(0, 22, (count, 3))
    slope = rng.normal(0, 25, (count, 2)) / radii[:, None]
    rough = rng.exponential(7, count)
    rows, columns = np.indices(leaf.shape, sparse=True)
    offset = -(slope * centres).sum(axis=1)
    shade = slope[leaf, 0] * rows + slope[leaf, 1] * columns + offset[leaf] + rough[leaf] * _pink_noise(leaf.shape, rng)
    large = colour[leaf] + shade[..., None]
    return np.clip(np.rint(large.reshape(height, 2, width, 2, 3).mean(axis=(1, 3))), 0, 255).astype(np.uint8)


def _fallen_leaves(height, width, rng):
    """Return the index of the leaf seen at each pixel, and all leaves' centres (count, 2) and radii (count,)."""
    small, large = 2 * SMALLEST, max(4 * SMALLEST, max(height, width) / 3)
    inverse_squares = np.array([small**-2, large**-2])
    mean_area = 2 * np.pi * np.log(large / small) / (inverse_squares[0] - inverse_squares[1])
    count = 1 + int(DEPTH * (height + 2 * large) * (width + 2 * large) / mean_area)
    radii = rng.uniform(*inverse_squares[::-1], count) ** -0.5
    centres = rng.random((count, 2)) * (height + 2 * large, width + 2 * large) - large
    seen = Image.new("I", (width, height), 0)
    draw = ImageDraw.Draw(seen)
    boxes = np.column_stack([centres[:, ::-1] - radii[:, None], centres[:, ::-1] + radii[:, None]]).tolist()
    for index, box in enumerate(boxes[1:], start=1):
        draw.ellipse(box, fill=index)
    radii[0] = large
    return np.array(seen), centres, radii


def _pink_noise(shape, rng):
    """Return noise whose amplitude falls as 1 / frequency, mean 0 and standard deviation 1."""
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))
    frequency[0, 0] = np.inf
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal(shape)) / frequency, shape)
    return noise / noise.std()
