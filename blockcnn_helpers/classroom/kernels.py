"""Run somebody else's notebook: in a guarded kernel, behind walls where the system has them, to the end whatever it does."""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_notebook, new_output

from blockcnn_helpers.classroom.guard import VARIABLE, Rules

COURSE = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL", "OMP_NUM_THREADS", "LD_LIBRARY_PATH")
ATTEMPTS = 4  # a notebook is run again without a cell that took the kernel down, this often
START = 120  # seconds for each cell before the first one that a student writes: imports take long on a busy machine
SLACK = 8  # seconds for an interrupted cell to answer


def closed_places():
    """Return the folders of a checkout that a submission has no business in: solutions, hidden tests, grades, their history."""
    places = [COURSE / "notebooks" / "assignments", COURSE / "tests", COURSE / ".git"]
    return tuple(str(place) for place in places if place.exists())


def run_notebook(notebook, folder, *, rules=None, hidden=(), unwanted=lambda cell: False, cell_seconds=30, notebook_seconds=600):
    """Run all cells of a notebook in a guarded kernel, then the hidden ones, and go on after whatever happens.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place: its code cells get their outputs.
    folder : path
        Working folder, the only one that the notebook can write to.
    rules : Rules, optional
        `Rules` without its folder; the default has closed folders and nothing switched off.
    hidden : list of NotebookNode
        Code cells run at the end, in the same kernel. Nothing of the notebook runs after them.
    unwanted : callable
        Is asked about each code cell before it runs; True leaves it out.
    cell_seconds, notebook_seconds : float
        Limits for each cell and for all. Cells before the first solution cell have 120 s.

    Notes
    -----
    A cell that is too slow is interrupted, and the next one runs. One that does not react, or ends the kernel, is taken out, and the
    rest is run again from the start. A cell that did not come to its end has an error output that says why.
    """
    folder = Path(folder).resolve()
    rules = rules or Rules(closed=closed_places())
    rules = Rules(**vars(rules) | {"folder": str(folder)})
    cells = [*notebook.cells, *hidden]
    ours = next((index for index, cell in enumerate(cells) if cell.metadata.get("nbgrader", {}).get("solution")), 0)
    seconds = [max(START, cell_seconds) if index < ours else cell_seconds for index in range(len(cells))]
    skipped = {}
    for _ in range(ATTEMPTS):
        fatal = _run(notebook, cells, skipped, rules, unwanted, seconds, notebook_seconds)
        if fatal is None:
            break
        skipped[fatal[0]] = fatal[1]
    else:
        for index, cell in enumerate(cells):
            if cell.cell_type == "code" and cell.source.strip():
                given_up = _error("NotRun", f"{ATTEMPTS} cells of this notebook stopped its kernel: nothing of it was graded")
                cell.outputs = [skipped.get(index, given_up)]
    return notebook


def _run(notebook, cells, skipped, rules, unwanted, seconds, notebook_seconds):
    """Run the cells in a new kernel. Return None, or (index, reason) of the cell that took the kernel down."""
    with tempfile.TemporaryDirectory(prefix="blockcnn-") as scratch:
        manager = GuardedKernelManager(kernel_name="python3", rules=rules, scratch=scratch)
        client = _Client(
            new_notebook(cells=list(cells), metadata=notebook.metadata),
            km=manager,
            allow_errors=True,
            interrupt_on_timeout=True,
            error_on_timeout={"ename": "TooSlow", "evalue": "", "traceback": []},
            iopub_timeout=SLACK,
            raise_on_iopub_timeout=True,
            shutdown_kernel="immediate",
            store_widget_state=False,
            resources={"metadata": {"path": rules.folder}},
        )
        with client.setup_kernel(cleanup_kc=True, env=manager.environment()):
            started = monotonic()
            for index, cell in enumerate(cells):
                if cell.cell_type != "code":
                    continue
                if index in skipped:
                    cell.outputs = [skipped[index]]
                elif unwanted(cell):
                    cell.outputs = [_error("NotRun", "what this cell tries did not come to an end before")]
                elif monotonic() - started > notebook_seconds:
                    cell.outputs = [_error("TooSlow", f"the notebook as a whole took more than {notebook_seconds:g} s")]
                else:
                    client.timeout = seconds[index]
                    try:
                        client.execute_cell(cell, index)
                    except CellTimeoutError:
                        return index, _error("TooSlow", f"no answer within {seconds[index]:g} s, and it could not be interrupted")
                    except DeadKernelError:
                        return index, _error("KernelDied", "this cell ended its kernel: out of memory, out of time, or an exit")
    return None


class _Client(NotebookClient):
    """A client that records the error of a cell that was interrupted."""

    async def _check_raise_for_error(self, cell, cell_index, exec_reply):
        if exec_reply and exec_reply["content"].get("ename") == "TooSlow":
            cell.outputs = [output for output in cell.outputs if output.output_type != "error"]
            cell.outputs.append(_error("TooSlow", f"no answer within {self.timeout:g} s"))


class GuardedKernelManager(AsyncKernelManager):
    """Starts `guard` as the kernel, behind `walls` where they can be had."""

    def __init__(self, *, rules, scratch, **named):
        super().__init__(transport="ipc", ip=str(Path(scratch) / "s"), connection_file=str(Path(scratch) / "kernel.json"), **named)
        self.rules, self.scratch = rules, scratch
        self.kernel_spec.interrupt_mode = "message"  # a signal would reach the wall, not the kernel

    def environment(self):
        """Return the kernel's environment variables: few, and no secrets of whoever grades."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        own = {
            "HOME": self.rules.folder,
            "MPLCONFIGDIR": str(Path(self.scratch) / "mpl"),
            "IPYTHONDIR": str(Path(self.scratch) / "ipython"),
            "KERAS_HOME": str(Path(self.scratch) / "keras"),
        }
        course = {"TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYTHONDONTWRITEBYTECODE": "1"}
        return course | kept | own | self.rules.words | {VARIABLE: self.rules.text()}

    def format_kernel_cmd(self, extra_arguments=None):
        """Return the command that starts the kernel. -P: no file of the submission is imported in the place of a library."""
        command = [sys.executable, "-P", "-m", "blockcnn_helpers.classroom.guard", "-f", self.connection_file]
        return [*walls(self.rules, self.scratch), *command, *(extra_arguments or [])]


def walls(rules, scratch):
    """Return the beginning of a command that shuts a program in: own folder writable, closed ones absent, no network, no home.

    It is empty where bubblewrap (Linux, ``apt install bubblewrap``) is not there or may not be used.
    """
    if not walls_stand():
        return []
    home = os.path.expanduser("~")
    hidden = [place for place in ("/tmp", "/var/tmp", "/root", home) if os.path.isdir(place)]
    shown = sorted({sys.base_prefix, sys.prefix, str(COURSE), *os.environ.get("LD_LIBRARY_PATH", "").split(":")} - {""}, key=len)
    wall = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    for place in dict.fromkeys(hidden):
        wall += ["--tmpfs", place]
    for place in shown:
        wall += ["--ro-bind-try", place, place]
    for place in rules.closed:
        wall += ["--tmpfs", place] if os.path.isdir(place) else ["--ro-bind", "/dev/null", place]
    for place in (scratch, rules.folder):
        wall += ["--bind", str(place), str(place)]
    return [*wall, "--unshare-net", "--unshare-pid", "--unshare-ipc", "--die-with-parent", "--new-session", "--chdir", rules.folder, "--"]


@functools.cache
def walls_stand():
    """Tell whether bubblewrap is here and works (some systems forbid it to ordinary users)."""
    if not sys.platform.startswith("linux") or not shutil.which("bwrap"):
        return False
    trial = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-net", "--unshare-pid", "--unshare-ipc", "true"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


def _error(name, message):
    return new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])
