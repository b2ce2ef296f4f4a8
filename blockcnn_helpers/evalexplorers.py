"""The slider of lesson 05: quality, and how far the grid is off. The other explorers, and how they are built, are in `explorers`."""

import functools

import ipywidgets as widgets

from blockcnn_helpers import jpeg, metrics, trials
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
