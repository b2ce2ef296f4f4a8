"""Photos in the browser, pixel by pixel: several side by side that move and zoom together, or two under a divider.

Finished files go over, so the browser shows the JPEG itself, and no kernel is asked while the view moves. What happens on
the page stands in viewer.js.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from blockcnn_helpers.jpeg import check_image

MOST = 3  # pictures side by side
HINT = "drag or arrow keys: move · + and − (or the wheel, once clicked): zoom"
PICK = "click: pick a block · drag: move · + and −: zoom"


class Viewer(anywidget.AnyWidget):
    """One to three pictures of one size; `show` changes what they hold.

    Parameters
    ----------
    titles : sequence of str
        One for each picture, at most three.
    image : ndarray, shape (height, width, ...)
        Tells the size of all pictures.
    crop : (int, int, int), optional
        Row, column and size of the part to look at first; by default the whole.
    descriptions : sequence of str, optional
        What a screen reader says of each picture.
    divider : float, optional
        Percent of the width that the first of two pictures has; then the second lies over it, under a divider to drag.
    wide : int
        Pixels of the screen that a picture may take across.

    Attributes
    ----------
    picked : list of int
        Row and column of the pixel last clicked; observe it.
    seen : list of int
        Row, column, height and width of the part in view, once the browser has told.
    mark : list of int
        Row, column, height and width of a frame to draw; empty for none.

    Raises
    ------
    ValueError
        If there are more than three pictures, or a divider and not two.
    """

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    descriptions = traitlets.List(traitlets.Unicode()).tag(sync=True)
    kinds = traitlets.List(traitlets.Unicode()).tag(sync=True)
    data0 = traitlets.Bytes().tag(sync=True)
    data1 = traitlets.Bytes().tag(sync=True)
    data2 = traitlets.Bytes().tag(sync=True)
    shape = traitlets.List(traitlets.Int()).tag(sync=True)
    crop = traitlets.List(traitlets.Int()).tag(sync=True)
    mark = traitlets.List(traitlets.Int()).tag(sync=True)
    picked = traitlets.List(traitlets.Int()).tag(sync=True)
    seen = traitlets.List(traitlets.Int()).tag(sync=True)
    divider = traitlets.Float(-1.0).tag(sync=True)
    wide = traitlets.Int(420).tag(sync=True)
    hint = traitlets.Unicode(HINT).tag(sync=True)

    def __init__(self, titles, image, crop=None, descriptions=(), divider=None, **settings):
        if not 1 <= len(titles) <= MOST:
            raise ValueError(f"a viewer shows 1 to {MOST} pictures, got {len(titles)} titles")
        if divider is not None and len(titles) != 2:
            raise ValueError(f"a divider stands between 2 pictures, got {len(titles)} titles")
        settings |= {"titles": list(titles), "descriptions": list(descriptions), "kinds": ["png"] * len(titles)}
        shape, crop = [int(side) for side in np.shape(image)[:2]], [int(number) for number in crop or ()]
        super().__init__(shape=shape, crop=crop, divider=-1.0 if divider is None else divider, **settings)

    @property
    def files(self):
        """The pictures as bytes of files, in order."""
        return [getattr(self, f"data{number}") for number in range(len(self.titles))]

    def show(self, number, data, kind="png"):
        """Show a file (bytes, of kind "png" or "jpeg") as picture `number`, counted from 0; it may change at every move of a slider."""
        if self.kinds[number] != kind:
            self.kinds = [*self.kinds[:number], kind, *self.kinds[number + 1 :]]
        setattr(self, f"data{number}", data)

    def resize(self, image):
        """Make room for pictures of another size: that of `image`, uint8, shape (height, width, 3)."""
        self.shape = list(check_image(image).shape[:2])
