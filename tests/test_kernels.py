"""Guarded kernels: a notebook runs to its end whatever it does, and reaches nothing that is not its own."""

import os
import sys

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from blockcnn_helpers.classroom import kernels
from blockcnn_helpers.classroom.guard import Rules, switch_off

needs_limits = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are Linux's")


def run(folder, *sources, hidden=(), **named):
    """Run cells; return for each its text, or "Name: message" of its error."""
    cells = [new_code_cell(source) for source in (*sources, *hidden)]
    notebook = new_notebook(cells=cells[: len(sources)])
    kernels.run_notebook(notebook, folder, hidden=cells[len(sources) :], **{"cell_seconds": 60} | named)
    return [said(cell) for cell in cells]


def said(cell):
    errors = [f"{output.ename}: {output.evalue}" for output in cell.outputs if output.output_type == "error"]
    return (
        errors[0]
        if errors
        else "".join(output.get("text", output.get("data", {}).get("text/plain", "")) for output in cell.outputs).strip()
    )


@pytest.fixture(params=["walls", "limits alone"])
def wall(request, monkeypatch):
    """With bubblewrap where it works, and without."""
    if request.param == "limits alone":
        monkeypatch.setattr(kernels, "walls_stand", lambda: False)
    elif not kernels.walls_stand():
        pytest.skip("no bubblewrap here, or it may not be used")
    return request.param


@pytest.fixture
def secret(tmp_path):
    """A folder of the grader's, with a file in it."""
    (tmp_path / "grader").mkdir()
    (tmp_path / "grader" / "solution.txt").write_text("42")
    (tmp_path / "own").mkdir()
    return tmp_path / "grader"


def test_a_notebook_reaches_only_its_own(wall, secret, tmp_path, monkeypatch):
    monkeypatch.setenv("A_SECRET", "42")
    own = tmp_path / "own"
    tries = [
        f"open({str(secret / 'solution.txt')!r}).read()",
        f"import os; os.listdir({str(secret)!r})",
        f"import pathlib; list(pathlib.Path({str(secret)!r}).rglob('*'))",
        "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9', timeout=3)",
        "import socket; socket.create_connection(('127.0.0.1', 9), timeout=3)",
        "import subprocess; subprocess.run(['ls'])",
        "os.system('ls')",
        "os.environ.get('A_SECRET')",
        "open('mine.txt', 'w').write('mine'); open('mine.txt').read()",
        "from blockcnn_helpers import jpeg; jpeg.DCT.shape",
    ]
    answers = run(own, *tries, rules=Rules(closed=(str(secret),)))
    for source, answer in list(zip(tries, answers))[:7]:
        refused = answer.startswith(("PermissionError", "FileNotFoundError", "URLError", "OSError", "ConnectionError")) or answer == "[]"
        assert refused and "solution" not in answer.replace("solution.txt", ""), (source, answer)
    assert answers[7:] == ["", "'mine'", "(8, 8)"]
    assert (own / "mine.txt").read_text() == "mine"


@needs_limits
def test_it_goes_on_whatever_a_cell_does(tmp_path):
    answers = run(
        tmp_path,
        "x = 1",
        "while True: pass",
        "import numpy; numpy.ones(10**10)",
        "import os; os._exit(1)",
        "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except KeyboardInterrupt:\n        pass",
        "1 / 0",
        "x + 1",
        hidden=["x + 2"],
        cell_seconds=8,
    )
    assert [answer.partition(":")[0] for answer in answers] == [
        "",
        "TooSlow",
        "MemoryError",
        "KernelDied",
        "TooSlow",
        "ZeroDivisionError",
        "2",
        "3",
    ]
    assert "could not be interrupted" in answers[4]


def test_a_notebook_that_stops_its_kernel_again_and_again_is_given_up(tmp_path):
    answers = run(tmp_path, *["import os; os._exit(1)"] * 5, "1")
    assert [answer.partition(":")[0] for answer in answers] == ["KernelDied"] * 4 + ["NotRun"] * 2


def test_a_notebook_has_a_time_of_its_own(tmp_path):
    answers = run(tmp_path, "import time; time.sleep(2)", "1", hidden=["2"], notebook_seconds=1)
    assert answers[0] == "" and all("the notebook as a whole" in answer for answer in answers[1:])


def test_no_file_of_a_submission_takes_the_place_of_a_library(tmp_path):
    (tmp_path / "numpy.py").write_text("ones = None")
    (tmp_path / "helper.py").write_text("value = 7")
    assert run(tmp_path, "import numpy; numpy.ones(2).sum()", "import helper; helper.value") == ["np.float64(2.0)", "7"]


def test_functions_are_off_for_the_notebook_under_every_name_and_on_for_the_package(tmp_path):
    off = ("blockcnn_helpers.transform:dct", "scipy.fft:dctn", "blockcnn_helpers.quantisation:quantisation_tables")
    answers = run(
        tmp_path,
        "import numpy as np, scipy.fft\nfrom blockcnn_helpers import checks, jpeg\nfrom blockcnn_helpers.transform import dct as borrowed",
        "borrowed(np.ones((8, 8)))",
        "jpeg.dct(np.ones((8, 8)))",
        "scipy.fft.dctn(np.ones((8, 8)))",
        "list(map(borrowed, [np.ones((8, 8))]))",
        "np.vectorize(borrowed, signature='(a,b)->(a,b)')(np.ones((8, 8)))",
        "checks.check_dct(borrowed)",
        "checks.check_dct(lambda block: jpeg.DCT @ block @ jpeg.DCT.T)",
        "jpeg.encode_plane(np.full((8, 8), 100.0), np.full((8, 8), 10)).shape",
        "from blockcnn_helpers import checks_a1\nreference = checks_a1.scaled",
        "reference(np.ones((8, 8)), 50)",
        rules=Rules(switched_off=off),
    )
    assert all("is switched off: this assignment asks you to write it yourself" in answer for answer in answers[1:7]), answers
    assert "✓" in answers[7] and answers[8] == "(1, 1, 8, 8)"
    assert "is switched off" in answers[10], "what a check compares with is off too"


def test_an_unknown_function_cannot_be_switched_off():
    with pytest.raises(ValueError, match=r"no function 'blockcnn_helpers.transform:none' to switch off; write package.module:function"):
        switch_off("blockcnn_helpers.transform:none")


def test_closed_places_are_those_with_solutions():
    names = {os.path.basename(place) for place in kernels.closed_places()}
    assert {"assignments", "tests"} <= names
