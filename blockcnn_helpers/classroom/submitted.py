"""Read what was handed in to a contest: notebooks, weights, pictures. Nothing of it is executed, no link is followed."""

import shutil
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image

from blockcnn_helpers import images
from blockcnn_helpers.classroom import project

NAME = "a5_open_project"
WEIGHTS = "my_network.weights.h5"
LONGEST = 200_000  # characters of code in a notebook: more is no code
LARGEST_FILE = 16 * 2**20  # bytes of weights
ALIKE = 0.99  # correlation of two sets of weights from which on they are no accident


class Failed(Exception):
    """A submission came to no result; the text says why."""


def found(submissions):
    """Return {student: notebook} of a folder of submissions; None for a student without a notebook.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such folder, or not one notebook in it.
    """
    folder = Path(submissions)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}: SUBMISSIONS is the folder that holds one folder for each student")
    students = {}
    for student in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        there = [path for place in (student / NAME, student) for path in sorted(place.glob("*.ipynb")) if not path.is_symlink()]
        named = [path for path in there if path.stem.startswith(NAME)]
        students[student.name] = next(iter(named or there), None)
    if not any(students.values()):
        raise ValueError(f"no notebook in {folder}: expected STUDENT/{NAME}.ipynb or STUDENT/{NAME}/{NAME}.ipynb")
    return students


def code_of(path):
    """Return a submission's notebook: its code cells, without outputs. Raises `Failed`."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat and json raise many kinds
        raise Failed(f"not a notebook: {one_line(error)}") from error
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in notebook.cells:
        cell.outputs, cell.execution_count = [], None
    length = sum(len(cell.source) for cell in notebook.cells)
    if length > LONGEST:
        raise Failed(f"{length:,} characters of code, {LONGEST:,} at most: weights belong into {WEIGHTS}")
    return notebook


def copy_weights(source, folder):
    """Copy the weights and their card from one folder to another, and nothing else. Raises `Failed`."""
    path = source / WEIGHTS
    if not path.is_file() or path.is_symlink():
        raise Failed(f"{WEIGHTS} was not handed in")
    if path.stat().st_size > LARGEST_FILE:
        raise Failed(f"{WEIGHTS} has {path.stat().st_size / 2**20:.0f} MB, {LARGEST_FILE // 2**20} at most")
    shutil.copyfile(path, folder / WEIGHTS)
    card = project.card_path(path)
    if card.is_file() and not card.is_symlink():
        shutil.copyfile(card, folder / card.name)


def picture(path, original):
    """Read a picture that a submission wrote, if it is one of the original's size. Raises `Failed`."""
    if path.is_symlink() or path.parent.is_symlink() or not path.is_file():
        raise Failed(f"no picture for photo {path.stem}")
    try:
        with Image.open(path, formats=["PNG"]) as opened:
            if opened.size != original.shape[1::-1] or opened.mode != "RGB":
                raise Failed(f"photo {path.stem} came back as {opened.mode} of {opened.size[1]}x{opened.size[0]} pixels")
            return np.asarray(opened)
    except (OSError, ValueError, SyntaxError) as error:
        raise Failed(f"photo {path.stem} cannot be read: {one_line(error)}") from error


def count(path):
    """Return how many numbers a ``.weights.h5`` file of Keras holds, the optimiser's left out.

    Raises
    ------
    Failed
        If it is no such file.
    """
    return sum(array.size for array in _arrays(path))


def _arrays(path):
    """Return the arrays in a weights file."""
    import h5py

    arrays = []

    def collect(name, item):
        if isinstance(item, h5py.Dataset) and "vars" in name.split("/") and not {"optimizer", "seed_generator"} & set(name.split("/")):
            if item.external or item.is_virtual or item.size > 10 * project.LARGEST:
                raise Failed(f"{path.name} holds more than a network")
            arrays.append(np.asarray(item))

    if path.is_symlink():
        raise Failed(f"{path.name} is a link")
    try:
        with h5py.File(path) as file:
            file.visititems(collect)  # follows no links to other files
    except OSError as error:
        raise Failed(f"{path.name} is no weights file: {one_line(error)}") from error
    if not arrays:
        raise Failed(f"{path.name} holds no weights")
    return arrays


def borrowed(path):
    """Return the names of the course's networks whose weights a file holds, nearly unchanged."""
    own = [array.ravel() for array in _arrays(path) if array.size >= 1000]
    names = []
    for shipped in sorted(images.shipped("weights", ".").glob("*.weights.h5")):
        theirs = [array.ravel() for array in _arrays(shipped) if array.size >= 1000]
        if any(a.size == b.size and _alike(a, b) for a in own for b in theirs):
            names.append(shipped.name.removesuffix(".weights.h5"))
    return names


def _alike(a, b):
    """Tell whether two rows of numbers are nearly the same, up to a factor; numbers that are all equal are like nothing."""
    a, b = a - a.mean(), b - b.mean()
    return bool(abs(a @ b) > ALIKE * max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12))


def one_line(text):
    """Return a text without line breaks, cut off where it gets long."""
    return " ".join(str(text).split())[:160]
