"""Sliders over whole photos: move one thing, see at once what it does.

Photos go to the browser as finished files (see `viewer`), never redrawn by matplotlib: that is ten times quicker, and nothing
smooths the pixels on the way. Each explorer returns one widget box; its parts are also its attributes (``box.slider``,
``box.text`` …), and it has a twin on paper in `figures`, `blockfigures` or `patchfigures`. Explorers of one block are in
`blockexplorers`, those of later lessons in `netexplorers`, `trainexplorers` and `evalexplorers`.
"""

import asyncio

import ipywidgets as widgets

from blockcnn_helpers import jpeg, metrics
from blockcnn_helpers.figures import cut
from blockcnn_helpers.patchfigures import pair_numbers, pair_pictures
from blockcnn_helpers.sketches import error_map, explorer, image_of, line_of, png, row_of, slider_of, titled
from blockcnn_helpers.viewer import PICK, Viewer

QUALITIES = (1, 95)
PAUSE = 0.5  # seconds without a new value before slow work begins
AT_ONCE = 192  # pixels across of the part that is repaired while a slider still moves
SHOWN = ("original", "JPEG", "difference")


def quality_slider(image, crop=None, quality=25, shown=SHOWN):
    """Drag a photo's quality; see the original, the file as it is and what differs, pixel by pixel, and what it costs.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    crop : (int, int, int), optional
        Row, column and size of the part to look at first; by default the whole photo.
    quality : int
        Where the slider stands at first, 1…95.
    shown : sequence of str
        Which pictures to show, of "original", "JPEG" and "difference".

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider``, ``.text``, ``.viewer`` (the pictures as files: ``.viewer.files``; the JPEG is the file itself).

    Raises
    ------
    ValueError
        If `shown` names something else.

    Examples
    --------
    >>> import numpy as np
    >>> box = quality_slider(np.zeros((64, 64, 3), np.uint8), shown=["JPEG"])
    >>> box.slider.value = 50
    >>> "quality 50" in box.text.value
    True
    """
    if not shown or set(shown) - set(SHOWN):
        raise ValueError(f"shown: expected some of {', '.join(SHOWN)}, got {', '.join(shown) or 'nothing'}")
    slider, text = slider_of("Quality", *QUALITIES, quality), widgets.HTML()
    told = {"original": "the photo as it was", "JPEG": "the JPEG file"}
    told["difference"] = "where the two differ: white is nowhere, black 60 grey levels"
    viewer = Viewer(shown, image, crop, [told[name] for name in shown], wide=420 if len(shown) > 1 else image.shape[1])
    at = {name: number for number, name in enumerate(shown)}
    if "original" in at:
        viewer.show(at["original"], png(image))

    def show(change):
        data = jpeg.encode(image, change["new"])
        if "JPEG" in at:  # first of all: the browser decodes it while the rest is computed
            viewer.show(at["JPEG"], data, "jpeg")
        decoded = jpeg.decode(data)
        if "difference" in at:
            viewer.show(at["difference"], png(error_map(image, decoded)))
        bits = metrics.bits_per_pixel(data, image)
        text.value = line_of(
            f"quality {change['new']}",
            f"{len(data):,} bytes",
            f"{bits:.2f} bits per pixel, {24 / bits:.0f} times smaller",
            f"PSNR {metrics.psnr(image, decoded):.2f} dB",
            f"blockiness {metrics.blockiness(decoded):.2f}",
        )

    return explorer([slider, text, viewer], show, slider=slider, text=text, viewer=viewer)


def deblock_slider(image, restore, crop=None, quality=10):
    """Drag a photo's quality; see the original, its JPEG and the repaired JPEG, pixel by pixel.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    restore : callable
        Takes a decoded image (uint8, shape (height, width, 3)) and returns the repaired one.
    crop : (int, int, int), optional
        Row, column and size of the part to look at first; by default 64 pixels in the middle.
    quality : int
        Where the slider stands at first, 1…95.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider``, ``.text``, ``.viewer`` (original, JPEG, repaired: ``.viewer.files``).

    Notes
    -----
    While the slider moves, only the part in view is repaired (the middle of it, where it is large), which takes a blink; the whole photo
    follows when the slider rests.
    """
    crop = crop or _middle(image, 64)
    slider, text = slider_of("Quality", *QUALITIES, quality), widgets.HTML()
    told = ["the photo as it was", "its JPEG file", "the JPEG after the repair"]
    viewer = Viewer(["original", "JPEG", "repaired"], image, crop, told)
    viewer.show(0, png(image))
    waiting = []

    def show(change):
        data = jpeg.encode(image, change["new"])
        decoded = jpeg.decode(data)
        part = _part(viewer.seen, image) if viewer.seen else crop
        window, inner = _surroundings(decoded, part)
        repaired = cut(restore(window), inner)
        partly = decoded.copy()
        cut(partly, part)[:] = repaired
        viewer.show(1, data, "jpeg")
        viewer.show(2, png(partly))
        said = [f"quality {change['new']}", f"{len(data):,} bytes", f"{metrics.bits_per_pixel(data, image):.2f} bits per pixel"]
        text.value = line_of(*said, _gain("part in view", cut(image, part), cut(decoded, part), repaired))
        while waiting:
            waiting.pop().cancel()

        def whole():
            everything = restore(decoded)
            viewer.show(2, png(everything))
            text.value = line_of(*said, _gain("whole photo", image, decoded, everything))

        if "old" in change and _loop():
            waiting.append(_loop().call_later(PAUSE, whole))
        else:
            whole()

    return explorer([slider, text, viewer], show, slider=slider, text=text, viewer=viewer)


def patch_viewer(clean, compressed, row=None, column=None):
    """Pick a block of a photo; see the 24x24 pixels the network is given, the 8x8 it should return, and what it has to add.

    Parameters
    ----------
    clean, compressed : ndarray, uint8, shape (height, width, 3)
        A photo and its decoded JPEG.
    row, column : int, optional
        The block to begin with, counted in blocks; by default the middle one.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (block row), ``.column``, ``.text``, ``.viewer`` (the decoded photo, to click on), ``.pictures`` (PNGs by name).
    """
    rows, columns = (-(-side // jpeg.BLOCK) for side in clean.shape[:2])
    down = slider_of("Block row", 0, rows - 1, rows // 2 if row is None else row)
    across = slider_of("Block column", 0, columns - 1, columns // 2 if column is None else column)
    text, viewer = widgets.HTML(), block_picker(compressed, down, across, "decoded JPEG, the input framed", border=jpeg.BLOCK)
    pictures = {name: image_of("png") for name in pair_pictures(clean, compressed, 0, 0) if name != "where"}

    def show(_):
        for name, picture in pair_pictures(clean, compressed, down.value, across.value).items():
            if name in pictures:
                pictures[name].value = png(picture)
        numbers = pair_numbers(clean, compressed, down.value, across.value)
        text.value = line_of(numbers["place"], f"doing nothing: {numbers['doing nothing']}", f"to add: {numbers['to add']}")

    shown = row_of([titled(name, picture) for name, picture in pictures.items()])
    viewer.layout, shown.layout.width = widgets.Layout(width="400px"), "380px"
    parts = {"slider": down, "column": across, "text": text, "viewer": viewer, "pictures": pictures}
    return explorer([down, across, text, row_of([viewer, shown])], show, **parts)


def block_picker(image, down, across, title, border=0):
    """Return a viewer that frames the block two sliders name, with `border` pixels around it; a click moves them to another."""
    row, column = (min(max(0, jpeg.BLOCK * slider.value - 60), max(0, side - 128)) for slider, side in zip((down, across), image.shape))
    viewer = Viewer([title], image, (row, column, min(128, *image.shape[:2])), [title], wide=384, hint=PICK)
    viewer.show(0, png(image))

    def frame(_=None):
        viewer.mark = [jpeg.BLOCK * down.value - border, jpeg.BLOCK * across.value - border, *[jpeg.BLOCK + 2 * border] * 2]

    def pick(change):
        for slider, pixel in zip((down, across), change["new"]):
            slider.value = min(pixel // jpeg.BLOCK, slider.max)

    for slider in (down, across):
        slider.observe(frame, names="value")
    viewer.observe(pick, names="picked")
    frame()
    return viewer


def _gain(where, original, decoded, repaired):
    before, after = metrics.psnr(original, decoded), metrics.psnr(original, repaired)
    return f"{where}: JPEG {before:.2f} dB → repaired {after:.2f} dB ({after - before:+.2f} dB)"


def _middle(image, size):
    size = min(size, *(side // jpeg.BLOCK * jpeg.BLOCK for side in image.shape[:2]))
    return (*((side - size) // 2 // jpeg.BLOCK * jpeg.BLOCK for side in image.shape[:2]), size)


def _part(seen, image):
    """Return the square in the middle of what is in view, small enough to be repaired while a slider moves, as (row, column, size)."""
    size = max(jpeg.BLOCK, min(AT_ONCE, *seen[2:]))
    size = min(size, *image.shape[:2])
    return (*(min(max(0, start + (side - size) // 2), whole - size) for start, side, whole in zip(seen[:2], seen[2:], image.shape)), size)


def _surroundings(image, crop, border=2 * jpeg.BLOCK):
    """Cut a crop out with two blocks around it; return that and where the crop lies in it."""
    row, column, size = crop
    top, left = (max(0, start // jpeg.BLOCK * jpeg.BLOCK - border) for start in (row, column))
    bottom, right = (-(-(start + size) // jpeg.BLOCK) * jpeg.BLOCK + border for start in (row, column))
    return image[top:bottom, left:right], (row - top, column - left, size)


def _loop():
    """Return the running event loop, or None where there is none (in tests)."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
