"""A course of one's own for a test: sources, student versions, submissions."""

import copy
import importlib.util
import shutil
from pathlib import Path

import nbformat

from blockcnn_helpers.classroom.course import ROOT, assignments

HERE = Path(__file__).parent
NAMES = assignments()


def short(name):
    """ "a1" for "a1_dct_and_quantisation"."""
    return name.partition("_")[0]


def sample_class(name):
    """Return the sample submissions of an assignment: {student: {"cells": {grade_id: source}, "points": {grade_id: points}}}."""
    path = HERE / "sample_class" / f"{short(name)}.py"
    spec = importlib.util.spec_from_file_location(f"sample_class_{short(name)}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CLASS


def course(folder, names=NAMES, more=""):
    """Make a course folder with the sources of some assignments; `more` is added to its nbgrader_config.py. Return the folder."""
    folder = Path(folder)
    for name in names:
        shutil.copytree(ROOT / "source" / name, folder / "source" / name)
    config = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(f"{config}\n{more}\n", encoding="utf-8")
    return folder


def read(path):
    return nbformat.read(path, as_version=4)


def own(cell):
    return cell.metadata.get("nbgrader", {})


def fill(released, cells):
    """Return a student version with the sources of some of its cells, by grade_id."""
    filled = copy.deepcopy(released)
    left = dict(cells)
    for cell in filled.cells:
        if own(cell).get("solution") and own(cell)["grade_id"] in left:
            cell.source = left.pop(own(cell)["grade_id"])
    assert not left, f"no solution cells {sorted(left)}"
    return filled


def submit(folder, student, name, notebook):
    """Write a submission where `make grade` looks for it."""
    target = Path(folder) / student
    target.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target / f"{name}.ipynb")
