"""Student versions of the assignments, and zips that can be handed out."""

import shutil
import subprocess
import zipfile
from pathlib import Path

from blockcnn_helpers.classroom.course import ROOT, assignments, nbgrader
from blockcnn_helpers.classroom.kernels import COURSE

READ_ME = """{title}

1. Put {name}.ipynb into the folder work/ of the course.
2. Start JupyterLab with `make lab` and open it. You need nothing else: no nbgrader, and no network.
3. Write only where it says so. Each check answers at once.
4. Before you hand in: Kernel > Restart Kernel and Run All Cells. Hand in {name}.ipynb, with its name unchanged{more}.
"""
NOT_FOR_STUDENTS = ("notebooks/assignments/", "tests/", ".github/", ".ci/")


def release(wanted=(), root=ROOT):
    """Make the student versions of some or of all assignments.

    Parameters
    ----------
    wanted : sequence of str
        Names, or beginnings of names such as "a1"; none for all.
    root : path
        The folder with ``source`` and ``nbgrader_config.py``.

    Returns
    -------
    list of Path
        The zips: ``root/release/NAME.zip`` for each assignment.

    Raises
    ------
    ValueError
        For a name that is none of an assignment's.
    RuntimeError
        If nbgrader cannot make a version; its own words are in it.
    """
    root = Path(root).resolve()
    api = nbgrader(root)
    made = []
    for name in assignments(wanted, root):
        done = api.generate_assignment(name, force=True)
        if not done["success"]:
            raise RuntimeError(f"nbgrader could not make the student version of {name}:\n{done['log']}")
        made.append(pack(root / "release" / name))
    return made


def pack(folder):
    """Zip a released assignment, with a page that says what to do, beside its folder. Return the zip."""
    name = folder.name
    files = sorted(path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts)
    with zipfile.ZipFile(folder.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, f"{name}/{path.relative_to(folder)}")
        more = ", my_network.weights.h5 and my_network.json" if "open_project" in name else ""
        archive.writestr(f"{name}/READ_ME.txt", READ_ME.format(title=name.replace("_", " "), name=name, more=more))
    return folder.with_suffix(".zip")


def course_for_students(root=ROOT):
    """Zip the course without assignments, their solutions and tests: ``root/release/blockcnn_course.zip``. None outside of git."""
    listed = subprocess.run(["git", "-C", str(COURSE), "ls-files", "-z"], capture_output=True, text=True, check=False)
    if listed.returncode or not shutil.which("git"):
        return None
    target = Path(root) / "release" / "blockcnn_course.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in filter(None, listed.stdout.split("\0")):
            if not name.startswith(NOT_FOR_STUDENTS) and (COURSE / name).is_file():
                archive.write(COURSE / name, f"blockcnn/{name}")
    return target
