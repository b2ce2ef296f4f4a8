"""The sliders of lesson 03: what a repaired pixel sees, layer by layer and by place. How explorers are built: see `explorers`."""

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers.jpeg import BLOCK
from blockcnn_helpers.netfigures import LAYERS, field_after, spotlight
from blockcnn_helpers.sketches import explorer, image_of, line_of, png, slider_of


def field_slider(patch, fields, row=0, column=0):
    """Pick a repaired pixel; see which pixels of the 24x24 patch it depends on.

    Parameters
    ----------
    patch : ndarray, uint8, shape (24, 24, 3)
    fields : ndarray, bool, shape (8, 8, 24, 24)
        As `models.receptive_fields` returns them.
    row, column : int
        The pixel to begin with, 0...7 each.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (row), ``.column``, ``.text``, ``.picture`` (a PNG).
    """
    down, across = slider_of("Row", 0, BLOCK - 1, row), slider_of("Column", 0, BLOCK - 1, column)
    text, picture = widgets.HTML(), image_of("png")

    def show(_):
        field = fields[down.value, across.value]
        picture.value = png(spotlight(patch, field, down.value, across.value))
        text.value = line_of(f"pixel [{down.value}, {across.value}] of the block", field_words(field))

    return explorer([down, across, text, picture], show, slider=down, column=across, text=text, picture=picture)


def field_counter(patch, layers=LAYERS, count=0):
    """Add layer after layer; see how much of the patch the block's first pixel depends on, and the sum that says so.

    Parameters
    ----------
    patch : ndarray, uint8, shape (24, 24, 3)
    layers : sequence of (str, int, int)
        Name, side of the kernel and stride of each layer, the first one first. An even kernel reaches down and to the right.
    count : int
        Layers to begin with.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (layers), ``.text``, ``.picture`` (a PNG).
    """
    slider = slider_of("Layers", 0, len(layers), count)
    text, picture = widgets.HTML(), image_of("png")

    def show(_):
        field, words = field_after(layers[: slider.value])
        picture.value = png(spotlight(patch, field, 0, 0))
        text.value = line_of(*words, f"{field.sum()} of {field.size} pixels")

    return explorer([slider, text, picture], show, slider=slider, text=text, picture=picture)


def field_words(field):
    """Say where a field lies and how large it is.

    Examples
    --------
    >>> field = np.zeros((24, 24), bool)
    >>> field[2:20, 0:18] = True
    >>> field_words(field)
    'sees rows 2–19, columns 0–17 of the patch: 324 of 576 pixels'
    """
    rows, columns = (np.flatnonzero(field.any(axis=axis)) for axis in (1, 0))
    return f"sees rows {rows[0]}–{rows[-1]}, columns {columns[0]}–{columns[-1]} of the patch: {field.sum()} of {field.size} pixels"
