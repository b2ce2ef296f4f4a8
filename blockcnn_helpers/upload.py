"""A photo of your own, in the browser: choose a file, see it before and after, take the repaired one home."""

import base64
import html
import tempfile
from pathlib import Path

import ipywidgets as widgets
import numpy as np

from blockcnn_helpers import metadata, metrics, photos
from blockcnn_helpers.evalexplorers import before_after
from blockcnn_helpers.files import check_absent
from blockcnn_helpers.restoration import HELPS_UP_TO, load_model, restore_photo
from blockcnn_helpers.sketches import line_of

ZOOMED = 64  # pixels across of the part that is looked at first
LINKED = 12_000_000  # bytes of a file that a link can carry; a larger one is saved only


class OwnPhoto(widgets.VBox):
    """A button to choose a file and what came of it; on paper (a stored notebook, a test) it says what it is."""

    def __repr__(self):
        return "A button to choose a photo: run the cell, choose a file, see it before and after under a divider."


def own_photo(model=None, folder="output"):
    """Choose a photo file, see it repaired under a divider, dial how strongly, and take it home.

    Parameters
    ----------
    model : keras.Model, optional
        BlockCNN with the course's weights by default.
    folder : path-like
        Where repaired photos are saved, as PNG; nothing there is ever replaced.

    Returns
    -------
    OwnPhoto (an ipywidgets.VBox)
        ``.chooser`` (a FileUpload), ``.text``, ``.bar``, ``.link`` (HTML), ``.again`` (a button: save at the strength dialled) and
        ``.compare``, an `evalexplorers.before_after`, once a photo was chosen.

    Notes
    -----
    A file that can't be read is named with the reason; what is on the page already stays, and so do saved files.
    """
    chooser = widgets.FileUpload(accept="image/*", multiple=False, description="Choose a photo", layout=widgets.Layout(width="200px"))
    text, link = widgets.HTML(line_of("JPEG, PNG, TIFF, WebP …: the file as you got it, neither cropped nor scaled")), widgets.HTML()
    bar = widgets.FloatProgress(max=1.0, layout=widgets.Layout(width="460px", max_width="100%", visibility="hidden"))
    again = widgets.Button(description="Save at this strength", layout=widgets.Layout(width="200px", display="none"))
    box = OwnPhoto([chooser, text, bar, link, again])
    box.chooser, box.text, box.bar, box.link, box.again, box.compare = chooser, text, bar, link, again, None
    chosen = []

    def advance(share):
        bar.value += share

    def repair(photo, stem, **settings):
        """Repair and save; return the repaired photo, or None after saying why not."""
        bar.value, bar.layout.visibility = 0, "visible"
        try:
            photo = photo()
            repaired = restore_photo(photo, model or load_model(), progress=advance, **settings)
            saved = save(repaired, folder, stem)
        except (ValueError, OSError, MemoryError) as error:
            text.value = line_of(f"<b>Not repaired:</b> {html.escape(str(error) or 'not enough memory')}")
            return None
        finally:
            bar.layout.visibility = "hidden"
        link.value = link_of(saved)
        return photo, repaired

    def take(change):
        if not change["new"]:
            return
        name, content = Path(change["new"][0]["name"]).name, bytes(change["new"][0]["content"])
        chooser.value = ()  # so that the same file can be chosen again
        done = repair(lambda: read_bytes(name, content), Path(name).stem)
        if done is None:
            return
        chosen[:] = [done[0], Path(name).stem]
        both = [upright(version) for version in done]
        box.compare = before_after(*both, crop=(*most_changed(*both), min(ZOOMED, *both[0].shape[:2])))
        size = f"{both[0].shape[1]}x{both[0].shape[0]} pixels"
        text.value = line_of(html.escape(name), size, *verdict(*done, (model or load_model()).name))
        again.layout.display = ""
        box.children = [chooser, text, bar, link, again, box.compare]

    def save_again(_):
        percent = box.compare.slider.value
        repair(lambda: chosen[0], f"{chosen[1]}-{percent}-percent", strength=percent / 100)

    chooser.observe(take, names="value")
    again.on_click(save_again)
    return box


def read_bytes(name, content):
    """Read an uploaded file as `photos.read_photo` reads one from disk; errors name it as the user knows it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"photo{Path(name).suffix}"
        path.write_bytes(content)
        try:
            return photos.read_photo(path)
        except (ValueError, OSError) as error:
            raise ValueError(str(error).replace(str(path), name)) from error


def save(photo, folder, stem):
    """Write a photo into `folder` under a name that is still free, such as ``beach.png`` or ``beach-2.png``; return its path."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        path = folder / (f"{stem}.png" if number == 1 else f"{stem}-{number}.png")
        try:
            check_absent(path)
            photos.write_photo(path, photo)
            return path
        except FileExistsError:
            continue
    raise FileExistsError(f"{folder} holds 999 photos called {stem}: move some away")


def upright(photo):
    """Return a photo as one looks at it: uint8, shape (height, width, 3), turned as its file says."""
    image = photo.image
    if photo.deep is not None:
        image = np.rint(photo.deep / np.float32(photos.DEEP)).astype(np.uint8)[..., None].repeat(3, axis=2)
    return np.ascontiguousarray(metadata.turn(image, photo.orientation))


def verdict(photo, repaired, network="blockcnn"):
    """Say, in a few parts, what is known of a photo and what the repair by the network of that name has done to it.

    Without the original nobody can tell the PSNR: the quality of the file and the blockiness before and after have to do.
    """
    quality, limit = photo.quality, HELPS_UP_TO.get(network, 100)
    if quality is None:
        kind = "no JPEG file: blocks, if it has any, may be off the grid"
    elif quality > limit:
        kind = f"JPEG quality about {quality}: above {limit} the file as it is is likely better, keep it"
    else:
        kind = f"JPEG quality about {quality}"
    old, new = upright(photo._replace(orientation=1)), upright(repaired._replace(orientation=1))
    before, after, changed = metrics.blockiness(old), metrics.blockiness(new), np.abs(new.astype(int) - old).mean()
    return [kind, f"blockiness {before:.2f} → {after:.2f}", f"changed by {changed:.1f} grey levels on average", *photo.notes]


def most_changed(before, after, size=ZOOMED):
    """Return (row, column) of the square of `size` pixels, counted in such squares, that a repair changed most.

    Examples
    --------
    >>> before = np.zeros((128, 128, 3), np.uint8)
    >>> after = before.copy()
    >>> after[70:90, 10:20] = 9
    >>> most_changed(before, after)
    (64, 0)
    """
    rows, columns = (max(1, side // size) for side in before.shape[:2])
    change = np.abs(after[: rows * size, : columns * size].astype(np.int16) - before[: rows * size, : columns * size]).sum(axis=-1)
    sums = np.add.reduceat(np.add.reduceat(change, np.arange(rows) * size, axis=0), np.arange(columns) * size, axis=1)
    row, column = np.unravel_index(sums.argmax(), sums.shape)
    return int(row) * size, int(column) * size


def link_of(path):
    """Return a link that downloads a file, as HTML that carries the file itself; a large file is only named."""
    name, size = html.escape(path.name), path.stat().st_size
    where = f"saved as {html.escape(path.parent.name)}/{name}"
    if size > LINKED:
        return line_of(f"{where} ({size / 1e6:.0f} MB): find it in the file browser on the left")
    data = base64.b64encode(path.read_bytes()).decode()
    return line_of(f'<a class="blockcnn-download" download="{name}" href="data:image/png;base64,{data}"><b>Download {name}</b></a>', where)
