"""No check goes without wrong answers with hints of their own: four in a lesson, five and two right ones in an assignment."""

import importlib
import re
from pathlib import Path

import pytest

from blockcnn_helpers import checks

HERE = Path(__file__).parent
LESSONS = sorted((HERE.parent / "notebooks").glob("[0-9][0-9]_*.ipynb"))
ASKED = re.compile(r"checks\.(check_\w+)\(")
USED = sorted({(path.name[:2], name) for path in LESSONS for name in ASKED.findall(path.read_text(encoding="utf-8"))})
ASSIGNMENTS = sorted((HERE.parent / "notebooks" / "assignments" / "source").glob("*/*.ipynb"))
GRADED = sorted({(path.name[:2], name) for path in ASSIGNMENTS for name in ASKED.findall(path.read_text(encoding="utf-8"))})


@pytest.mark.parametrize("lesson, name", USED, ids=lambda part: part)
def test_at_least_four_mistakes_are_named(lesson, name):
    own = importlib.import_module(f"test_checks_{lesson}").WRONG[getattr(checks, name)]
    hints = {hint for _, hint in own.values()}
    assert len(own) >= 4 and len(hints) >= 4, f"{name} names {len(hints)} mistakes"


@pytest.mark.parametrize("assignment, name", GRADED, ids=lambda part: part)
def test_an_assignments_check_names_five_and_passes_two(assignment, name):
    cases = importlib.import_module(f"test_checks_{assignment}")
    check = getattr(checks, name)
    own, right = cases.WRONG[check], cases.RIGHT
    right = right[check] if isinstance(right, dict) else [answer for checked, answer in right if checked is check]
    hints = {hint for _, hint in own.values()}
    assert len(own) >= 5 and len(hints) >= 5, f"{name} names {len(hints)} mistakes"
    assert len(right) >= 2, f"{name} is passed by {len(right)} right answers"
