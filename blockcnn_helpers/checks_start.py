"""The check of lesson 00: what a learner's gain in decibels is told. `checks` is the module to import; see there."""

import numpy as np

from blockcnn_helpers.answers import ask, ask_number, hint_for
from blockcnn_helpers.metrics import mse, psnr
from blockcnn_helpers.transform import BLOCK


def check_gain(answer):
    """Check ``answer(original, decoded, repaired)``: three uint8 images in, the dB that the repair has gained out.

    It is asked about a repair that gains and about one that loses. A gain rounded to two decimals counts as right.

    Examples
    --------
    >>> check_gain(lambda original, decoded, repaired: psnr(original, repaired) - psnr(original, decoded))
    '✓ Right: 4.10 dB gained by a good repair, and −6.02 dB by a bad one.'
    """
    good, bad = _repairs()
    said = []
    problem = ask(lambda *given: said.append(answer(*given)) or said[-1], *good)[1]
    if said and isinstance(said[-1], str):
        return "That is text: return the number itself, without f and quotes."
    if said and said[-1] is None:
        return f"{problem} `print` shows a number, `return` hands it back."
    if problem:
        return problem + (". Inside it, use original, decoded and repaired only." if "images of one size" in problem else "")
    first, problem = ask_number(answer, *good)
    second, other = ask_number(answer, *bad)
    if problem or other:
        return problem or other
    wants = _gain(*good), _gain(*bad)
    if np.allclose((first, second), wants, rtol=0, atol=0.0051):
        return f"✓ Right: {wants[0]:.2f} dB gained by a good repair, and −{-wants[1]:.2f} dB by a bad one."
    if np.isclose(first, second):
        names = "use its three arguments, not `before` and `after` from above."
        return f"Your function gives {first:.2f} dB whatever images it gets: {names}"
    if np.isclose(first, wants[0]):
        return _bad_repair_hint(second, wants[1])
    return hint_for(first, _mistakes(*good), rtol=1e-4) or f"Expected {wants[0]:.2f} dB, got {first:.2f}."


def _repairs():
    """Return two cases of (original, decoded, repaired), uint8, shape (8, 8, 3): a repair that gains, and one that doubles the error."""
    original = np.random.default_rng(5).integers(30, 200, (BLOCK, BLOCK, 3), dtype=np.uint8)
    repaired = original + np.uint8(6)
    repaired[0] = original[0]
    return (original, original + np.uint8(9), repaired), (original, original + np.uint8(4), original + np.uint8(8))


def _gain(original, decoded, repaired):
    return psnr(original, repaired) - psnr(original, decoded)


def _bad_repair_hint(got, want):
    if np.isclose(got, -want):
        return f"Right for a good repair. A bad one moves away from the original: −{-want:.2f} dB, so keep the sign."
    if np.isclose(got, 0):
        return f"Right for a good repair. A bad one loses {-want:.2f} dB, and you call that nothing: keep what is below zero."
    return f"Right for a good repair; for a bad one {want:.2f} dB were expected, got {got:.2f}.".replace("-", "−")


def _mistakes(original, decoded, repaired):
    """Return what each usual mistake leads to, by the hint for it."""
    before, after = psnr(original, decoded), psnr(original, repaired)
    error, rest = mse(original, decoded), mse(original, repaired)
    return {
        "The right size, but turned round: take before from after.": before - after,
        "That is the PSNR after the repair: take away the PSNR before it.": after,
        "That is the PSNR before the repair: take it away from the PSNR after.": before,
        "You compare the repaired photo with the JPEG: both must be compared with the original.": psnr(decoded, repaired),
        "One of your two PSNRs compares the repaired photo with the JPEG: both need the original.": psnr(decoded, repaired) - before,
        "One of your two PSNRs compares the JPEG with the repaired photo: both need the original.": after - psnr(decoded, repaired),
        "A gain in dB is a difference, not a ratio.": after / before,
        "A gain in dB is a difference, not a percentage.": 100 * (after / before - 1),
        "That is the difference of two squared errors: a gain in dB is a difference of two PSNRs.": error - rest,
        "That is the share of the squared error that is gone: the gain in decibels is asked for.": 1 - rest / error,
        "Decibels take the logarithm to base 10: log10, not log.": 10 * np.log(error / rest),
        "That is the sum of the two PSNRs: a gain is their difference.": before + after,
        "You round to whole decibels: return the gain as it is.": round(after - before),
        "You round to tenths: return the gain as it is.": round(after - before, 1),
    }
