"""Explorers of lessons 05 and 06: before and after under a divider, how far the grid is off, how much of a repair to make.

How explorers are built: see `explorers`.
"""

import functools

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers import jpeg, metrics, restoration, trials
from blockcnn_helpers.figures import cut
from blockcnn_helpers.sketches import error_map, explorer, image_of, line_of, png, row_of, slider_of, titled, zoomed
from blockcnn_helpers.viewer import Viewer

LARGE = 2_000_000  # pixels from which on a picture goes to the browser as a JPEG of quality 97


def before_after(before, after, original=None, crop=None, strength=1.0):
    """Drag a divider between a picture and its repair; dial how much of it to make; see where it changes what.

    Parameters
    ----------
    before : ndarray, uint8, shape (height, width, 3)
    after : ndarray, shape (height, width, 3)
        uint8, or float32 on [0, 1], as `restoration.restore` returns it if not rounded.
    original : ndarray, uint8, shape (height, width, 3), optional
        What both should be: then PSNR is told, and the map shows the errors against it on either side of the divider.
    crop : (int, int, int), optional
        Row, column and size of the part to look at first; by default the whole.
    strength : float
        Where the dial stands at first, 0...1; it counts in percent.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (strength), ``.view`` (photo or map), ``.text``, ``.viewer``, ``.blended`` (a function: the picture at this strength).

    Raises
    ------
    ValueError
        If the pictures are not of one size.
    """
    shapes = [np.shape(image) for image in (before, after, original) if image is not None]
    if len(set(shapes)) > 1:
        raise ValueError(f"before, after and original are of one size; got shapes {', '.join(map(str, shapes))}")
    dial = slider_of("Strength %", 0, 100, round(100 * strength))
    dial.step = 5
    known = original is not None
    kinds = [("photo", "photo"), ("error map" if known else "map of what changed", "map")]
    view = widgets.ToggleButtons(options=kinds, value="photo", description="Show", style={"button_width": "auto"})
    text = widgets.HTML()
    hint = "drag the divider, or focus it and use ← → · drag beside it: move · + and −: zoom"
    viewer = Viewer(["before", "after"], before, crop, divider=50, wide=760 if crop is None else 512, hint=hint)
    blended = lambda: restoration.blend(before, after, dial.value / 100)
    white = np.full(before.shape[:2], 255, np.uint8)
    first = error_map(original, before) if known else white

    def show(_):
        now, photo = blended(), view.value == "photo"
        second = now if photo else error_map(original if known else before, now)
        viewer.titles = ["before", "after"] if photo else ["error before", "error after"] if known else ["before", "what changed"]
        for number, picture in enumerate((before if photo else first, second)):
            viewer.show(number, *_file(picture))
        said, changed = [f"strength {dial.value / 100:.2f}"], np.abs(now.astype(np.int16) - before).mean()
        if known:
            old, new = (metrics.psnr(original, image) for image in (before, now))
            said.append(f"PSNR {old:.2f} dB → {new:.2f} dB ({new - old:+.2f} dB)")
        said.append(f"blockiness {metrics.blockiness(before):.2f} → {metrics.blockiness(now):.2f}")
        text.value = line_of(*said, f"changed by {changed:.2f} grey levels on average")

    box = explorer([dial, view, text, viewer], show, slider=dial, view=view, text=text, viewer=viewer, blended=blended)
    view.observe(show, names="value")
    return box


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


def _file(picture):
    """Return a picture as a file for the page, and its kind."""
    if picture.shape[0] * picture.shape[1] < LARGE:
        return png(picture), "png"
    return jpeg.encode(picture if picture.ndim == 3 else np.dstack([picture] * 3), 97, "4:4:4"), "jpeg"
