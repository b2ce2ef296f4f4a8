"""Trained weights: find them, make sure that they are what they should be, and give them to their network."""

import functools
import hashlib
import json
from pathlib import Path

from blockcnn_helpers import images
from blockcnn_helpers.quiet import start_keras

BEST = "wide"  # what a user gets who doesn't ask for another


def load_model(name="blockcnn", weights=None):
    """Build a network and give it its trained weights.

    Parameters
    ----------
    name : str
        A name that `models.build` knows.
    weights : path-like, optional
        A ``.weights.h5`` file; the weights that come with the course by default. If a ``.json`` file of the same stem lies
        beside it, the file must have the SHA-256 written there; options of the network that it names are used.

    Returns
    -------
    keras.Model
        (batch, h + 16, w + 16, 3) decoded pixels in 0...255 to (batch, h, w, 3) repaired pixels on [0, 1]. The same object for
        the same file.

    Raises
    ------
    FileNotFoundError
        If there are no such weights.
    ValueError
        If the file is not the one it should be, or holds weights of another network.
    """
    path, found = find_weights(name, weights)
    return _load_model(name, path.resolve(), found, json.dumps(_notes(path).get("options", {})))


def find_weights(name="blockcnn", weights=None):
    """Return (path, SHA-256) of the file that `load_model` would load, after the same checks; quick, without Keras."""
    path = Path(weights) if weights is not None else images.shipped("weights", f"{name}.weights.h5")
    if not path.is_file():
        raise FileNotFoundError(f"no weights for {name} at {path}; train some with: blockcnn train")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    expected = _notes(path).get("sha256")
    if expected not in (None, found):
        raise ValueError(f"{path} has SHA-256 {found[:12]}..., {_beside(path).name} says {str(expected)[:12]}...: get the file again")
    return path, found


def network_of(weights=None):
    """Return the name of the network that a weights file is for: as its notes say, else "blockcnn"; without a file, the best one's."""
    return BEST if weights is None else _notes(Path(weights)).get("model", "blockcnn")


def _beside(path):
    return path.with_name(path.name.removesuffix(".h5").removesuffix(".weights") + ".json")


def _notes(path):
    return json.loads(_beside(path).read_text()) if _beside(path).is_file() else {}


@functools.lru_cache(maxsize=4)
def _load_model(name, path, _hash, options):
    start_keras()
    from blockcnn_helpers import models

    model = models.build(name, **json.loads(options))
    try:
        model.load_weights(path)
    except Exception as error:  # h5py and Keras raise many kinds for a file that doesn't fit
        raise ValueError(f"{path} holds no weights for {name} (--model chooses): {' '.join(str(error).split())[:200]}") from error
    return model
