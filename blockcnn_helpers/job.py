"""The original project's whole job in one go: pairs from photos, a network trained on them, every photo repaired, a table."""

import functools
import json
import shutil
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from blockcnn_helpers import evaluation, images, patches, recipe
from blockcnn_helpers.files import new_file
from blockcnn_helpers.quiet import start_keras

PARTS = ("pairs", "train", "test", "blockcnn.weights.h5", "blockcnn.json", "blockcnn.checkpoint.npz", "results.json", "run.json")


def run(name="bundled", quality=25, profile=None, comparison=False, output="output", force=False):
    """Create the patch dataset, train BlockCNN on it from random weights, repair all photos, and measure.

    Parameters
    ----------
    name : str or path-like
        "bundled", "kodak24", "bsds500" or a folder of photos: see `divide`.
    quality : int
        JPEG quality, 1...100.
    profile : str, optional
        See `training.profile`.
    comparison : bool
        Also write each photo, its JPEG and its repair side by side.
    output : path-like
        Folder for ``pairs/``, ``train/``, ``test/``, ``blockcnn.weights.h5`` and ``results.json``. A run that was stopped there goes on.
    force : bool
        Do it afresh in a folder that holds an earlier run.

    Returns
    -------
    str
        Tables of PSNR, SSIM and PSNR-B for each photo and their mean, JPEG first: the photos trained on, then the test photos.

    Raises
    ------
    FileExistsError
        If the folder holds a finished run, a run with other settings, or anything else.
    """
    output = Path(output)
    start_keras()
    from blockcnn_helpers import training

    profile, settings = training.profile(profile)
    sides = divide(name)
    _begin(output, {"images": str(name), "quality": quality, "profile": profile}, force)
    pairs, weights = output / "pairs", output / "blockcnn.weights.h5"
    if not pairs.exists():
        patches.create(sides["train"], pairs, quality, settings["size"], progress=functools.partial(tqdm, disable=None, leave=False))
    if not weights.exists():
        recipe.train(weights, data=pairs, profile=profile)
    rows = {side: _repair(photos, weights, quality, output / side, comparison) for side, photos in sides.items()}
    with new_file(output / "results.json", force=True) as file:
        file.write(json.dumps(rows, indent=1).encode())
    titles = {"train": "Photos it was trained on", "test": "Test photos, which it had never seen"}
    return "\n\n".join(f"{titles[side]}\n\n{evaluation.table(rows[side])}" for side in sides)


def divide(name, test=1 / 6, seed=0):
    """Divide a named set of images into whole photos to train on and whole photos to test on.

    Parameters
    ----------
    name : str or path-like
        "bundled": trained on the bundled photos and drawn ones, tested on the course's three. "bsds500": its own training and test
        images. "kodak24" or a folder: a share `test` of the photos, chosen by chance from `seed`, is for testing; 4 of Kodak's 24, as
        in the original. A network from such a run has seen Kodak photos: the course's own weights have not.

    Returns
    -------
    dict
        "train" and "test", each a mapping from name to image.

    Raises
    ------
    ValueError
        If the same picture would be on both sides, under whatever names.
    """
    if name == "bundled":
        sides = {"train": recipe.training_images(name), "test": images.course_photos()}
    elif name == "bsds500":
        sides = {side: images.image_set(name, side) for side in ("train", "test")}
    else:
        photos = images.image_set(name)
        parts = zip(("train", "test"), images.split_by_image(photos, test, seed), strict=True)
        sides = {side: images.ImageSet({key: photos.paths[key] for key in keys}) for side, keys in parts}
    twins = images.overlap(sides["train"], sides["test"])
    if twins:
        raise ValueError(f"{twins[0][0]} and {twins[0][1]} are the same picture, one to train and one to test on; remove one of them")
    return sides


def _begin(output, plan, force):
    """Make the folder ready: for a new run, or for the same run to go on."""
    if output.is_dir() and any(path.name not in PARTS and not path.name.startswith(".") for path in output.iterdir()):
        raise FileExistsError(f"{output} holds other things than a run; choose another folder with -o")
    notes = output / "run.json"
    earlier = json.loads(notes.read_text()) if notes.is_file() else plan
    if not force and (output / "results.json").exists():
        raise FileExistsError(f"{output} holds a finished run; --force does it again, -o chooses another folder")
    if not force and earlier != plan:
        there = ", ".join(f"{key} {value}" for key, value in earlier.items())
        raise FileExistsError(f"{output} holds another run ({there}); --force does it again, -o chooses another folder")
    if force:
        for part in PARTS:
            shutil.rmtree(output / part, ignore_errors=True) if (output / part).is_dir() else (output / part).unlink(missing_ok=True)
    output.mkdir(parents=True, exist_ok=True)
    with new_file(notes, force=True) as file:
        file.write(json.dumps(plan, indent=1).encode())


def _repair(photos, weights, quality, folder, comparison):
    """Repair photos, write them to `folder`, and return the rows of `evaluation.evaluate`."""
    from blockcnn_helpers import restoration

    model = restoration.load_model(weights=weights)
    folder.mkdir(exist_ok=True)
    rows = []
    for name in tqdm(photos, desc=folder.name, unit="photo", disable=None, leave=False):
        clean = photos[name]
        shown = {"original": clean}

        def keep(decoded, shown=shown):
            shown |= {"JPEG": decoded, "BlockCNN": restoration.restore(decoded, model)}
            return shown["BlockCNN"]

        rows += evaluation.evaluate({name: clean}, [quality], {"Bilateral": evaluation.bilateral, "BlockCNN": keep})
        _write(folder / f"{name}.png", shown["BlockCNN"])
        if comparison:
            _write(folder / f"{name}_comparison.png", beside(shown.values()))
    return rows


def beside(pictures, gap=8):
    """Put pictures of one height side by side, `gap` white pixels apart."""
    pictures = list(pictures)
    white = np.full((pictures[0].shape[0], gap, 3), 255, np.uint8)
    return np.concatenate([part for picture in pictures for part in (white, picture)][1:], axis=1)


def _write(path, image):
    with new_file(path, force=True) as file:
        Image.fromarray(image).save(file, "PNG", compress_level=4)
