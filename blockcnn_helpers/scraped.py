"""The third assignment's photos, one's own and what a colleague has scraped, small so that all runs in seconds; and its figures."""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from blockcnn_helpers import figures, images, jpeg
from blockcnn_helpers.leaves import dead_leaves

SIDE = 192
DPI = 80
ORIGINAL = 90  # JPEG quality at which whoever put a photo on the web saved it


def own_photos():
    """Return the course's eleven training photos, cut to at most 192x192 pixels: {name: image}."""
    return {name: np.ascontiguousarray(photo[:SIDE, :SIDE]) for name, photo in images.training_photos().items()}


def unseen_photos():
    """Return 192x192 pixels of each of the course's three test photos, {name: image}: in neither pile."""
    return {name: np.ascontiguousarray(photo[64 : 64 + SIDE, 100 : 100 + SIDE]) for name, photo in images.course_photos().items()}


def scraped_photos():
    """Return nine photos that a colleague found, {name: image}. Where they come from nobody has written down."""
    mine = own_photos()
    part = mine["motorcycle_left"][16:160, 16:160]
    found = [
        part,
        jpeg.compress(mine["gravel"], ORIGINAL),
        mine["rocket"][:, ::-1],
        images.halve(mine["ihc"]),
        images.halve(part),
        jpeg.compress(mine["camera"][:, ::-1], ORIGINAL),
        dead_leaves(SIDE, SIDE, 0),
        dead_leaves(150, SIDE, 1),
        dead_leaves(SIDE, 180, 2),
    ]
    return {f"scraped_{number:02}": np.ascontiguousarray(photo) for number, photo in enumerate(found, 1)}


def gains(found, outside, width=640):
    """Draw what the probe gains on each photo, and say where it found most of its patches.

    Parameters
    ----------
    found : dict of str to (float, str, float)
        Photo to the gain in dB, the training photo that gave it most patches, and their share.
    outside : collection of str
        The photos that no split touches; drawn in another colour.
    width : int
        Of the figure, in pixels.
    """
    colours = [figures.METHOD_COLOURS["JPEG" if name in outside else "BlockCNN"] for name in found]
    with plt.rc_context(figures.LOOK):
        size = width / DPI, 0.26 * len(found) + 0.7
        figure, axes = plt.subplots(figsize=size, dpi=DPI, layout="constrained")
        axes.barh(list(found), [gain for gain, _, _ in found.values()], color=colours)
        for row, (gain, source, share) in enumerate(found.values()):
            axes.text(max(gain, 0) + 0.2, row, f"{gain:+.1f} dB; {share:.0%} from {source}", va="center", fontsize=9)
        axes.axvline(0, color=figures.INK, linewidth=0.8)
        axes.set(xlabel="gain of the probe (dB)", xlim=(-5, 27))
        axes.grid(False, axis="y")
        axes.invert_yaxis()
    return figures.finished(figure)


def histogram(apart, limit, width=640):
    """Draw how many pairs of photos differ in how many bits: `apart` holds the bits of each pair, a line marks the limit."""
    with plt.rc_context(figures.LOOK):
        figure, axes = plt.subplots(figsize=(width / DPI, 2.3), dpi=DPI, layout="constrained")
        counts = np.bincount(list(apart.values()))
        axes.bar(range(len(counts)), counts, color=figures.METHOD_COLOURS["BlockCNN"])
        axes.axvline(limit + 0.5, color=figures.INK, linewidth=1, linestyle="--")
        axes.set(xlabel="bits that differ, of 64", ylabel="pairs of photos")
        axes.grid(False, axis="x")
    return figures.finished(figure)


def suspects(pool, apart, pairs, side=64):
    """Show pairs of photos side by side, all at one size, with the number of bits that differ."""
    small = {name: np.asarray(Image.fromarray(pool[name]).resize((side, side))) for pair in pairs for name in pair}
    shown = {f"{one} and\n{other}, {apart[one, other]} bits": np.hstack([small[one], small[other]]) for one, other in pairs}
    return figures.pictures(shown, columns=3, width=480)
