"""Checks of assignment 5, the open project: sides, network, repair, a rate by the clock, a training that keeps to it."""

import re

import numpy as np

from blockcnn_helpers.answers import ask, ask_number, hint_for
from blockcnn_helpers.classroom.project import LARGEST
from blockcnn_helpers.classroom.samples import AROUND, expected, moves, sample_network, trial

TRIAL = 0.1  # minutes that a training is given
PATIENCE = 12  # seconds that a training may take beyond its limit: a network is compiled before its first step


def check_judges(answer):
    """Check ``answer(names, every)``: names of pictures in, sorted lists (to learn from, to judge by) out."""
    for numbers, every in (((1, 10, 2, 3, 31, 32, 4), 3), ((5, 7), 4), ((8, 9, 90, 91), 2)):
        halved = numbers[1::2] if len(numbers) > 2 else numbers
        names = [f"lake_{k}" for k in numbers] + [f"lake_{k}_half" for k in halved] + ["leaves_00", "leaves_01", "leaves_02"]
        names = [names[k] for k in np.random.default_rng(every).permutation(len(names))]
        got, problem = ask(answer, names, every)
        if problem:
            return problem
        if not isinstance(got, (list, tuple)) or not all(isinstance(side, (list, tuple, set)) for side in got):
            return f"Expected two lists, names to learn from and names to judge by; got {type(got).__name__} {str(got)[:60]}."
        hint = _judges_hint([list(side) for side in got], names, every)
        if hint:
            return hint
    return "✓ Right: no scene is on both sides, and clean half-size copies judge."


def _judges_hint(got, names, every):
    if len(got) != 2 or not all(isinstance(name, str) for side in got for name in side):
        return "Expected two lists of names: those to learn from, those to judge by."
    scenes = sorted({name.removesuffix("_half") for name in names if not name.startswith("leaves_")})
    chosen = sorted(scenes[::-every])
    judges = sorted(f"{scene}_half" if f"{scene}_half" in names else scene for scene in chosen)
    learnt = sorted(name for name in names if name.removesuffix("_half") not in chosen)
    learn, judge = got
    if [learn, judge] == [learnt, judges]:
        return None
    if [sorted(judge), sorted(learn)] == [learnt, judges]:
        return "The two lists are exchanged: first those to learn from."
    if [sorted(learn), sorted(judge)] == [learnt, judges]:
        return "The right names: sort both lists."
    if any(name.startswith("leaves_") for name in judge):
        return "A drawn picture judges: drawings are to learn from alone."
    both = sorted({name.removesuffix("_half") for name in judge} & {name.removesuffix("_half") for name in learn})
    if both:
        return f"{both[0]} is on both sides, at full size on one and at half size on the other: the same scene."
    if not judge:
        return "Nobody judges: the last scene always does."
    if not any(name.startswith("leaves_") for name in learn):
        return "The drawn pictures are gone: they are to learn from."
    found = sorted({name.removesuffix("_half") for name in judge})
    if found == chosen and len(judge) > len(judges):
        return "A scene judges twice: where there is a half-size copy, it judges alone."
    if found == chosen and set(judge) != set(judges):
        return "A full-size photo judges though it has a half-size copy, whose colour is clean."
    if found == chosen:
        return f"The judges are right, but there are {len(learn)} pictures to learn from, not {len(learnt)}."
    given = list(dict.fromkeys(name.removesuffix("_half") for name in names if not name.startswith("leaves_")))
    order = sorted(scenes, key=lambda scene: int(scene.rpartition("_")[2]))
    hints = {
        "Count from the end: you count from the front.": scenes[::every],
        f"Count from the end, so that the last scene judges: with you it is number {every} from the front.": scenes[every - 1 :: every],
        f"The last scene judges, and then every {every}th before it: you begin with number {every} from the end.": scenes[-every::-every],
        "Sort the scenes: you count them in the order in which they came.": given[::-every],
        "Sort the scenes as texts, as sorted() does: you sort by their numbers.": order[::-every],
        f"One scene judges, but every {every}th before it does, too.": chosen[-1:],
    }
    hint = next((hint for hint, mistake in hints.items() if found == sorted(mistake)), None)
    return hint or f"Of {len(scenes)} scenes {', '.join(chosen)} should judge, with you it is {', '.join(found)}: count scenes, not names."


def check_build(answer):
    """Check ``answer()``: a Keras network out, within the budget of weights, that returns its input and can learn."""
    from blockcnn_helpers.quiet import start_keras

    keras = start_keras()
    network, problem = ask(answer)
    if problem:
        return problem
    if not isinstance(network, keras.Model):
        return f"Expected a Keras model, got {type(network).__name__}: keras.Model(inputs, outputs)."
    if network.count_params() > LARGEST:
        return f"{network.count_params():,} weights: {network.count_params() - LARGEST:,} over the budget of {LARGEST:,}."
    rng = np.random.default_rng(5)
    for height, width in ((48, 32), (16, 80), (64, 64)):
        decoded = rng.uniform(0, 255, (2, height, width, 3)).astype("float32")  # with fractions, to see whether they get lost
        said, problem = ask(lambda given: np.asarray(network(given)), decoded)
        if problem:
            return f"{height}x{width} pixels do not go through: Input((None, None, 3)) takes any size. {_plain(problem)[:200]}"
        hint = _output_hint(said, decoded)
        if hint:
            return hint
    if not network.trainable_variables:
        return "This network has no weights to train."
    if not moves(network):
        return "No step of training changes its answers: two layers that start at zero, one behind the other, wait for each other for ever."
    if answer() is network:
        return "The second call returned the same network: each call is to make a new one, with fresh weights."
    return f"✓ Right: {network.count_params():,} weights, any size; untrained it returns the JPEG, and a step of training moves it."


def _output_hint(said, decoded):
    height, width = decoded.shape[1:3]
    if said.shape[1:3] == (height - 16, width - 16):
        return f"{height}x{width} pixels in, {said.shape[1]}x{said.shape[2]} out: a border is cut off. Here the shape stays."
    if said.shape != decoded.shape:
        return f"Input of shape {decoded.shape}, output of shape {said.shape}: they should be equal."
    if said.dtype != np.float32:
        return f'The output is {said.dtype}: give the last layer dtype="float32", or small corrections are lost.'
    if np.allclose(said, decoded, atol=1e-2):
        return None
    if np.allclose(said, decoded / 255, atol=1e-3):
        return "The output lies on 0...1: this project's networks speak in grey levels, 0...255, at both ends."
    if np.abs(said).max() < 1e-3:
        return "Untrained it returns black: add the decoded pixels to what the last layer says."
    if np.abs(said - decoded).max() < 1 and np.array_equal(said, np.rint(said)):
        return "The output is rounded: a rounded number has no slope, and nothing can be learnt. Round in restore."
    return f"Untrained it changes the picture by {np.abs(said - decoded).mean():.1f} grey levels in the mean: start the last layer at zero."


def check_restore(answer):
    """Check ``answer(network, photo)``: a network and a uint8 picture of any size in, the repaired uint8 picture out."""
    rng = np.random.default_rng(7)
    cases = [("mix", 32, 48), ("dark", 32, 48), ("mix", 37, 21), ("corners", 41, 55), ("far", 50, 70), ("far", 3, 130), ("far", 280, 313)]
    for kind, height, width in cases:
        photo = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        kept, network = photo.copy(), sample_network(kind)
        got, problem = ask(lambda given, network=network: answer(network, given), kept)
        if problem:
            return _restore_problem(problem)
        hint = _restored_hint(got, expected(kind, photo), photo, kind)
        if hint:
            return hint
        mine = photo.copy()
        answer(network, mine)
        if not np.array_equal(mine, photo):
            return "Your function changed the picture it was given: the caller still needs it. Work on a copy."
    return "✓ Right: seven pictures from 3x130 to 280x313, no seam, no dark rim, and the grid stays where it is."


def check_restore_sizes(answer):
    """Check ``answer(network, photo)``, see `check_restore`, on pictures of one pixel, one row, less than a block, and a strip."""
    rng = np.random.default_rng(8)
    for height, width in ((6, 3), (1, 33), (15, 17), (16, 400), (1, 1)):
        photo = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        for kind in ("far", "corners"):
            got, problem = ask(lambda given, kind=kind: answer(sample_network(kind), given), photo)
            if problem:
                hint = _restore_problem(problem)
                return hint if "Not yet" in hint else f"On {height}x{width} pixels: {hint}"
            hint = _restored_hint(got, expected(kind, photo), photo, kind)
            if hint:
                return f"On {height}x{width} pixels: {hint}"
    return "✓ Right: from a single pixel to a strip of 16x400."


def _plain(text):
    """Return an error of Keras in one line, without colours."""
    return " ".join(re.sub("\x1b\\[[0-9;]*m", "", text).split())


def _restore_problem(problem):
    problem = _plain(problem)
    if "multiples of 16" in problem:
        sides = problem.rpartition("got ")[2].split()[0].strip(".")
        return f"The network was given {sides} pixels: pad both sides to multiples of 16 first."
    if "Invalid input shape" in problem or "expected shape=(None, None, None, 3)" in problem:
        return "The network takes a batch, shape (1, height, width, 3): photo[None]."
    return problem[:300]


def _restored_hint(got, exact, photo, kind):
    """Return what is wrong with a repaired picture, or None."""
    if not hasattr(got, "shape"):
        return f"Expected an array, got {type(got).__name__}."
    if tuple(got.shape) == (1, *photo.shape):
        return "That is a batch of one picture: take [0]."
    if tuple(got.shape) != photo.shape:
        return f"A picture of shape {photo.shape} came back with shape {tuple(got.shape)}: cut off what was padded, and nothing else."
    got, want = np.asarray(got), np.rint(exact).clip(0, 255)
    if np.array_equal(got, want):
        return None if got.dtype == np.uint8 else f"The right numbers as {got.dtype}: a picture is uint8."
    if np.array_equal(got, photo) and kind != "corners":
        return "The picture came back as it was: has the network been asked?"
    hints = {
        "Cut off, not rounded: astype(np.uint8) drops what is behind the point. np.rint first.": np.floor(exact.clip(0, 255)),
        "Beyond 0 and 255 uint8 starts again at the other end: clip before you convert.": np.rint(exact) % 256,
        "Neither clipped nor rounded before the conversion to uint8: do both, in this order or the other.": np.trunc(exact) % 256,
        "Not rounded yet: np.rint, then clip, then uint8.": exact,
        "Not clipped yet: 0...255 is what uint8 holds.": np.rint(exact),
        "Not rounded: np.rint before you convert.": exact.clip(0, 255),
        "The network's answer was multiplied by 255: here it speaks in grey levels.": np.rint(255 * exact).clip(0, 255),
        "The network's answer was added to the picture: it is the repaired picture already.": np.rint(exact + photo).clip(0, 255),
    }
    hint = hint_for(got, hints, atol=0.01)
    wrong = (got != want).any(axis=-1)
    if hint or kind in ("mix", "dark"):
        if kind == "mix" and np.abs(got.astype(float) - expected(kind, photo / 255)).max() < 1:
            return "The network was given 0...1: here it is fed grey levels, 0...255."
        y, x = np.argwhere(wrong)[0]
        said = f"Pixel [{y}, {x}] should be {want[y, x].astype(int).tolist()}, yours is {np.asarray(got)[y, x].tolist()}"
        return hint or f"{said}: does what you cut out begin where the picture began?"
    if kind == "corners":
        return "The grid has moved: what is padded at the top and on the left must be a multiple of 16, or blocks are cut in two."
    rim = wrong.copy()
    rim[AROUND:-AROUND, AROUND:-AROUND] = False
    if (wrong == rim).all():
        y, x = np.argwhere(wrong)[0]
        return f"Near the edge, at [{y}, {x}], the network saw something else than {AROUND} repeated edge pixels on each side."
    y, x = np.argwhere(wrong & ~rim)[0]
    return f"Inside the picture, from [{y}, {x}] on, it differs: pieces need {AROUND} pixels of their neighbours, or leave seams."


def check_clock(answer):
    """Check ``answer(seconds, limit, peak)``: seconds since the start, the limit in seconds and the highest rate in, the rate out."""
    for limit, peak in ((1800.0, 3e-3), (40.0, 0.02)):
        for share in (0.02, 0.04, 0.05, 0.2, 0.5, 0.6, 0.75, 0.93, 1.0, 1.01, 1.7):
            want = _rate(share, peak)
            got, problem = ask_number(answer, share * limit, limit, peak)
            if problem:
                return problem
            if not np.isclose(got, want, rtol=1e-6, atol=1e-9 * peak):
                return _clock_hint(got, share, limit, peak)
    return "✓ Right: up, level, down, and 0 when the time is over, whatever the machine."


def _rate(share, peak, up=0.05, level=0.5):
    if share < up:
        return peak * share / up
    return peak * (1 + np.cos(np.pi * np.clip((share - level) / (1 - level), 0, 1))) / 2


def _clock_hint(got, share, limit, peak):
    want, t = _rate(share, peak), np.clip(2 * share - 1, 0, 1)
    when = f"After {share:.0%} of the time"
    whole = peak * (1 + np.cos(np.pi * share)) / 2
    mistakes = {
        "the straight rise in the first twentieth of the time is missing": peak if share < 0.05 else np.nan,
        "the rate falls already: it stays at its peak until half of the time is over": whole if 0.05 <= share <= 0.5 else np.nan,
        "the rate rises again: a cosine goes on after pi. When the time is over it is 0": _again(share, peak) if share > 1 else np.nan,
        "the rate is below 0: when the time is over it is 0": peak * (2 - 2 * share) if share > 1 else np.nan,
        "the fall is a straight line: half a cosine is asked for": peak * (2 - 2 * share),
        "a quarter of a cosine: it should leave the peak slowly and arrive slowly": peak * np.cos(np.pi / 2 * t),
        "the fall counts from the start of the training: it begins at half of the time": whole,
        "the rate is still at its peak: it begins to fall at half of the time": peak if share > 0.5 else np.nan,
        "the rise takes a tenth of the time: a twentieth is asked for": peak * share / 0.1 if share <= 0.1 else np.nan,
        "the rate is counted in minutes: seconds and limit are both in seconds": _rate(share / 60, peak),
        "this is a share of the peak: multiply by it": want / peak,
        "the rate is 0 too early": 0.0 if share < 1 else np.nan,
    }
    found = next((hint for hint, mistake in mistakes.items() if np.isclose(got, mistake, rtol=1e-6, atol=1e-12)), None)
    said = f"({share * limit:g} s of {limit:g} s, peak {peak:g}: {want:.3g} is right, yours is {got:.3g})"
    return f"{when} {found} {said}." if found else f"{when} the rate is wrong {said}."


def _again(share, peak):
    return peak * (1 + np.cos(np.pi * (2 * share - 1))) / 2


def check_train(answer):
    """Check ``answer(network, minutes, photos)``: it trains the network in place within the time and returns the number of steps."""
    steps, facts = trial(answer, TRIAL)
    if isinstance(steps, str):
        return steps
    took = f"{facts['seconds']:.1f} of {60 * TRIAL:g} seconds"
    if facts["seconds"] > 60 * TRIAL + PATIENCE:
        return f"{TRIAL} minutes are {60 * TRIAL:g} seconds, your training took {facts['seconds']:.0f}: look at the clock after each step."
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)):
        return f"Return how many steps were made, a whole number; you return {type(steps).__name__}."
    if not facts["finite"]:
        return "Some weights are no numbers any more: the rate is too high, or the loss has a root or a logarithm of zero."
    if not facts["moved"]:
        return "The weights are what they were: train the network that is handed over, not a new one, and not at a rate of zero."
    if facts["seconds"] < 30 * TRIAL:
        return f"Stopped after {took}: use the time you are given."
    if not facts["better"]:
        return "The network is farther from the clean pictures than before: which of the pair is the input, and is the loss on grey levels?"
    if steps < 1:
        return f"{steps} steps: count each one."
    return f"✓ Right: {steps} steps in {took}, and the network came nearer to the clean pictures."
