"""Several processes that share many alike tasks: answers in order, errors in one line, and nothing left running."""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from multiprocessing import resource_tracker
from multiprocessing.connection import wait

THREADS = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")  # read by TensorFlow and by OpenMP when they start
PATIENCE = 5  # seconds for a process to end by itself


def share(tasks, jobs, begin, arguments=(), progress=None):
    """Do tasks in several processes at once.

    Parameters
    ----------
    tasks : iterable of tuple
        Arguments of each task.
    jobs : int
        How many processes. Each may use its share of the processor's cores.
    begin : callable
        A module's function or class. Each process calls ``begin(*arguments)`` once, which returns the function that does a task.
    arguments : tuple
        What can be pickled.
    progress : callable, optional
        Called with 1 after each task.

    Returns
    -------
    list
        The answers, in the order of the tasks.

    Raises
    ------
    ValueError, OSError, ImportError, MemoryError
        What a task or `begin` raised. Nothing more is begun after it.
    ChildProcessError
        If a process has died, or raised anything else.

    Notes
    -----
    The processes are new ones, not copies of this one: TensorFlow's threads don't survive a copy. However this function ends, by an
    error or by Ctrl-C, they end too; and if this process is killed, each of them ends with its task.

    Examples
    --------
    >>> import functools
    >>> share([(3,), (5,)], jobs=2, begin=functools.partial, arguments=(pow, 2))
    [8, 32]
    """
    tasks = list(tasks)
    if not tasks:
        return []
    waiting, answers, workers = list(enumerate(tasks))[::-1], {}, {}
    jobs = min(jobs, len(tasks))
    try:
        with _ctrl_c_later(), _environment(dict.fromkeys(THREADS, str(threads(jobs)))):  # new processes take over both
            for _ in range(jobs):
                pipe, process = _start()
                workers[pipe] = process
        for pipe, process in workers.items():
            _send(pipe, process, (begin, arguments))
            _send(pipe, process, waiting.pop())
        while len(answers) < len(tasks):
            for pipe in wait(list(workers)):
                place, answer, error = _receive(pipe, workers[pipe])
                if error:
                    raise error
                answers[place] = answer
                if progress:
                    progress(1)
                if waiting:
                    _send(pipe, workers[pipe], waiting.pop())
    finally:
        for process in workers.values():
            process.terminate()
        for pipe, process in workers.items():
            process.join(PATIENCE)
            process.kill()
            process.join()
            pipe.close()
    return [answers[place] for place in range(len(tasks))]


def cores():
    """Return how many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads(jobs):
    """Return how many threads each of `jobs` processes gets."""
    return max(1, cores() // jobs)


def _start():
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)  # a start with much to hand over can't be interrupted
    process.start()
    theirs.close()  # so that the pipe ends when the process does
    return ours, process


def _serve(pipe):
    """Run in the other process: prepare, then do one task after the other until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the first process decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that temporary files go
    work, failed = _tried(_prepared, pipe)
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            place, task = pipe.recv()
            pipe.send((place, *((None, failed) if failed else _tried(work, *task))))


def _prepared(pipe):
    begin, arguments = pipe.recv()
    return begin(*arguments)


def _tried(function, *arguments):
    """Return (answer, None) or (None, an error that can be sent and that the command line says in one line)."""
    try:
        return function(*arguments), None
    except Exception as error:
        with contextlib.suppress(Exception):
            if isinstance(error, (ValueError, OSError, ImportError, MemoryError)) and str(pickle.loads(pickle.dumps(error))) == str(error):
                return None, error
        return None, ChildProcessError(f"{type(error).__name__} in one of several processes: {error}")


def _send(pipe, process, task):
    try:
        pipe.send(task)
    except OSError:
        raise _death(process) from None


def _receive(pipe, process):
    try:
        return pipe.recv()
    except (EOFError, OSError):
        raise _death(process) from None


def _death(process):
    process.join(PATIENCE)
    said = f"one of several processes has died (exit code {process.exitcode})"
    return ChildProcessError(f"{said}; if memory ran out, fewer --jobs need less")


@contextlib.contextmanager
def _environment(values):
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _ctrl_c_later():
    """Let a Ctrl-C wait until the end, when every process that has been started is known; they themselves never hear of it."""
    main = threading.current_thread() is threading.main_thread()  # which alone is interrupted
    if not main or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    caught = []
    before = signal.signal(signal.SIGINT, lambda *_: caught.append(True))
    posix = hasattr(signal, "pthread_sigmask")  # on Windows they hear of it
    if posix:
        resource_tracker.ensure_running()  # which undoes what follows when it starts
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if posix:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, before)
    if caught:
        raise KeyboardInterrupt
