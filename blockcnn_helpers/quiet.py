"""Start Keras without the page of remarks that TensorFlow writes, past Python, while it looks for a GPU."""

import contextlib
import importlib
import logging
import os
import sys


def start_keras():
    """Import Keras, with the backend it is set to, and return it. The first call takes seconds, the next ones nothing.

    Errors are raised as ever; only what the C++ libraries write to the terminal while loading is dropped.
    """
    if "keras" in sys.modules:
        return sys.modules["keras"]
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # no advice on how often a lesson builds a network
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # from then on: "no GPU here" counts as an error; real ones are raised in Python
    with deaf():
        return importlib.import_module("keras")


@contextlib.contextmanager
def deaf():
    """Send what is written to the process's standard error, by Python or not, to nowhere for a while."""
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (AttributeError, OSError):  # no standard error at all
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
