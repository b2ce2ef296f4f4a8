"""Train a network from random weights on a named set of images, and write weights with notes on where they come from."""

import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path

import numpy as np

from blockcnn_helpers import images, jpeg, patches
from blockcnn_helpers.files import check_absent, new_file
from blockcnn_helpers.leaves import dead_leaves
from blockcnn_helpers.quiet import start_keras

RECIPES = {  # what `training.train` is told, and what the pairs are like: see `train`
    "blockcnn": {"training": {"optimiser": "adam"}, "qualities": (10, 40), "margin": 0, "judged": None},
    "wide": {
        "training": {"optimiser": "muon", "loss": "rmse", "average": 0.999},
        "qualities": (5, 95),
        "margin": 16,  # it looks farther: larger crops
        "equally": True,  # half of the pairs come from BSDS500's half-size photos, whose colour is clean
        "judged": (10, 25, 40, 80),
    },
}
COARSE = 50  # up to here blocks are plain to see
LEAVES = 12
VALIDATION = 20
EPOCH = 400  # steps between two checkpoints; more in a run of more than sixteen of them, whose validation would take long


def train(
    output="blockcnn.weights.h5",
    name="bundled",
    data=None,
    qualities=None,
    profile=None,
    steps=None,
    rate=None,
    seed=0,
    force=False,
    model="blockcnn",
    precision=None,
    variant=None,
):
    """Train a network from random weights and write them to a file, with a ``.json`` file of notes beside it.

    Parameters
    ----------
    output : path-like
        The weights file, ``.weights.h5``. While the run lasts, a checkpoint lies beside it; the same call goes on from there.
    name : str or path-like
        Images to draw pairs from: "bundled", "bsds500" (its training and test images; validation images measure the gain) or a folder.
    data : path-like, optional
        A patch dataset to train on instead, from `patches.create`.
    qualities : (int, int), optional
        Lowest and highest JPEG quality to draw: 10 and 40 for "blockcnn", 5 and 95 for "wide".
    profile, steps, rate, seed
        See `training.profile`; `steps` and `rate` replace the profile's: long runs want a lower rate.
    force : bool
        Replace weights that are there already.
    model : {"blockcnn", "wide"}
        The wide network is trained by Muon to the root of each pair's mean squared error, on crops 16 pixels larger, on all qualities and
        on photos that were never compressed; the mean of its last thousand steps is what is kept.
    precision : str, optional
        Keras' dtype policy in place of the profile's: "mixed_bfloat16" makes processors that can multiply such numbers (AVX-512 BF16, AMX)
        up to twice as fast, and others slow.
    variant : dict, optional
        Replaces parts of `RECIPES[model]`; its "options" go to the network's function (see `ablation`).

    Returns
    -------
    dict
        What the ``.json`` file says: SHA-256 of the weights, settings, versions, hardware, and the history of the run.
    """
    output = Path(output)
    if not output.name.endswith(".weights.h5"):
        raise ValueError(f"a weights file's name ends in .weights.h5, got {output.name}")
    if model not in RECIPES:
        raise ValueError(f"there are recipes for {' and '.join(RECIPES)}, got {model!r}")
    check_absent(output, force)
    keras = start_keras()
    from blockcnn_helpers import models, training

    recipe = RECIPES[model] | (variant or {})
    qualities = qualities or recipe["qualities"]
    profile, settings = training.profile(profile)
    size, usual = settings.pop("size") + recipe["margin"], settings.pop("precision")
    precision = precision or usual
    settings |= {"steps": steps or settings["steps"], "rate": rate or settings["rate"], "seed": seed} | recipe["training"]
    options = recipe.get("options", {})
    per_epoch, validation = min(max(EPOCH, settings["steps"] // 16), settings["steps"]), None
    if data is not None:
        inputs, targets, index = patches.load(data)
        draw = _mirrored(inputs, targets, per_epoch * settings["batch"], seed)
        source = {"photos": sorted({image["name"] for image in index["images"]})}
        source |= {"qualities": sorted({image["quality"] for image in index["images"]}), "size": index["size"]}
    else:
        photos = training_images(name)
        manner = {"equally": recipe.get("equally", False), "told": options.get("told", False)}
        draw = drawn(photos, qualities, per_epoch * settings["batch"], size, seed, **manner)
        source = {"images": str(name) if name in images.SPLITS else Path(name).name, "photos": len(photos), "qualities": list(qualities)}
        validation = _validation(name, recipe["judged"] or sorted({qualities[0], sum(qualities) // 2, qualities[1]}))
    chosen = "" if model == "blockcnn" else f"--model {model} "
    command = f"blockcnn train {chosen}--profile {profile} --steps {settings['steps']} --rate {settings['rate']} --seed {seed}"
    command += f" --quality {qualities[0]} {qualities[1]}" + (f" --precision {precision}" if precision != usual else "")
    command += f" --data {Path(data).name}" if data is not None else f" --images {source['images']}"
    command = command if variant is None else f"blockcnn ablate --only {variant['name']}"
    keras.utils.set_random_seed(seed)
    network = models.build(model, precision, **options)
    stem = output.name.removesuffix(".weights.h5")
    checkpoint = output.with_name(f"{stem}.checkpoint.npz")
    with training.progress(settings["steps"]) as bar:
        extras = {"per_epoch": per_epoch, "checkpoint": checkpoint, "validation": validation, "callbacks": [bar]}
        history = training.train(network, draw, **settings, **extras)
    notes = {"model": model, "command": command, "weights": models.parameters(network)}
    notes |= {"profile": profile, "size": size, "precision": precision} | settings | source | ({"options": options} if options else {})
    notes |= {"versions": versions(), "hardware": hardware(), "seconds": history[-1]["seconds"], "history": history}
    write_weights(network, output, notes, force)
    checkpoint.unlink()
    return notes


def training_images(name, leaves=LEAVES):
    """Return clean photos to train on, {name: image}: bundled ones with drawn ones, BSDS500's training and test images, or a folder's.

    BSDS500's files are JPEG files of high quality: their half-size copies, whose colour is clean, come beside them.
    """
    if name == "bundled":
        return images.image_set(name, "train") | {f"leaves_{k:02}": dead_leaves(384, 384, seed=k) for k in range(leaves)}
    if name == "bsds500":
        whole = {f"{split}_{key}": image for split in ("train", "test") for key, image in images.image_set(name, split).items()}
        return whole | {f"{key}_half": images.halve(image) for key, image in whole.items()}
    if name == "kodak24":
        raise ValueError("Kodak24 is this course's test set and never trained on; train on bundled, bsds500 or a folder of photos")
    return dict(images.image_set(name))


def drawn(photos, qualities, count, size, seed=0, **manner):
    """Return a function that draws `count` fresh pairs for epoch 0, 1, ... (see `patches.draw`).

    Parameters
    ----------
    photos : mapping
        Name to clean image.
    qualities : (int, int)
        Lowest and highest JPEG quality. Each in between is equally likely in a range that ends at 50 or below. In a wider one those up to
        50 are three times as likely, and one pair in twenty or so was never compressed: a network has to learn to leave alone, too.
    count, size, seed, manner
        Pairs per epoch, side of a target in pixels, what the draw depends on, and equally and told: see `patches.draw`.

    Examples
    --------
    >>> grey = np.full((64, 64, 3), 100, np.uint8)
    >>> inputs, targets = drawn({"grey": grey}, (10, 40), count=4, size=16)(0)
    >>> inputs.shape, targets.shape
    ((4, 32, 32, 3), (4, 16, 16, 3))
    """
    chosen, span = list(photos.values()), spread(*qualities)
    return lambda epoch: patches.draw(chosen, span, count, size, seed=(seed, epoch), **manner)


def spread(low, high):
    """Return the qualities of a range, each as often as it is to be drawn; None for a photo that was never compressed: see `drawn`.

    Examples
    --------
    >>> spread(10, 14)
    [10, 11, 12, 13, 14]
    >>> wide = spread(5, 95)
    >>> len(wide), wide.count(10), wide.count(80), wide.count(None)
    (191, 3, 1, 8)
    """
    coarse, fine = list(range(low, min(high, COARSE) + 1)), list(range(max(low, COARSE + 1), high + 1))
    return 3 * coarse + fine + [None] * round(len(3 * coarse + fine) / 23) if fine else coarse


def write_weights(model, path, notes, force=False):
    """Write a model's weights to `path`, and `notes` with their SHA-256 to the ``.json`` file beside it, each whole or not at all."""
    keras = start_keras()
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name.removesuffix('.weights.h5')}.{os.getpid()}.weights.h5")
    bare = keras.Model(model.inputs, model.outputs)  # the same layers without an optimiser, whose state is twice their size
    try:
        bare.save_weights(temporary)
        data = temporary.read_bytes()
    finally:
        temporary.unlink(missing_ok=True)
    notes["sha256"] = hashlib.sha256(data).hexdigest()
    with new_file(path, force) as file, new_file(path.with_name(path.name.replace(".weights.h5", ".json")), force) as beside:
        file.write(data)
        beside.write(json.dumps(notes, indent=1).encode() + b"\n")


def _mirrored(inputs, targets, count, seed):
    """Return a function that takes `count` pairs by chance from arrays on disk, mirrored where that is safe."""

    def draw(epoch):
        rng = np.random.default_rng((seed, epoch))
        chosen = np.sort(rng.integers(0, len(inputs), count))
        pair = inputs[chosen], targets[chosen]
        return pair if targets.shape[1] % patches.UNIT else patches.flip(*pair, rng)

    return draw


def _validation(name, qualities):
    """Return {quality: (clean, decoded) images} of `validation_images` for a run on BSDS500; None for others."""
    if name != "bsds500":
        return None
    clean = validation_images().values()
    return {quality: [(image, jpeg.compress(image, quality)) for image in clean] for quality in qualities}


def validation_images():
    """Return every fifth photo of BSDS500's validation set at half size, {name: image}: what choices are made on."""
    chosen = images.image_set("bsds500", "val")
    return {key: images.halve(chosen[key]) for key in list(chosen)[:: len(chosen) // VALIDATION]}


def versions():
    """Return the versions of Python and of the packages a training depends on."""
    keras = start_keras()
    names = ("numpy", "pillow", "keras", keras.backend.backend())
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in names}


def hardware():
    """Return the kind of processor, its cores, and the number of GPUs that Keras sees."""
    from blockcnn_helpers import training

    return {"processor": platform.machine(), "cores": os.cpu_count(), "gpus": training.gpus()}
