"""Ablation: what each idea brings by itself, from networks that are trained alike and differ in one thing."""

import json
import time
from pathlib import Path

import numpy as np

from blockcnn_helpers import images, jpeg, metrics, recipe
from blockcnn_helpers.files import new_file
from blockcnn_helpers.filters import bilateral
from blockcnn_helpers.methods import projected
from blockcnn_helpers.weights import load_model

QUALITIES = (10, 25, 40, 80)
PHOTO = (512, 768)  # what the seconds are for
STEPS = 500


def variants():
    """Return the networks to train: {name: (model, what its recipe has instead of `recipe.RECIPES[model]`'s)}."""
    wide = recipe.RECIPES["wide"]

    def like_wide(options=None, **training):
        return wide | {"options": options or {}, "training": wide["training"] | training}

    chosen = {
        "plain": ("blockcnn", like_wide({"place": False})),
        "blockcnn": ("blockcnn", like_wide()),
        "wide": ("wide", like_wide()),
        "placed": ("wide", like_wide({"place": True})),
        "l1": ("wide", like_wide(loss="l1")),
        "adam": ("wide", like_wide(optimiser="adam", rate=1e-3)),
        "told": ("wide", like_wide({"told": True})),
    }
    return {name: (model, settings | {"name": name}) for name, (model, settings) in chosen.items()}


ROWS = (  # what is said of it, the network (None for the filter), and what is done besides
    ("JPEG", None, ("nothing",)),
    ("bilateral filter", None, ()),
    ("bilateral filter, projected", None, ("projection",)),
    ("BlockCNN without place", "plain", ()),
    ("BlockCNN", "blockcnn", ()),
    ("BlockCNN, projected", "blockcnn", ("projection",)),
    ("wide", "wide", ()),
    ("wide, told each pixel's place", "placed", ()),
    ("wide, absolute error as loss", "l1", ()),
    ("wide, trained by Adam", "adam", ()),
    ("wide, last weights, not their mean", "wide", ("unaveraged",)),
    ("wide, told the quality", "told", ()),
    ("wide, projected", "wide", ("projection",)),
    ("wide, mean of four mirror images", "wide", ("ensemble",)),
    ("wide, projected, mean of four", "wide", ("projection", "ensemble")),
)


def train(folder, name="bsds500", only=None, **settings):
    """Train the networks that are missing in `folder`, from the same pairs in the same order.

    Parameters
    ----------
    folder : path-like
        For ``NAME.weights.h5`` and notes beside them. Stopped, the same call goes on.
    name : str or path-like
        Images, as for `recipe.train`.
    only : sequence of str, optional
        Some of `variants`; two processes can share the work.
    settings
        steps, profile, rate, seed, precision: see `recipe.train`.

    Raises
    ------
    ValueError
        If a network in `folder` was trained on other images or by other settings: it is not to be compared with these.
    """
    wanted = {key: value for key, value in settings.items() if value is not None} | {"images": Path(name).name}
    for key, (model, variant) in variants().items():
        path = Path(folder) / f"{key}.weights.h5"
        if key not in (only or variants()):
            continue
        if not path.exists():
            recipe.train(path, name, model=model, variant=variant, **settings)
        notes = json.loads((Path(folder) / f"{key}.json").read_text())
        other = [f"{item} {notes.get(item)} there, {value} here" for item, value in wanted.items() if notes.get(item) != value]
        if other:
            raise ValueError(f"{path} is of another run ({'; '.join(other)}); choose another folder with -o")


def measure(folder, photos):
    """Measure every row of the table on photos.

    Parameters
    ----------
    folder : path-like
        Of `train`.
    photos : mapping from name to clean image

    Returns
    -------
    list of dict
        ``row``, ``network``, ``gain`` {quality: mean dB over JPEG}, ``weights``, ``multiply_adds`` (per pixel, all passes),
        ``seconds`` (for a photo of 768x512, the quickest of three), ``training`` (seconds, steps), each None where there is no network.
    """
    from blockcnn_helpers import models

    timed = jpeg.encode(images.dead_leaves(*PHOTO, seed=1), 25)
    pairs = {quality: [(clean, jpeg.encode(clean, quality)) for clean in photos.values()] for quality in QUALITIES}
    networks, notes, rows = {}, {}, []
    for key, (model, _) in variants().items():
        networks[key] = load_model(model, Path(folder) / f"{key}.weights.h5")
        notes[key] = json.loads((Path(folder) / f"{key}.json").read_text())
    for row, key, extras in ROWS:
        network = networks.get(key)
        repair = repairer(network, extras)
        if "unaveraged" not in extras:
            gains = {str(quality): round(_gain(repair, pairs[quality]), 3) for quality in QUALITIES}
        elif "unaveraged" in notes[key]["history"][-1]:
            gains = notes[key]["history"][-1]["unaveraged"]
        else:  # trained without validation photos
            continue
        found = {"row": row, "network": key, "gain": gains}
        found |= {"seconds": round(_seconds(repair, timed), 3), "weights": None, "multiply_adds": None, "training": None}
        if network:
            passes = 4 if "ensemble" in extras else 1
            last = notes[key]["history"][-1]
            found |= {"weights": models.parameters(network), "multiply_adds": round(passes * models.multiply_adds(network))}
            found |= {"training": {"steps": last["step"], "seconds": last["seconds"]}}
        rows.append(found)
    return rows


def repairer(network, extras=()):
    """Return a function from the bytes of a JPEG file to a repaired image, by a network or else by the bilateral filter.

    Parameters
    ----------
    network : keras.Model or None
    extras : collection of {"nothing", "projection", "ensemble"}
    """

    def by_filter(data):
        decoded = jpeg.decode(data)
        if "nothing" in extras:
            return decoded
        image = bilateral(decoded)
        return projected(image, data) if "projection" in extras else image

    def by_network(data):
        from blockcnn_helpers.restoration import restore

        quality = jpeg.nearest_quality(jpeg.luma_table(data))
        file = data if "projection" in extras else None
        return restore(jpeg.decode(data), network, ensemble="ensemble" in extras, file=file, quality=quality)

    return by_network if network else by_filter


def report(folder, photos, command):
    """Return `measure` with what it depends on, as JSON text."""
    from blockcnn_helpers import evaluation

    story = json.loads((Path(folder) / "wide.json").read_text())
    kept = ("profile", "precision", "batch", "size", "rate", "seed", "images", "photos", "qualities")
    parts = {"command": command, "training": {key: story[key] for key in kept if key in story}, "judged_on": sorted(photos)}
    parts |= {"versions": recipe.versions(), "hardware": recipe.hardware(), "code": evaluation.code_hash()}
    return json.dumps(parts | {"rows": measure(folder, photos)}, indent=1)


def judges(name):
    """Return the photos that an ablation trained on `name` is measured on: never those it learnt from, never a test set."""
    return recipe.validation_images() if name == "bsds500" else images.course_photos()


def write(folder, name, path, command, force=False):
    """Measure what `train` has left in `folder` and write `report` to a file."""
    text = report(folder, judges(name), command)
    with new_file(path, force) as file:
        file.write(text.encode() + b"\n")


def table(rows):
    """Lay out `measure` as a Markdown table: gain over JPEG in dB at each quality, and what a row costs.

    Examples
    --------
    >>> row = {"row": "BlockCNN", "gain": {"10": 0.5}, "multiply_adds": 98999, "seconds": 0.45}
    >>> print(table([row]).splitlines()[2])
    | BlockCNN                           |  +0.50 |                  99 |    0.45 |
    """
    qualities = list(rows[0]["gain"])
    lines = [f"| {'':34} | " + " | ".join(f"{'Q' + quality:>6}" for quality in qualities) + " | thousand MACs/pixel | seconds |"]
    lines += [f"|{'-' * 36}|" + "-------:|" * len(qualities) + "--------------------:|--------:|"]
    for row in rows:
        work = "" if row["multiply_adds"] is None else f"{row['multiply_adds'] / 1000:.0f}"
        gains = " | ".join(f"{row['gain'][quality]:+6.2f}" for quality in qualities)
        lines.append(f"| {row['row']:34} | {gains} | {work:>19} | {row['seconds']:7.2f} |")
    return "\n".join(lines)


def _gain(repair, pairs):
    return float(np.mean([metrics.psnr(clean, repair(data)) - metrics.psnr(clean, jpeg.decode(data)) for clean, data in pairs]))


def _seconds(repair, data):
    found = []
    for _ in range(4):  # the first compiles
        start = time.perf_counter()
        repair(data)
        found.append(time.perf_counter() - start)
    return min(found[1:])
