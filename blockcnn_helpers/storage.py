"""Folders that are either whole or not there, and arrays written to disk piece by piece."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np


@contextlib.contextmanager
def new_folder(folder, files, force=False):
    """Fill a temporary folder that takes its name only when all went well.

    Parameters
    ----------
    folder : path-like
        The name it shall have.
    files : sequence of str
        What such a folder holds. One that holds anything else is never replaced.
    force : bool
        Replace an older folder of the same kind.

    Yields
    ------
    Path
        The temporary folder, beside the final one.

    Raises
    ------
    FileExistsError
        If the name is taken, before and after filling.
    """
    folder = Path(folder)
    _check_free(folder, files, force)
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", suffix=".part", dir=folder.parent))
    old = partial.with_suffix(".old")
    try:
        yield partial
        _check_free(folder, files, force)
        partial.chmod(0o755)
        if folder.exists():
            os.replace(folder, old)
        os.replace(partial, folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if old.exists() and not folder.exists():
            os.replace(old, folder)


def _check_free(folder, files, force):
    if not folder.exists():
        return
    if not folder.is_dir() or any(path.name not in files for path in folder.iterdir()):
        raise FileExistsError(f"{folder} is there already and holds something else than {', '.join(files)}; choose another name")
    if not force and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is there already; --force replaces it")


class GrowingArray(contextlib.AbstractContextManager):
    """A uint8 ``.npy`` file that grows along its first axis and takes no memory; its header, written last, says how long it is.

    Examples
    --------
    >>> path = Path(tempfile.mkdtemp()) / "a.npy"
    >>> with GrowingArray(path) as array:
    ...     array.append(np.zeros((2, 3), np.uint8))
    ...     array.append(np.ones((1, 3), np.uint8))
    >>> np.load(path).tolist()
    [[0, 0, 0], [0, 0, 0], [1, 1, 1]]
    """

    def __init__(self, path):
        self.file, self.shape = open(path, "wb"), None

    def append(self, array):
        """Write `array`, shape (n, ...), behind what is there."""
        if self.shape is None:
            self.shape = (0, *array.shape[1:])
            self._write_header()
        self.shape = (self.shape[0] + len(array), *self.shape[1:])
        self.file.write(np.ascontiguousarray(array, np.uint8).data)

    def _write_header(self):
        # NumPy leaves room in a header for its first axis to grow, so that a longer one fits in the same place.
        np.lib.format.write_array_header_1_0(self.file, {"descr": "|u1", "fortran_order": False, "shape": self.shape})

    def __exit__(self, *_):
        if self.shape:
            self.file.seek(0)
            self._write_header()
        self.file.close()
