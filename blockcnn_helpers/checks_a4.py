"""Checks of assignment 4, its instruments: what reaches a pixel, windows, seams."""

import numpy as np

from blockcnn_helpers.answers import ask, hint_for

SLIGHT = 1e-4  # differences below are rounding


def seen(plan, places):
    """Return the input rows that output rows `places` of a plan are computed from, as a sorted list: one axis, holes left out."""
    for kind, kernel, stride, dilation in plan[::-1]:
        if kind == "conv":
            places = {stride * place + dilation * tap for place in places for tap in range(kernel)}
        else:
            places = {place // stride for place in places}
    return sorted(places)


def _field(plan, shape, row, column):
    """Return what an output pixel of a plan sees: bool, shape `shape[:2]`."""
    field = np.zeros(shape[:2], bool)
    field[np.ix_(*([p for p in seen(plan, {place}) if p < size] for place, size in zip((row, column), shape[:2])))] = True
    return field


def check_reach(answer):
    """Check ``answer(model, shape, row, column)``: which input pixels move one output pixel, bool, shape (height, width)."""
    from blockcnn_helpers import patients

    even = [("conv", 3, 1, 1), ("conv", 2, 2, 1)]
    holes = [("conv", 3, 1, 2), ("conv", 3, 1, 2)]
    cases = [
        (patients.stirred(patients.stack(even), 1), even, (12, 10, 3), 1, 2),
        (patients.stirred(patients.stack(holes), 2), holes, (11, 13, 3), 0, 3),
        (patients.colour_blind(patients.stirred(patients.stack(even), 3)), even, (8, 12, 3), 0, 1),
        (patients.half_mute(patients.stirred(patients.stack(even), 4)), even, (10, 8, 3), 2, 0),
        (patients.patient(looks=1), None, (18, 20, 3), 1, 3),
    ]
    for number, (model, plan, shape, row, column) in enumerate(cases):
        want = _field(plan or [("conv", 1, 1, 1)], shape, row + 8 * (plan is None), column + 8 * (plan is None))
        before = model.get_weights()
        got, problem = ask(answer, model, shape, row, column, array=True)
        if problem:
            return problem
        hint = _reach_hint(got, want, plan, shape, row, column, number)
        if hint:
            return hint
        if any((new != old).any() for new, old in zip(model.get_weights(), before)):
            return "Right, but the network comes back with other weights: an instrument leaves the patient as it was."
    return "✓ Right: squares, lattices with holes, and the one pixel that an untrained network copies."


def _reach_hint(got, want, plan, shape, row, column, number):
    if got.shape != want.shape:
        turned = " Rows come first." if got.shape == want.T.shape else ""
        fixed = " 24x24 is BlockCNN's: read the size from shape." if got.shape == (24, 24) else ""
        return f"An input of shape {shape} needs an answer of shape {want.shape}, yours has {got.shape}.{turned}{fixed}"
    if got.dtype.kind != "b":
        return f"Expected True and False, got numbers of type {got.dtype}: compare the changes with a threshold."
    if np.array_equal(got, want):
        return None
    if plan is None:
        more = " Those it could see if its weights were random: take them as they are." if got.sum() == 36 else ""
        return f"This network's last layer is zero, and its answer copies one pixel, [9, 11]; you found {got.sum()}.{more}"
    if number == 2 and not got.any():
        return "You change one colour only: this network sees nothing but blue, and you found no pixel at all."
    if number == 3 and not got.any():
        return "You watch the first channel of the answer only: here it is a constant, and you found no pixel at all."
    sides = [[place for place in range(size) if seen(plan, {place})[-1] < size] for size in shape[:2]]
    full = np.zeros(want.shape, bool)
    full[np.ix_(seen(plan, sides[0]), seen(plan, sides[1]))] = True
    filled = np.zeros(want.shape, bool)
    rows, columns = np.flatnonzero(want.any(axis=1)), np.flatnonzero(want.any(axis=0))
    filled[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    hints = {
        f"That is what output pixel [{column}, {row}] sees; [{row}, {column}] was asked for.": _field(plan, shape, column, row),
        f"That is what output pixel [0, 0] sees; [{row}, {column}] was asked for.": _field(plan, shape, 0, 0),
        "You count a pixel that moves the answer anywhere: only one output pixel is asked for.": full,
        "You fill the whole square: with a dilation of 2 there are holes, pixels that move nothing.": filled,
    }
    hint = hint_for(got, hints)
    if hint or (got[want].all() and want.sum() < got.sum()):
        return hint or f"{got.sum()} pixels, {want.sum()} expected: changes as small as rounding are none. Set a threshold above it."
    if want[got].all():
        return f"{got.sum()} pixels of {want.sum()}: you miss some that move it faintly. Change pixels by more, or lower your threshold."
    down, across = np.argwhere(got != want)[0]
    return f"Pixel [{down}, {across}] {'moves' if want[down, across] else 'does not move'} output [{row}, {column}] of this network."


def check_window(answer):
    """Check ``answer(plan, first, last)`` for convolutions: the first and last input row that output rows first...last are made of."""
    plans = [[("conv", 3, 1, 1)], [("conv", 5, 1, 1), ("conv", 3, 1, 1)], [("conv", 2, 2, 1), ("conv", 3, 1, 1)]]
    plans += [[("conv", 3, 1, 2)], [("conv", 3, 2, 1), ("conv", 3, 3, 2), ("conv", 2, 1, 1)]]
    return _window(answer, plans) or "✓ Right: for kernels, strides and dilations, from the last layer back to the first."


def check_window_back(answer):
    """Check ``answer(plan, first, last)`` for plans in which cells paint squares."""
    unfold, look = ("unfold", 2, 2, 1), ("conv", 3, 1, 1)
    plans = [[unfold], [look, unfold], [("conv", 2, 2, 1), look, look, unfold], [("unfold", 3, 3, 1), look]]
    said = _window(answer, plans)
    return said or "✓ Right: an odd output row and the even one before it are painted by the same cell."


def _window(answer, plans):
    given = [(plan, *rows) for plan in plans for rows in ((0, 0), (0, 7), (3, 4))]
    wanted, said = [_back(*one) for one in given], []
    for one in given:
        got, problem = ask(answer, *one, array=True)
        if problem:
            return problem
        if got.shape != (2,):
            return f"Expected two numbers, the first and the last row, got shape {got.shape}."
        said.append(tuple(got.tolist()))
    if said == wanted:
        return None
    for hint, mistake in SLIPS.items():
        if all(np.array_equal(got, mistake(want, *one)) for got, want, one in zip(said, wanted, given)):
            return hint
    (plan, first, last), want, got = next(case for case in zip(given, wanted, said) if case[1] != case[2])
    words = ", ".join(f"{kind} {kernel} stride {stride} dilation {dilation}" for kind, kernel, stride, dilation in plan)
    return f"[{words}], output rows {first} to {last}: from rows {want[0]} to {want[1]}, you say {got[0]:g} to {got[1]:g}."


def _back(plan, first, last, order=-1, stride=True, dilation=True, whole=False, centred=False, paint="floor"):
    """Return a window, worked out with or without mistakes."""
    for kind, kernel, step, gap in plan[::order]:
        step, gap = step if stride or kind != "conv" else 1, gap if dilation else 1
        more = gap * (kernel - (not whole))
        if centred:
            first, last = first * step - kernel // 2 * gap, last * step + kernel // 2 * gap
        elif kind == "conv" or paint == "conv":
            first, last = first * step, last * step + more
        elif paint != "none":
            first, last = first // step, -(-last // step) if paint == "up" else last // step
    return first, last


SLIPS = {  # hint: the answer it is meant for, from the right one and what was asked
    "The last row counts too: yours is one too many.": lambda want, *given: (want[0], want[1] + 1),
    "You return the first row and how many there are: the last row is asked for.": lambda want, *given: (want[0], want[1] - want[0] + 1),
    "First and last are exchanged.": lambda want, *given: want[::-1],
    "You give the last row what the first one needs; there are more.": lambda want, plan, first, last: _back(plan, first, first),
    "You walk from the first layer to the last. Output rows belong to the last layer: begin there.": lambda want, *given: _back(*given, 1),
    "The dilation is missing: a kernel's rows are that many input rows apart.": lambda want, *given: _back(*given, dilation=False),
    "The stride is missing: output row k begins at input row k times the stride.": lambda want, *given: _back(*given, stride=False),
    "You add whole kernels: a 3x3 that begins at row 0 ends at row 2.": lambda want, *given: _back(*given, whole=True),
    "You centre the kernels: unpadded, output row 0 begins at input row 0.": lambda want, *given: _back(*given, centred=True),
    "Unfold is no convolution: it makes more rows, so it needs fewer.": lambda want, *given: _back(*given, paint="conv"),
    "You skip unfold: its output rows are not its cells.": lambda want, *given: _back(*given, paint="none"),
    "You round up: an unfold of 2 paints rows 6 and 7 from one and the same cell.": lambda want, *given: _back(*given, paint="up"),
}


def check_seams(answer):
    """Check ``answer(model, image, block, border)``: how far two ways to run a network lie apart, by place in a block, (block, block)."""
    from blockcnn_helpers import patients

    leaking = patients.stirred(patients.patient(looks=5, padded=1), 5)
    cases = [(leaking, (40, 56, 3), 8, 8), (leaking, (48, 64, 3), 16, 8), (patients.restless(looks=2, ending="linear"), (44, 32, 3), 12, 4)]
    for seed, (model, shape, block, border) in enumerate(cases):
        image = np.random.default_rng(seed).uniform(0, 255, shape).astype("float32")
        got, problem = ask(answer, model, image, block, border, array=True)
        if problem:
            hard = " Are 8 or 24 written into it? This one has other sizes." if block != 8 else ""
            return problem + hard
        signed = differences(model, image, block, border)
        hint = _seams_hint(got, signed, block)
        if hint:
            return hint
    return "✓ Right: a frame where zeros leak in, and nothing where no layer pads."


def differences(model, image, block, border):
    """Return once minus block by block: shape (rows of blocks, columns of blocks, block, block, channels)."""
    once = np.asarray(model(image[None]))[0]
    down, across = once.shape[0] // block, once.shape[1] // block
    found = np.empty((down, across, block, block, once.shape[-1]))
    for row, column in np.ndindex(down, across):
        top, left = row * block, column * block
        patch = image[top : top + block + 2 * border, left : left + block + 2 * border]
        found[row, column] = once[top : top + block, left : left + block] - np.asarray(model(patch[None]))[0]
    return found


def _seams_hint(got, signed, block):
    apart, close = abs(signed), {"atol": SLIGHT / 10}
    want = apart.max(axis=(0, 1, 4))
    down, across = signed.shape[:2]
    if got.shape in ((down * block, across * block), (down * block, across * block, 3)):
        return f"Shape {got.shape} is the whole picture: take the largest over all blocks, by place in the block, {want.shape}."
    if got.shape != want.shape:
        return f"Expected shape {want.shape}, one number for each place in a block, got {got.shape}."
    if got.dtype.kind == "b":
        return "Expected how far they lie apart, got True and False."
    if np.allclose(got, want, **close):
        return None
    if np.allclose(got, 0, **close):
        return "You found no difference, but there is one. Has each block been run with its own border, by itself?"
    hints = {
        "Differences have two signs: take their sizes before the largest.": signed.max(axis=(0, 1, 4)),
        "That is the mean over the blocks; the largest difference is asked for.": apart.mean(axis=(0, 1, 4)),
        "You take the mean over the colours; the largest difference is asked for.": apart.mean(axis=4).max(axis=(0, 1)),
        "You look at one block only, the first: take the largest over all.": apart[0, 0].max(axis=2),
        "You look at red only: a difference in any colour counts.": apart[..., 0].max(axis=(0, 1)),
        "Rows and columns of the block are exchanged.": want.T,
        "The network's answer is on [0, 1]: leave it there, don't multiply by 255.": 255 * want,
    }
    if hint := hint_for(got, hints, **close):
        return hint
    where = np.unravel_index(np.argmax(abs(got - want)), want.shape)
    far = " Which patch holds a block and its whole border? Its corner is not the block's." if got.min() > 10 * want.max() else ""
    return f"At place {tuple(map(int, where))} of a block they lie {want[where]:.4f} apart at most, you say {got[where]:.4f}.{far}"
