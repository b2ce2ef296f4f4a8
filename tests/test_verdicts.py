"""Verdicts: the solution's answers are the measure, and a line for a student gives nothing away."""

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from blockcnn_helpers.classroom.handin import packed, unpacked
from blockcnn_helpers.classroom.verdicts import hidden, reference, verdict, visible


def answers(*values, within=1e-6):
    return [
        {"raised": value.__name__, "said": "hidden inputs"} if isinstance(value, type) else {"value": packed(value), "within": within}
        for value in values
    ]


SAME = {
    "numbers": (1.5, 1.5 + 1e-9),
    "a NumPy number": (1.5, np.float32(1.5)),
    "an integer and a float": (3, 3.0),
    "a list and an array": (np.eye(2), [[1, 0], [0, 1]]),
    "another dtype": (np.arange(3), np.arange(3.0)),
    "a tuple and a list": ((1, 2), [1, 2]),
    "sets": ({3, 1}, {1, 3}),
    "dictionaries in another order": ({"a": 1, "b": [2]}, {"b": (2,), "a": 1.0}),
    "lists of different lengths": ([[1], [1, 2]], ([1.0], [1, 2])),
    "nothing": (None, None),
    "not a number": (np.nan, float("nan")),
    "infinite": (np.inf, float("inf")),
    "truths": ([True, False], np.array([True, False])),
    "names and arrays": (("a", np.eye(2)), ["a", np.eye(2)]),
    "the same error": (ValueError, ValueError),
    "keys that are pairs": ({("a", 1): 2}, {("a", 1): 2}),
}
DIFFERENT = {
    "numbers": (1.5, 1.50001),
    "shapes": (np.zeros((2, 3)), np.zeros((3, 2))),
    "a number and its array": (3, [3]),
    "a column": (np.arange(3), np.arange(3)[:, None]),
    "true and one": (True, 1),
    "nothing and zero": (0, None),
    "text": ("a", "b"),
    "a number as text": (1, "1"),
    "one missing": ({"a": 1, "b": 2}, {"a": 1}),
    "the other sign of infinity": (np.inf, -np.inf),
    "a function": (3, print),
    "lengths": ([[1], [1, 2]], [[1], [1]]),
    "an error": (3, ValueError),
    "another error": (ValueError, TypeError),
    "no error": (ValueError, 3),
}


@pytest.mark.parametrize("want, got", SAME.values(), ids=SAME)
def test_right_however_written(want, got):
    assert verdict(answers(want), answers(got)) == ""


@pytest.mark.parametrize("want, got", DIFFERENT.values(), ids=DIFFERENT)
def test_wrong(want, got):
    assert verdict(answers(want), answers(got)) != ""


def test_the_tolerance_is_the_solutions_not_the_submissions():
    assert verdict(answers(100.0, within=0.1), answers(105.0)) == ""
    assert verdict(answers(100.0), answers(105.0, within=0.5)) != ""


def test_the_line_counts_and_gives_nothing_away():
    line = verdict(answers(1, 2, 3, 4), [*answers(1, 7, ZeroDivisionError), "TooSlow"])
    assert line.startswith("The grader tried 4 cases: 1 right, 1 wrong, 1 stopped with ZeroDivisionError, 1 without an answer in time")
    assert line.endswith("(the first one that is not right is case 2).")
    assert "hidden inputs" not in line


@pytest.mark.parametrize(
    "given, part",
    [
        ([], "2 without an answer"),
        (["TooSlow"], "without an answer in time"),
        (["KernelDied"], "ended the kernel"),
        (answers(NotImplementedError, NotImplementedError), "Not written yet."),
        (
            [{"raised": "SwitchedOff", "said": "dct of blockcnn_helpers is switched off"}] * 2,
            "Not accepted: dct of blockcnn_helpers is switched off.",
        ),
        (answers(1, 2, 3), "nothing but your function may answer"),
        ([{"value": {"array": "rubbish"}}] * 2, "2 wrong"),
        ([{}] * 2, "2 wrong"),
    ],
)
def test_what_is_not_an_answer(given, part):
    assert part in verdict(answers(1, 2), given)


def test_packing_is_undone():
    for value in (1, 2.5, "text", None, True, [1, [2.5, "a"]], {"a": 1}):
        assert unpacked(packed(value)) == value
    big = np.random.default_rng(0).normal(size=(3, 4, 5)).astype(np.float32)
    assert np.array_equal(unpacked(packed(big)), big) and unpacked(packed(big)).dtype == np.float32
    assert unpacked(packed(print)) == "builtin_function_or_method"


def test_hidden_tests_are_cut_out():
    source = "print(1)\n### BEGIN HIDDEN TESTS\nsecret = 1\n### END HIDDEN TESTS\nprint(2)"
    assert visible(source) == "print(1)\nprint(2)" and hidden(source) == "secret = 1"
    for broken in (
        "### BEGIN HIDDEN TESTS\n1",
        "### END HIDDEN TESTS",
        "### BEGIN HIDDEN TESTS\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS",
    ):
        with pytest.raises(ValueError, match="hidden tests begin with"):
            visible(broken)


def test_an_instructor_version_that_fails_is_named(tmp_path):
    import nbformat

    test = new_code_cell("1\n### BEGIN HIDDEN TESTS\n1 / 0\n### END HIDDEN TESTS")
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "t", "points": 1}
    nbformat.write(new_notebook(cells=[new_markdown_cell("x"), test]), tmp_path / "a.ipynb")
    with pytest.raises(RuntimeError, match="the instructor version itself fails in test cell 't' \\(ZeroDivisionError\\)"):
        reference(tmp_path / "a.ipynb")


def test_a_solution_that_calls_what_is_switched_off_is_no_measure(tmp_path):
    import nbformat

    imports = "from blockcnn_helpers import jpeg\nfrom blockcnn_helpers.classroom import hand_in\nimport numpy as np\n"
    asked = "hand_in(lambda block: jpeg.dct(block), np.ones((8, 8)))\n"
    test = new_code_cell(f"1\n### BEGIN HIDDEN TESTS\n{imports}{asked}### END HIDDEN TESTS")
    test.metadata["nbgrader"] = {"grade": True, "solution": False, "grade_id": "t", "points": 1}
    notebook = new_notebook(cells=[test], metadata={"blockcnn": {"write_yourself": ["blockcnn_helpers.transform:dct"]}})
    nbformat.write(notebook, tmp_path / "a.ipynb")
    with pytest.raises(RuntimeError, match="dct of blockcnn_helpers is switched off"):
        reference(tmp_path / "a.ipynb")
