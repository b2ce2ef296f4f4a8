"""Judge what a submission handed in, outside of its kernel: the solution's answers to the same inputs are the measure.

Hidden tests hold inputs and no expected values. The instructor version runs in a guarded kernel once, the submission in another,
and the two lists of answers are compared here, where no student's code runs. What a check says in the notebook decides nothing.
"""

import copy
import functools
import tempfile
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_output

from blockcnn_helpers.classroom.guard import Rules
from blockcnn_helpers.classroom.handin import MIME, Unreadable, unpacked
from blockcnn_helpers.classroom.kernels import closed_places, run_notebook

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


def visible(source):
    """Return the source of a cell without its hidden tests."""
    return _parted(source)[0]


def hidden(source):
    """Return the hidden tests of a cell's source, without the marks."""
    return _parted(source)[1]


def _parted(source):
    shown, secret, inside = [], [], False
    for line in source.split("\n"):
        if BEGIN in line or END in line:
            if inside == (BEGIN in line):
                raise ValueError(f"hidden tests begin with {BEGIN} and end with {END}, one after the other; check the cell:\n{source}")
            inside = BEGIN in line
        else:
            (secret if inside else shown).append(line)
    if inside:
        raise ValueError(f"hidden tests begin with {BEGIN} and end with {END}; the end is missing in the cell:\n{source}")
    return "\n".join(shown).rstrip("\n"), "\n".join(secret)


def grade_id(cell):
    """Return the name of a test cell, or None for every other cell."""
    own = cell.metadata.get("nbgrader", {})
    return own.get("grade_id") if cell.cell_type == "code" and own.get("grade") and not own.get("solution") else None


def run(notebook, folder, switched_off=(), closed=None, memory=6 * 2**30, **limits):
    """Run a notebook in a guarded kernel, all hidden tests at its end.

    Parameters
    ----------
    notebook : NotebookNode
        With its hidden tests. Its cells get outputs: test cells those of their visible part.
    folder : path
        Its working folder.
    switched_off : sequence of str
        Functions that the submission was to write.
    closed : sequence of str, optional
        Folders that it cannot read, by default `kernels.closed_places`.
    memory : int
        Bytes that it may take.
    limits
        ``cell_seconds`` and ``notebook_seconds``, see `kernels.run_notebook`.

    Returns
    -------
    dict of str to list
        For each test cell its hidden answers, in order: dicts as `hand_in` shows them, or an error's name where the cell did not end.
    """
    tests = {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}
    whole = {name: cell.source for name, cell in tests.items()}
    for cell in tests.values():
        cell.source = visible(cell.source)
    secret = {name: new_code_cell(hidden(source), metadata={"hidden_of": name}) for name, source in whole.items()}
    words = {"BLOCKCNN_PROFILE": "smoke", "NBGRADER_EXECUTION": "autograde"}
    rules = Rules(closed=tuple(closed or closed_places()), switched_off=tuple(switched_off), words=words, memory=memory)

    def hopeless(cell):
        """Tell whether the visible part of a hidden cell was too slow or ended the kernel."""
        shown = tests.get(cell.metadata.get("hidden_of"))
        return shown is not None and any(output.get("ename") in ("TooSlow", "KernelDied") for output in shown.outputs)

    run_notebook(notebook, folder, rules=rules, hidden=list(secret.values()), unwanted=hopeless, **limits)
    for name, cell in secret.items():
        if hopeless(cell):
            cell.outputs = [output for output in tests[name].outputs if output.output_type == "error"]
    for name, cell in tests.items():
        cell.source = whole[name]
    return {name: list(_answers(cell.outputs)) for name, cell in secret.items()}


def _answers(outputs):
    for output in outputs:
        if output.output_type == "error":
            yield output.ename
        elif MIME in output.get("data", {}):
            yield output.data[MIME]


def reference(source):
    """Return (switched off functions, answers of each test cell, source of each test cell) of an instructor version, run at most once."""
    stamp = Path(source).stat()
    return _reference(str(source), stamp.st_mtime_ns, stamp.st_size)


@functools.lru_cache(maxsize=16)
def _reference(source, *stamp):
    notebook = nbformat.read(source, as_version=4)
    off = tuple(notebook.metadata.get("blockcnn", {}).get("write_yourself", ()))
    with tempfile.TemporaryDirectory() as folder:
        answers = run(notebook, folder, off, cell_seconds=300)
    for name, given in answers.items():
        troubled = [answer if isinstance(answer, str) else answer["said"] for answer in given if _no_measure(answer)]
        if troubled or not given:
            raise RuntimeError(
                f"the instructor version itself fails in test cell {name!r} ({', '.join(troubled) or 'no hidden tests'}): {source}"
            )
    return off, answers, {grade_id(cell): cell.source for cell in notebook.cells if grade_id(cell)}


def _no_measure(answer):
    """Tell whether an answer of the instructor version cannot be what others are measured by."""
    return isinstance(answer, str) or answer.get("raised") in ("SwitchedOff", "NotImplementedError", "NameError")


def verdict(wanted, given):
    """Compare a submission's answers with the solution's.

    Returns
    -------
    str
        Empty if all are right, else a line for the student that gives no input and no expected value away.

    Examples
    --------
    >>> right = [{"value": 3, "within": 1e-6}, {"raised": "ValueError", "said": "", "within": 1e-6}]
    >>> verdict(right, right)
    ''
    >>> verdict(right, [{"value": 4}, {"value": None}])
    'The grader tried 2 cases: 0 right, 2 wrong (the first one that is not right is case 1).'
    """
    stopped = next((answer for answer in given if isinstance(answer, str)), None)
    given = [answer for answer in given if not isinstance(answer, str)]
    states = [_state(want, got) for want, got in zip(wanted, given)]
    states += [stopped or "missing"] * (len(wanted) - len(states))
    if set(states) == {"right"} and len(given) == len(wanted):
        return ""
    if len(given) > len(wanted):
        return f"The grader asked {len(wanted)} questions and got {len(given)} answers: nothing but your function may answer."
    if set(states) == {"NotImplementedError"}:
        return "Not written yet."
    off = next((answer["said"] for answer in given if answer.get("raised") == "SwitchedOff"), None)
    if off:
        return f"Not accepted: {off}."
    counts = {state: states.count(state) for state in dict.fromkeys(states) if state != "right"}
    spoken = {"TooSlow": "without an answer in time", "KernelDied": "ended the kernel", "missing": "without an answer", "wrong": "wrong"}
    named = ", ".join(f"{count} {spoken.get(state, f'stopped with {state}')}" for state, count in counts.items())
    first = next(index for index, state in enumerate(states, 1) if state != "right")
    return (
        f"The grader tried {len(wanted)} cases: {states.count('right')} right, {named} (the first one that is not right is case {first})."
    )


def _state(want, got):
    """Return "right", "wrong", or the type of the error that the answer was."""
    if "raised" in want or "raised" in got:
        if want.get("raised") == got.get("raised"):
            return "right"
        return got.get("raised", "wrong")
    try:
        return "right" if _same(unpacked(want["value"]), unpacked(got["value"]), want.get("within", 1e-6)) else "wrong"
    except Exception:  # whatever stands in a forged answer
        return "wrong"


def _same(want, got, within):
    if isinstance(want, Unreadable) or isinstance(got, Unreadable):
        return False
    if isinstance(want, (bool, str)) or want is None or isinstance(got, (bool, str)) or got is None:
        return type(want) is type(got) and want == got
    if isinstance(want, dict) or isinstance(got, dict):
        return (
            isinstance(want, dict)
            and isinstance(got, dict)
            and want.keys() == got.keys()
            and all(_same(want[key], got[key], within) for key in want)
        )
    numbers = [_numbers(side) for side in (want, got)]
    if all(side is not None for side in numbers):
        want, got = numbers
        return want.shape == got.shape and bool(np.all(np.isclose(got, want, rtol=within, atol=within, equal_nan=True)))
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(_same(one, other, within) for one, other in zip(want, got))
    return False


def _numbers(value):
    """Return a number, an array or a nest of lists of numbers as an array, None for anything else."""
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        return None
    if array.dtype.kind == "b":  # lists of truths count as truths
        return array.astype(np.int8)
    return array.astype(np.float64) if array.dtype.kind in "iuf" else None


def judge(notebook, source, folder, **limits):
    """Run a submission and judge it. Test cells end with an error output where they earn nothing, and without one where they earn all.

    Raises
    ------
    ValueError
        If the test cells of `notebook` are not those of the instructor version: it changed since it was released.
    """
    source = Path(source).resolve()
    off, wanted, sources = reference(source)
    for cell in notebook.cells:
        name = grade_id(cell)
        if name and not (name in sources and cell.source.endswith(sources[name])):  # nbgrader says above a lost cell that it was lost
            raise ValueError(
                f"test cell {name!r} is not that of the instructor version: it was changed after the release. Run make release again"
            )
    given = run(notebook, folder, off, (*closed_places(), str(source.parents[2])), **limits)
    for cell in notebook.cells:
        name = grade_id(cell)
        if not name:
            continue
        said = verdict(wanted[name], given[name])
        shown = [output for output in cell.outputs if output.output_type == "stream" and output.name == "stdout"]
        stopped = [output for output in cell.outputs if output.get("ename") in ("TooSlow", "KernelDied", "NotRun")]
        cell.outputs = [*copy.deepcopy(shown), *stopped, _line(said, len(wanted[name]))]
    return notebook


def _line(said, cases):
    if said:
        return new_output("error", ename="Grader", evalue=said, traceback=[said])
    return new_output("stream", name="stdout", text=f"Grader: all {cases} cases right.\n")
