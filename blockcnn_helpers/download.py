"""Fetch the course's data sets into one folder: verified by SHA-256, resumable, on request only."""

import hashlib
import os
import time
from pathlib import Path

SPLITS = {"kodak24": ("test",), "bsds500": ("train", "val", "test")}
ATTEMPTS = 3
PAUSE = 0.5  # seconds before the second attempt, twice as many before the third


HERE = Path(__file__).resolve().parent
INSTALLED = (HERE / "data").is_dir()  # a built package carries its own copy of data/


def shipped(*parts):
    """Return the path of a file in the course's own ``data`` folder, in a checkout or in an installed package."""
    return (HERE if INSTALLED else HERE.parent).joinpath("data", *parts)


def data_folder():
    """Return the folder of downloaded data sets, which need not exist yet.

    It is what the environment variable ``BLOCKCNN_DATA`` says, else ``data/downloads`` beside the course's other data
    (an installed package, which has no such place, uses the user's cache folder).

    Raises
    ------
    ValueError
        If ``BLOCKCNN_DATA`` is a relative path: a notebook runs in its own folder and would look elsewhere.
    """
    chosen = os.environ.get("BLOCKCNN_DATA")
    if not chosen and not INSTALLED:
        return shipped("downloads")
    if not chosen:
        import pooch

        return Path(pooch.os_cache("blockcnn"))
    folder = Path(chosen).expanduser()
    if not folder.is_absolute():
        raise ValueError(f"BLOCKCNN_DATA must be an absolute path, got {chosen!r}; try BLOCKCNN_DATA={folder.resolve()}")
    return folder


def splits(name, split, known=SPLITS):
    """Return the splits meant by `split` (None means all) of the data set `name`, or raise ValueError."""
    if split is None:
        return known[name]
    if split not in known[name]:
        raise ValueError(f"{name} has no split {split!r}; it has {', '.join(known[name])}")
    return (split,)


def registry():
    """Return {path in the data folder: (SHA-256, public address)} for every file that can be fetched."""
    lines = shipped("registry.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.split() for line in lines if not line.startswith("#"))
    return {path: (sha256, address) for path, sha256, address in entries}


def fetch(name, split=None, files=None, progress=True, mirror=None):
    """Make sure that a data set is in `data_folder`, whole and unaltered; download what is missing or damaged.

    Parameters
    ----------
    name : {"kodak24", "bsds500"}
    split : str, optional
        Only this part; see `image_set`.
    files : iterable of str, optional
        Only files of these stems, such as "kodim01".
    progress : bool
        Whether to show a bar while files are downloaded.
    mirror : str, optional
        Address of a folder with the same layout, instead of the public ones; else ``BLOCKCNN_MIRROR``.

    Returns
    -------
    list of Path, sorted within each split

    Raises
    ------
    FileNotFoundError
        If a file can't be had: in one line the reason and what to do. What has arrived is kept.
    """
    if name not in SPLITS:
        raise ValueError(f"can fetch {' or '.join(SPLITS)}, got {name!r}")
    folder, entries = data_folder(), registry()
    parts = [name if name == "kodak24" else f"{name}/{part}" for part in splits(name, split)]
    wanted = [path for part in parts for path in sorted(entries) if path.startswith(f"{part}/")]
    if files is not None:
        files = set(files)
        if unknown := files - {Path(path).stem for path in wanted}:
            raise ValueError(f"{name} has no file {', '.join(sorted(unknown))}")
        wanted = [path for path in wanted if Path(path).stem in files]
    missing = [path for path in wanted if not _is_right(folder / path, entries[path][0])]
    if missing:
        mirror = mirror or os.environ.get("BLOCKCNN_MIRROR")
        addresses = {path: f"{mirror.rstrip('/')}/{path}" if mirror else entries[path][1] for path in missing}
        _download(folder, {path: entries[path][0] for path in missing}, addresses, progress)
    return [folder / path for path in wanted]


def _is_right(path, sha256):
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _download(folder, hashes, addresses, progress):
    import pooch
    from tqdm.auto import tqdm

    pooch.get_logger().setLevel("ERROR")
    store = pooch.create(path=folder, base_url="", registry=hashes, urls=addresses)
    for path in tqdm(hashes, desc="Fetching images", unit="file", disable=not progress):
        reason = None
        for attempt in range(ATTEMPTS):
            time.sleep(attempt * PAUSE)
            reason, again = _attempt(store, path)
            if not again:
                break
        if reason:
            raise FileNotFoundError(
                f"could not fetch {path} from {addresses[path]}: {reason}. Run it again to go on where it stopped, or put "
                f"the file at {folder / path} yourself (BLOCKCNN_DATA names another folder), or use the bundled photos."
            )


def _attempt(store, path):
    """Try one download. Return (None, False), or the reason it failed and whether another try may help."""
    import pooch
    import requests

    try:
        store.fetch(path, downloader=pooch.HTTPDownloader(timeout=20, progressbar=False))
    except requests.HTTPError as error:
        status = error.response.status_code
        return f"the server answered {status} {error.response.reason}", status >= 500
    except requests.ConnectionError:
        return "no connection to the server, or it broke off (are you offline?)", True
    except requests.RequestException as error:
        return f"the transfer was cut off ({type(error).__name__})", True
    except ValueError:
        return "what arrived does not match its SHA-256 (a login page, a proxy, a changed file?)", True
    except OSError as error:
        return f"can't write to the data folder ({error.strerror or error})", False
    return None, False
