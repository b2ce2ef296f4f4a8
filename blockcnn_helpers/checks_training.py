"""Checks of lesson 04: updates in a training, the learning rate's schedule, which checkpoint to keep, what a run costs."""

import numpy as np

from blockcnn_helpers.answers import ask


def check_steps(answer):
    """Check ``answer(pairs, batch, epochs)``: how many parameter updates there are, incomplete batches left out."""
    for pairs, batch, epochs in ((800, 8, 3), (147_456, 128, 10), (1003, 10, 4), (19, 10, 7)):
        want = pairs // batch * epochs
        got, problem = _number(answer, pairs, batch, epochs)
        if problem:
            return problem
        if np.isclose(got, want):
            continue
        hints = {
            f"{got:g} counts pairs: an update takes a whole batch of them.": pairs * epochs,
            f"{got:g}: what is left over at the end of one epoch is dropped, not kept for the next.": pairs * epochs // batch,
            f"{got:g}: an update is whole or not made. How many batches of {batch} do {pairs} pairs fill?": pairs * epochs / batch,
            f"{got:g}: the last batch is not full, and an incomplete one is left out here.": -(-pairs // batch) * epochs,
            f"{got:g} is one epoch: there are {epochs}.": pairs // batch,
            f"{got:g}: epochs multiply the work, they don't divide it.": pairs // batch // epochs,
        }
        for hint, mistake in hints.items():
            if np.isclose(got, mistake):
                return hint
        return f"{pairs} pairs, batches of {batch}, {epochs} epochs make {want} updates, your answer is {got:g}."
    return "✓ Right: whole batches in an epoch, times epochs."


def check_rate(answer):
    """Check ``answer(step, steps, peak, warmup)``: a straight rise from 0 to the peak, then half a cosine down to 0."""
    steps, peak, warmup = 700, 0.003, 35
    for step in (0, 7, 35, 200, 367, 600, 700):
        want = _rate(step, steps, peak, warmup)
        got, problem = _number(answer, step, steps, peak, warmup)
        if problem:
            return problem
        if np.isclose(got, want, rtol=1e-4, atol=1e-9):
            continue
        where = f"At step {step} of {steps}, with {warmup} to warm up and a peak of {peak},"
        part = (step - warmup) / (steps - warmup)
        hints = {
            f"{where} yours counts from step 0: it begins where the warm-up ends.": peak * (1 + np.cos(np.pi * step / steps)) / 2,
            f"{where} your cosine ends too late: it has steps - warmup steps.": peak * (1 + np.cos(np.pi * (step - warmup) / steps)) / 2,
            f"{where} yours is twice as high: 1 + cosine goes from 2 to 0.": 2 * want,
            f"{where} yours is below 0 or falls too fast: a cosine goes from 1 to -1, a rate stops at 0.": peak * np.cos(np.pi * part),
            f"{where} yours is a straight line down: take half a cosine.": peak * (1 - part),
            f"{where} yours rises: which way does 1 - cosine go?": peak * (1 - np.cos(np.pi * part)) / 2,
            f"{where} yours is a whole wave: the cosine runs from 0 to pi only.": peak * (1 + np.cos(2 * np.pi * part)) / 2,
            f"{where} NumPy's cosine takes radians, not degrees.": peak * (1 + np.cos(180 * part)) / 2,
        }
        if step < warmup and got > peak / 2:
            return f"{where} the rate should still be rising in a straight line from 0: yours is {got:.6f}, the warm-up is missing."
        for hint, mistake in hints.items():
            if np.isclose(got, mistake, rtol=1e-4, atol=1e-9):
                return hint
        return f"{where} the rate is {want:.6f}, yours is {got:.6f}."
    return "✓ Right: up in a straight line, then half a cosine down to nothing."


def _rate(step, steps, peak, warmup):
    if step < warmup:
        return peak * step / warmup
    return peak * (1 + np.cos(np.pi * (step - warmup) / (steps - warmup))) / 2


HISTORIES = {  # step, loss, gain at quality 10, gain at quality 25
    "overfitting": ((100, 7.9, 0.31, 0.28), (200, 7.4, 0.22, 0.30), (300, 7.0, 0.61, 0.66), (400, 6.2, 0.58, 0.60), (500, 6.3, 0.49, 0.45)),
    "torn between qualities": ((50, 6.4, 0.20, 0.90), (75, 6.3, 0.60, 0.62), (100, 6.2, 0.64, 0.30), (125, 5.9, 0.50, 0.31)),
    "still rising": ((400, 7.2, 0.39, 0.41), (800, 6.7, 0.52, 0.61), (1200, 6.8, 0.68, 0.78)),
}


def check_checkpoint(answer):
    """Check ``answer(history)``: the step of the row whose gain, averaged over qualities, is highest."""
    for kind, rows in HISTORIES.items():
        history = [{"step": step, "loss": loss, "gain": {"10": low, "25": high}} for step, loss, low, high in rows]
        got, problem = _number(answer, history)
        if problem:
            return problem
        steps, losses, low, high = np.transpose(rows)
        means = (low + high) / 2
        want = steps[means.argmax()]
        if got == want:
            continue
        said = f"Step {got:g}"
        hints = {
            f"{said} is the last one: the gain had been higher before.": steps[-1],
            f"{said} has the lowest loss on the photos it learns from. Which is best on photos it has not seen?": steps[losses.argmin()],
            f"{got:g} is the place of the row in the list: its step is asked for.": means.argmax(),
            f"{said} is best at quality 10 alone: take the mean over both qualities.": steps[low.argmax()],
            f"{said} is best at quality 25 alone: take the mean over both qualities.": steps[high.argmax()],
            f"{said} has the lowest gain: the highest is wanted.": steps[means.argmin()],
            f"{got:g} is the gain itself: the step it was reached at is asked for.": means.max(),
            f"{said} is the first one: compare all rows.": steps[0],
        }
        for hint, mistake in hints.items():
            if np.isclose(got, mistake):
                return hint
        return f"In a history that is {kind} the best step is {want:g}, your answer is {got:g}."
    return "✓ Right: the row that is best on photos it did not learn from, whatever the loss says."


def check_cost(answer):
    """Check ``answer(seconds, watts, price)``: what the electricity of a run costs, at `price` per kilowatt-hour."""
    for seconds, watts, price in ((3600, 1000, 0.4), (5400, 65, 0.3), (150, 700, 0.25)):
        want = seconds / 3600 * watts / 1000 * price
        got, problem = _number(answer, seconds, watts, price)
        if problem:
            return problem
        if np.isclose(got, want, rtol=1e-6):
            continue
        given = f"{seconds} s at {watts} W, {price} per kWh"
        hints = {
            f"{given}: the price is per kilowatt-hour, you multiply it by watt-hours.": 1000 * want,
            f"{given}: watts times seconds are joules; how many of them are a watt-hour?": 3600 * want,
            f"{given}: joules are neither watt-hours nor kilowatt-hours; two factors are missing.": 3600e3 * want,
            f"{given}: an hour has 3600 seconds, you divide by 60.": 60 * want,
            f"{given}: an hour has 3600 seconds, you divide by 60 (and a kilowatt has 1000 watts).": 60e3 * want,
            f"{given}: {got:g} are kilowatt-hours; the price is missing.": want / price,
            f"{given}: {got:g} are watt-hours; kilowatts and the price are missing.": 1000 * want / price,
            f"{given}: you divide by the price.": want / price**2,
        }
        for hint, mistake in hints.items():
            if np.isclose(got, mistake, rtol=1e-6):
                return hint
        return f"{given} cost {want:.6f}, your answer is {got:.6f}."
    return "✓ Right: hours times kilowatts times the price."


def _number(answer, *given):
    """Ask for one number: return (it, None) or (None, a line that says why not)."""
    got, problem = ask(answer, *given, array=True)
    if problem:
        return None, problem
    if got.shape != ():
        return None, f"Expected one number, got an array of shape {got.shape}."
    return float(got), None
