"""Checks of lesson 04: updates in a training, the learning rate's schedule, which checkpoint to keep, when a rented machine pays."""

import numpy as np

from blockcnn_helpers.answers import ask, ask_number, hint_for


def check_steps(answer):
    """Check ``answer(pairs, batch, epochs)``: how many parameter updates there are, incomplete batches left out."""
    for pairs, batch, epochs in ((800, 8, 3), (147_456, 128, 10), (1003, 10, 4), (19, 10, 7)):
        want = pairs // batch * epochs
        got, problem = ask_number(answer, pairs, batch, epochs)
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
        return hint_for(got, hints) or f"{pairs} pairs, batches of {batch}, {epochs} epochs make {want} updates, your answer is {got:g}."
    return "✓ Right: whole batches in an epoch, times epochs."


RUNS = (  # steps, peak, warm-up; the steps to ask for
    ((700, 0.003, 35), (0, 7, 35, 200, 367, 600, 700)),
    ((90, 0.5, 30), (0, 6, 30, 41, 60, 82, 90)),
)


def check_rate(answer):
    """Check ``answer(step, steps, peak, warmup)``: a straight rise from 0 to the peak, then half a cosine down to 0."""
    for (steps, peak, warmup), asked in RUNS:
        for step in asked:
            want = _rate(step, steps, peak, warmup)
            got, problem = ask_number(answer, step, steps, peak, warmup)
            if problem:
                return problem
            if np.isclose(got, want, rtol=1e-4, atol=1e-9):
                continue
            where = f"At step {step} of {steps}, with {warmup} to warm up and a peak of {peak},"
            hints = _rising(step, steps, peak, warmup) if step < warmup else _falling(step, steps, peak, warmup)
            hint = hint_for(got, hints, rtol=1e-4, atol=1e-9)
            if hint:
                return f"{where} {hint}"
            if step < warmup and got > peak / 2:
                return f"{where} the rate should still be rising in a straight line from 0: yours is {got:.6f}, the warm-up is missing."
            return f"{where} the rate is {want:.6f}, yours is {got:.6f}."
    return "✓ Right: up in a straight line, then half a cosine down to nothing."


def _rising(step, steps, peak, warmup):
    """Return hints for the warm-up, each with the answer it belongs to."""
    return {
        "yours starts at a hundredth of the peak: start at 0 here.": peak * (1 + 99 * step / warmup) / 100,
        "yours is one step ahead: at step 0 the rate is 0.": peak * (step + 1) / warmup,
        "yours rises over all the steps: it has `warmup` of them.": peak * step / steps,
    } | _ignoring(step, steps, peak, warmup)


def _falling(step, steps, peak, warmup):
    """Return hints for the time after the warm-up, each with the answer it belongs to."""
    part = (step - warmup) / (steps - warmup)
    return {
        "yours counts from step 0: it begins where the warm-up ends.": peak * (1 + np.cos(np.pi * step / steps)) / 2,
        "your cosine ends too late: it has steps - warmup steps.": peak * (1 + np.cos(np.pi * (step - warmup) / steps)) / 2,
        "yours is twice as high: 1 + cosine goes from 2 to 0.": 2 * peak * (1 + np.cos(np.pi * part)) / 2,
        "yours is below 0 or falls too fast: a cosine goes from 1 to -1, a rate stops at 0.": peak * np.cos(np.pi * part),
        "yours is a quarter of a wave, which ends steeply: take half a wave, 1 + cosine, halved.": peak * np.cos(np.pi / 2 * part),
        "yours is a straight line down: take half a cosine.": peak * (1 - part),
        "yours rises: which way does 1 - cosine go?": peak * (1 - np.cos(np.pi * part)) / 2,
        "yours is a whole wave: the cosine runs from 0 to pi only.": peak * (1 + np.cos(2 * np.pi * part)) / 2,
        "NumPy's cosine takes radians, not degrees.": peak * (1 + np.cos(180 * part)) / 2,
        "your cosine runs to 1, not to pi: half a wave is pi long.": peak * (1 + np.cos(part)) / 2,
        "your t is above 1 at the last step: count the steps from the end of the warm-up.": peak
        * (1 + np.cos(np.pi * step / (steps - warmup)))
        / 2,
        "your t should be 0 at the end of the warm-up and 1 at the last step: you divide by the step.": peak
        * (1 + np.cos(np.pi * (step - warmup) / max(step, 1)))
        / 2,
        "yours stays at the peak: it falls after the warm-up.": peak,
    } | _ignoring(step, steps, peak, warmup)


def _ignoring(step, steps, peak, warmup):
    """Return hints for answers that don't use what they are handed."""
    (usual, _), _ = RUNS
    return {
        "yours is the rate of the `cpu` profile: use the four numbers handed in.": _rate(step, *usual) if step <= usual[0] else np.nan,
        "you take a twentieth of the steps to warm up: `warmup` is handed in.": _rate(step, steps, peak, max(1, steps // 20)),
    }


def _rate(step, steps, peak, warmup):
    if step < warmup:
        return peak * step / warmup
    return peak * (1 + np.cos(np.pi * (step - warmup) / (steps - warmup))) / 2


QUALITIES = ("10", "25", "40")
HISTORIES = {  # step, loss, gain at quality 10, at 25, in the last also at 40
    "overfitting": ((100, 7.9, 0.31, 0.28), (200, 7.4, 0.22, 0.30), (300, 7.0, 0.61, 0.66), (400, 6.2, 0.58, 0.60), (500, 6.3, 0.49, 0.45)),
    "torn between qualities": ((50, 6.4, 0.20, 0.90), (75, 6.3, 0.60, 0.62), (100, 6.2, 0.64, 0.30), (125, 5.9, 0.50, 0.31)),
    "still rising": ((400, 7.2, 0.39, 0.41), (800, 6.7, 0.52, 0.61), (1200, 6.8, 0.68, 0.78)),
    "measured at three qualities": (
        (400, 6.9, 0.50, 0.60, 0.10),
        (800, 6.6, 0.48, 0.47, 0.75),
        (1200, 6.5, 0.49, 0.50, 0.52),
        (1600, 6.7, 0.20, 0.62, 0.70),
        (2000, 6.8, 0.30, 0.40, 0.80),
        (2400, 6.3, 0.41, 0.42, 0.43),
    ),
}


def check_checkpoint(answer):
    """Check ``answer(history)``: the step of the row whose gain, averaged over qualities, is highest."""
    for kind, rows in HISTORIES.items():
        history = [{"step": step, "loss": loss, "gain": dict(zip(QUALITIES, gains))} for step, loss, *gains in rows]
        got, problem = _step_of(answer, history)
        if problem:
            return problem
        steps, losses, *gains = np.transpose(rows)
        means = np.mean(gains, axis=0)
        want = steps[means.argmax()]
        if got == want:
            continue
        said = f"Step {got:g}"
        hints = {
            f"{said} is the last one: the gain had been higher before.": steps[-1],
            f"{said} has the lowest loss on the photos it learns from. Which is best on photos it has not seen?": steps[losses.argmin()],
            f"{got:g} is the place of the row in the list: its step is asked for.": means.argmax(),
        }
        if len(gains) > 2:
            hints |= {
                f"{said} is best at qualities 10 and 25: this history has 40 too. Average whatever is there.": steps[
                    (gains[0] + gains[1]).argmax()
                ],
                f"{said} has the best worst quality: the mean is asked for.": steps[np.min(gains, axis=0).argmax()],
                f"{said} has the best median: the mean is asked for.": steps[np.median(gains, axis=0).argmax()],
            }
        hints |= {
            f"{said} is best at quality {quality} alone: take the mean over all qualities.": steps[values.argmax()]
            for quality, values in zip(QUALITIES, gains)
        }
        hints |= {
            f"{said} has the lowest gain: the highest is wanted.": steps[means.argmin()],
            f"{got:g} is the gain itself: the step it was reached at is asked for.": means.max(),
            f"{said} is the first one: compare all rows.": steps[0],
        }
        return hint_for(got, hints) or f"In a history that is {kind} the best step is {want:g}, your answer is {got:g}."
    return "✓ Right: the row that is best on photos it did not learn from, whatever the loss says."


def _step_of(answer, history):
    """Ask for a step as `ask_number` does; a row, or what NumPy can't average, gets a hint of its own."""
    got, problem = ask(answer, history)
    if isinstance(got, dict):
        return None, "That is the whole row: return its `step`."
    if isinstance(got, (list, tuple)) and len(got) and isinstance(got[0], dict):
        return None, "That is a list of rows: return the `step` of one."
    if problem and "dict_values" in problem:
        return None, 'NumPy can\'t average `row["gain"].values()` as it is: make a list of it first.'
    if problem and "'dict'" in problem and "not supported between" in problem:
        return None, "Two rows can't be compared: tell `max` by its `key` what to compare, a mean of the row's gains."
    return (None, problem) if problem else ask_number(lambda: got)


MACHINES = ((22, 0.02, 2.5), (40, 0.5, 2.0), (125, 3.0, 1.5))  # pairs per second and price per hour of yours, price per hour of the other


def check_break_even(answer):
    """Check ``answer(pace, mine, other)``: how many pairs per second the other machine must do for a run to cost the same on both."""
    for pace, mine, other in MACHINES:
        want = pace * other / mine
        got, problem = ask_number(answer, pace, mine, other)
        if problem:
            return problem
        if np.isclose(got, want, rtol=1e-6):
            continue
        given = f"{pace} pairs per second at {mine} an hour, against {other} an hour:"
        hints = {
            f"{given} {got:g} is how many times as fast it must be, or as dear: pairs per second are asked for.": other / mine,
            f"{given} you divide the wrong way round: must a dearer machine be faster or slower?": pace * mine / other,
            f"{given} {got:g} is the inverse: how many times as dear your own machine is.": mine / other,
            f"{given} your own machine has a price too.": pace * other,
            f"{given} you divide by the other price only.": pace / other,
            f"{given} the other machine has a price too.": pace / mine,
            f"{given} at the same pace the dearer one costs more for the same run.": pace,
            f"{given} the difference of the prices is not what counts: how many pairs does one unit of money buy?": pace * (other - mine),
            f"{given} {got:g} is a sum of prices and pace, which have no common unit.": pace + other - mine,
            f"{given} {got:g} are pairs per hour: both prices are per hour already, so the hour drops out.": 3600 * want,
            f"{given} both prices are per hour: no need to divide by 3600.": want / 3600,
            f"{given} {got:g} pairs are what one unit of money buys on your machine: what must the other do?": 3600 * pace / mine,
        }
        return hint_for(got, hints, rtol=1e-6) or f"{given} {want:g} pairs per second are needed, your answer is {got:g}."
    return "✓ Right: as many times as fast as it is dear. How long the run is drops out."
