"""Checks of assignment 5: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import itertools
import time

import numpy as np
import pytest
from check_cases import STUBS, cases

from blockcnn_helpers import checks, checks_a5, jpeg, networks, patches, quiet
from blockcnn_helpers.leaves import dead_leaves

keras = quiet.start_keras()
layers = keras.layers


# --- judges ----------------------------------------------------------------------------------------------------------


def judges(names, every):
    whole = {name: name.removesuffix("_half") for name in names}
    scenes = sorted({scene for scene in whole.values() if not scene.startswith("leaves_")})
    aside = set(scenes[::-every])
    chosen = [f"{scene}_half" if f"{scene}_half" in whole else scene for scene in aside]
    return sorted(name for name, scene in whole.items() if scene not in aside), sorted(chosen)


def judges_by_loops(names, every):
    names, scenes = list(names), []
    for name in names:
        scene = name[:-5] if name.endswith("_half") else name
        if not name.startswith("leaves_") and scene not in scenes:
            scenes.append(scene)
    scenes.sort()
    learn, judge = sorted(names), []
    for place in range(len(scenes) - 1, -1, -every):
        twins = [name for name in (scenes[place], scenes[place] + "_half") if name in names]
        judge.append(twins[-1])
        learn = [name for name in learn if name not in twins]
    return learn, sorted(judge)


def chosen_by(pick, order=sorted):
    """Choose scenes by another rule, and do the rest right."""

    def answer(names, every):
        scenes = order([name.removesuffix("_half") for name in names if not name.startswith("leaves_")])
        aside = pick(list(dict.fromkeys(scenes)), every)
        judge = [f"{scene}_half" if f"{scene}_half" in names else scene for scene in aside]
        return sorted(name for name in names if name.removesuffix("_half") not in aside), sorted(judge)

    return answer


def names_alone(names, every):
    photos = sorted(name for name in names if not name.startswith("leaves_"))
    return sorted(set(names) - set(photos[::-every])), photos[::-every][::-1]


def full_size(names, every):
    learn, judge = judges(names, every)
    return learn, [name.removesuffix("_half") if name.removesuffix("_half") in names else name for name in judge]


def both_sizes(names, every):
    learn, judge = judges(names, every)
    return learn, sorted({name for name in names if name.removesuffix("_half") in {one.removesuffix("_half") for one in judge}})


def twin_kept(names, every):
    judge = judges(names, every)[1]
    return sorted(set(names) - set(judge)), judge


def drawings_judge(names, every):
    learn, judge = judges(names, every)
    return learn[:-1], sorted([*judge, "leaves_02"])


# --- networks --------------------------------------------------------------------------------------------------------


def small(**how):
    """Build a small network that is right, or wrong in one respect."""
    inputs = keras.Input(how.get("shape", (None, None, 3)))
    x = layers.Rescaling(1 / 255)(inputs)
    pad = how.get("padding", "same")
    y = layers.Conv2D(how.get("channels", 8), 3, padding=pad, activation="relu")(x)
    if how.get("two zeros"):
        y = layers.Conv2D(8, 3, padding="same", kernel_initializer="zeros", bias_initializer="zeros")(y)
        y = layers.Conv2D(3, 1, kernel_initializer="zeros", use_bias=False)(y)
    else:
        y = layers.Conv2D(3, 1, kernel_initializer=how.get("start", "zeros"))(y)
    x = layers.Cropping2D(how["crop"])(x) if "crop" in how else x
    y = layers.Cropping2D(how["crop"] - 1)(y) if "crop" in how else y
    y = layers.Add()([x, y]) if how.get("residual", True) else y
    y = layers.Rescaling(how.get("scale", 255), dtype=how.get("dtype", "float32"))(y)
    return keras.Model(inputs, how["last"](y) if "last" in how else y)


def folded():
    """Another right one, written with the course's parts."""
    inputs = keras.Input((None, None, 3))
    x = layers.Conv2D(12, 2, strides=2, name="fold")(layers.Rescaling(1 / 128, offset=-1)(inputs))
    x = networks.bottleneck(x, 10, "look", padding="same")
    return keras.Model(inputs, layers.add([inputs, layers.Conv2DTranspose(3, 2, strides=2, kernel_initializer="zeros")(x)]))


class Rounded(layers.Layer):
    def call(self, x):
        return keras.ops.round(x)


ONCE = []


def always_the_same():
    ONCE[:] = ONCE or [small()]
    return ONCE[0]


# --- repairs ---------------------------------------------------------------------------------------------------------


def run(network, around):
    return np.asarray(network(around[None].astype("float32")))[0]


def repair(network, photo, finish=lambda x: np.rint(x).clip(0, 255).astype(np.uint8), first=16, mode="edge", more=16, run=run, cut=None):
    height, width = photo.shape[:2]
    around = np.pad(photo, [(first, more + -(side + first + more) % 16) for side in (height, width)] + [(0, 0)], mode=mode)
    start = first if cut is None else cut
    return finish(run(network, around)[start : start + height, start : start + width])


def repair_with_mirrors(network, photo):
    def four(network, around):
        turns = list(itertools.product((1, -1), repeat=2))
        return sum(run(network, np.ascontiguousarray(around[::a, ::b]))[::a, ::b] for a, b in turns) / 4

    return repair(network, photo, run=four, first=32, more=48)


def repair_by_predict(network, photo):
    return repair(network, photo, run=lambda network, around: network.predict(around[None], verbose=0)[0])


def repair_in_pieces(network, photo, reach=16, side=64):
    """Repair pieces of 64x64 with `reach` pixels around."""
    height, width = photo.shape[:2]
    around = np.pad(photo, [(16, 16 + -height % side + side), (16, 16 + -width % side + side), (0, 0)], mode="edge")
    result = np.zeros(photo.shape, np.uint8)
    for y in range(0, height, side):
        for x in range(0, width, side):
            piece = around[y + 16 - reach : y + 16 + side + reach, x + 16 - reach : x + 16 + side + reach]
            said = np.rint(run(network, piece)).clip(0, 255).astype(np.uint8)[reach : reach + side, reach : reach + side]
            result[y : y + side, x : x + side] = said[: height - y, : width - x]
    return result


def spoiling(network, photo):
    repaired = repair(network, photo)
    photo[:] = repaired
    return photo


def scaled(up, down):
    return lambda network, around: run(network, around / down) * up


# --- rates -----------------------------------------------------------------------------------------------------------


def rate(seconds, limit, peak):
    share = seconds / limit
    if share < 0.05:
        return peak * share / 0.05
    return peak * (1 + np.cos(np.pi * min(max(0, 2 * share - 1), 1))) / 2


def rate_by_squares(seconds, limit, peak):
    shares, rates = np.array([seconds / limit]), np.array([peak])
    rates = np.where(shares < 0.05, shares * peak * 20, rates)
    rates = np.where(shares > 0.5, peak * np.cos(np.pi / 2 * (2 * shares - 1)) ** 2, rates)
    return np.where(shares >= 1, 0, rates)[0]


def late(fall, end=True):
    """Right up to half of the time, then another fall."""
    return lambda s, limit, peak: rate(s, limit, peak) if s <= limit / 2 else 0.0 if end and s >= limit else fall(s / limit, peak)


# --- trainings -------------------------------------------------------------------------------------------------------


def keep_busy(minutes, step=lambda: None):
    start, steps = time.monotonic(), 0
    while time.monotonic() - start < 60 * minutes:
        step()
        time.sleep(0.02)
        steps += 1
    return steps


def tint(network, by):
    """Change the tint, which begins 0.1 too light."""
    kernel, bias = network.get_weights()
    network.set_weights([kernel, bias + by])


def after(minutes_share, by, steps=7):
    """Do as if a training had gone on for a share of the time, and moved the tint by so much."""

    def answer(network, minutes, photos):
        keep_busy(minutes_share * minutes)
        tint(network, by)
        return steps

    return answer


def trained_by_fit(network, minutes, photos):
    start, steps = time.monotonic(), 0

    def stop(batch, logs):
        nonlocal steps
        steps += 1
        network.stop_training = time.monotonic() - start > 60 * minutes

    network.compile(keras.optimizers.Adam(1e-3), "mae")
    inputs, targets = patches.draw(list(photos.values()), [10], 64, 32)
    inputs = inputs[:, 8:-8, 8:-8].astype("float32")
    while time.monotonic() - start < 60 * minutes:
        clock = keras.callbacks.LambdaCallback(on_train_batch_end=stop)
        network.fit(inputs, targets.astype("float32"), batch_size=8, verbose=0, callbacks=[clock])
    return steps


def trained_by_hand(network, minutes, photos):
    pairs = [(jpeg.compress(photo, 10)[None].astype("float32"), photo[None].astype("float32")) for photo in photos.values()]
    network.compile("sgd", lambda clean, said: keras.ops.mean(keras.ops.abs(clean - said)) / 255, jit_compile=False)
    feed = itertools.cycle(pairs)
    return np.int64(keep_busy(minutes, lambda: network.train_on_batch(*next(feed))))


def never_trained(network, minutes, photos):
    return trained_by_hand(keras.models.clone_model(network), minutes / 10, photos)


def broken(network, minutes, photos):
    network.set_weights([np.full_like(array, np.nan) for array in network.get_weights()])
    return 3


WRONG = {
    checks.check_judges: {
        "exchanged": (lambda names, every: judges(names, every)[::-1], "exchanged"),
        "not sorted": (lambda names, every: [side[::-1] for side in judges(names, every)], "sort both lists"),
        "names, not scenes": (names_alone, "is on both sides"),
        "twin learnt from": (twin_kept, "is on both sides, at full size on one and at half size on the other"),
        "full size judges": (full_size, "though it has a half-size copy"),
        "both sizes judge": (both_sizes, "A scene judges twice"),
        "drawings judge": (drawings_judge, "A drawn picture judges"),
        "drawings left out": (lambda n, e: ([k for k in judges(n, e)[0] if "leaves" not in k], judges(n, e)[1]), "The drawn pictures"),
        "from the front": (chosen_by(lambda scenes, every: scenes[::every]), "you count from the front"),
        "number every": (chosen_by(lambda scenes, every: scenes[every - 1 :: every] or scenes[-1:]), "so that the last scene judges"),
        "every-th from the end": (chosen_by(lambda s, e: s[-e::-e] if len(s) >= e else s[-1:]), "The last scene judges, and then"),
        "as they came": (chosen_by(lambda scenes, every: scenes[::-every], order=list), "in the order in which they came"),
        "by number": (
            chosen_by(lambda s, every: s[::-every], order=lambda s: sorted(s, key=lambda k: int(k.rpartition("_")[2]))),
            "by their numbers",
        ),
        "the last one alone": (chosen_by(lambda scenes, every: scenes[-1:]), "One scene judges"),
        "nobody": (lambda names, every: (sorted(names), []), "Nobody judges"),
        "a third list": (lambda names, every: (*judges(names, every), []), "Expected two lists of names"),
        "a number": (lambda names, every: 3, "got int 3"),
        "numbers": (lambda names, every: ([0, 1], [2]), "Expected two lists of names"),
        "one left out": (lambda n, e: (judges(n, e)[0][1:], judges(n, e)[1]), "pictures to learn from, not"),
    },
    checks.check_build: {
        "no network": (lambda: "network", "Expected a Keras model, got str"),
        "too large": (lambda: small(channels=20_000), "over the budget of 400,000"),
        "one size": (lambda: small(shape=(64, 64, 3)), "takes any size"),
        "border cut off": (lambda: small(padding="valid", crop=8), "a border is cut off"),
        "half size": (lambda: small(last=layers.AveragePooling2D(2)), "they should be equal"),
        "on 0...1": (lambda: small(scale=1.0), "grey levels, 0...255, at both ends"),
        "not zero": (lambda: small(start="glorot_uniform"), "start the last layer at zero"),
        "no residual": (lambda: small(residual=False), "Untrained it returns black"),
        "two zeros": (lambda: small(**{"two zeros": True}), "wait for each other"),
        "float16": (lambda: small(dtype="float16"), "The output is float16"),
        "rounded": (lambda: small(last=lambda y: Rounded()(layers.Rescaling(1, offset=0.3)(y))), "Round in restore"),
        "nothing to learn": (lambda: keras.Sequential([keras.Input((None, None, 3)), layers.Rescaling(1.0)]), "no weights to train"),
        "the same again": (always_the_same, "the same network"),
    },
    checks.check_restore: {
        "float": (lambda n, p: repair(n, p, lambda x: np.rint(x).clip(0, 255)), "The right numbers as float32"),
        "cut off": (lambda n, p: repair(n, p, lambda x: x.clip(0, 255).astype(np.uint8)), "Cut off, not rounded"),
        "not clipped": (lambda n, p: repair(n, p, lambda x: np.rint(x).astype(np.int64).astype(np.uint8)), "clip before you convert"),
        "neither": (lambda n, p: repair(n, p, lambda x: x.astype(np.int64).astype(np.uint8)), "Neither clipped nor rounded"),
        "as the network says": (lambda n, p: repair(n, p, lambda x: x), "Not rounded yet"),
        "rounded only": (lambda n, p: repair(n, p, np.rint), "Not clipped yet"),
        "clipped only": (lambda n, p: repair(n, p, lambda x: x.clip(0, 255)), "np.rint before you convert"),
        "times 255": (lambda n, p: repair(n, p, run=scaled(255, 1)), "multiplied by 255"),
        "fed 0...1": (lambda n, p: repair(n, p, run=scaled(1, 255)), "fed grey levels"),
        "added": (lambda n, p: repair(n, p, run=lambda n, a: run(n, a) + a), "it is the repaired picture already"),
        "not asked": (lambda n, p: p.copy(), "has the network been asked?"),
        "no batch": (lambda n, p: np.asarray(n(p.astype("float32"))), "The network takes a batch"),
        "no padding": (lambda n, p: np.rint(run(n, p)).clip(0, 255).astype(np.uint8), "37x21 pixels: pad both sides"),
        "batch kept": (lambda n, p: repair(n, p)[None], "take [0]"),
        "nothing cut off": (lambda n, p: np.rint(run(n, np.pad(p, [(16, 16)] * 2 + [(0, 0)]))), "cut off what was padded"),
        "cut out elsewhere": (lambda n, p: repair(n, p, cut=0), "begin where the picture began?"),
        "half a unit": (lambda n, p: repair(n, p, first=8, more=24), "The grid has moved"),
        "black": (lambda n, p: repair(n, p, mode="constant"), "Near the edge"),
        "reflected": (lambda n, p: repair(n, p, mode="symmetric"), "Near the edge"),
        "to the right only": (lambda n, p: repair(n, p, first=0, more=0), "Near the edge"),
        "seams": (lambda n, p: repair_in_pieces(n, p, reach=0), "or leave seams"),
        "spoils the picture": (spoiling, "changed the picture it was given"),
        "a list": (lambda n, p: repair(n, p).tolist(), "Expected an array, got list"),
    },
    checks.check_restore_sizes: {
        "reflected": (lambda n, p: repair(n, p, mode="reflect"), "Near the edge"),
        "as it is if small": (lambda n, p: p.copy() if min(p.shape[:2]) < 16 else repair(n, p), "has the network been asked?"),
        "whole blocks only": (lambda n, p: repair(n, p)[: p.shape[0] // 8 * 8], "cut off what was padded, and nothing else"),
        "a row for a plane": (lambda n, p: repair(n, p).squeeze(), "came back with shape (33, 3)"),
        "one edge pixel": (lambda n, p: repair(n, p, first=0, more=0), "Near the edge"),
        "half a unit": (lambda n, p: repair(n, p, first=24, more=24), "The grid has moved"),
        "enlarged": (lambda n, p: np.rint(run(n, np.resize(p, (16, 16, 3)))), "came back with shape (16, 16, 3)"),
        "no padding": (lambda n, p: np.rint(run(n, p)), "The network was given 6x3 pixels"),
        "one row short": (lambda n, p: repair(n, p, run=lambda n, a: run(n, a[:-1])), "On 6x3 pixels: The network was given 47x48"),
    },
    checks.check_clock: {
        "no rise": (lambda s, limit, peak: rate(max(s, limit / 20), limit, peak), "the straight rise in the first twentieth"),
        "rise of a tenth": (lambda s, limit, peak: min(peak * s / limit / 0.1, rate(max(s, limit / 10), limit, peak)), "takes a tenth"),
        "falls at once": (
            lambda s, limit, peak: rate(s, limit, peak) if s < limit / 20 else peak * (1 + np.cos(np.pi * min(s / limit, 1))) / 2,
            "it stays at its peak until half",
        ),
        "counts from the start": (late(lambda t, peak: peak * (1 + np.cos(np.pi * t)) / 2), "counts from the start"),
        "straight": (late(lambda t, peak: peak * (2 - 2 * t)), "half a cosine is asked for"),
        "quarter": (late(lambda t, peak: peak * np.cos(np.pi / 2 * (2 * t - 1))), "a quarter of a cosine"),
        "never falls": (late(lambda t, peak: peak), "it begins to fall at half"),
        "rises again": (late(lambda t, peak: peak * (1 + np.cos(np.pi * (2 * t - 1))) / 2, end=False), "a cosine goes on after pi"),
        "below zero": (lambda s, l, p: rate(s, l, p) if s <= l else p * (2 - 2 * s / l), "below 0"),
        "minutes": (lambda s, limit, peak: rate(s, 60 * limit, peak), "counted in minutes"),
        "share": (lambda s, limit, peak: rate(s, limit, 1.0), "multiply by it"),
        "zero": (lambda s, limit, peak: 0.0, "0 too early"),
        "twice": (lambda s, limit, peak: 2 * rate(s, limit, peak), "the rate is wrong"),
        "words": (lambda s, limit, peak: "slow", "array of numbers"),
        "two": (lambda s, limit, peak: [1, 2], "shape (2,)"),
    },
}
STUBBORN = {  # trainings, which take time
    "stub": (STUBS["stub"][0], "Not yet"),
    "ellipsis": (STUBS["ellipsis"][0], "Not yet"),
    "nothing": (lambda n, m, p: None, "it is to return how many steps"),
    "crash": (lambda n, m, p: 1 // 0, "ZeroDivisionError"),
    "two arguments": (lambda n, m: 1, "TypeError"),
    "history": (lambda n, m, p: {"loss": [1.0]}, "you return dict"),
    "a truth": (lambda n, m, p: True, "you return bool"),
    "another network": (never_trained, "train the network that is handed over"),
    "no numbers": (broken, "no numbers any more"),
    "too short": (after(0.1, -0.05), "use the time you are given"),
    "too long": (after(5, -0.05), "look at the clock after each step"),
    "farther": (after(1, 0.05), "farther from the clean pictures"),
    "none counted": (after(1, -0.05, steps=0), "count each one"),
}

RIGHT = [
    (checks.check_judges, judges),
    (checks.check_judges, judges_by_loops),
    (checks.check_judges, lambda names, every: tuple(map(tuple, judges(names, every)))),
    (checks.check_build, small),
    (checks.check_build, folded),
    (checks.check_restore, repair),
    (checks.check_restore, repair_with_mirrors),
    (checks.check_restore, repair_by_predict),
    (checks.check_restore, repair_in_pieces),
    (checks.check_restore_sizes, repair),
    (checks.check_restore_sizes, repair_with_mirrors),
    (checks.check_restore_sizes, repair_in_pieces),
    (checks.check_clock, rate),
    (checks.check_clock, rate_by_squares),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said


@pytest.mark.parametrize("answer, hint", STUBBORN.values(), ids=STUBBORN)
def test_wrong_trainings_get_their_own_hint(answer, hint, monkeypatch):
    monkeypatch.setattr(checks_a5, "TRIAL", 0.02)
    monkeypatch.setattr(checks_a5, "PATIENCE", 3)
    said = checks.check_train(answer)
    assert hint in said and "✓" not in said


@pytest.mark.parametrize("check, answer", RIGHT)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)


TRAINERS = [trained_by_fit, trained_by_hand]


@pytest.mark.parametrize("answer", TRAINERS)
def test_right_trainings_pass_however_written(answer, monkeypatch):
    monkeypatch.setattr(checks_a5, "TRIAL", 0.1)
    monkeypatch.setattr(checks_a5, "PATIENCE", 60)
    assert "✓" in checks.check_train(answer)


@pytest.mark.parametrize("wrong", [*WRONG.values(), STUBBORN], ids=lambda wrong: str(len(wrong)))
def test_hints_differ(wrong):
    hints = [hint for _, hint in wrong.values()]
    assert len(set(hints)) >= 0.7 * len(hints) and len(set(hints)) >= 5


def test_sample_networks_say_what_is_expected():
    """Two ways to the same numbers: Keras on a padded picture, and NumPy."""
    from blockcnn_helpers.classroom import samples

    photo = dead_leaves(40, 56, seed=1)
    for kind in ("mix", "dark", "far", "corners"):
        want = np.rint(samples.expected(kind, photo)).clip(0, 255)
        assert np.array_equal(repair(samples.sample_network(kind), photo), want), kind
    with pytest.raises(ValueError, match="multiples of 16, got 40x56"):
        samples.sample_network("far")(photo[None].astype("float32"))


# Trainings have tests of their own above, with less time; here they are counted among the rest (test_wrong_answers.py).
WRONG[checks.check_train] = STUBBORN
RIGHT += [(checks.check_train, answer) for answer in TRAINERS]
