"""No check of a lesson goes without wrong answers: at least four of its own, each with a hint of its own."""

import importlib
import re
from pathlib import Path

import pytest

from blockcnn_helpers import checks

HERE = Path(__file__).parent
LESSONS = sorted((HERE.parent / "notebooks").glob("[0-9][0-9]_*.ipynb"))
ASKED = re.compile(r"checks\.(check_\w+)\(")
USED = sorted({(path.name[:2], name) for path in LESSONS for name in ASKED.findall(path.read_text(encoding="utf-8"))})


@pytest.mark.parametrize("lesson, name", USED, ids=lambda part: part)
def test_at_least_four_mistakes_are_named(lesson, name):
    own = importlib.import_module(f"test_checks_{lesson}").WRONG[getattr(checks, name)]
    hints = {hint for _, hint in own.values()}
    assert len(own) >= 4 and len(hints) >= 4, f"{name} names {len(hints)} mistakes"
