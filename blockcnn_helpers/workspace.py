"""The learner's own copies of the lessons: make them, bring one back fresh, open them in JupyterLab.

``python -m blockcnn_helpers.workspace lab`` is what ``make lab`` runs, ``... reset 03`` what ``make reset LESSON=03`` runs;
both need nothing but the checkout and an installed JupyterLab, so they serve Windows and conda users as they are.
"""

import argparse
import hashlib
import json
import os
import shutil
import sys
from datetime import datetime
from pathlib import Path

COURSE = Path(__file__).resolve().parent.parent
HELP = {
    "lab": "make the copies that are missing and open JupyterLab; takes JupyterLab's options as well",
    "copy": "make the copies that are missing",
    "reset": "bring one lesson back fresh, keeping yours as a backup",
}
GLOSSARY = "glossary.ipynb"
NBGRADER = ("formgrader", "validate_assignment", "assignment_list", "course_list")
LEDGER = ".course/lessons.json"  # in the working folder: lesson -> hash of the copy as it was handed out


def lessons(course=COURSE):
    """Return the lessons' files in the course's order.

    Parameters
    ----------
    course : path
        The checkout, the folder that holds ``notebooks``.

    Returns
    -------
    list of Path
        ``notebooks/00_....ipynb`` and so on, and last the words of the course, where they are there.

    Raises
    ------
    FileNotFoundError
        If there are no lessons: an installed wheel carries the package alone.
    """
    found = sorted(Path(course, "notebooks").glob("[0-9][0-9]_*.ipynb"))
    found += [page for page in [Path(course, "notebooks", GLOSSARY)] if found and page.is_file()]
    if not found:
        raise FileNotFoundError(f"no lessons in {Path(course) / 'notebooks'}; run this in a clone of the course (pip install -e .)")
    return found


def without_outputs(text):
    """Return a notebook's text with outputs and execution counts removed, so that a guess before a cell runs is a guess.

    Examples
    --------
    >>> cell = {"cell_type": "code", "source": "1 + 1", "outputs": ["2"], "execution_count": 7}
    >>> json.loads(without_outputs(json.dumps({"cells": [cell]})))["cells"][0]["outputs"]
    []
    """
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    notebook.get("metadata", {}).pop("widgets", None)
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def copy_lessons(folder, course=COURSE):
    """Put a copy of every lesson into the working folder. A lesson that the learner has changed is left alone.

    Parameters
    ----------
    folder : path
        The working folder; made if need be.
    course : path
        The checkout.

    Returns
    -------
    dict
        Lesson name -> ``"new"``, ``"kept"`` (already there), ``"renewed"`` (untouched, and the course has a newer one) or
        ``"outdated"`` (changed by the learner, and the course has a newer one).
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    ledger, done = _read_ledger(folder), {}
    for lesson in lessons(course):
        fresh = without_outputs(lesson.read_text(encoding="utf-8"))
        copy, handed_out = folder / lesson.name, ledger.get(lesson.name)
        if not copy.exists():
            state = "new"
        elif handed_out == _hash(fresh):
            state = "kept"
        else:
            state = "renewed" if _hash(copy.read_text(encoding="utf-8")) == handed_out else "outdated"
        if state in ("new", "renewed"):
            _write(copy, fresh)
            ledger[lesson.name] = _hash(fresh)
        done[lesson.name] = state
    _write(folder / LEDGER, json.dumps(ledger, indent=1))
    return done


def reset(which, folder, course=COURSE):
    """Bring one lesson back fresh; the learner's copy moves to a dated file in ``backup``.

    Parameters
    ----------
    which : str
        A lesson's number (``"3"``, ``"03"``) or its name.
    folder, course : path
        As for `copy_lessons`.

    Returns
    -------
    tuple of (Path, Path or None)
        The fresh copy, and the backup (None if there was nothing to keep).

    Raises
    ------
    ValueError
        If there is no such lesson; the message lists those there are.
    """
    available = lessons(course)
    wanted = which.strip().removesuffix(".ipynb")
    number = f"{int(wanted):02d}" if wanted.isdecimal() else None
    match = [lesson for lesson in available if wanted == lesson.stem or (number and lesson.name[:2] == number)]
    if not match:
        names = ", ".join(lesson.stem.split("_")[0] for lesson in available)
        raise ValueError(f"which lesson? Say LESSON= and one of {names}; given: {which!r}")
    copy, backup = Path(folder) / match[0].name, None
    if copy.exists():
        backup = Path(folder) / "backup" / f"{copy.stem} {datetime.now():%Y-%m-%d %H.%M.%S.%f}.ipynb"
        backup.parent.mkdir(exist_ok=True)
        copy.replace(backup)
    copy_lessons(folder, course)
    return copy, backup


def lab_arguments(folder, arguments=(), environment=None, root=None):
    """Return JupyterLab's command line for the working folder.

    Parameters
    ----------
    folder : path
        The working folder: the lab shows this and nothing above it.
    arguments : sequence of str
        More options, handed on as they are, such as ``--ip=0.0.0.0``.
    environment : mapping, optional
        Where to look for a display; this process's environment by default.
    root : bool, optional
        Whether the user is root; found out by default.

    Returns
    -------
    list of str
        ``--no-browser`` is among them where no browser could open, ``--allow-root`` only for root.
    """
    environment = os.environ if environment is None else environment
    root = getattr(os, "geteuid", lambda: 1)() == 0 if root is None else root
    first = min((path.name for path in Path(folder).glob("[0-9][0-9]_*.ipynb")), default="")  # a teacher's folder has no lessons
    options = [f"--ServerApp.root_dir={folder}", f"--LabApp.default_url=/lab/tree/{first}", "--port-retries=50", "--log-level=WARN"]
    if sys.platform.startswith("linux") and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        options.append("--no-browser")
    if root:
        options.append("--allow-root")
    return [sys.executable, "-m", "jupyterlab", *options, *arguments]


def lab_environment(folder, environment=None):
    """Return JupyterLab's environment: this process's, with ``blockcnn`` on the path, no news, no update checks, no teacher's pages."""
    environment = dict(os.environ if environment is None else environment)
    quiet = Path(folder) / ".course"
    absent = ["@jupyterlab/apputils-extension:announcements", "@jupyter/nbgrader"]
    pages = {f"nbgrader.server_extensions.{name}": False for name in NBGRADER}  # installed by make release, make grade and make test
    for name, content in {
        "labconfig/page_config.json": {"disabledExtensions": dict.fromkeys(absent, True)},
        "jupyter_server_config.d/nbgrader.json": {"ServerApp": {"jpserver_extensions": pages}},
    }.items():
        (quiet / name).parent.mkdir(parents=True, exist_ok=True)
        _write(quiet / name, json.dumps(content))
    paths = [str(quiet), environment.get("JUPYTER_CONFIG_PATH")]
    programs = [str(Path(sys.executable).parent), environment.get("PATH")]  # for cells such as !blockcnn, and for terminals
    return environment | {key: os.pathsep.join(filter(None, own)) for key, own in (("JUPYTER_CONFIG_PATH", paths), ("PATH", programs))}


def lab(folder, arguments=()):
    """Make the working copy and open JupyterLab at lesson 00; this process becomes the server."""
    for name, state in copy_lessons(folder).items():
        if state == "outdated":
            print(f"{name}: the course has a newer version, yours is kept. make reset LESSON={name[:2]} brings the new one.")
    command, environment = lab_arguments(folder, arguments), lab_environment(folder)
    print(f"Opening {folder} in JupyterLab; stop it with Ctrl-C.", flush=True)
    if os.name == "posix":
        os.execve(command[0], command, environment)
    import subprocess  # Windows has no exec that keeps the console

    return subprocess.call(command, env=environment)


def main(arguments=None):
    """Run the command line: ``lab``, ``copy`` or ``reset LESSON``."""
    parser = argparse.ArgumentParser(prog="python -m blockcnn_helpers.workspace", description=__doc__.splitlines()[0])
    what = parser.add_subparsers(dest="what", required=True)
    commands = {name: what.add_parser(name, help=text) for name, text in HELP.items()}
    for command in commands.values():
        command.add_argument("--folder", default=COURSE / "work", help="the working folder (default: work)")
    commands["reset"].add_argument("lesson", help="the lesson's number")
    given, more = parser.parse_known_args(arguments)
    if more and given.what != "lab":
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    try:
        if given.what == "reset":
            copy, backup = reset(given.lesson, given.folder)
            print(f"{copy.name} is fresh again." + (f" Yours is kept as backup/{backup.name}." if backup else ""))
        elif given.what == "copy":
            print("\n".join(f"{state:8} {name}" for name, state in copy_lessons(given.folder).items()))
        else:
            return lab(Path(given.folder).resolve(), more)
    except (OSError, ValueError) as error:
        print(f"blockcnn: error: {error}", file=sys.stderr)
        return 1
    return 0


def _read_ledger(folder):
    try:
        return json.loads((folder / LEDGER).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _write(path, text):
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    shutil.move(part, path)


if __name__ == "__main__":
    sys.exit(main())
