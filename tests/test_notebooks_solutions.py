"""The solutions printed in the lessons are right: each passes the check of its cell, and the blank above it does not."""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest

from blockcnn_helpers import checks

LESSONS = sorted((Path(__file__).parents[1] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
ASKED = re.compile(r"checks\.(check_\w+)\((\w+)\)")
SOLUTION = re.compile(r"<details>.*?```python\n(.*?)```.*?</details>", re.S)


def exercises():
    for path in LESSONS:
        cells = [(cell["cell_type"], "".join(cell["source"])) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
        setup = next(source for kind, source in cells if kind == "code")
        for place, (kind, source) in enumerate(cells):
            asked = ASKED.search(source) if kind == "code" else None
            if asked:
                solution = SOLUTION.search("\n".join(text for kind, text in cells[place + 1 : place + 3] if kind == "markdown"))
                yield pytest.param(setup, source, solution and solution[1], *asked.groups(), id=f"{path.stem[:2]} {asked[1]}")


EXERCISES = list(exercises())


def defined(setup, source):
    """Run the lesson's imports and the definitions in `source` alone."""
    names = {"np": np}
    kept = [node for node in ast.parse(source).body if isinstance(node, (ast.FunctionDef, ast.Assign, ast.Import, ast.ImportFrom))]
    exec(compile(ast.parse(setup), "setup", "exec"), names)
    exec(compile(ast.Module(kept, []), "answer", "exec"), names)
    return names


@pytest.mark.parametrize("setup, cell, solution, check, name", EXERCISES)
def test_solutions_pass(setup, cell, solution, check, name):
    assert solution, "no <details> with a solution below the exercise"
    assert getattr(checks, check)(defined(setup, solution)[name]).startswith("✓")


@pytest.mark.parametrize("setup, cell, solution, check, name", EXERCISES)
def test_blanks_are_blank(setup, cell, solution, check, name):
    assert "..." in cell
    assert "Not yet" in getattr(checks, check)(defined(setup, cell)[name])
