"""Networks and pictures to try a student's functions of the open project with, and what should come out."""

import time

import numpy as np

UNIT = 16  # pixels: a network may count on sides that are multiples of it
AROUND = 16  # pixels of repeated edge that a repair adds on each side
MIX = np.array([[2, 1, 1], [1, 2, 1], [1, 0, 3]]) / 4


def moves(network):
    """Return whether three steps of training, towards grey, change what a network says."""
    decoded = np.random.default_rng(6).integers(0, 256, (2, 48, 48, 3)).astype("float32")
    before = np.asarray(network(decoded))
    network.compile("adam", "mse", run_eagerly=True)  # three steps are not worth compiling
    try:
        for _ in range(3):
            network.train_on_batch(decoded, np.full(before.shape, 128, "float32"))
    except ValueError:  # Keras: no gradients for any variable
        return False
    return bool(np.abs(np.asarray(network(decoded)) - before).max() > 1e-4)


def sample_network(kind):
    """Return a network with nothing to learn, to try a repair with.

    It takes sides that are multiples of 16 and keeps the shape; grey levels in and out. Mirroring its input mirrors its answer.

    Parameters
    ----------
    kind : {"mix", "dark", "far", "corners"}
        mix: colours mixed and made lighter, beyond 255 at places; dark: the same, below 0 at places; far: each pixel averaged with those 16
        above, below and beside it; corners: the four corner pixels of each 16x16 unit made lighter.
    """
    from blockcnn_helpers.quiet import start_keras

    keras = start_keras()
    ops = keras.ops

    class Sample(keras.layers.Layer):
        def call(self, x):
            height, width = x.shape[1:3]
            if height is not None and width is not None and (height % UNIT or width % UNIT):
                raise ValueError(f"sides of a network's input are multiples of {UNIT}, got {height}x{width}")
            if kind == "far":
                for way in ([AROUND, AROUND], [0, 0]), ([0, 0], [AROUND, AROUND]):
                    padded = ops.pad(x, [[0, 0], *way, [0, 0]])
                    down, across = 2 * way[0][0], 2 * way[1][0]
                    ends = padded[:, down:, across:] + padded[:, : -down or None, : -across or None]
                    x = x / 2 + ends / 4
                return x + 0.03
            if kind == "corners":
                rows, columns = ops.arange(ops.shape(x)[1]) % UNIT, ops.arange(ops.shape(x)[2]) % UNIT
                rows, columns = (ops.logical_or(place == 0, place == UNIT - 1) for place in (rows, columns))
                corner = ops.logical_and(rows[:, None], columns[None])
                return x + 24 * ops.cast(corner[None, ..., None], "float32")
            return ops.matmul(x, ops.convert_to_tensor(MIX.T.astype("float32"))) + (60.1 if kind == "mix" else -60.15)

    inputs = keras.Input((None, None, 3))
    return keras.Model(inputs, Sample(name=kind)(inputs))


def expected(kind, photo):
    """Return what a repair by `sample_network` should give, before rounding and clipping."""
    photo = photo.astype(float)
    if kind == "far":
        for axis in (0, 1):
            padded = np.pad(photo, [(AROUND, AROUND) if k == axis else (0, 0) for k in range(3)], mode="edge")
            places = np.arange(photo.shape[axis])
            photo = photo / 2 + sum(padded.take(places + shift, axis) for shift in (0, 2 * AROUND)) / 4
        return photo + 0.03
    if kind == "corners":
        rows, columns = (np.isin(np.arange(side) % UNIT, (0, UNIT - 1)) for side in photo.shape[:2])
        return photo + 24 * (rows[:, None] & columns)[..., None]
    return photo @ MIX.T + (60.1 if kind == "mix" else -60.15)


def trial(train, minutes):
    """Train a tiny network, which begins with a wrong tint, on drawn pictures: return what `train` returns, and facts about it.

    Returns
    -------
    steps : object
        What `train` returned, or a line that says why it didn't.
    facts : dict
        seconds; and as bool: moved (weights changed), finite (all of them are numbers), better (nearer to the clean pictures).
    """
    from blockcnn_helpers import jpeg
    from blockcnn_helpers.leaves import dead_leaves
    from blockcnn_helpers.quiet import start_keras

    keras = start_keras()
    photos = {f"leaves_{k:02}": dead_leaves(160, 160, seed=50 + k) for k in range(3)}
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Rescaling(1 / 255)(inputs)
    start = {"kernel_initializer": keras.initializers.Constant(np.eye(3)[None, None]), "bias_initializer": keras.initializers.Constant(0.1)}
    network = keras.Model(inputs, keras.layers.Rescaling(255, dtype="float32")(keras.layers.Conv2D(3, 1, name="tint", **start)(x)))
    clean = np.stack(list(photos.values())).astype("float32")
    decoded = np.stack([jpeg.compress(photo, 10) for photo in photos.values()]).astype("float32")
    off = lambda: float(np.abs(np.asarray(network(decoded)) - clean).mean())
    weights, before, began = network.get_weights(), off(), time.perf_counter()
    steps = None
    try:
        steps = train(network, minutes, photos)
    except NotImplementedError:
        return "Not yet: the function is still empty.", {}
    except Exception as error:
        return f"Your function stops with {type(error).__name__}: {' '.join(str(error).split())[:200]}", {}
    if steps is None or steps is ...:
        steps = "Not yet: your function returns nothing; it is to return how many steps were made."
    now = network.get_weights()
    facts = {"seconds": time.perf_counter() - began, "finite": all(np.isfinite(array).all() for array in now)}
    facts |= {"moved": any((a != b).any() for a, b in zip(weights, now)), "better": off() < before}
    return steps, facts
