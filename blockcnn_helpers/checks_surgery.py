"""Checks of assignment 4, its operations: a calm start, a budget, a diagnosis."""

import numpy as np

from blockcnn_helpers.answers import ask, hint_for

PLACES = 18  # channels that fold is given: three colours and fifteen of the place
MISSED = (
    "This untrained network returns pixels one column beside their place, and you did not see it.",
    "Zeros leak into this network, and you did not see it. Its last layer is zero: it copies pixels either way. Stir a copy first.",
    "This network learns nothing: a ReLU at its end passes no gradient where zero goes in. You did not see it.",
    "In this network a few arrays of weights move, and others never do: ask whether all of them have moved.",
    "A network with two faults, and you did not see both: look for each on its own.",
)
ALARMS = {
    "numb": "All weights of this network can learn. In a calm start's first step only two arrays move: look at all three steps.",
    "leaks": "No zeros leak into this network's answer, whatever its layers are called: judge by answers, and leave rounding out.",
    "shifted": "This untrained network returns the block's own pixels: it is not shifted.",
}


def _random(shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 0.3, shape) for shape in shapes]


def check_calm(answer):
    """Check ``answer(model, last, border)``: a model that returns its input's centre, untrained, and can still learn everything."""
    import keras

    from blockcnn_helpers import patients

    endings = [{"ending": "sigmoid"}, {"looks": 2, "ending": "linear", "bias": False}, {"ending": "relu", "seed": 2}]
    for settings in endings:
        border, twin = 2 * settings.get("looks", 4), patients.restless(**settings)
        pictures = np.random.default_rng(border).uniform(0, 255, (2, 26, 30, 3)).astype("float32")
        came, problem = ask(patients.operate, answer, patients.restless(**settings), "draw", border, pictures)
        if problem:
            sizes = any(word in problem for word in ("shape", "broadcast"))
            return problem + " The answer is smaller than the input, by `border` pixels on each side." * sizes
        centre, draw = pictures[:, border:-border, border:-border] / 255, twin.get_layer("draw")
        raw = keras.Model(twin.input, draw.output)
        if hint := _start_hint(came[0], pictures, border, np.asarray(twin(pictures)), np.asarray(raw(pictures)), draw.get_weights()[1:]):
            return hint
        draw.set_weights(_random([weights.shape for weights in draw.get_weights()]))
        if hint := _later_hint(came, centre, np.asarray(raw(pictures)), len(twin.trainable_variables)):
            return hint
    return "✓ Right: at first the input's centre, to the last digit; then whatever the layers learn to add."


def _start_hint(got, pictures, border, said, raw, biases):
    whole, centre = pictures / 255, pictures[:, border:-border, border:-border] / 255
    if got.shape != centre.shape:
        return f"{pictures.shape} should become {centre.shape}, yours is {got.shape}: crop `border` pixels on each side."
    hints = {
        None: centre,
        "Half the scale too bright: zero goes into the sigmoid, and a half comes out. Cut off what comes after `last`.": centre + 0.5,
        "Black: the last layer says zero, as it should, but no pixels are added.": 0 * centre,
        "A flat grey: zero goes into the sigmoid, a half comes out, and no pixels are added.": 0 * centre + 0.5,
        "The pixels are added on 0...255, but the network answers on [0, 1]: divide them.": 255 * centre,
        "The pixels are divided by 255 twice.": centre / 255,
        "That is what the given network says: nothing has changed.": said,
        "That is what `last` says, before the network's end: no pixels are added, and no weight is zero.": raw,
        "The pixels are there, but the network still talks: the weights of `last` should start at zero.": centre + said,
        "The pixels are there, and the end is cut off, but `last` still talks: its weights should start at zero.": centre + raw,
        "The pixels are there and the kernel is zero, but the biases are not.": centre + (biases[0] if biases else 0),
        "It is the negative: pixels are added, not subtracted.": -centre,
        "The sum goes through the sigmoid: cut that off.": 1 / (1 + np.exp(-centre)),
    }
    for hint, mistake in hints.items():
        if np.allclose(got, mistake, atol=1e-3):
            return hint
    for down, across in np.ndindex(2 * border + 1, 2 * border + 1):
        if np.allclose(got, whole[:, down : down + got.shape[1], across : across + got.shape[2]], atol=1e-3):
            return f"It copies pixels {down - border:+} rows and {across - border:+} columns away from their place: crop all sides alike."
    return f"Untrained it should return the input's centre, but it is {abs(got - centre).max():.3g} away, on a scale from 0 to 1."


def _later_hint(came, centre, raw, arrays):
    if np.allclose(came[1], centre + raw, atol=1e-2):
        frozen = f"Only {came[2]} of {arrays} arrays of weights can learn: zeros to start with, but not frozen."
        return frozen if came[2] < arrays else None
    hints = {
        "A calm start, but for ever: whatever weights `last` gets, only the pixels come out. Is it still connected?": centre,
        "A calm start, but what `last` says is subtracted: it should be added.": centre - raw,
        "A calm start, but what came after `last` is still there: a ReLU lets it brighten only.": centre + np.maximum(raw, 0),
    }
    other = "A calm start, but the layers below `last` are not the given network's: keep their weights, make no new ones."
    return hint_for(came[1], hints, atol=1e-2) or other


def check_widest(answer):
    """Check ``answer(budget, look, channels)``: (width, weights, multiply-adds per pixel) of the widest BlockCNN that a budget pays."""
    cases = [(387395, "full", 64), (387394, "full", 64), (60000, "full", 32), (200000, "grouped", 64), (90000, "grouped", 48)]
    cases += [(200000, "separable", 64), (5000, "full", 64)]
    said = []
    for case in cases:
        got, problem = ask(answer, *case, array=True)
        if problem:
            return problem
        if got.shape != (3,):
            return f"Expected three numbers, width, weights and multiply-adds per pixel, got shape {got.shape}."
        said.append(got)
    wrong = [(case, got) for case, got in zip(cases, said) if not np.allclose(got, _widest(*case), rtol=1e-9)]
    return _widest_hint(said, cases, *wrong[0]) if wrong else "✓ Right: for all three kinds of looks, to the last weight."


def _bill(width, look, channels, biases=True, places=PLACES, groups=8, mixing=True, bottlenecks=4, ends=True):
    """Return weights and multiply-adds per cell, worked out with or without mistakes."""
    looks = {"full": 9 * width**2, "grouped": 9 * width**2 / groups, "separable": 9 * width + mixing * width**2}
    multiplied = bottlenecks * (2 * channels * width + looks[look]) + ends * 4 * channels * (places + 3)
    added = bottlenecks * (width * (2 + (look == "separable" and mixing)) + channels) + ends * (channels + 3)
    return multiplied + biases * added, multiplied


def _widest(budget, look, channels, step=8, more=0, **mistakes):
    width = step
    while _bill(width, look, channels, **mistakes)[0] <= budget:
        width += step
    width += more - step
    weights, multiplied = _bill(width, look, channels, **mistakes)
    return (width, int(weights), multiplied / 4) if width else (0, 0, 0)


MISTAKES = {
    "A budget may be spent to the last weight.": lambda budget, *given: _widest(budget - 1, *given),
    "Widths go in steps of 8.": lambda *given: _widest(*given, step=1),
    "The biases are missing.": lambda *given: _widest(*given, biases=False),
    "Fold is given 18 channels: three colours and fifteen of the place.": lambda *given: _widest(*given, places=3),
    "Fold and unfold have weights, too.": lambda *given: _widest(*given, ends=False),
    "There are four bottlenecks.": lambda *given: _widest(*given, bottlenecks=1),
    "In 8 groups each channel looks at an eighth of the channels, not at all.": lambda *given: _widest(*given, groups=1),
    "After the depthwise 3x3 comes a 1x1 that mixes: it is missing.": lambda *given: _widest(*given, mixing=False),
    "One step too wide: that costs more than there is.": lambda *given: _widest(*given, more=8),
    "One step too narrow: there is a wider one.": lambda *given: _widest(*given, more=-8),
}


def _widest_hint(said, cases, case, got):
    for hint, mistake in MISTAKES.items():
        if all(np.allclose(one[:2], mistake(*given)[:2], rtol=1e-9) for one, given in zip(said, cases)):
            return hint
    want, title = _widest(*case), f"{case[0]:,} weights, {case[1]}, {case[2]} channels:"
    if not want[0]:
        return f"{title} not even a width of 8 fits, so (0, 0, 0) is the answer; you say width {got[0]:g}."
    if not np.allclose(got[:2], want[:2], rtol=1e-9):
        return f"{title} a width of {want[0]} has {want[1]:,} weights; you say {got[0]:g} and {got[1]:,.0f}."
    hints = {"The multiply-adds are per cell; a pixel has a quarter of that.": 4 * want[2]}
    hints["Biases are added, not multiplied: leave them out of the multiply-adds."] = want[1] / 4
    hints["Those are the weights, not the multiply-adds: a weight works once a cell, and a cell is four pixels."] = want[1]
    return hint_for(got[2], hints, atol=1e-6) or f"{title} {want[2]:,.0f} multiply-adds per pixel, you say {got[2]:,.0f}."


def check_diagnosis(answer):
    """Check ``answer(model)``: the set of what is wrong with a fresh network, of "leaks", "shifted" and "numb"."""
    from blockcnn_helpers import patients

    sound = {"looks": 2, "padded": 2, "seed": 1}
    faults = [({"looks": 1, "shift": (0, 1)}, {"shifted"}), ({"looks": 5, "padded": 1}, {"leaks"})]
    faults += [({"looks": 1, "rectified": True}, {"numb"}), ({"looks": 1, "blank": ["bottleneck", "unfold"]}, {"numb"})]
    faults += [({"looks": 5, "padded": 3, "shift": (-1, 0)}, {"leaks", "shifted"})]
    cases = [(sound, set(), ""), *((*fault, missed) for fault, missed in zip(faults, MISSED))]
    for settings, want, missed in cases:
        model = patients.patient(**settings)
        before = model.get_weights()
        got, problem = ask(answer, model)
        if problem:
            return problem
        if not isinstance(got, (set, frozenset)):
            return f"Expected a set of words, such as {{'leaks'}} or set(), got {type(got).__name__}."
        if not got <= {"leaks", "shifted", "numb"}:
            return f"The words are leaks, shifted and numb; you say {', '.join(sorted(map(str, got)))}."
        if want - got:
            return missed
        if got - want:
            return ALARMS[min(got - want)]
        if any((new != old).any() for new, old in zip(model.get_weights(), before)):
            return "Right, but the network comes back with other weights: put them back, or work on a copy."
    return "✓ Right: six networks: one that pads and is sound, four with one fault, one with two."
