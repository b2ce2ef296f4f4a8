"""Sample submissions of assignment 5: what each student wrote into the solution cells, and the points that each test cell earns."""

POINTS = {"test_judges": 2, "test_build": 3, "test_restore": 2, "test_restore_sizes": 1, "test_clock": 2, "test_train": 2}
NOTHING = dict.fromkeys(POINTS, 0)

VECTORISED = {
    "my_judges": """
def my_judges(names, every):
    names = sorted(names)
    scene_of = np.array([name.replace("_half", "") if name.endswith("_half") else name for name in names])
    drawn = np.char.startswith(scene_of, "leaves_")
    aside = np.unique(scene_of[~drawn])[::-1][::every]
    learn = np.array(names)[~np.isin(scene_of, aside)].tolist()
    judges = [scene + "_half" if scene + "_half" in names else scene for scene in aside.tolist()]
    return learn, sorted(judges)
""",
    "build": """
def build():
    inputs = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    y = layers.Conv2D(24, 4, strides=4, padding="same", activation="relu")(x)
    y = networks.pair(y, "look")
    y = layers.Conv2DTranspose(3, 4, strides=4, kernel_initializer="zeros")(y)
    return keras.Model(inputs, layers.Rescaling(255)(layers.add([x, y])))
""",
    "restore": """
def restore(network, photo):
    rows, columns = (np.arange(-16, side + 16 + -side % 16).clip(0, side - 1) for side in photo.shape[:2])
    said = network.predict(photo[rows][:, columns][None], verbose=0)[0]
    return np.uint8(np.round(np.minimum(np.maximum(said, 0), 255)))[16:, 16:][: photo.shape[0], : photo.shape[1]]
""",
    "rate_now": """
def rate_now(seconds, limit, peak):
    times = np.linspace(0.5, 1, 2) * limit
    if seconds < limit / 20:
        return 20 * peak * seconds / limit
    angle = np.interp(seconds, times, [0, np.pi])
    return peak * (0.5 + 0.5 * np.cos(angle))
""",
    "train": """
def train(network, minutes, photos):
    end = time.perf_counter() + 60 * minutes
    began, made = time.perf_counter(), []
    network.compile(keras.optimizers.Adam(1e-3), lambda clean, said: ops.mean(ops.abs(said[:, 8:-8, 8:-8] - ops.cast(clean, "float32"))))

    class Clock(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            self.model.optimizer.learning_rate = rate_now(time.perf_counter() - began, 60 * minutes, 1e-3)

        def on_train_batch_end(self, batch, logs=None):
            made.append(batch)
            self.model.stop_training = time.perf_counter() > end

    pairs = recipe.drawn(photos, (10, 10), 96, 32)
    while time.perf_counter() < end:
        network.fit(*pairs(len(made)), batch_size=8, verbose=0, callbacks=[Clock()])
    return len(made)
""",
}

LOOPS = {
    "my_judges": """
def my_judges(names, every):
    scenes = {}
    for name in names:
        scene = name[:-5] if name.endswith("_half") else name
        if not name.startswith("leaves_"):
            scenes.setdefault(scene, []).append(name)
    learn, judge = [], []
    for place, scene in enumerate(sorted(scenes, reverse=True)):
        if place % every == 0:
            judge.append(max(scenes[scene], key=len))
        else:
            for name in scenes[scene]:
                learn.append(name)
    for name in names:
        if name.startswith("leaves_"):
            learn.append(name)
    learn.sort()
    judge.sort()
    return learn, judge
""",
    "build": """
def build():
    inputs = keras.Input((None, None, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    y = x
    for step in range(3):
        y = layers.Conv2D(12, 3, padding="same", activation="leaky_relu")(y)
    y = layers.Conv2D(3, 3, padding="same", kernel_initializer="zeros")(y)
    return keras.Model(inputs, 255.0 * layers.add([x, y]))
""",
    "restore": """
def restore(network, photo):
    height, width = photo.shape[:2]
    high, wide = 16 + height + 16, 16 + width + 16
    while high % 16:
        high += 1
    while wide % 16:
        wide += 1
    around = np.zeros((1, high, wide, 3), "float32")
    for y in range(high):
        for x in range(wide):
            around[0, y, x] = photo[min(max(y - 16, 0), height - 1), min(max(x - 16, 0), width - 1)]
    said = np.array(network(around))
    result = np.zeros((height, width, 3), np.uint8)
    for y in range(height):
        for x in range(width):
            for c in range(3):
                result[y, x, c] = min(max(round(float(said[0, y + 16, x + 16, c])), 0), 255)
    return result
""",
    "rate_now": """
def rate_now(seconds, limit, peak):
    if seconds >= limit:
        return 0.0
    if seconds >= limit / 2:
        return peak * np.cos(np.pi / 2 * (2 * seconds / limit - 1)) ** 2
    if seconds >= 0.05 * limit:
        return peak
    return seconds / (0.05 * limit) * peak
""",
    "train": """
def train(network, minutes, photos):
    start, steps = time.time(), 0
    network.compile("sgd", lambda clean, said: ops.mean(ops.abs(said[:, 8:-8, 8:-8] - clean)) / 255, jit_compile=False)
    while True:
        inputs, clean = recipe.drawn(photos, (10, 10), 16, 16, seed=steps)(0)
        for k in range(0, 16, 4):
            if time.time() - start > 60 * minutes:
                return steps
            network.train_on_batch(inputs[k : k + 4], clean[k : k + 4].astype("float32"))
            steps += 1
""",
}

CARELESS = {
    "my_judges": """
def my_judges(names, every):
    names = sorted(names)
    judges = names[::-every]
    return [name for name in names if name not in judges], sorted(judges)
""",
    "build": """
def build():
    inputs = keras.Input((None, None, 3))
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    return keras.Model(inputs, layers.add([inputs, layers.Conv2D(3, 3, padding="same")(x)]))
""",
    "restore": """
def restore(network, photo):
    height, width = photo.shape[:2]
    around = np.pad(photo, [(16, 16 + -height % 16), (16, 16 + -width % 16), (0, 0)], mode="edge")
    return np.asarray(network(around[None]))[0, 16 : 16 + height, 16 : 16 + width].clip(0, 255).astype(np.uint8)
""",
    "rate_now": VECTORISED["rate_now"],
    "train": """
def train(network, minutes, photos):
    return 100
""",
}

HALF_DONE = {
    "my_judges": LOOPS["my_judges"],
    "build": VECTORISED["build"],
    "restore": """
def restore(network, photo):
    height, width = photo.shape[:2]
    if min(height, width) < 16:
        return photo
    around = np.pad(photo, [(16, 16 + -height % 16), (16, 16 + -width % 16), (0, 0)], mode="edge")
    return np.rint(np.asarray(network(around[None]))[0, 16 : 16 + height, 16 : 16 + width]).clip(0, 255).astype(np.uint8)
""",
    "rate_now": """
def rate_now(seconds, limit, peak):
    if seconds < limit / 20:
        return peak * seconds / (limit / 20)
    return peak * (1 + np.cos(np.pi * seconds / limit)) / 2
""",
}

PACKAGE_CALLER = {
    "build": """
def build():
    from blockcnn_helpers import models

    return models.build("wide", channels=48, width=48, blocks=24)
""",
    "restore": """
def restore(network, photo):
    from blockcnn_helpers import restoration

    return restoration.deblock(photo)
""",
    "rate_now": LOOPS["rate_now"],
}

CLASS = {
    "perfect_vectorised": {
        "cells": VECTORISED | {"held_back": "I expect +0.9 dB, between +0.6 and +1.1: the judges gave +0.95."},
        "points": POINTS,
    },
    "perfect_loops": {"cells": LOOPS, "points": POINTS},
    "blank": {"cells": {}, "points": NOTHING},
    "careless": {"cells": CARELESS, "points": NOTHING | {"test_clock": 2}},
    "half_done": {"cells": HALF_DONE, "points": NOTHING | {"test_judges": 2, "test_build": 3, "test_restore": 2}},
    "package_caller": {"cells": PACKAGE_CALLER, "points": NOTHING | {"test_clock": 2}},
}
