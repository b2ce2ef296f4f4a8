"""Explorers of eight pixels or one block: keep some cosines, mix them by hand, follow a block through JPEG and change one number.

How explorers are built stands in `explorers`; their twins on paper are in `blockfigures`.
"""

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers import jpeg
from blockcnn_helpers.blockfigures import GROUNDS, PITCH, basis_tiles, keep, stages
from blockcnn_helpers.explorers import QUALITIES, block_picker
from blockcnn_helpers.sketches import ZOOM, explorer, grey_png, image_of, line_of, png, row_of, slider_of, step_curve, table_of, titled
from blockcnn_helpers.viewer import Viewer

LARGEST = 1016  # the weight that takes a block from middle grey to white by its mean alone: 8 x 127
MOST = 20  # steps that a level can be changed by


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
    original = image_of("png", b"" if row else grey_png(values, times))

    def show(change):
        kept = keep(values, change["new"])
        energy = np.square(kept - jpeg.MIDDLE).sum() / max(np.square(values - float(jpeg.MIDDLE)).sum(), 1e-9)
        said = [f"{change['new']} of {slider.max} kept", f"{energy:.2%} of the energy", f"largest error {np.abs(kept - values).max():.0f}"]
        if row:
            drawing.value = step_curve(values, kept)
            said.append("row: " + ", ".join(f"{value:.0f}" for value in kept.round() + 0.0))
        else:
            drawing.value = grey_png(kept, times)
        text.value = line_of(*said)

    picture = drawing if row else row_of([titled("original", original), titled("from the coefficients kept", drawing)])
    return explorer([slider, text, picture], show, slider=slider, text=text, drawing=drawing)


def basis_mixer(target=None, weights=None):
    """Mix an 8x8 block out of the 64 patterns, each with a weight of your own.

    Parameters
    ----------
    target : array_like, shape (8, 8), optional
        Grey levels 0…255 of a block to come near to; what is still missing is counted.
    weights : dict of (int, int) to float, optional
        (v, u) to the weight to begin with; none by default, which is a block of middle grey.

    Returns
    -------
    Explorer (an ipywidgets.VBox)
        ``.slider`` (weight), ``.down`` (v), ``.across`` (u), ``.clear`` (a button), ``.text``, ``.viewer`` (the 64 patterns, to click on),
        ``.picture`` (the mixture, a PNG), ``.mix`` (ndarray, float64, shape (8, 8): all weights).

    Notes
    -----
    The patterns are orthonormal, so a weight that is off by d costs d² / 64 of mean squared error, whatever the others are.
    """
    mix = np.zeros((jpeg.BLOCK, jpeg.BLOCK))
    for place, weight in (weights or {}).items():
        mix[place] = weight
    down, across = slider_of("v, down", 0, 7, 0), slider_of("u, across", 0, 7, 0)
    slider = slider_of("Weight", -LARGEST, LARGEST, round(mix[0, 0]))
    slider.step = 8
    clear = widgets.Button(description="Clear all weights", layout=widgets.Layout(width="160px"))
    tiles = basis_tiles()
    told = "64 patterns of 8x8, v half waves down and u across"
    viewer = Viewer(["the 64 patterns"], tiles, descriptions=[told], wide=264, hint="click one")
    viewer.show(0, png(tiles))
    viewer.layout = widgets.Layout(width="300px")
    text, picture = widgets.HTML(), image_of("png")
    wanted = None if target is None else np.asarray(target, dtype=np.float64)
    pictures = [titled("your mixture", picture)]
    if wanted is not None:
        pictures.append(titled("to come near to", image_of("png", grey_png(wanted, 24))))

    def turn(_):
        viewer.mark = [PITCH * down.value, PITCH * across.value, jpeg.BLOCK, jpeg.BLOCK]
        slider.value = round(mix[down.value, across.value])
        tell()

    def show(change):
        mix[down.value, across.value] = change["new"]
        tell()

    def tell():
        block = jpeg.idct(mix) + jpeg.MIDDLE
        picture.value = grey_png(block, 24)
        used = np.argwhere(mix)
        said = [f"pattern v = {down.value}, u = {across.value}: weight {mix[down.value, across.value]:.0f}", f"{len(used)} of 64 in use"]
        said.append(f"grey levels {block.min():.0f} to {block.max():.0f}")
        if wanted is not None:
            said.append(f"mean squared error to the block {np.square(block - wanted).mean():.1f}")
        text.value = line_of(*said)

    def pick(change):
        down.value, across.value = (min(pixel // PITCH, 7) for pixel in change["new"])

    def empty(_):
        mix[:] = 0
        turn(_)

    beside = widgets.VBox([down, across, slider, clear, text, row_of(pictures)])
    parts = {"slider": slider, "text": text, "viewer": viewer, "picture": picture, "clear": clear, "mix": mix}
    box = explorer([row_of([viewer, beside])], show, **parts)
    box.down, box.across = down, across
    for other in (down, across):
        other.observe(turn, names="value")
    viewer.observe(pick, names="picked")
    clear.on_click(empty)
    turn(None)
    return box


def block_inspector(image, row=None, column=None, quality=10):
    """Pick a block of a photo and a quality, see every number on its way through JPEG, and change one level of it.

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
        ``.row``, ``.column``, ``.slider`` (quality), ``.down``, ``.across``, ``.change`` (which level, and by how much), ``.text``,
        ``.viewer`` (the luma, to click on), ``.tables`` (by name, HTML), ``.pictures`` (the block as it was, decoded, with the change).
    """
    luma = np.rint(jpeg.rgb_to_ycbcr(image)[..., 0]).astype(np.uint8)
    luma = luma[: len(luma) // 8 * 8, : luma.shape[1] // 8 * 8]
    blocks = jpeg.to_blocks(luma)
    rows, columns = blocks.shape[:2]
    down = slider_of("Block row", 0, rows - 1, rows // 2 if row is None else row)
    across = slider_of("Block column", 0, columns - 1, columns // 2 if column is None else column)
    slider = slider_of("Quality", *QUALITIES, quality)
    v, u = slider_of("Level v", 0, 7, 0), slider_of("Level u", 0, 7, 0)
    change = slider_of("Change by", -MOST, MOST, 0)
    text, viewer = widgets.HTML(), block_picker(luma, down, across, "luma of the photo")
    tables = {name: widgets.HTML() for name in GROUNDS}
    pictures = {name: image_of("png") for name in ("as it was", "decoded", "with your change")}

    def show(_):
        block, table = blocks[down.value, across.value], jpeg.quantisation_tables(slider.value)[0]
        place, decoded = (v.value, u.value), stages(block, table)["decoded pixels"]
        steps = stages(block, table, {place: change.value})
        for name, values in steps.items():
            mark = place if name not in ("pixels", "decoded pixels") else None
            tables[name].value = table_of(values, **GROUNDS[name], mark=mark)
        for name, pixels in zip(pictures, (block, decoded, steps["decoded pixels"])):
            pictures[name].value = grey_png(pixels, 16)
        error, step, level = steps["decoded pixels"].astype(float) - block, table[place], int(steps["levels"][place])
        said = f"level [{v.value}, {u.value}] is {level}, which is {level} x {step} = {level * step}"
        if change.value:
            more = f"its pattern by {change.value} x {step} = {change.value * step}"
            said = f"level [{v.value}, {u.value}] changed from {level - change.value} to {level}: {more}"
        text.value = line_of(
            f"rows {8 * down.value}–{8 * down.value + 7}, columns {8 * across.value}–{8 * across.value + 7}, quality {slider.value}<br>"
            f"{np.count_nonzero(steps['levels'])} of 64 levels are not zero<br>{said}<br>"
            f"mean squared error {np.square(error).mean():.1f}, largest {np.abs(error).max():.0f} grey levels",
        )

    numbered = [titled(f"{number}. {name}", table) for number, (name, table) in enumerate(tables.items(), start=1)]
    parts = {"slider": slider, "row": down, "column": across, "down": v, "across": u, "change": change}
    parts |= {"text": text, "viewer": viewer, "tables": tables, "pictures": pictures}
    shown = row_of([titled(name, picture) for name, picture in pictures.items()])
    above = row_of([widgets.VBox([down, across, slider, v, u, change, text, shown]), viewer])
    viewer.layout = widgets.Layout(width="400px")
    return explorer([above, row_of(numbered[:3]), row_of(numbered[3:])], show, **parts)
