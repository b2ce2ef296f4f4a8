"""make grade: what it takes for a submission, what it does with odd ones, what it keeps."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from classrooms import fill, own, read, submit
from nbformat import write
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from blockcnn_helpers.classroom import __main__ as command
from blockcnn_helpers.classroom.course import ROOT, assignments, nbgrader
from blockcnn_helpers.classroom.grade import found, grade, worth_a_look
from blockcnn_helpers.classroom.release import release
from blockcnn_helpers.classroom.verdicts import judge

NAME = "z1_double"
SOLUTION = '''def double(x):
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''
TESTS = """print("a check")
### BEGIN HIDDEN TESTS
from blockcnn_helpers.classroom import hand_in
for x in (0, 3, -1):
    hand_in(double, x)
### END HIDDEN TESTS"""


def part(cell, name, **named):
    cell.id = name
    cell.metadata["nbgrader"] = {
        "grade_id": name,
        "schema_version": 3,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    } | named
    return cell


@pytest.fixture
def root(tmp_path):
    """A course with one small assignment, 2 points by the grader and 1 by hand."""
    cells = [
        new_markdown_cell("# Double"),
        part(new_code_cell(SOLUTION), "double", solution=True),
        part(new_code_cell(TESTS), "double_tests", grade=True, locked=True, points=2),
        part(new_markdown_cell("It adds up. **Rubric** 1 point."), "why", grade=True, solution=True, points=1),
    ]
    folder = tmp_path / "course" / "source" / NAME
    folder.mkdir(parents=True)
    write(
        new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}),
        folder / f"{NAME}.ipynb",
    )
    shutil.copy(ROOT / "nbgrader_config.py", tmp_path / "course")
    release(root=tmp_path / "course")
    return tmp_path / "course"


@pytest.fixture
def student(root):
    return read(root / "release" / NAME / f"{NAME}.ipynb")


GOOD = {"double": "def double(x):\n    return x + x", "why": "Because."}


def run(folder, root, **named):
    said = []
    rows = grade(folder, (), root, say=said.append, **named)
    return {row["student"]: row for row in rows}, "\n".join(said)


def test_a_class_with_odd_submissions(root, student, tmp_path):
    work = tmp_path / "handed in"
    submit(work, "ada", NAME, fill(student, GOOD))
    (work / "platform_123_file").mkdir()
    write(fill(student, GOOD), work / "platform_123_file" / f"{NAME} (1).ipynb")
    submit(work / "nested", NAME, NAME, fill(student, {"double": "def double(x):\n    return x"}))
    shutil.copytree(work / "nested" / NAME, work / "twice" / NAME)
    submit(work, "twice", NAME, fill(student, GOOD))
    (work / "no_json").mkdir()
    (work / "no_json" / f"{NAME}.ipynb").write_text("half a file")
    (work / "other").mkdir()
    (work / "other" / "notes.ipynb").write_text("{}")
    without = fill(student, GOOD)
    without.cells = [cell for cell in without.cells if own(cell).get("grade_id") != "double_tests"]
    submit(work, "cut_the_test", NAME, without)
    rows, said = run(work, root)
    assert {name: (row["points"], row["of"]) for name, row in rows.items()} == {
        "ada": (2, 3),
        "platform_123_file": (2, 3),
        "nested": (0, 3),
        "twice": (2, 3),
        "no_json": (0, 0),
        "cut_the_test": (2, 3),
    }
    assert rows["ada"]["to grade by hand"] == 1 and rows["nested"]["to grade by hand"] == 0, "an answer left alone needs no reading"
    assert "JSON" in rows["no_json"]["remarks"]
    assert "second z1_double of twice" in said and "notes.ipynb is none of z1_double: left out" in said
    assert (root / "feedback" / "ada" / NAME / f"{NAME}.html").is_file()
    with open(root / "grades.csv", newline="", encoding="utf-8") as file:
        assert {row["student"] for row in csv.DictReader(file)} == set(rows)


def test_points_by_hand_stay_and_only_new_work_is_graded(root, student, tmp_path):
    work = tmp_path / "handed in"
    submit(work, "ada", NAME, fill(student, GOOD))
    submit(work, "bob", NAME, fill(student, {"double": "def double(x):\n    return x"}))
    run(work, root)
    with nbgrader(root).gradebook as gradebook:
        gradebook.find_grade("why", NAME, NAME, "ada").manual_score = 1
        gradebook.db.commit()
    page = root / "autograded" / "ada" / NAME / f"{NAME}.ipynb"
    before = page.stat().st_mtime_ns
    submit(work, "bob", NAME, fill(student, GOOD))
    rows, _ = run(work, root)
    assert (rows["ada"]["points"], rows["bob"]["points"]) == (3, 2)
    assert page.stat().st_mtime_ns == before, "unchanged work is not run again"
    rows, _ = run(work, root, again=True)
    assert rows["ada"]["points"] == 3 and page.stat().st_mtime_ns > before


def test_a_changed_source_is_what_counts(root, student, tmp_path):
    work, path = tmp_path / "handed in", root / "source" / NAME / f"{NAME}.ipynb"
    submit(work, "ada", NAME, fill(student, {"double": "def double(x):\n    return 2 * x if x > -2 else 0"}))
    assert run(work, root)[0]["ada"]["points"] == 2
    before = read(path)
    path.write_text(path.read_text(encoding="utf-8").replace("(0, 3, -1)", "(0, 3, -2)"), encoding="utf-8")
    assert run(work, root)[0]["ada"]["points"] == 0, "graded again, by the new tests"
    with pytest.raises(ValueError, match=r"'double_tests' is not that of the instructor version.* Run make release again"):
        judge(before, path, tmp_path)


def test_what_is_copied(root, student, tmp_path):
    work = tmp_path / "handed in"
    submit(work, "ada", NAME, fill(student, GOOD))
    (work / "ada" / "helper.py").write_text("x = 1")
    (tmp_path / "private.txt").write_text("private")
    (work / "ada" / "link.txt").symlink_to(tmp_path / "private.txt")
    write(student, work / "ada" / "another.ipynb")
    run(work, root)
    assert {path.name for path in (root / "submitted" / "ada" / NAME).iterdir()} == {f"{NAME}.ipynb", "helper.py"}


def test_worth_a_look_names_what_a_normal_answer_does_not_need():
    cells = [
        "import numpy as np\nchecks.check_dct = lambda answer: '✓'\nnp.allclose = lambda *a: True",
        "exec(open('x').read())",
        "from inspect import getsource",
        "def f(x):\n    return np.sum(x)",
        "this is no python",
    ]
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    assert worth_a_look(notebook) == ["checks.check_dct", "exec", "getsource", "inspect", "np.allclose", "open"]
    locked = part(new_code_cell("exec('1')"), "given", locked=True)
    assert worth_a_look(new_notebook(cells=[locked])) == []


def test_folders_that_hold_no_submission(tmp_path):
    with pytest.raises(FileNotFoundError, match="SUBMISSIONS is the folder that holds one folder for each student"):
        found(tmp_path / "none", [NAME])
    (tmp_path / f"{NAME}.ipynb").write_text("{}")
    with pytest.raises(ValueError, match=r"expected STUDENT/NAME\.ipynb"):
        found(tmp_path, [NAME])


def test_assignments_by_the_beginning_of_their_names():
    assert len(assignments()) == 5 and assignments(["a1"]) == ["a1_dct_and_quantisation"]
    with pytest.raises(ValueError, match=r"no assignment begins with 'b1'; there are a1_dct"):
        assignments(["b1"])


def test_the_command_line(root, student, tmp_path, capsys):
    submit(tmp_path / "handed in", "ada", NAME, fill(student, GOOD))
    assert command.main(["grade", str(tmp_path / "handed in"), "--root", str(root)]) == 0
    said = capsys.readouterr().out
    assert "1 of 1  ada  z1_double  2 of 3 points, 1 to grade by hand" in said
    assert ("behind a wall" in said) != ("WITHOUT a wall" in said)
    assert command.main(["release", "b1"]) == 2
    assert "no assignment begins with 'b1'" in capsys.readouterr().err
    assert command.main(["grade", str(tmp_path / "nowhere"), "--root", str(root)]) == 2
    assert command.main(["release", "--root", str(tmp_path)]) == 2
    assert "no nbgrader_config.py in" in capsys.readouterr().err


@pytest.mark.skipif(not shutil.which("make"), reason="no make")
@pytest.mark.parametrize(
    "target, part", [("grade", "which submissions?"), ("score", "which submissions?"), ("score SUBMISSIONS=x", "on which photos?")]
)
def test_make_asks_for_what_is_missing(target, part):
    ready = Path(__file__).parents[1] / ".venv" / ".ready-instructor"
    if not ready.exists():
        pytest.skip("make has not installed nbgrader here")
    done = subprocess.run(["make", *target.split()], cwd=ready.parents[1], capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode and part in done.stderr


def test_hand_in_needs_no_teachers_tools():
    heavy = ("nbgrader", "nbclient", "IPython", "tensorflow", "keras")
    code = f"import sys; from blockcnn_helpers.classroom import hand_in; print(set({heavy}) & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"


def test_the_notebooks_metadata_is_json(root):
    assert json.loads((root / "release" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4
