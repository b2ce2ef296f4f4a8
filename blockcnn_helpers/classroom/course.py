"""Where the assignments lie, and nbgrader set up for them."""

import os
import sys
import warnings
from pathlib import Path

from blockcnn_helpers.classroom.kernels import COURSE

ROOT = COURSE / "notebooks" / "assignments"


def assignments(wanted=(), root=ROOT):
    """Return the names of assignments, in order: all of them, or those whose names begin with one of `wanted`.

    Raises
    ------
    ValueError
        For a beginning that no assignment has.
    """
    there = sorted(path.parent.name for path in Path(root, "source").glob("*/*.ipynb") if path.stem == path.parent.name)
    for word in wanted:
        if not any(name.startswith(word) for name in there):
            raise ValueError(f"no assignment begins with {word!r}; there are {', '.join(there) or 'none'} in {Path(root, 'source')}")
    return [name for name in there if not wanted or name.startswith(tuple(wanted))]


def nbgrader(root=ROOT):
    """Return nbgrader's interface (`nbgrader.apps.NbGraderAPI`) for the course in `root`.

    Raises
    ------
    RuntimeError
        If nbgrader is not installed.
    FileNotFoundError
        If there is no ``nbgrader_config.py``.
    """
    # nbgrader starts alembic by its name, so the environment's programs must be on the path.
    programs = str(Path(sys.executable).parent)
    if programs not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = programs + os.pathsep + os.environ["PATH"]
    try:
        from nbgrader.apps import NbGraderAPI
    except ImportError:
        raise RuntimeError(
            "nbgrader is not installed here: run make release, which installs it, or pip install 'blockcnn-course[instructor]'"
        ) from None
    from sqlalchemy.exc import SAWarning
    from traitlets.config.loader import PyFileConfigLoader

    warnings.filterwarnings("ignore", category=SAWarning)  # nbgrader 0.9 on SQLAlchemy 2.1, three for each submission
    root = Path(root).resolve()
    if not (root / "nbgrader_config.py").is_file():
        raise FileNotFoundError(f"no nbgrader_config.py in {root}: it is the folder with the assignments' source/")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    return NbGraderAPI(config=config)
