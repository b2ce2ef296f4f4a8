"""Names for screen readers: ipywidgets gives a slider's handle and a picture none, so a script in the page does (labels.js)."""

from pathlib import Path

import anywidget

MARK = "blockcnn-named"


class Labels(anywidget.AnyWidget):
    """Nothing to see: names the sliders and pictures of the box that it lies in; see `named`."""

    _esm = Path(__file__).with_suffix(".js")


def named(box):
    """Have a box's sliders named after their labels and its pictures after their titles, now and later; return the box.

    Examples
    --------
    >>> import ipywidgets as widgets
    >>> box = named(widgets.VBox([widgets.IntSlider(description="Quality")]))
    >>> type(box.children[-1]).__name__
    'Labels'
    """
    box.add_class(MARK)
    box.children = [*box.children, Labels()]
    return box
