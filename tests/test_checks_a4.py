"""Checks of assignment 4: every plausible mistake gets a hint of its own, and right answers pass however they are written."""

import keras
import numpy as np
import pytest
from check_cases import STUBS, cases
from keras import layers, ops

from blockcnn_helpers import checks, training
from blockcnn_helpers.patients import operate, patient, restless, stack, stirred

LOUD = 1000.0


def changes(model, shape, colours=slice(None)):
    """Return how the whole answer changes when one pixel after the other does: shape (pixels, height, width, channels)."""
    height, width, _ = shape
    pictures = np.repeat(np.random.default_rng(0).uniform(0, 255, (1, *shape)).astype("float32"), height * width + 1, axis=0)
    for k in range(height * width):
        pictures[k, k // width, k % width, colours] += LOUD
    said = np.asarray(model(pictures))
    return abs(said[:-1] - said[-1])


def loud_enough(change, shape):
    return (change > 1e-6 * change.max()).reshape(shape[:2])


def reach(model, shape, row, column):
    return loud_enough(changes(model, shape)[:, row, column].max(axis=-1), shape)


def reach_by_loops(model, shape, row, column):
    grey = np.full((1, *shape), 100, "float32")
    before, field = np.asarray(model(grey))[0, row, column], []
    for place in np.ndindex(*shape[:2]):
        grey[0][place] += LOUD
        field.append(abs(np.asarray(model(grey))[0, row, column] - before).max())
        grey[0][place] -= LOUD
    return np.reshape(np.array(field) > 1e-6 * max(field), shape[:2])


def reach_by_gradient(model, shape, row, column):
    import tensorflow as tf

    picture = tf.Variable(np.random.default_rng(1).uniform(0, 255, (1, *shape)).astype("float32"))
    with tf.GradientTape() as tape:
        said = tf.reduce_sum(model(picture)[0, row, column] * [1.0, 2.0, 3.0, 4.0, 5.0, 6.0][: model.output_shape[-1]])
    return (abs(tape.gradient(said, picture).numpy()[0]) > 0).any(axis=-1)


def filled(field):
    rows, columns = np.flatnonzero(field.any(axis=1)), np.flatnonzero(field.any(axis=0))
    whole = np.zeros_like(field)
    whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    return whole


def meddling(model, shape, row, column):
    field = reach(model, shape, row, column)
    model.set_weights([weights + 1 for weights in model.get_weights()])
    return field


def window(plan, first, last):
    for kind, kernel, stride, dilation in reversed(plan):
        if kind == "conv":
            first, last = first * stride, last * stride + (kernel - 1) * dilation
        else:
            first, last = first // stride, last // stride
    return first, last


def window_by_sets(plan, first, last):
    rows = range(first, last + 1)
    for kind, kernel, stride, dilation in plan[::-1]:
        rows = {r // stride for r in rows} if kind == "unfold" else {r * stride + k * dilation for r in rows for k in range(kernel)}
    return [min(rows), max(rows)]


def windows(order=-1, s=None, d=None, k=lambda kernel: kernel - 1, unfold="down"):
    """Return a window's function with a mistake in it."""

    def answer(plan, first, last):
        for kind, kernel, stride, dilation in plan[::order]:
            stride, dilation = stride if s is None else s, dilation if d is None else d
            if kind == "conv" or unfold == "conv":
                first, last = first * stride, last * stride + k(kernel) * dilation
            elif unfold != "none":
                first, last = first // stride, -(-last // stride) if unfold == "up" else last // stride
        return first, last

    return answer


def centred(plan, first, last):
    for _, kernel, stride, dilation in plan[::-1]:
        first, last = first * stride - kernel // 2 * dilation, last * stride + kernel // 2 * dilation
    return first, last


def both_ways(model, image, block, border, corner=0):
    """Return once minus block by block: shape (blocks, block, block, channels)."""
    whole, side = np.asarray(model(image[None]))[0], block + 2 * border
    apart = []
    for top in range(0, len(whole), block):
        for left in range(0, whole.shape[1], block):
            patch = image[max(0, top + corner) :, max(0, left + corner) :][:side, :side]
            patch = np.pad(patch, [(0, side - len(patch)), (0, side - patch.shape[1]), (0, 0)])
            apart.append(whole[top : top + block, left : left + block] - np.asarray(model(patch[None]))[0])
    return np.array(apart)


def seams_by_loops(model, image, block, border):
    return abs(both_ways(model, image, block, border)).max(axis=(0, 3))


def seams(model, image, block, border):
    whole, side = np.asarray(model(image[None]))[0], block + 2 * border
    patches = np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(0, 1))[::block, ::block]
    down, across = patches.shape[:2]
    said = np.asarray(model(np.moveaxis(patches, 2, -1).reshape(-1, side, side, 3)))
    once = whole.reshape(down, block, across, block, 3).swapaxes(1, 2).reshape(said.shape)
    return np.abs(once - said).max(axis=(0, -1))


def calm(model, last, border):
    layer = model.get_layer(last)
    layer.set_weights([np.zeros_like(weights) for weights in layer.get_weights()])
    centre = layers.Rescaling(1 / 255)(layers.Cropping2D(border)(model.input))
    return keras.Model(model.input, layers.Add()([centre, layer.output]))


def calm_by_hand(model, last, border):
    trunk = keras.Model(model.input, model.get_layer(last).output)
    for weights in trunk.get_layer(last).weights:
        weights.assign(0 * weights)
    inputs = keras.Input(model.input_shape[1:])
    return keras.Model(inputs, inputs[:, border:-border, border:-border] / 255 + trunk(inputs))


def operated(blank="all", end="cut", centre=lambda x, b: layers.Rescaling(1 / 255)(layers.Cropping2D(b)(x)), add=lambda c, y: c + y):
    """Return an operation with a mistake in it."""

    def answer(model, last, border):
        layer = model.get_layer(last)
        values = layer.get_weights()
        if blank != "nothing":
            layer.set_weights([0 * v if blank == "all" or v.ndim > 1 else v for v in values])
        return keras.Model(model.input, add(centre(model.input, border), layer.output if end == "cut" else model.output))

    return answer


def fresh(model, last, border):
    return calm(keras.models.clone_model(model), last, border)


def frozen(model, last, border):
    model.get_layer(last).trainable = False
    return calm(model, last, border)


def on_top(model, last, border):
    """Add the pixels, then send the sum through the network's own ending."""
    return keras.Model(model.input, model.layers[-1](calm(model, last, border).output))


def bill(width, look, channels, bias=1, places=18, groups=8, mix=1, bottlenecks=4, ends=1):
    looks = {"full": 9 * width * width + bias * width, "grouped": 9 * width * width // groups + bias * width}
    looks["separable"] = 9 * width + bias * width + mix * (width * width + bias * width)
    inside = channels * width + bias * width + looks[look] + width * channels + bias * channels
    return bottlenecks * inside + ends * (4 * places * channels + bias * channels + 4 * channels * 3 + bias * 3)


def widest(budget, look, channels, step=8, more=0, work=lambda w, look, c: bill(w, look, c, bias=0) / 4, **mistakes):
    width = 0
    while bill(width + step, look, channels, **mistakes) <= budget:
        width += step
    width += more
    return (width, bill(width, look, channels, **mistakes), work(width, look, channels)) if width else (0, 0, 0)


def widest_by_building(budget, look, channels):
    """Build ever wider networks, and count what Keras counts."""
    kinds = {"full": lambda wide: [layers.Conv2D(wide, 3)], "grouped": lambda wide: [layers.Conv2D(wide, 3, groups=8)]}
    kinds["separable"] = lambda wide: [layers.DepthwiseConv2D(3), layers.Conv2D(wide, 1)]
    best = np.zeros(3)
    while True:
        wide, made = int(best[0]) + 8, [layers.Conv2D(channels, 2, strides=2)]
        for _ in range(4):
            made += [layers.Conv2D(wide, 1), *kinds[look](wide), layers.Conv2D(channels, 1)]
        network = keras.Sequential([keras.Input((24, 24, 18)), *made, layers.Conv2DTranspose(3, 2, strides=2)])
        if network.count_params() > budget:
            return best
        best = np.array([wide, network.count_params(), sum(w.numpy().size for w in network.weights if w.ndim > 1) / 4])


def moved(model, steps=3):
    kept, rng = model.get_weights(), np.random.default_rng(0)
    inputs, targets = rng.integers(0, 256, (4, 24, 24, 3)).astype("float32"), rng.integers(0, 256, (4, 8, 8, 3)).astype("float32")
    model.compile(keras.optimizers.Adam(1e-3), training.mean_absolute_error, run_eagerly=True)
    rows = []
    for _ in range(steps):
        before = model.get_weights()
        model.train_on_batch(inputs, targets)
        rows.append([(new != old).any() for new, old in zip(model.get_weights(), before)])
    model.set_weights(kept)
    return np.array(rows)


def leaks(model):
    image = np.random.default_rng(0).uniform(0, 255, (40, 40, 3)).astype("float32")
    return seams(stirred(model), image, 8, 8).max() > 1e-4


def shifted(model):
    place = np.argwhere(reach(model, (24, 24, 3), 0, 0))
    return place.tolist() != [[8, 8]]


def numb(model):
    return not moved(model).any(axis=0).all()


def diagnosis(model):
    return {word for word, found in (("leaks", leaks), ("shifted", shifted), ("numb", numb)) if found(model)}


def diagnosis_by_copying(model):
    """Look at answers in another way: a copy is trained, the untrained one is compared with the patch's centre."""
    found, rng = set(), np.random.default_rng(3)
    patch = rng.uniform(0, 255, (1, 56, 40, 3)).astype("float32")
    if not np.allclose(model(patch), patch[:, 8:-8, 8:-8] / 255, atol=1e-3):
        found.add("shifted")
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    if moved(copy).any(axis=0).sum() < len(copy.weights):
        found.add("numb")
    copy.set_weights([rng.normal(0, 0.3, weights.shape) for weights in model.get_weights()])
    parts = [copy(patch[:, top : top + 24, left : left + 24]) for top in range(0, 40, 8) for left in range(0, 24, 8)]
    blocks = np.asarray(ops.stack(parts)).reshape(5, 3, 8, 8, 3).swapaxes(1, 2).reshape(40, 24, 3)
    return found | {"leaks"} if abs(np.asarray(copy(patch))[0] - blocks).max() > 1e-4 else found


def judging(leaks=leaks, shifted=shifted, numb=numb, form=set):
    return lambda model: form(word for word, found in (("leaks", leaks), ("shifted", shifted), ("numb", numb)) if found(model))


def spoiling(model):
    found = diagnosis(model)
    model.train_on_batch(np.zeros((2, 24, 24, 3)), np.full((2, 8, 8, 3), 255.0))
    return found


MORE = {"words": (lambda *given: "four", "array of numbers")}
UNFOLDED = windows(unfold="none")

WRONG = {
    checks.check_reach: MORE
    | {
        "24x24": (lambda m, shape, r, c: reach(m, (24, 24, 3), r, c), "read the size from shape"),
        "transposed": (lambda m, shape, r, c: reach(m, shape, r, c).T, "Rows come first"),
        "changes": (lambda m, shape, r, c: changes(m, shape)[:, r, c].max(axis=-1).reshape(shape[:2]), "Expected True and False"),
        "red alone": (lambda m, shape, r, c: loud_enough(changes(m, shape, 0)[:, r, c].max(axis=-1), shape), "You change one colour only"),
        "first channel": (lambda m, shape, r, c: loud_enough(changes(m, shape)[:, r, c, 0], shape), "watch the first channel"),
        "row for column": (lambda m, shape, r, c: reach(m, shape, c, r), "That is what output pixel [2, 1] sees"),
        "the corner": (lambda m, shape, r, c: reach(m, shape, 0, 0), "That is what output pixel [0, 0] sees"),
        "any pixel": (lambda m, shape, r, c: loud_enough(changes(m, shape).max(axis=(1, 2, 3)), shape), "moves the answer anywhere"),
        "filled": (lambda m, shape, r, c: filled(reach(m, shape, r, c)), "You fill the whole square"),
        "what it could see": (lambda m, shape, r, c: reach(stirred(m), shape, r, c), "copies one pixel"),
        "loud ones": (lambda m, shape, r, c: (changes(m, shape)[:, r, c].max(axis=-1) > 500).reshape(shape[:2]), "miss some"),
        "everything": (lambda m, shape, r, c: np.ones(shape[:2], bool), "You count a pixel that moves the answer anywhere"),
        "meddling": (meddling, "comes back with other weights"),
        "noise": (lambda m, shape, r, c: np.eye(*shape[:2], dtype=bool), "output [1, 2] of this network"),
    },
    checks.check_window: MORE
    | {
        "one number": (lambda *given: window(*given)[1], "shape ()"),
        "one past the last": (lambda *given: (window(*given)[0], window(*given)[1] + 1), "one too many"),
        "how many": (lambda *given: (window(*given)[0], window(*given)[1] - window(*given)[0] + 1), "how many there are"),
        "exchanged": (lambda *given: window(*given)[::-1], "exchanged"),
        "one row": (lambda plan, first, last: window(plan, first, first), "there are more"),
        "first to last": (windows(order=1), "begin there"),
        "no dilation": (windows(d=1), "dilation is missing"),
        "no stride": (windows(s=1), "stride is missing"),
        "whole kernels": (windows(k=lambda kernel: kernel), "begins at row 0 ends at row 2"),
        "centred": (centred, "You centre the kernels"),
        "two more": (windows(k=lambda kernel: kernel + 1), "you say"),
    },
    checks.check_window_back: MORE
    | {
        "as a convolution": (windows(unfold="conv"), "it needs fewer"),
        "skipped": (UNFOLDED, "its output rows are not its cells"),
        "rounded up": (windows(unfold="up"), "You round up"),
        "first to last": (windows(order=1), "begin there"),
        "one past the last": (lambda *given: (window(*given)[0], window(*given)[1] + 1), "one too many"),
        "one number": (lambda *given: window(*given)[1], "shape ()"),
    },
    checks.check_seams: MORE
    | {
        "the picture": (lambda m, i, n, b: np.zeros((i.shape[0] - 2 * b, i.shape[1] - 2 * b)), "whole picture"),
        "one number": (lambda *given: seams(*given).max(), "one number for each place"),
        "yes or no": (lambda *given: seams(*given) > 1e-4, "True and False"),
        "the same twice": (lambda m, i, n, b: np.zeros((n, n)), "run with its own border"),
        "signed": (lambda *given: both_ways(*given).max(axis=(0, 3)), "take their sizes"),
        "mean over blocks": (lambda *given: abs(both_ways(*given)).mean(axis=(0, 3)), "mean over the blocks"),
        "mean over colours": (lambda *given: abs(both_ways(*given)).mean(axis=3).max(axis=0), "mean over the colours"),
        "the first block": (lambda *given: abs(both_ways(*given))[0].max(axis=2), "one block only"),
        "red": (lambda *given: abs(both_ways(*given))[..., 0].max(axis=0), "look at red only"),
        "transposed": (lambda *given: seams(*given).T, "exchanged"),
        "grey levels": (lambda *given: 255 * seams(*given), "don't multiply"),
        "patches begin at the block": (lambda m, i, n, b: abs(both_ways(m, i, n, b, b)).max(axis=(0, 3)), "whole border"),
        "eight for ever": (lambda m, i, n, b: seams(m, i, 8, 8), "Expected shape (16, 16)"),
    },
    checks.check_calm: {
        "a number": (lambda m, last, b: 4, "a int came"),
        "uncropped": (operated(centre=lambda x, b: x / 255), "smaller than the input"),
        "sigmoid kept": (operated(end="kept"), "a half comes out"),
        "no pixels": (operated(add=lambda c, y: y), "no pixels are added"),
        "zero and sigmoid": (operated(end="kept", add=lambda c, y: y), "A flat grey"),
        "not divided": (operated(centre=lambda x, b: x[:, b:-b, b:-b]), "divide them"),
        "divided twice": (operated(centre=lambda x, b: x[:, b:-b, b:-b] / 255**2), "twice"),
        "nothing done": (lambda m, last, b: m, "nothing has changed"),
        "cut off only": (operated("nothing", add=lambda c, y: y), "no weight is zero"),
        "not blank": (operated("nothing"), "still talks: its weights"),
        "not blank, sigmoid kept": (operated("nothing", "kept"), "the network still talks"),
        "kernel only": (operated("kernel"), "the biases are not"),
        "negative": (operated(add=lambda c, y: y - c), "not subtracted"),
        "sum squashed": (on_top, "goes through the sigmoid"),
        "crooked": (operated(centre=lambda x, b: x[:, b - 1 : -b - 1, b + 1 : 1 - b] / 255), "-1 rows and +1 columns"),
        "not connected": (operated(add=lambda c, y: c + 0 * y), "still connected"),
        "subtracted": (operated(add=lambda c, y: c - y), "it should be added"),
        "ReLU": (operated(add=lambda c, y: c + ops.relu(y)), "brighten only"),
        "new weights": (fresh, "make no new ones"),
        "frozen": (frozen, "but not frozen"),
        "halved": (operated(centre=lambda x, b: x[:, b:-b, b:-b] / 510), "away, on a scale"),
    },
    checks.check_widest: MORE
    | {
        "the width alone": (lambda *given: widest(*given)[0], "shape ()"),
        "below": (lambda budget, *given: widest(budget - 1, *given), "to the last weight"),
        "any width": (lambda *given: widest(*given, step=1), "steps of 8"),
        "no biases": (lambda *given: widest(*given, bias=0), "biases are missing"),
        "colours only": (lambda *given: widest(*given, places=3), "18 channels"),
        "bottlenecks only": (lambda *given: widest(*given, ends=0), "Fold and unfold"),
        "one bottleneck": (lambda *given: widest(*given, bottlenecks=1), "four bottlenecks"),
        "groups left out": (lambda *given: widest(*given, groups=1), "an eighth of the channels"),
        "not mixed": (lambda *given: widest(*given, mix=0), "1x1 that mixes"),
        "too wide": (lambda *given: widest(*given, more=8), "too wide"),
        "too narrow": (lambda *given: widest(*given, more=-8), "too narrow"),
        "per cell": (lambda *given: widest(*given, work=lambda w, look, c: bill(w, look, c, bias=0)), "per cell"),
        "weights": (lambda *given: widest(*given, work=lambda w, look, c: bill(w, look, c) / 4), "Biases are added"),
        "no work": (lambda *given: widest(*given, work=lambda w, look, c: 7), "you say 7"),
        "too little": (lambda budget, *given: widest(max(budget, 40000), *given), "not even a width of 8"),
        "another count": (lambda *given: np.add(widest(*given), (0, 1, 0)), "a width of 96 has 387,395 weights"),
    },
    checks.check_diagnosis: {
        "a list": (judging(form=sorted), "got list"),
        "other words": (lambda m: {"padded"}, "leaks, shifted and numb"),
        "not stirred": (judging(leaks=lambda m: seams(m, np.zeros((40, 40, 3), "float32"), 8, 8).max() > 1e-4), "Stir a copy"),
        "by the padding": (judging(leaks=lambda m: any(getattr(x, "padding", 0) == "same" for x in m.layers)), "whatever its layers"),
        "shift not seen": (judging(shifted=lambda m: False), "one column beside"),
        "one step": (judging(numb=lambda m: not moved(m, 1).all()), "look at all three steps"),
        "ReLU not seen": (judging(numb=lambda m: False), "a ReLU at its end"),
        "anything moves": (judging(numb=lambda m: not moved(m).any()), "others never do"),
        "one fault": (lambda m: set(sorted(diagnosis(m))[:1]), "A network with two faults"),
        "always shifted": (judging(shifted=lambda m: True), "it is not shifted"),
        "fold alone": (judging(numb=lambda m: not moved(m)[:, 0].any()), "others never do"),
        "spoiling": (spoiling, "other weights"),
    },
}
RIGHT = [(checks.check_reach, answer) for answer in (reach, reach_by_loops, reach_by_gradient)]
RIGHT += [(check, answer) for check in (checks.check_window, checks.check_window_back) for answer in (window, window_by_sets)]
RIGHT += [(checks.check_seams, answer) for answer in (seams, seams_by_loops)]
RIGHT += [(checks.check_calm, answer) for answer in (calm, calm_by_hand)]
RIGHT += [(checks.check_widest, answer) for answer in (widest, widest_by_building)]
RIGHT += [(checks.check_diagnosis, answer) for answer in (diagnosis, diagnosis_by_copying)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("check, answer, hint", cases(WRONG, STUBS))
def test_wrong_answers_get_their_own_hint(check, answer, hint):
    said = check(answer)
    assert hint in said and "✓" not in said


@pytest.mark.parametrize("check, answer", RIGHT, ids=lambda part: part.__name__)
def test_right_answers_pass_however_written(check, answer):
    assert "✓" in check(answer)


@pytest.mark.parametrize("wrong", WRONG.values(), ids=[check.__name__ for check in WRONG])
def test_no_two_mistakes_share_a_wording_by_accident(wrong):
    assert len({hint for _, hint in wrong.values()}) >= max(5, 0.8 * len(wrong))


def test_right_operations_hand_in_the_same_numbers():
    pictures = np.random.default_rng(0).uniform(0, 255, (1, 28, 32, 3)).astype("float32")
    first, second = (operate(answer, restless(3), "draw", 6, pictures) for answer in (calm, calm_by_hand))
    assert first[2] == second[2] == 10
    assert np.allclose(first[0], second[0], atol=1e-5) and np.allclose(first[1], second[1], atol=1e-4)


def test_patients_have_the_course_network_s_geometry():
    for settings in ({}, {"padded": 2}, {"looks": 6, "padded": 3}, {"looks": 3}):
        assert np.asarray(patient(**settings)(np.zeros((1, 40, 32, 3)))).shape == (1, 24, 16, 3)
    with pytest.raises(ValueError, match="'pool'"):
        stack([("pool", 2, 2, 1)])
