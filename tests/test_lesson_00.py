"""Lesson 00 can be rerun in any order once it has run: no name means two things, and it works in a folder of its own."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from lesson_cells import code_cells

from blockcnn_helpers import images, jpeg, metrics, restoration

(LESSON,) = (Path(__file__).parents[1] / "notebooks").glob("00_*.ipynb")
CELLS = code_cells(LESSON)


def made(source):
    """The names that a cell makes at its top level, loops included; those inside functions and comprehensions are their own."""
    found, waiting = set(), list(ast.parse(source).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.ListComp, ast.DictComp, ast.GeneratorExp)):
            found |= {node.name} if isinstance(node, ast.FunctionDef) else set()
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        waiting += ast.iter_child_nodes(node)
    return found


def test_no_name_is_made_twice():
    seen = {}
    for number, (source, _) in enumerate(CELLS):
        for name in made(source):
            assert name not in seen, f"{name} of cell {seen[name]} is overwritten in cell {number}"
            seen[name] = number
    assert {"photo", "data", "decoded", "repaired", "before", "after", "gains", "clean", "kept"} <= set(seen)


def test_no_cell_needs_a_program_on_the_path():
    assert [source for source, _ in CELLS if source.lstrip().startswith(("!", "%"))] == []


@pytest.mark.parametrize("quality, above", [(70, True), (75, True), (80, False)])
def test_coffee_crosses_zero_between_70_and_80(quality, above):
    """As the caption below the curves says; the other two photos do so around 70."""
    photo = images.course_photos()["coffee"]
    decoded = jpeg.compress(photo, quality)
    assert (metrics.psnr(photo, restoration.restore(decoded)) > metrics.psnr(photo, decoded)) == above


def test_the_command_gives_what_the_lesson_s_function_gives(tmp_path):
    """Repairing a file, here a part of the cat's, by `restore_file` and in a terminal: the same picture."""
    (tmp_path / "cat.jpg").write_bytes(jpeg.encode(images.course_photos()["chelsea"][:64, :96], 10))
    restoration.restore_file(tmp_path / "cat.jpg", tmp_path / "cat.png")
    command = [sys.executable, "-m", "blockcnn_helpers", "deblock", "cat.jpg", "-o", "by_command"]
    environment = os.environ | {"PYTHONPATH": str(LESSON.parents[1])}
    subprocess.run(command, check=True, cwd=tmp_path, env=environment, capture_output=True, timeout=300)
    assert np.array_equal(images.read(tmp_path / "cat.png"), images.read(tmp_path / "by_command" / "cat.png"))
