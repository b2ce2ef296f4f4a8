"""Hand an answer over to the grader: the one piece of grading that runs in the same kernel as a student's code.

It judges nothing. It calls the student's function on given inputs and shows what came back as data; the grader, another process,
compares that with what the solution gave on the same inputs. Whoever replaces it can only hand in other answers.
"""

import base64
import io
import zlib

import numpy as np

MIME = "application/vnd.blockcnn.answer+json"
LARGEST = 32 * 2**20  # bytes of one answer


def hand_in(answer, *given, within=1e-6):
    """Call ``answer(*given)`` on copies and show the result as an output that a grader can read.

    Parameters
    ----------
    answer : callable
        The student's function.
    given
        Its inputs. Arrays, lists and dictionaries are copied first.
    within : float
        How far numbers may lie from the solution's, absolute for values up to 1, relative above.

    Notes
    -----
    An exception is an answer too: its type is handed in. Arrays, numbers, texts, None and nested lists, tuples, sets and dictionaries
    of these can be handed in; of anything else, the type alone.

    Examples
    --------
    >>> unpacked(packed([1.5, (True, None), {"a": np.arange(3)}]))
    [1.5, [True, None], {'a': array([0, 1, 2])}]
    """
    from IPython.display import display

    try:
        record = {"value": packed(answer(*(_copy(item) for item in given)))}
    except Exception as error:
        record = {"raised": type(error).__name__, "said": str(error)[:200]}
    display({MIME: record | {"within": within}, "text/plain": "handed in"}, raw=True)


def packed(value):
    """Return ``value`` as something JSON can hold."""
    if hasattr(value, "numpy") and hasattr(value, "shape"):  # a tensor of TensorFlow
        value = np.asarray(value)
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return {"float": repr(value)}  # nan and infinities are not JSON
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        if value.nbytes > LARGEST:
            raise ValueError(f"an array of {value.nbytes / 2**20:.0f} MB is too large to hand in; at most {LARGEST // 2**20} MB are read")
        stream = io.BytesIO()
        np.save(stream, value, allow_pickle=False)
        return {"array": base64.b64encode(zlib.compress(stream.getvalue(), 1)).decode()}
    if isinstance(value, (set, frozenset)):
        return [packed(item) for item in sorted(value, key=repr)]
    if isinstance(value, (list, tuple, np.ndarray)):
        return [packed(item) for item in value]
    if isinstance(value, dict):
        return {"items": [[packed(key), packed(item)] for key, item in value.items()]}
    return {"type": type(value).__name__}


def unpacked(record):
    """Return what was packed: the inverse of `packed`, with lists for tuples and sets."""
    if isinstance(record, list):
        return [unpacked(item) for item in record]
    if not isinstance(record, dict):
        return record
    if "float" in record:
        return float(record["float"])
    if "array" in record:
        data = zlib.decompressobj().decompress(base64.b64decode(record["array"]), 2 * LARGEST)
        return np.load(io.BytesIO(data), allow_pickle=False)
    if "items" in record:
        return {_key(unpacked(key)): unpacked(item) for key, item in record["items"]}
    return Unreadable(record.get("type", "?"))


class Unreadable(str):
    """The type of an answer that cannot be handed in."""


def _key(key):
    return tuple(key) if isinstance(key, list) else key


def _copy(item):
    if isinstance(item, (list, tuple)):
        return type(item)(_copy(one) for one in item)
    if isinstance(item, dict):
        return {key: _copy(one) for key, one in item.items()}
    return item.copy() if isinstance(item, np.ndarray) else item
