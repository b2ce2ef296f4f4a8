"""Sliders: move one thing, see at once what it does.

Photos are sent as finished bytes (`widgets.Image`), never redrawn by matplotlib: that is ten times quicker, and nothing
smooths the pixels on the way. Crops are enlarged here, by repetition. Each explorer returns one widget box; its parts are
also its attributes (``box.slider``, ``box.text`` …), and it has a twin on paper in `figures` or `blockfigures`.
"""

import asyncio

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers import jpeg, metrics
from blockcnn_helpers.blockfigures import GROUNDS, keep, stages
from blockcnn_helpers.figures import cut, enlarge
from blockcnn_helpers.patchfigures import pair_numbers, pair_pictures
from blockcnn_helpers.sketches import (
    ZOOM,
    explorer,
    framed,
    image_of,
    line_of,
    png,
    row_of,
    slider_of,
    step_curve,
    table_of,
    titled,
    zoomed,
)

QUALITIES = (1, 95)
PAUSE = 0.5  # seconds without a new value before slow work begins


def quality_slider(image, crop=None, quality=25):
    """Drag a photo's quality; see the file as it is, one crop of it enlarged beside the original, and what it costs.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    crop : (int, int, int), optional
        Row, column and size of the part to enlarge; by default 64 pixels in the middle.
    quality : int
        Where the slider stands at first, 1…95.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider``, ``.text``, ``.photo`` (a JPEG file), ``.zoom`` (a PNG).
    """
    crop = crop or _middle(image, 64)
    slider = slider_of("Quality", *QUALITIES, quality)
    text, photo, zoom = widgets.HTML(), image_of("jpeg"), image_of("png")
    original = image_of("png", png(zoomed(image, crop)))

    def show(change):
        data = jpeg.encode(image, change["new"])
        decoded = jpeg.decode(data)
        photo.value, zoom.value = data, png(zoomed(decoded, crop))
        bits = metrics.bits_per_pixel(data, image)
        text.value = line_of(
            f"quality {change['new']}",
            f"{len(data):,} bytes",
            f"{bits:.2f} bits per pixel, {24 / bits:.0f} times smaller",
            f"PSNR {metrics.psnr(image, decoded):.2f} dB",
            f"blockiness {metrics.blockiness(decoded):.2f}",
        )

    beside = widgets.VBox([titled("original, enlarged", original), titled("JPEG, enlarged", zoom)])
    return explorer([slider, text, row_of([titled("JPEG", photo), beside])], show, slider=slider, text=text, photo=photo, zoom=zoom)


def deblock_slider(image, restore, crop=None, quality=10):
    """Drag a photo's quality; see the original, its JPEG and the repaired JPEG, whole and enlarged.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
    restore : callable
        Takes a decoded image (uint8, shape (height, width, 3)) and returns the repaired one.
    crop : (int, int, int), optional
        Row, column and size of the part to enlarge; by default 64 pixels in the middle.
    quality : int
        Where the slider stands at first, 1…95.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider``, ``.text``, ``.photos`` and ``.zooms`` (each: original, JPEG, repaired).

    Notes
    -----
    While the slider moves, the crop and its surroundings alone are repaired, which takes a blink; the whole photo follows when
    it rests.
    """
    crop = crop or _middle(image, 64)
    slider = slider_of("Quality", *QUALITIES, quality)
    text, names = widgets.HTML(), ("original", "JPEG", "repaired")
    wide = min(ZOOM, image.shape[1])
    photos = [image_of("jpeg" if name == "JPEG" else "png", width=wide) for name in names]
    zooms = [image_of("png") for _ in names]
    photos[0].value, zooms[0].value = png(image), png(zoomed(image, crop))
    waiting = []

    def show(change):
        data = jpeg.encode(image, change["new"])
        decoded = jpeg.decode(data)
        window, inner = _surroundings(decoded, crop)
        repaired = cut(restore(window), inner)
        photos[1].value, zooms[1].value, zooms[2].value = data, png(zoomed(decoded, crop)), png(zoomed(repaired))
        said = [f"quality {change['new']}", f"{len(data):,} bytes", f"{metrics.bits_per_pixel(data, image):.2f} bits per pixel"]
        text.value = line_of(*said, _gain("enlarged part", cut(image, crop), cut(decoded, crop), repaired))
        while waiting:
            waiting.pop().cancel()

        def whole():
            everything = restore(decoded)
            photos[2].value = png(everything)
            text.value = line_of(*said, _gain("whole photo", image, decoded, everything))

        if "old" in change and _loop():
            waiting.append(_loop().call_later(PAUSE, whole))
        else:
            whole()

    columns = [titled(name, widgets.VBox([photo, zoom])) for name, photo, zoom in zip(names, photos, zooms)]
    return explorer([slider, text, row_of(columns)], show, slider=slider, text=text, photos=photos, zooms=zooms)


def keep_coefficients(values, count=2):
    """Drag how many coefficients are kept; see what they alone draw.

    Parameters
    ----------
    values : array_like, shape (8,), (8, 8) or (height, width)
        Eight pixels, one block, or a plane of whole blocks; grey levels 0…255.
    count : int
        Where the slider stands at first.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider``, ``.text``, ``.drawing`` (an SVG for eight pixels, otherwise a PNG).
    """
    values = np.asarray(values)
    row = values.ndim == 1
    slider = slider_of("Keep", 0 if row else 1, values.size if row else jpeg.BLOCK**2, count)
    text = widgets.HTML()
    times = max(1, ZOOM // values.shape[-1])
    drawing = widgets.HTML() if row else image_of("png")
    original = image_of("png", b"" if row else png(enlarge(values.astype(np.uint8), times)))

    def show(change):
        kept = keep(values, change["new"])
        energy = np.square(kept - jpeg.MIDDLE).sum() / max(np.square(values - float(jpeg.MIDDLE)).sum(), 1e-9)
        said = [f"{change['new']} of {slider.max} kept", f"{energy:.2%} of the energy", f"largest error {np.abs(kept - values).max():.0f}"]
        if row:
            drawing.value = step_curve(values, kept)
            said.append("row: " + ", ".join(f"{value:.0f}" for value in kept.round() + 0.0))
        else:
            drawing.value = png(enlarge(kept.round().clip(0, 255).astype(np.uint8), times))
        text.value = line_of(*said)

    picture = drawing if row else row_of([titled("original", original), titled("from the coefficients kept", drawing)])
    return explorer([slider, text, picture], show, slider=slider, text=text, drawing=drawing)


def block_inspector(image, row=None, column=None, quality=10):
    """Pick a block of a photo and a quality; see every number on the block's way through JPEG.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width, 3)
        The block shown is one of its luma, rounded.
    row, column : int, optional
        The block to begin with, counted in blocks; by default the middle one.
    quality : int
        Where the slider stands at first, 1…95.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.row``, ``.column``, ``.slider`` (quality), ``.text``, ``.tables`` (by name, HTML), ``.place`` (a PNG with the block framed).
    """
    luma = np.rint(jpeg.rgb_to_ycbcr(image)[..., 0]).astype(np.uint8)
    blocks = jpeg.to_blocks(luma[: len(luma) // 8 * 8, : luma.shape[1] // 8 * 8])
    rows, columns = blocks.shape[:2]
    down = slider_of("Block row", 0, rows - 1, rows // 2 if row is None else row)
    across = slider_of("Block column", 0, columns - 1, columns // 2 if column is None else column)
    slider = slider_of("Quality", *QUALITIES, quality)
    text, place = widgets.HTML(), image_of("png")
    tables = {name: widgets.HTML() for name in GROUNDS}

    def show(_):
        block, table = blocks[down.value, across.value], jpeg.quantisation_tables(slider.value)[0]
        steps = stages(block, table)
        for name, values in steps.items():
            tables[name].value = table_of(values, **GROUNDS[name])
        place.value = png(framed(luma, down.value, across.value))
        error = steps["decoded pixels"].astype(float) - block
        text.value = line_of(
            f"rows {8 * down.value}–{8 * down.value + 7}, columns {8 * across.value}–{8 * across.value + 7}, quality {slider.value}<br>"
            f"{np.count_nonzero(steps['levels'])} of 64 levels are not zero<br>"
            f"mean squared error {np.square(error).mean():.1f}, largest {np.abs(error).max():.0f} grey levels",
        )

    numbered = [titled(f"{number}. {name}", table) for number, (name, table) in enumerate(tables.items(), start=1)]
    parts = {"slider": slider, "row": down, "column": across, "text": text, "tables": tables, "place": place}
    above = row_of([widgets.VBox([down, across, slider, text]), place])
    return explorer([above, row_of(numbered[:3]), row_of(numbered[3:])], show, **parts)


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
        ``.slider`` (block row), ``.column``, ``.text``, ``.pictures`` (PNGs by name).
    """
    rows, columns = (-(-side // jpeg.BLOCK) for side in clean.shape[:2])
    down = slider_of("Block row", 0, rows - 1, rows // 2 if row is None else row)
    across = slider_of("Block column", 0, columns - 1, columns // 2 if column is None else column)
    text = widgets.HTML()
    pictures = {name: image_of("png") for name in pair_pictures(clean, compressed, 0, 0)}

    def show(_):
        for name, picture in pair_pictures(clean, compressed, down.value, across.value).items():
            pictures[name].value = png(picture)
        numbers = pair_numbers(clean, compressed, down.value, across.value)
        text.value = line_of(numbers["place"], f"doing nothing: {numbers['doing nothing']}", f"to add: {numbers['to add']}")

    shown = row_of([titled(name, picture) for name, picture in pictures.items()])
    return explorer([down, across, text, shown], show, slider=down, column=across, text=text, pictures=pictures)


def _gain(where, original, decoded, repaired):
    before, after = metrics.psnr(original, decoded), metrics.psnr(original, repaired)
    return f"{where}: JPEG {before:.2f} dB → repaired {after:.2f} dB ({after - before:+.2f} dB)"


def _middle(image, size):
    size = min(size, *(side // jpeg.BLOCK * jpeg.BLOCK for side in image.shape[:2]))
    return (*((side - size) // 2 // jpeg.BLOCK * jpeg.BLOCK for side in image.shape[:2]), size)


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
