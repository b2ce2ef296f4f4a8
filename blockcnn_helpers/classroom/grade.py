"""Grade a folder of submissions: collect, run, judge, feedback, tables."""

import ast
import csv
import filecmp
import io
import shutil
from pathlib import Path

import nbformat

from blockcnn_helpers.classroom.course import ROOT, assignments, nbgrader
from blockcnn_helpers.classroom.verdicts import grade_id
from blockcnn_helpers.files import new_file

LARGEST = 64 * 2**20  # bytes of a submitted file
WORTH_A_LOOK = {
    "__code__", "__globals__", "_getframe", "builtins", "classroom", "compile", "ctypes", "eval", "exec", "gc", "getsource",
    "globals", "hand_in", "importlib", "inspect", "modules", "open", "os", "pathlib", "settrace", "socket", "subprocess",
}  # fmt: skip


def found(folder, names):
    """Find the submissions in a folder.

    Parameters
    ----------
    folder : path
        One folder for each student, in it ``NAME.ipynb`` or ``NAME/NAME.ipynb``, as nbgrader and learning platforms hand them out. A
        platform's additions to the name ("NAME (1).ipynb") are taken off.
    names : sequence of str
        The assignments.

    Returns
    -------
    submissions : dict of (student, assignment) to Path
        Paths of the notebooks.
    remarks : list of str
        What was left out, and why.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such folder, or nothing in it is a submission.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"no folder {folder}: SUBMISSIONS is the folder that holds one folder for each student")
    submissions, remarks = {}, []
    for student in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        for path in sorted(student.rglob("*.ipynb"), key=lambda path: (len(path.parts), path)):
            if ".ipynb_checkpoints" in path.parts or path.is_symlink():
                continue
            name = next((name for name in names if path.stem.startswith(name)), None)
            if name is None:
                remarks.append(f"{path.relative_to(folder)} is none of {', '.join(names)}: left out")
            elif (student.name, name) in submissions:
                remarks.append(f"{path.relative_to(folder)} is a second {name} of {student.name}: left out, the first one is graded")
            else:
                submissions[student.name, name] = path
    if not submissions:
        raise ValueError(
            f"no submission in {folder}: expected STUDENT/NAME.ipynb or STUDENT/NAME/NAME.ipynb, NAME one of {', '.join(names)}"
        )
    return submissions, remarks


def collect(notebook, target):
    """Copy a submission and the files beside it to nbgrader's folder. Return whether anything is new.

    Other notebooks, links, folders and files over 64 MB stay behind.
    """
    beside = [path for path in notebook.parent.iterdir() if path.is_file() and not path.is_symlink() and not path.name.startswith(".")]
    kept = {path.name: path for path in beside if path.suffix != ".ipynb" and path.stat().st_size <= LARGEST}
    kept[f"{target.name}.ipynb"] = notebook
    there = {path.name for path in target.iterdir()} if target.is_dir() else set()
    if there == set(kept) and all(filecmp.cmp(path, target / name, shallow=False) for name, path in kept.items()):
        return False
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name, path in kept.items():
        shutil.copyfile(path, target / name)
    return True


def worth_a_look(notebook):
    """Return the names in a student's own cells that a normal answer has no use for, sorted. It accuses nobody; it says where to read."""
    seen = set()
    for cell in notebook.cells:
        if cell.cell_type != "code" or grade_id(cell) or cell.metadata.get("nbgrader", {}).get("locked"):
            continue
        try:
            tree = ast.parse(cell.source)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            names = [getattr(node, field, None) for field in ("id", "attr", "module")]
            names += [alias.name for alias in getattr(node, "names", ()) if isinstance(alias, ast.alias)]
            if isinstance(node, ast.Assign):
                seen |= {ast.unparse(target) for target in node.targets if ast.unparse(target).startswith(("checks.", "np."))}
            seen |= {part for name in names if isinstance(name, str) for part in name.split(".")} & WORTH_A_LOOK
    return sorted(seen)


def grade(submissions, wanted=(), root=ROOT, again=False, say=print):
    """Grade all submissions of a folder; what was graded already and has not changed is left as it is, points given by hand too.

    Parameters
    ----------
    submissions : path
        See `found`.
    wanted : sequence of str
        Assignments to grade, by the beginning of their names; none for all.
    root : path
        The folder with ``source`` and ``nbgrader_config.py``. Feedback goes to ``root/feedback``, the tables beside it.
    again : bool
        Grade unchanged submissions again. They are anyway where the instructor version has changed.
    say : callable
        Gets a line about each submission.

    Returns
    -------
    list of dict
        The rows of ``grades.csv``.
    """
    root = Path(root).resolve()
    names = assignments(wanted, root)
    there, remarks = found(submissions, names)
    api = nbgrader(root)
    renewed = {name for _, name in there if not _current(api, root, name)}
    for name in sorted(renewed):
        _done(api.generate_assignment(name, force=True), f"no student version of {name}")
    notes = {}
    for number, ((student, name), path) in enumerate(there.items(), 1):
        target = root / "submitted" / student / name
        new = collect(path, target)
        graded = (root / "autograded" / student / name / f"{name}.ipynb").is_file()
        try:
            nbformat.read(target / f"{name}.ipynb", as_version=4)  # says more clearly than nbgrader what is no notebook
            if new or again or not graded or name in renewed:
                _done(api.autograde(name, student, force=True, create=True), "not graded")
                _done(api.generate_feedback(name, student, force=True), "no feedback")
            notes[student, name] = _remarks(target, root / "autograded" / student / name)
        except Exception as error:  # one bad file must not stop a class
            notes[student, name] = str(error)
        row = _row(api, student, name)
        say(f"{number:3} of {len(there)}  {student}  {name}  {_points(row)}  {notes[student, name]}".rstrip())
    for remark in remarks:
        say(remark)
    return _write(api, root, notes)


def _remarks(submitted, autograded):
    """Say what a teacher should look at in a submission, or nothing."""
    name = f"{submitted.name}.ipynb"
    looked = worth_a_look(nbformat.read(submitted / name, as_version=4))
    stopped = [
        f"cell {number}: {output.evalue}"
        for number, cell in enumerate(nbformat.read(autograded / name, as_version=4).cells, 1)
        for output in cell.get("outputs", ())
        if output.output_type == "error" and output.ename in ("TooSlow", "KernelDied", "NotRun")
    ]
    return "; ".join([*stopped, *([f"worth a look: {', '.join(looked)}"] if looked else [])])


def _current(api, root, name):
    """Tell whether the gradebook has the tests of the present instructor version."""
    source, made = (root / place / name / f"{name}.ipynb" for place in ("source", "release"))
    with api.gradebook as gradebook:
        known = name in {assignment.name for assignment in gradebook.assignments}
    return known and made.is_file() and made.stat().st_mtime >= source.stat().st_mtime


def _done(result, what):
    if result["success"]:
        return
    lines = [line for line in (result.get("error") or result.get("log") or "").splitlines() if line.strip()]
    reason = next(
        (line for line in reversed(lines) if "Error" in line and not line.startswith("[")),
        lines[-1] if lines else "nbgrader gives no reason",
    )
    raise RuntimeError(f"{what}: {reason.strip()}")


def _row(api, student, name):
    """Return the points of one submission, a dict for ``grades.csv``; and its tasks under "tasks"."""
    from nbgrader.api import MissingEntry

    try:
        with api.gradebook as gradebook:
            submission = gradebook.find_submission(name, student)
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            tasks = {grade.name: (grade.score, grade.max_score, grade.needs_manual_grade) for grade in grades}
    except MissingEntry:
        tasks = {}
    return {
        "student": student,
        "assignment": name,
        "points": sum(score for score, _, _ in tasks.values()),
        "of": sum(most for _, most, _ in tasks.values()),
        "to grade by hand": sum(most for _, most, by_hand in tasks.values() if by_hand),
        "tasks": tasks,
    }


def _points(row):
    by_hand = f", {row['to grade by hand']:g} to grade by hand" if row["to grade by hand"] else ""
    return f"{row['points']:g} of {row['of']:g} points{by_hand}" if row["tasks"] else "no points"


def _write(api, root, notes):
    """Write ``grades.csv`` (a line for each submission) and ``grades_by_task.csv``; everything in the gradebook, not this run alone."""
    with api.gradebook as gradebook:
        pairs = {(submission.student.id, assignment.name) for assignment in gradebook.assignments for submission in assignment.submissions}
    rows = [_row(api, *pair) | {"remarks": notes.get(pair, "")} for pair in sorted(pairs | set(notes))]
    tables = {
        "grades.csv": [{key: value for key, value in row.items() if key != "tasks"} for row in rows],
        "grades_by_task.csv": [
            {
                "student": row["student"],
                "assignment": row["assignment"],
                "task": task,
                "points": score,
                "of": most,
                "by hand": "open" if by_hand else "",
            }
            for row in rows
            for task, (score, most, by_hand) in row["tasks"].items()
        ],
    }
    for file, lines in tables.items():
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, lines[0] if lines else ["student"])
        writer.writeheader()
        writer.writerows(lines)
        with new_file(root / file, force=True) as stream:
            stream.write(text.getvalue().encode())
    return tables["grades.csv"]
