"""Sample submissions of assignment 4: what each student wrote into the solution cells, and the points that each test cell earns."""

POINTS = {
    "my_reach_tests": 3,
    "my_window_tests": 2,
    "my_window_unfold": 1,
    "my_seams_tests": 2,
    "my_calm_tests": 3,
    "my_widest_tests": 2,
    "my_diagnosis_tests": 3,
}
NOTHING = dict.fromkeys(POINTS, 0)

VECTORISED = {
    "my_reach": """
def my_reach(model, shape, row, column):
    h, w, c = shape
    base = np.random.default_rng(7).uniform(0, 255, shape).astype("float32")
    loud = 1000 * np.eye(h * w, dtype="float32").reshape(h * w, h, w, 1)
    said = np.asarray(model(np.concatenate([base[None], base + loud])))[:, row, column]
    change = abs(said[1:] - said[0]).max(axis=1)
    return (change > change.max() / 1e6).reshape(h, w)
""",
    "my_window": """
def my_window(plan, first, last):
    rows = np.array([first, last])
    for kind, kernel, stride, dilation in plan[::-1]:
        rows = rows // stride if kind == "unfold" else rows * stride + np.array([0, (kernel - 1) * dilation])
    return tuple(int(row) for row in rows)
""",
    "my_seams": """
def my_seams(model, image, block, border):
    whole, side = np.asarray(model(image[None])), block + 2 * border
    views = np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(0, 1))[::block, ::block]
    down, across = views.shape[:2]
    blocks = np.asarray(model(views.transpose(0, 1, 3, 4, 2).reshape(-1, side, side, 3)))
    blocks = blocks.reshape(down, across, block, block, 3).transpose(0, 2, 1, 3, 4).reshape(whole.shape)
    return abs(whole - blocks).reshape(down, block, across, block, 3).max(axis=(0, 2, 4))
""",
    "my_calm": """
def my_calm(model, last, border):
    x, layer = model.input, model.get_layer(last)
    layer.set_weights([0 * values for values in layer.get_weights()])
    return keras.Model(x, x[:, border:-border, border:-border] / 255 + layer.output)
""",
    "my_widest": """
def my_widest(budget, look, channels):
    w = np.arange(0, 3000, 8)
    looks = {"full": 9 * w**2, "grouped": 9 * w**2 / 8, "separable": 9 * w + w**2}
    work = 4 * (2 * channels * w + looks[look]) + 4 * 21 * channels
    weights = work + 4 * (channels + w * (3 if look == "separable" else 2)) + channels + 3
    best = np.searchsorted(weights, budget, side="right") - 1
    return (int(w[best]), int(weights[best]), work[best] / 4) if best > 0 else (0, 0, 0)
""",
    "my_diagnosis": """
def my_diagnosis(model):
    image = np.random.default_rng(2).uniform(0, 255, (40, 40, 3)).astype("float32")
    signs = {
        "leaks": my_seams(patients.stirred(model), image, 8, 8).max() > 1e-4,
        "shifted": not np.allclose(model(image[None]), image[None, 8:-8, 8:-8] / 255, atol=1e-4),
        "numb": not moved(model).any(axis=0).all(),
    }
    return {name for name, seen in signs.items() if seen}
""",
}

LOOPS = {
    "my_reach": """
def my_reach(model, shape, row, column):
    reached = np.zeros(shape[:2])
    grey = np.full((1,) + tuple(shape), 128.0, dtype="float32")
    for k in range(shape[0]):
        pictures = np.repeat(grey, shape[1], axis=0)
        for i in range(shape[1]):
            pictures[i, k, i, :] = 2000
        answers = np.asarray(model(pictures))
        plain = np.asarray(model(grey))
        for i in range(shape[1]):
            for channel in range(answers.shape[-1]):
                moved_by = abs(answers[i, row, column, channel] - plain[0, row, column, channel])
                reached[k, i] = max(reached[k, i], moved_by)
    return reached > 0.000001 * reached.max()
""",
    "my_window": """
def my_window(plan, first, last):
    rows = list(range(first, last + 1))
    for layer in reversed(plan):
        kind, kernel, stride, dilation = layer
        needed = []
        for r in rows:
            if kind == "conv":
                for tap in range(kernel):
                    needed.append(r * stride + tap * dilation)
            else:
                needed.append(r // stride)
        rows = sorted(set(needed))
    return [rows[0], rows[-1]]
""",
    "my_seams": """
def my_seams(model, image, block, border):
    whole = np.asarray(model(np.array([image])))[0]
    result = np.zeros((block, block))
    for i in range(len(whole) // block):
        for j in range(len(whole[0]) // block):
            patch = image[i * block:i * block + block + 2 * border, j * block:j * block + block + 2 * border]
            answer = np.asarray(model(np.array([patch])))[0]
            for y in range(block):
                for x in range(block):
                    apart = abs(whole[i * block + y, j * block + x] - answer[y, x])
                    result[y, x] = max(result[y, x], max(apart))
    return result
""",
    "my_calm": """
def my_calm(model, last, border):
    trunk = keras.Model(model.input, model.get_layer(last).output)
    for variable in trunk.get_layer(last).weights:
        variable.assign(keras.ops.zeros(variable.shape))
    start = keras.Input(model.input.shape[1:])
    cropped = layers.Cropping2D(((border, border), (border, border)))(start)
    scaled = layers.Rescaling(1.0 / 255)(cropped)
    return keras.Model(start, layers.Add()([scaled, trunk(start)]))
""",
    "my_widest": """
def my_widest(budget, look, channels):
    best = (0, 0, 0)
    width = 8
    while True:
        layer_list = [(2, 18, channels)]
        for k in range(4):
            layer_list.append((1, channels, width))
            if look == "full":
                layer_list.append((3, width, width))
            elif look == "grouped":
                layer_list.append((3, width // 8, width))
            else:
                layer_list.append((3, 1, width))
                layer_list.append((1, width, width))
            layer_list.append((1, width, channels))
        layer_list.append((2, channels, 3))
        weights, work = 0, 0
        for kernel, inside, outside in layer_list:
            weights += kernel ** 2 * inside * outside + outside
            work += kernel ** 2 * inside * outside / 4
        if weights > budget:
            return best
        best = (width, weights, work)
        width += 8
""",
    "my_diagnosis": """
def my_diagnosis(model):
    result = set()
    reached = my_reach(model, (24, 24, 3), 0, 0)
    if reached.sum() != 1 or not reached[8, 8]:
        result.add("shifted")
    other = patients.stirred(model, 9)
    image = np.random.default_rng(0).uniform(0, 255, (32, 40, 3)).astype("float32")
    if np.max(my_seams(other, image, 8, 8)) > 0.0001:
        result.add("leaks")
    steps = moved(model)
    for array in range(steps.shape[1]):
        if not steps[0, array] and not steps[1, array] and not steps[2, array]:
            result.add("numb")
    return result
""",
}

# Counts what it knows from lesson 03, and stops where the assignment goes beyond: unfold, the mean, one training step.
LESSON = {
    "my_reach": LOOPS["my_reach"],
    "my_window": """
def my_window(plan, first, last):
    for kind, kernel, stride, dilation in plan[::-1]:
        first, last = first * stride, last * stride + (kernel - 1) * dilation
    return first, last
""",
    "my_seams": VECTORISED["my_seams"].replace("max(axis=(0, 2, 4))", "mean(axis=(0, 2, 4))"),
    "my_calm": VECTORISED["my_calm"],
    "my_widest": LOOPS["my_widest"].replace("if weights > budget", "if weights >= budget"),
    "my_diagnosis": VECTORISED["my_diagnosis"].replace("moved(model).any(axis=0).all()", "moved(model, 1).all()"),
}

# Red pixels only, the sigmoid left on, nothing stirred before it is measured; two of the package's functions tried first.
QUICK = {
    "my_reach": """
def my_reach(model, shape, row, column):
    h, w, c = shape
    pictures = np.full((h * w + 1, h, w, c), 100, "float32")
    for k in range(h * w):
        pictures[k, k // w, k % w, 0] = 1000
    answers = np.asarray(model(pictures))[:, row, column]
    change = abs(answers[:-1] - answers[-1]).max(axis=1)
    return (change > 1e-6 * change.max()).reshape(h, w)
""",
    "my_window": LOOPS["my_window"],
    "my_seams": """
def my_seams(model, image, block, border):
    picture = image[border:-border, border:-border].astype("uint8")
    apart = abs(restoration.restore(picture, model, rounded=False) - restoration.restore_blocks(picture, model, rounded=False))
    h, w = apart.shape[:2]
    return apart.reshape(h // block, block, w // block, block, 3).max(axis=(0, 2, 4))
""",
    "my_calm": """
def my_calm(model, last, border):
    for weights in model.get_layer(last).weights:
        weights.assign(0 * weights)
    centre = layers.Rescaling(1 / 255)(layers.Cropping2D(border)(model.input))
    return keras.Model(model.input, layers.Add()([centre, model.output]))
""",
    "my_widest": VECTORISED["my_widest"],
    "my_diagnosis": VECTORISED["my_diagnosis"].replace("patients.stirred(model)", "model"),
}

ANSWER = """In the first step the gradient stops at unfold, because the gradient goes through its kernel, which is zero. Unfold itself gets
one, as cells come in from below. After that its kernel is not zero and all arrays get a gradient. If all are zero nothing comes in
anywhere, only the bias of unfold moves, and the picture gets a bit lighter or darker everywhere."""

CLASS = {
    "perfect_vectorised": {"cells": VECTORISED, "points": POINTS},
    "perfect_loops": {"cells": LOOPS, "points": POINTS},
    "blank": {"cells": {}, "points": NOTHING},
    "as_in_the_lesson": {
        "cells": LESSON | {"zeros_that_learn": ANSWER},
        "points": NOTHING | {"my_reach_tests": 3, "my_window_tests": 2, "my_calm_tests": 3},
    },
    "quick_and_blind": {
        "cells": QUICK,
        "points": NOTHING | {"my_window_tests": 2, "my_window_unfold": 1, "my_widest_tests": 2},
    },
    "half_done": {
        "cells": {name: VECTORISED[name] for name in ("my_reach", "my_window", "my_seams")},
        "points": NOTHING | {"my_reach_tests": 3, "my_window_tests": 2, "my_window_unfold": 1, "my_seams_tests": 2},
    },
}
