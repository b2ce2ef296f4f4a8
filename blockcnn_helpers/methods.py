"""The methods that `evaluation` measures by name: filters, a program, networks, alone or within what the JPEG file allows."""

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from blockcnn_helpers import jpeg, projection
from blockcnn_helpers.filters import bilateral, do_nothing, total_variation

NETWORKS = {"BlockCNN": "blockcnn", "BlockCNN+": "blockcnn", "Wide": "wide", "Wide+": "wide", "Wide+x4": "wide"}  # whose weights
NAMES = ("JPEG", "Bilateral", "Bilateral+", "TV", "jpegqs", *NETWORKS)  # in the order of every table
USUAL = ("JPEG", "Bilateral", "BlockCNN", "Wide+")
PROGRAM = "jpegqs"
OPTIONS = ("--quality", "6", "--info", "0")  # the best of its six settings, and no remarks
TIMEOUT = 600  # seconds


def choose(names=USUAL):
    """Return the names of methods as `build` takes them: each once, in the table's order, JPEG first.

    Parameters
    ----------
    names : iterable of str
        Of `NAMES`; "all" stands for all that this machine has.

    Raises
    ------
    ValueError
        If there is no such method.
    FileNotFoundError
        If jpegqs was asked for by its name and is not installed.

    Examples
    --------
    >>> choose(["Wide+", "TV"])
    ('JPEG', 'TV', 'Wide+')
    """
    names = list(names)
    unknown = [name for name in names if name not in (*NAMES, "all")]
    if unknown:
        raise ValueError(f"no method {', '.join(unknown)}; the methods are {', '.join(NAMES)}, or all")
    if PROGRAM in names and not program():
        raise FileNotFoundError(f"the program {PROGRAM} is not here: install it (Debian, Ubuntu: apt install {PROGRAM}) or leave it out")
    if "all" in names:
        names = [name for name in NAMES if name != PROGRAM or program()]
    return tuple(name for name in NAMES if name == "JPEG" or name in names)


def build(names=USUAL, weights=None):
    """Return methods by name, for `evaluation.evaluate`.

    Parameters
    ----------
    names : iterable of str
        See `choose`.
    weights : mapping, optional
        Name of a network, "blockcnn" or "wide", to the file of its weights; those that come with the course by default.

    Returns
    -------
    dict
        Name to a function from image to image; or to a pair: a function of the decoded image, and one that takes what it returned
        and the bytes of the JPEG file and returns the image. A network is the same function in all its methods: it runs once.
    """
    names = choose(names)
    methods = {"JPEG": do_nothing, "Bilateral": bilateral, "Bilateral+": (bilateral, projected), "TV": total_variation}
    methods[PROGRAM] = do_nothing, jpegqs
    for name, network in (("BlockCNN", "blockcnn"), ("Wide", "wide")):
        if network in {NETWORKS.get(chosen) for chosen in names}:
            once, four = (pixels_of(network, (weights or {}).get(network), ensemble) for ensemble in (False, True))
            methods |= {name: (once, rounded), f"{name}+": (once, projected), f"{name}+x4": (four, projected)}
    return {name: methods[name] for name in names}


def pixels_of(network, weights=None, ensemble=False):
    """Return a function from a decoded image to what a network makes of it: float32 in 0...255, not rounded."""
    from blockcnn_helpers.restoration import load_model, restore

    repair = functools.partial(restore, model=load_model(network, weights), rounded=False, ensemble=ensemble)
    return lambda image: 255 * repair(image)


def rounded(pixels, data=None):
    """Return pixels as an image, uint8; the file, `data`, is not looked at."""
    return np.rint(pixels).clip(0, 255).astype(np.uint8)


def projected(pixels, data):
    """Return pixels as an image after moving them into what the JPEG file allows: see `projection.project`."""
    return rounded(projection.project(pixels, data))


def jpegqs(image, data):
    """Smooth a JPEG file by the program jpegqs (JPEG Quant Smooth).

    Parameters
    ----------
    image : ndarray
        Not looked at: the program reads the file.
    data : bytes
        A JPEG file.

    Returns
    -------
    ndarray, uint8, shape (height, width, 3)

    Raises
    ------
    FileNotFoundError
        If it is not installed.
    OSError
        If it fails.

    Notes
    -----
    It looks, within the quantisation intervals, for coefficients that make a smoother picture, and writes them as another JPEG file, with
    all steps of the tables 1 (at this setting with full colour planes). Its seconds are those of a command: start, files and decoding
    included.
    """
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.jpg", Path(folder) / "after.jpg"
        before.write_bytes(data)
        code, said = _run(*OPTIONS, before, after)
        if code or not after.is_file():
            raise OSError(f"{PROGRAM} has failed (exit code {code}): {said or 'it says nothing'}")
        return jpeg.decode(after.read_bytes())


def program():
    """Return the path of jpegqs, or None where it is not installed."""
    return shutil.which(PROGRAM)


def program_version():
    """Return the version of jpegqs: the first line of its help ends with it."""
    return _run("--help")[1].partition("\n")[0].split(":")[-1].strip()


def weights_of(names, weights=None):
    """Return {network: {"file": name, "sha256": hash}} for the networks among the methods `names`; quick, without Keras.

    Parameters
    ----------
    names : iterable of str
        Names that are not in `NETWORKS` have no weights.
    weights : mapping, optional
        See `build`.

    Raises
    ------
    FileNotFoundError, ValueError
        If weights are missing, or are not what the notes beside them say.
    """
    from blockcnn_helpers.weights import find_weights

    found = {}
    for network in dict.fromkeys(NETWORKS[name] for name in names if name in NETWORKS):
        path, digest = find_weights(network, (weights or {}).get(network))
        found[network] = {"file": path.name, "sha256": digest}
    return found


def _run(*arguments):
    """Run jpegqs; return its exit code and what it wrote to the terminal."""
    if not program():
        raise FileNotFoundError(f"the program {PROGRAM} is not here")
    try:
        done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise OSError(f"{PROGRAM} was stopped after {TIMEOUT} s") from None
    return done.returncode, f"{done.stdout}\n{done.stderr}".strip()
