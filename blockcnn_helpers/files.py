"""Files that are either whole or not there."""

import contextlib
import os
import secrets
from pathlib import Path


@contextlib.contextmanager
def new_file(path, force=False):
    """Open a binary file that appears under its name only when complete, whatever happens in between.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with new_file(folder / "a.txt") as file:
    ...     _ = file.write(b"whole")
    >>> [(path.name, path.read_text()) for path in folder.iterdir()]
    [('a.txt', 'whole')]
    """
    path = Path(path)
    check_absent(path, force)
    temporary = path.with_name(f".{secrets.token_hex(6)}.part")
    try:
        with open(temporary, "xb") as file:
            yield file
        check_absent(path, force)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_absent(path, force=False):
    """Raise FileExistsError if there is something at `path` that may not be replaced."""
    if not force and os.path.lexists(path):
        raise FileExistsError(f"{path} is there already: --force replaces it")
