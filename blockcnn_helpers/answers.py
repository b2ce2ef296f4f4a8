"""Ask a learner's function for its answer, whatever it does."""

import numpy as np


def ask(answer, *given, array=False):
    """Call a learner's function on copies of `given`: return (its result, None), or (None, a line that says why not).

    With ``array=True`` the result is turned into an array of numbers first.
    """
    try:
        got = answer(*(item.copy() if hasattr(item, "copy") else item for item in given))
        if got is None or got is ...:
            return None, "Not yet: your function returns nothing."
        got = np.asarray(got) if array else got
    except NotImplementedError:
        return None, "Not yet: the function is still empty."
    except Exception as error:
        return None, f"Your function stops with {type(error).__name__}: {error}"
    if array and got.dtype.kind not in "biuf":
        return None, f"Expected an array of numbers, got {got.dtype}."
    return got, None


def ask_number(answer, *given):
    """Ask for one number: return (it, None) or (None, a line that says why not)."""
    got, problem = ask(answer, *given, array=True)
    if problem:
        return None, problem
    if got.shape != ():
        return None, f"Expected one number, got an array of shape {got.shape}."
    return float(got), None


def hint_for(got, hints, **tolerance):
    """Return the first hint whose mistake `got` is, or None: `hints` holds the answer that each mistake leads to."""
    return next((hint for hint, mistake in hints.items() if np.allclose(got, mistake, **tolerance)), None)
