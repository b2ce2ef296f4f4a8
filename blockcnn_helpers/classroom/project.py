"""The open project's rules, and its network: loaded if it has been trained, trained under a stopwatch if not."""

import contextlib
import hashlib
import json
import os
import sys
import threading
import time
from pathlib import Path

from blockcnn_helpers.quiet import start_keras

QUALITY = 10
LARGEST = 400_000  # weights
MINUTES = {"CPU": 30, "GPU": 5}  # of training, by what it ran on
GRACE = 1.02  # a last step and the stopwatch's own start are nobody's fault
STEPS = ((1 / 3, 4), (2 / 3, 8), (1, 12))  # shares of BlockCNN's gain, and the points they bring; for the last one it is to be beaten
SMOKE = 0.1  # minutes of training where a notebook is only tried out
TRAINING = "BLOCKCNN_TRAINING"  # environment variable: "never" where a submission is scored


def load_or_train(build, train, name="my_network"):
    """Return a trained network: the one that lies beside the notebook, or else a new one, trained now and saved.

    Parameters
    ----------
    build : callable
        ``build()`` returns the network with fresh weights, a Keras model.
    train : callable
        ``train(network, minutes)`` trains it in place for at most so many minutes.
    name : str
        ``NAME.weights.h5`` and ``NAME.json`` belong together: the weights, and a card with how many they are, how long they were trained,
        on what, and their SHA-256.

    Returns
    -------
    keras.Model

    Raises
    ------
    ValueError
        If the network has too many weights; or if there is a file already and it is not this network's, or not the one its card tells of.
    FileNotFoundError
        If nothing may be trained here and there is nothing to load.

    Notes
    -----
    Files appear under their names when they are complete; a training that is interrupted leaves nothing. In the smoke profile, where a
    notebook is only tried out, the training takes seconds and nothing is saved.
    """
    start_keras()
    path = Path(f"{name}.weights.h5")
    if path.exists():
        return _loaded(build, path)
    if os.environ.get(TRAINING) == "never":
        raise FileNotFoundError(f"{path.name} was not handed in with the notebook, and nothing is trained here")
    network = build()
    check_size(network.count_params())
    device, smoke = used_device(), os.environ.get("BLOCKCNN_PROFILE") == "smoke"
    minutes = SMOKE if smoke else MINUTES[device]
    print(f"{network.count_params():,} weights. Training for at most {minutes:g} minutes on the {device} ...", flush=True)
    start, worked = time.perf_counter(), time.process_time()
    with _clock(minutes, hidden=smoke):
        train(network, minutes)
    took, worked = (time.perf_counter() - start) / 60, (time.process_time() - worked) / 60
    if smoke:
        print("A trial run (BLOCKCNN_PROFILE=smoke): nothing is saved.")
        return network
    _save(network, path, {"minutes": round(took, 2), "processor_minutes": round(worked, 2), "device": device})
    print(f"Trained in {took:.1f} minutes, saved as {path.name} and {card_path(path).name}.")
    if over_time(took, device):
        print(f"But {over_time(took, device)}: it gets no rank.")
    return network


@contextlib.contextmanager
def _clock(minutes, hidden=False):
    """Show a bar of how much of the time is over, second by second, for the length of a ``with`` block."""
    from tqdm import tqdm

    over = threading.Event()
    look = {"bar_format": "{percentage:3.0f}% of the time |{bar:40}| {elapsed}", "leave": False, "disable": hidden, "file": sys.stdout}
    with tqdm(total=round(60 * minutes), **look) as bar:

        def tick():
            while not over.wait(1):
                bar.update(min(1, bar.total - bar.n))

        thread = threading.Thread(target=tick, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def _loaded(build, path):
    """Return the network whose weights lie at `path`."""
    card, beside = read_card(path), card_path(path).name
    again = f"To train again, move {path.name} and {beside} away"
    if card.get("sha256") not in (None, hashlib.sha256(path.read_bytes()).hexdigest()):
        raise ValueError(f"{path.name} is not the file that {beside} tells of: they belong together. {again}")
    network = build()
    check_size(network.count_params())
    try:
        network.load_weights(path)
    except Exception as error:  # h5py and Keras raise many kinds for a file that doesn't fit
        said = " ".join(str(error).split())[:160]
        raise ValueError(f"{path.name} holds weights of another network than build() makes ({said}). {again}") from error
    if "minutes" in card:
        told = f"trained in {card['minutes']:.1f} minutes on a {card['device']}"
    else:
        told = f"no {beside} says how it was trained: it gets no rank"
    print(f"{path.name}, {network.count_params():,} weights, {told}: loaded. {again}.")
    return network


def _save(network, path, card):
    from blockcnn_helpers.recipe import hardware, versions, write_weights

    facts = {"weights": network.count_params()} | card | {"versions": versions(), "hardware": hardware()}
    write_weights(network, path, facts, force=True)


def check_size(weights):
    """Raise ValueError if these are more weights than the project allows."""
    if weights > LARGEST:
        raise ValueError(f"{weights:,} weights are {weights - LARGEST:,} over the budget of {LARGEST:,}: make the network smaller first")


def over_time(minutes, device):
    """Return by how much a training was too long, in words; an empty text if it was not.

    Examples
    --------
    >>> over_time(31.5, "CPU"), over_time(30.2, "CPU")
    ('31.5 minutes on a CPU are over the budget of 30', '')
    """
    most = MINUTES.get(device, min(MINUTES.values()))
    return "" if minutes <= GRACE * most else f"{minutes:.1f} minutes on a {device} are over the budget of {most}"


def used_device():
    """Return "GPU" if Keras can use one, else "CPU"."""
    from blockcnn_helpers.devices import gpus

    return "GPU" if gpus() else "CPU"


def card_path(path):
    """Return where the card of a weights file lies."""
    return path.with_name(path.name.removesuffix(".weights.h5") + ".json")


def read_card(path):
    """Return the card beside a weights file, a dict; it is empty where there is none, or none that can be read.

    Minutes are a number and the device is CPU or GPU, or both are left out.
    """
    with contextlib.suppress(OSError, ValueError, RecursionError):
        beside = card_path(Path(path))
        if beside.is_symlink() or beside.stat().st_size > 2**20:
            return {}
        card = json.loads(beside.read_text(encoding="utf-8"))
        if isinstance(card, dict):
            told = isinstance(card.get("minutes"), (int, float)) and 0 <= card["minutes"] < 1e6 and card.get("device") in MINUTES
            return card if told else {key: value for key, value in card.items() if key not in ("minutes", "device")}
    return {}


def points(gain, reference):
    """Return the points for a mean gain over JPEG, from the share of BlockCNN's gain on the same photos: see `STEPS`.

    Examples
    --------
    >>> [points(gain, reference=1.2) for gain in (0.3, 0.5, 1.0, 1.2, 1.21)]
    [0, 4, 8, 8, 12]
    """
    reached = [bring for share, bring in STEPS if (gain >= share * reference if share < 1 else gain > reference)]
    return max(reached, default=0)


def repair(restore, network, source, target):
    """Repair one JPEG file by a student's function, write the PNG file; return the seconds that the function took.

    Raises
    ------
    TypeError, ValueError
        If the function doesn't return a picture of the same shape and type.
    """
    import numpy as np
    from PIL import Image

    from blockcnn_helpers import jpeg

    photo = jpeg.decode(Path(source).read_bytes())
    start = time.perf_counter()
    repaired = restore(network, photo.copy())
    seconds = time.perf_counter() - start
    if not isinstance(repaired, np.ndarray) or repaired.dtype != np.uint8:
        raise TypeError(f"restore returns uint8 arrays, not {getattr(repaired, 'dtype', type(repaired).__name__)}")
    if repaired.shape != photo.shape:
        raise ValueError(f"restore was given shape {photo.shape} and returned {repaired.shape}")
    Path(target).parent.mkdir(exist_ok=True)
    Image.fromarray(repaired).save(target, "PNG", compress_level=1)
    return seconds
