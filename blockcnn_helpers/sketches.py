"""What `explorers` are made of: sliders and boxes, pictures as PNG bytes, tables and step curves as HTML."""

import io
import zlib

import ipywidgets as widgets
import numpy as np
from PIL import Image

from blockcnn_helpers.figures import METHOD_COLOURS, cut, enlarge
from blockcnn_helpers.labels import named

ZOOM = 256  # pixels across of an enlarged crop


class Explorer(widgets.VBox):
    """A box of sliders and what they show; on paper (a stored notebook, a test) it says what it is."""

    def __repr__(self):
        return (
            f"{self.slider.description} slider, {self.slider.min} to {self.slider.max}: run the cell to move it; a still picture follows."
        )


def explorer(children, show, **parts):
    """Box the children, call `show` on every change of a slider and once now, and hang the parts on the box."""
    box = Explorer([*children, widgets.HTML("<style>.blockcnn-pixels {image-rendering: pixelated; max-width: none}</style>")])
    for name, part in parts.items():
        setattr(box, name, part)
    for part in parts.values():
        if isinstance(part, widgets.IntSlider):
            part.observe(show, names="value")
    show({"new": parts["slider"].value})
    return named(box)


def slider_of(name, low, high, value):
    """Return a slider as wide as the course's sliders are; the arrow keys move it."""
    layout = widgets.Layout(width="460px", max_width="100%")
    return widgets.IntSlider(value, low, high, description=name, layout=layout, style={"description_width": "90px"})


def image_of(kind, value=b"", width=None):
    """Return an image widget; without a width its pixels stay squares. (A tooltip would stop JupyterLab from drawing it.)"""
    layout = widgets.Layout(width=f"{width}px" if width else "auto", object_fit="contain", margin="0 0 8px 0")
    picture = widgets.Image(value=value, format=kind, layout=layout)
    if width is None:
        picture.add_class("blockcnn-pixels")
    return picture


def titled(title, child):
    """Return a widget under a title in bold."""
    return widgets.VBox([widgets.HTML(f"<b>{title}</b>"), child], layout=widgets.Layout(margin="0 12px 0 0", align_items="flex-start"))


def row_of(children):
    """Return widgets side by side, in several rows where the page is narrow."""
    return widgets.HBox(children, layout=widgets.Layout(flex_flow="row wrap", align_items="flex-start"))


def line_of(*parts):
    """Return the text line below a slider as HTML; a screen reader says it when it changes."""
    return f'<div role="status" style="line-height:1.5">{" · ".join(parts)}</div>'


def png(image):
    """Return an image (uint8, shape (height, width, 3) or (height, width)) as the bytes of a PNG file, quickly rather than small.

    Examples
    --------
    >>> png(np.zeros((8, 8), np.uint8))[1:4]
    b'PNG'
    """
    file, picture, settings = io.BytesIO(), Image.fromarray(image), {"compress_level": 1}
    if image.ndim == 2:  # with a palette of greys no filter is tried out on each row; and repeats alone are looked for: four times as quick
        picture, settings["compress_type"] = picture.convert("P"), zlib.Z_RLE
    picture.save(file, "PNG", **settings)
    return file.getvalue()


def grey_png(levels, times):
    """Return a block or plane of grey levels, shape (height, width), as a PNG file: rounded, clipped to 0...255, each pixel enlarged.

    Examples
    --------
    >>> np.asarray(Image.open(io.BytesIO(grey_png([[-3.2, 99.6]], 2))))
    array([[  0,   0, 100, 100],
           [  0,   0, 100, 100]], dtype=uint8)
    """
    return png(enlarge(np.round(levels).clip(0, 255).astype(np.uint8), times))


def zoomed(image, crop=None):
    """Cut a crop out of an image and enlarge it to about 256 pixels by repetition.

    Examples
    --------
    >>> zoomed(np.zeros((96, 96, 3), np.uint8), (8, 16, 64)).shape
    (256, 256, 3)
    """
    part = image if crop is None else cut(image, crop)
    return enlarge(part, max(1, ZOOM // max(part.shape[:2])))


def error_map(reference, image, most=60):
    """Picture how far two images are apart: white where they agree, black from `most` grey levels on, the mean over the colours.

    Parameters
    ----------
    reference, image : ndarray, uint8, shape (height, width, 3)

    Returns
    -------
    ndarray, uint8, shape (height, width)

    Examples
    --------
    >>> error_map(np.zeros((1, 2, 3), np.uint8), np.array([[[0, 0, 0], [30, 30, 30]]], np.uint8))
    array([[255, 128]], dtype=uint8)
    """
    apart = np.abs(reference.astype(np.int16) - image)
    return (255 - np.minimum(255 * (apart[..., 0] + apart[..., 1] + apart[..., 2]).astype(np.int32) // (3 * most), 255)).astype(np.uint8)


def step_curve(values, kept):
    """Draw eight grey levels (dark line) and what is left of them (coloured) as steps."""
    low, high = -64, 320
    place = lambda value: 190 * (high - value) / (high - low)
    line = lambda row: " ".join(f"{40 + 60 * (i + end)},{place(value):.1f}" for i, value in enumerate(row) for end in (0, 1))
    marks = "".join(
        f'<line x1="40" x2="520" y1="{place(level)}" y2="{place(level)}" stroke="#888" stroke-width="0.5"/>'
        f'<text x="34" y="{place(level) + 4}" text-anchor="end" font-size="11" fill="currentColor">{level}</text>'
        for level in (0, 128, 255)
    )
    steps = (
        f'<polyline points="{line(values)}" fill="none" stroke="#888" stroke-width="3"/>'
        f'<polyline points="{line(kept)}" fill="none" stroke="{METHOD_COLOURS["JPEG"]}" stroke-width="3"/>'
    )
    return f'<svg width="540" height="200" role="img" aria-label="eight pixels and their reconstruction">{marks}{steps}</svg>'


def table_of(values, cmap=None, low=None, high=None, mark=None):
    """Write an 8x8 table of numbers on a coloured ground, a frame around the one at `mark` (row, column)."""
    if cmap is None:
        high = high or max(1.0, 0.25 * np.abs(values).max())
    frame = f"outline:2px solid {METHOD_COLOURS['JPEG']};outline-offset:-2px;"
    cell = lambda value, here: f'<td style="{frame if here else ""}{_ground(value, cmap, high)}">{int(np.rint(value))}</td>'
    rows = ("".join(cell(value, (v, u) == mark) for u, value in enumerate(row)) for v, row in enumerate(values))
    cells = "".join(f"<tr>{row}</tr>" for row in rows)
    style = "border-collapse:collapse;font:10px/1 monospace;text-align:center"
    return f'<table style="{style}"><tbody>{cells}</tbody></table>'


def _ground(value, cmap, high):
    size = "width:26px;height:22px;padding:0;border:1px solid rgba(128,128,128,.25);"
    if cmap == "gray":
        level = int(value)
        return size + f"background:rgb({level},{level},{level});color:{'#000' if level > 127 else '#fff'}"
    part = min(1.0, abs(value) / high)
    red, green, blue = (255 - int(part * fall) for fall in ((150, 40, 150) if cmap else (20, 130, 150) if value > 0 else (150, 90, 20)))
    return size + f"background:rgb({red},{green},{blue});color:#000"
