"""Sliders of lessons 05 and 06: how far the grid is off, how much of a repair to make. How explorers are built: see `explorers`."""

import functools

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers import jpeg, metrics, restoration, trials
from blockcnn_helpers.figures import cut
from blockcnn_helpers.sketches import explorer, image_of, line_of, png, row_of, slider_of, titled, zoomed


def shift_slider(image, restore, window, quality=10, shift=0):
    """Pick a quality and cut rows and columns off before repairing; see the part as it was, as JPEG and repaired.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    restore : callable
        Takes a decoded image and returns the repaired one.
    window : (int, int, int)
        Row, column and size of the part to repair, on the grid; its outer 16 pixels are not shown. See `trials.judged`.
    quality, shift : int
        Where the sliders stand at first: 1...95 and 0...8.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (quality), ``.shift``, ``.text``, ``.pictures`` (original, JPEG, repaired).
    """
    slider, shifted = slider_of("Quality", 1, 95, quality), slider_of("Cut off", 0, jpeg.BLOCK, shift)
    text, names = widgets.HTML(), ("original", "JPEG", "repaired")
    shown = [image_of("png") for _ in names]
    inner = trials.judged(window)
    original = cut(image, inner)
    shown[0].value = png(zoomed(original))

    @functools.lru_cache(maxsize=4)
    def compressed(level):
        decoded = jpeg.compress(image, level)
        before = metrics.psnr(original, cut(decoded, inner))
        return decoded, before, metrics.psnr(original, trials.repair_shifted(decoded, restore, window, 0, 0)) - before

    def show(_):
        decoded, before, best = compressed(slider.value)
        repaired = trials.repair_shifted(decoded, restore, window, shifted.value, shifted.value)
        shown[1].value, shown[2].value = png(zoomed(cut(decoded, inner))), png(zoomed(repaired))
        gain = metrics.psnr(original, repaired) - before
        off = f"{shifted.value} rows and columns cut off" if shifted.value else "nothing cut off"
        said = [f"quality {slider.value}", off, f"JPEG {before:.2f} dB → repaired {before + gain:.2f} dB ({gain:+.2f} dB)"]
        text.value = line_of(*said, f"on the grid {best:+.2f} dB")

    columns = row_of([titled(name, picture) for name, picture in zip(names, shown)])
    return explorer([slider, shifted, text, columns], show, slider=slider, shift=shifted, text=text, pictures=shown)


def strength_slider(image, repair=None, window=(0, 0, 128), quality=10, strength=1.0):
    """Pick a quality and how much of the repair to make; see the part as it was, as JPEG and repaired.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    repair : callable, optional
        Takes the bytes of a JPEG file and returns the whole repair, uint8, or float32 on [0, 1]: by default the best network's, projected.
    window : (int, int, int)
        Row, column and size of the part that is compressed, as a picture of its own; its outer 16 pixels are not shown.
    quality : int
        Where the slider stands at first, 1...95.
    strength : float
        Likewise, 0...1; the slider counts in percent, the text as ``deblock --strength`` does.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (quality), ``.strength``, ``.text``, ``.pictures`` (original, JPEG, repaired).

    Notes
    -----
    The network runs once for a quality, and every strength is a blend of two pictures: see `restoration.blend`.
    """
    repair = repair or functools.partial(restoration.restore_data, rounded=False)
    slider, dial = slider_of("Quality", 1, 95, quality), slider_of("Strength %", 0, 100, round(100 * strength))
    dial.step = 5
    text, names = widgets.HTML(), ("original", "JPEG", "repaired")
    shown = [image_of("png") for _ in names]
    part, inner = cut(image, window), trials.judged((0, 0, window[2]))
    original = cut(part, inner)
    shown[0].value = png(zoomed(original))

    @functools.lru_cache(maxsize=8)
    def both(level):
        data = jpeg.encode(part, level)
        decoded = cut(jpeg.decode(data), inner)
        return decoded, cut(repair(data), inner), png(zoomed(decoded))

    def show(_):
        decoded, whole, shown[1].value = both(slider.value)
        repaired = restoration.blend(decoded, whole, dial.value / 100)
        shown[2].value = png(zoomed(repaired))
        before, after = metrics.psnr(original, decoded), metrics.psnr(original, repaired)
        said = [f"quality {slider.value}", f"strength {dial.value / 100:.2f}"]
        said.append(f"JPEG {before:.2f} dB → repaired {after:.2f} dB ({after - before:+.2f} dB)")
        text.value = line_of(*said, f"changed by {np.abs(repaired.astype(int) - decoded).mean():.2f} grey levels on average")

    columns = row_of([titled(name, picture) for name, picture in zip(names, shown)])
    return explorer([slider, dial, text, columns], show, slider=slider, strength=dial, text=text, pictures=shown)
