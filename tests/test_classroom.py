"""The classroom: student versions give nothing away, and the sample class earns exactly its points."""

import ast
import csv
import html
import inspect
import itertools
import re
import symtable
import zipfile

import pytest

pytest.importorskip("nbgrader")

from classrooms import NAMES, course, fill, own, read, sample_class, short, submit

from blockcnn_helpers import checks
from blockcnn_helpers.classroom import grade as grading
from blockcnn_helpers.classroom.kernels import run_notebook
from blockcnn_helpers.classroom.release import course_for_students, release
from blockcnn_helpers.classroom.verdicts import grade_id, hidden, visible

QUICK = [name for name in NAMES if short(name) in ("a1", "a2", "a3")]  # without TensorFlow
SLOW = [pytest.param(name, marks=pytest.mark.full) for name in NAMES if name not in QUICK]
STUB = "put your code here"


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A course with all assignments, released."""
    root = course(tmp_path_factory.mktemp("course"))
    release(root=root)
    return root


def versions(root, name):
    return read(root / "source" / name / f"{name}.ipynb"), read(root / "release" / name / f"{name}.ipynb")


def regions(source, word):
    """Lines between ### BEGIN `word` and ### END `word`."""
    return re.findall(rf"### BEGIN {word}\n(.*?)### END {word}", source, flags=re.DOTALL)


def secrets(instructor):
    """Lines that no student may see: of solutions, model answers and hidden tests, but for those that stand in the open as well."""
    open_text = "\n".join(
        re.sub(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1", "", cell.source, flags=re.DOTALL)
        for cell in instructor.cells
        if not (cell.cell_type == "markdown" and own(cell).get("solution"))
    )
    closed = []
    for cell in instructor.cells:
        closed += regions(cell.source, "SOLUTION") + regions(cell.source, "HIDDEN TESTS")
        if cell.cell_type == "markdown" and own(cell).get("solution"):
            closed.append(cell.source)
    lines = {line.strip() for part in closed for line in part.splitlines() if len(line.strip()) >= 8}
    return {
        line for line in lines if (line not in open_text and not line.startswith(("return ", "from ", "import "))) or len(line) > 30
    } - {line.strip() for line in open_text.splitlines()}


def statements(source):
    """Every statement of a source as normal text, whatever its spacing, quotes and comments."""
    try:
        tree = ast.parse(re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", source))
    except SyntaxError:
        return set()
    return {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)}


@pytest.mark.parametrize("name", NAMES)
def test_a_student_version_gives_no_solution_away(classroom, name):
    instructor, student = versions(classroom, name)
    told = (classroom / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    text = "\n".join(cell.source for cell in student.cells)
    found = [line for line in secrets(instructor) if line in text]
    assert not found
    for mark in ("BEGIN SOLUTION", "HIDDEN TESTS", "hand_in", "Rubric", "answer+json"):
        assert mark not in told
    assert all(not cell.outputs and cell.execution_count is None for cell in student.cells if cell.cell_type == "code")

    closed = set()
    for before, after in zip(instructor.cells, student.cells, strict=True):
        assert own(before).get("grade_id") == own(after).get("grade_id")
        if before.cell_type == "code" and before.source != after.source:
            closed |= {line for line in statements(before.source) - statements(after.source) if len(line) >= 12}
    shown = set().union(*(statements(cell.source) for cell in student.cells if cell.cell_type == "code"))
    assert closed, "an assignment hides something"
    assert not closed & shown


@pytest.mark.parametrize("name", NAMES)
def test_the_course_itself_stays_away_from_the_solutions(name, classroom):
    """Visible checks and their hints do not spell solutions out either."""
    instructor, _ = versions(classroom, name)
    asked = {check for cell in instructor.cells for check in re.findall(r"checks\.(check_\w+)\(", cell.source)}
    modules = {inspect.getmodule(getattr(checks, check)) for check in asked}
    trees = [ast.parse(inspect.getsource(module)) for module in modules]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    said = "\n".join(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    assert said
    assert [line for line in secrets(instructor) if len(line) >= 16 and line in said] == []


@pytest.mark.parametrize("name", [*QUICK, *SLOW])
def test_a_student_version_runs_up_to_its_first_blank_and_each_blank_says_so(classroom, name, tmp_path):
    _, student = versions(classroom, name)
    blanks = [cell for cell in student.cells if cell.cell_type == "code" and own(cell).get("solution")]
    assert blanks and all(STUB in cell.source for cell in blanks)
    ask = nbformat_cell(f"import inspect as _inspect\nfor _name in {[functions(cell.source)[0] for cell in blanks]}:\n" + ASK)
    run_notebook(student, tmp_path, hidden=[ask], cell_seconds=120)
    first = student.cells.index(blanks[0])
    for cell in student.cells[:first]:
        assert not [output for output in cell.get("outputs", ()) if output.output_type == "error"], cell.source
    said = "".join(output.get("text", "") for output in ask.outputs).splitlines()
    assert len(said) == len(blanks) and all(line.startswith("NotImplementedError") and STUB in line for line in said), ask.outputs
    for cell in student.cells:
        for output in cell.get("outputs", ()):
            # A cell that needs a blank says so, or misses what a cell that said so would have made.
            assert output.output_type != "error" or output.ename in ("NotImplementedError", "NameError"), (cell.source, output.evalue)
        if grade_id(cell):
            assert "✓" not in str(cell.outputs), cell.source


ASK = """    _function = globals()[_name]
    try:
        _function(*[None for _ in _inspect.signature(_function).parameters])
    except Exception as _error:
        print(f"{type(_error).__name__}: {_error}")
"""


def nbformat_cell(source):
    from nbformat.v4 import new_code_cell

    return new_code_cell(source)


def functions(source):
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("name", NAMES)
def test_every_blank_is_one_function_with_a_check_after_it(classroom, name):
    instructor, _ = versions(classroom, name)
    cells = [cell for cell in instructor.cells if cell.cell_type == "code"]
    for cell, following in itertools.pairwise(cells):
        if own(cell).get("solution"):
            assert len(functions(cell.source)) == 1, cell.source
            assert grade_id(following) and hidden(following.source), f"no hidden tests after {own(cell)['grade_id']}"
    for cell in cells:
        if grade_id(cell):
            assert "checks.check_" in visible(cell.source)
            assert own(cell)["points"] > 0


@pytest.mark.parametrize("name", NAMES)
def test_the_points_are_those_of_the_table(classroom, name):
    instructor, _ = versions(classroom, name)
    stated = dict(re.findall(r"^\| (.+?) \| (\d+) \|$", instructor.cells[0].source, flags=re.MULTILINE))
    total = int(stated.pop("together"))
    real = sum(own(cell).get("points", 0) for cell in instructor.cells)
    assert total == real == sum(map(int, stated.values()))
    written = [cell for cell in instructor.cells if cell.cell_type == "markdown" and own(cell).get("grade")]
    assert written and all("Rubric" in cell.source or "held" in own(cell)["grade_id"] for cell in written)


@pytest.mark.parametrize("name", NAMES)
def test_the_time_is_counted(classroom, name):
    _, student = versions(classroom, name)
    stated = int(re.search(r"[Aa]bout (\d+) minutes", student.cells[0].source).group(1))
    words = sum(len(re.sub(r"[|*`>#-]", " ", cell.source).split()) for cell in student.cells if cell.cell_type == "markdown")
    given = sum(len(cell.source.splitlines()) for cell in student.cells if cell.cell_type == "code" and not own(cell).get("grade"))
    tasks = sum(bool(own(cell).get("solution")) for cell in student.cells if cell.cell_type == "code")
    written = sum(bool(own(cell).get("solution")) for cell in student.cells if cell.cell_type == "markdown")
    counted = words / 150 + given / 12 + 9 * tasks + 8 * written
    assert 45 <= stated <= 90
    assert abs(stated - counted) <= 0.15 * counted, f"{counted:.0f} minutes counted"


def names(source, kind):
    """Names that a cell binds ("assigned") or reads ("referenced") in the notebook itself, not inside of functions."""
    return {symbol.get_name() for symbol in symtable.symtable(source, "cell", "exec").get_symbols() if getattr(symbol, f"is_{kind}")()}


@pytest.mark.parametrize("name", NAMES)
def test_hidden_tests_change_nothing_that_is_used_after_them(classroom, name):
    """In the instructor version they run in place: they must not replace what a later cell reads."""
    instructor, _ = versions(classroom, name)
    known, spoiled = set(), set()
    for cell in instructor.cells:
        if cell.cell_type == "code":
            shown, secret = visible(cell.source), hidden(cell.source)
            spoiled -= names(shown, "assigned")
            assert not names(shown, "referenced") & spoiled, cell.source
            known |= names(shown, "assigned")
            spoiled |= names(secret, "assigned") & known


def test_the_zip_opens_in_a_plain_jupyterlab(classroom):
    for name in NAMES:
        with zipfile.ZipFile(classroom / "release" / f"{name}.zip") as archive:
            assert f"{name}/{name}.ipynb" in archive.namelist()
            assert "make lab" in archive.read(f"{name}/READ_ME.txt").decode()
            assert not [file for file in archive.namelist() if "source" in file or file.endswith(".db")]


def test_the_course_for_students_holds_no_solutions(classroom):
    path = course_for_students(classroom)
    if path is None:
        pytest.skip("no git checkout")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert "blockcnn/Makefile" in names and "blockcnn/blockcnn_helpers/checks.py" in names
        assert not [name for name in names if "assignments" in name or "/tests/" in name]


def graded(root, name, tmp_path):
    """Grade the sample class of an assignment: return {student: {test cell: points}} and the rows of grades.csv."""
    _, student_version = versions(root, name)
    with open(root / "nbgrader_config.py", "a", encoding="utf-8") as file:  # a sample that never ends costs this long
        file.write(f"c.Judge.cell_seconds = {15 if name in QUICK else 120}\n")
    for student, work in sample_class(name).items():
        submit(tmp_path, student, name, fill(student_version, work["cells"]))
    rows = {row["student"]: row for row in grading.grade(tmp_path, [name], root, say=lambda line: None) if row["assignment"] == name}
    points = {}
    with open(root / "grades_by_task.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["assignment"] == name:
                points.setdefault(row["student"], {})[row["task"]] = float(row["points"])
    return points, rows


@pytest.mark.parametrize("name", ["a1_dct_and_quantisation", *(pytest.param(name, marks=pytest.mark.full) for name in NAMES[1:])])
def test_the_sample_class_earns_its_points(classroom, name, tmp_path):
    points, rows = graded(classroom, name, tmp_path)
    instructor, _ = versions(classroom, name)
    tests = {grade_id(cell): own(cell)["points"] for cell in instructor.cells if grade_id(cell)}
    expected = {student: work["points"] for student, work in sample_class(name).items()}
    assert len(expected) >= 5
    assert {student: {test: points[student][test] for test in tests} for student in expected} == expected
    assert expected["perfect_vectorised"] == expected["perfect_loops"] == tests
    assert set(expected["blank"].values()) == {0}
    for student in expected:
        page = (classroom / "feedback" / student / name / f"{name}.html").read_text(encoding="utf-8")
        assert leaks(instructor, page, sample_class(name)[student]["cells"]) == []
    assert all(row["of"] == sum(own(cell).get("points", 0) for cell in instructor.cells) for row in rows.values())


def leaks(instructor, page, cells):
    """Lines of solutions and hidden tests in a feedback page, but for what the student wrote."""
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    written = "\n".join(cells.values())
    found = [line for line in secrets(instructor) if line in text and line not in written]
    tests = [line for cell in instructor.cells for line in hidden(cell.source).splitlines() if len(line.strip()) >= 12]
    return (
        found
        + [line for line in tests if line.strip() in text and line.strip() not in written]
        + [word for word in ("answer+json",) if word in page]
    )
