"""Work shared by several processes: answers in order, one error, and nothing left running whatever happens."""

import contextlib
import functools
import operator
import os
import signal
import subprocess
import sys
import time

import pytest

from blockcnn_helpers import workers

posix = pytest.mark.skipif(os.name == "nt", reason="signals as on Linux and macOS")
SLEEPERS = """
import functools, multiprocessing, sys, threading, time
from blockcnn_helpers import workers
def tell():
    while len(found := multiprocessing.active_children()) < 2:
        time.sleep(0.05)
    print(*(child.pid for child in found), flush=True)
if __name__ == "__main__":
    threading.Thread(target=tell, daemon=True).start()
    workers.share([(int(sys.argv[1]),)] * 4, 2, functools.partial, (time.sleep,))
"""


def share(function, *tasks, jobs=2, **options):
    return workers.share(tasks, jobs, functools.partial, (function,), **options)


def test_answers_come_in_the_order_of_the_tasks():
    ticks = []
    answers = share(operator.itemgetter(0), ([5],), ([3],), ([9],), ([1],), ([7],), jobs=3, progress=ticks.append)
    assert answers == [5, 3, 9, 1, 7] and ticks == [1] * 5
    assert share(pow) == []


def test_every_process_gets_its_share_of_the_cores(monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 7)
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    asked = [("OMP_NUM_THREADS",), ("TF_NUM_INTRAOP_THREADS",), ("TF_NUM_INTEROP_THREADS",)]
    assert share(os.getenv, *asked, jobs=2) == ["3"] * 3
    assert os.environ["OMP_NUM_THREADS"] == "5" and "TF_NUM_INTRAOP_THREADS" not in os.environ
    assert share(os.getenv, *asked[:1], jobs=9) == ["7"], "one task needs one process"
    assert workers.threads(20) == 1


@pytest.mark.parametrize(
    "function, task, kind, said",
    [
        (int, ("x",), ValueError, "invalid literal"),
        (open, ("not here",), FileNotFoundError, "not here"),
        (operator.truediv, (1, 0), ChildProcessError, "ZeroDivisionError in one of several processes: division by zero"),
        (os._exit, (3,), ChildProcessError, r"has died \(exit code 3\).*--jobs"),
    ],
)
def test_the_first_error_is_raised_and_ends_the_others(function, task, kind, said):
    with pytest.raises(kind, match=said):
        share(function, task, task, task)


def test_an_error_before_the_first_task_is_raised_too():
    with pytest.raises(ValueError, match="invalid literal"):
        workers.share([(1,), (2,)], 2, int, ("not a number",))


def alive(pid):
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return "Z" not in subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return False


def asleep(tmp_path, seconds):
    """Start a program whose two workers sleep for some seconds a task; return it and their process numbers."""
    script = tmp_path / "sleepers.py"
    script.write_text(SLEEPERS)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in (os.getcwd(), *sys.path) if path)}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment, "start_new_session": True}
    options["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # these tests may run in a background that is deaf to it
    program = subprocess.Popen([sys.executable, str(script), str(seconds)], **options)
    children = [int(pid) for pid in program.stdout.readline().split()]
    assert len(children) == 2 and all(map(alive, children))
    return program, children


@posix
def test_ctrl_c_leaves_no_process(tmp_path):
    program, children = asleep(tmp_path, 60)
    start = time.time()
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does: to all of them
    _, said = program.communicate(timeout=30)
    assert said.count("Traceback") == 1 and said.rstrip().endswith("KeyboardInterrupt"), "the workers themselves say nothing"
    assert time.time() - start < 30 and not any(map(alive, children))


@posix
def test_ctrl_c_while_processes_start_is_not_lost(monkeypatch):
    started, start = [], workers._start

    def interrupted(*arguments):
        started.append(start(*arguments))
        signal.raise_signal(signal.SIGINT)
        return started[-1]

    monkeypatch.setattr(workers, "_start", interrupted)
    before = signal.default_int_handler
    signal.signal(signal.SIGINT, before)
    with pytest.raises(KeyboardInterrupt):
        share(time.sleep, (60,), (60,))
    assert len(started) == 2 and not any(process.is_alive() for _, process in started)
    assert signal.getsignal(signal.SIGINT) is before and signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


@posix
def test_workers_end_with_their_task_when_the_program_is_killed(tmp_path):
    program, children = asleep(tmp_path, 4)
    program.kill()
    program.communicate(timeout=30)
    for _ in range(100):
        if not any(map(alive, children)):
            return
        time.sleep(0.2)
    pytest.fail(f"still running: {[pid for pid in children if alive(pid)]}")
