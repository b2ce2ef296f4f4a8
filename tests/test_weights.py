"""The weights that come with the course: what their notes say is so, what the README says of them, and what was promised of the best."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import blockcnn_helpers
from blockcnn_helpers import __main__ as command_line
from blockcnn_helpers import images, jpeg, metrics, models, recipe, restoration, weights

ROOT = Path(__file__).parents[1]
NETWORKS = ("blockcnn", "wide")


def notes(name):
    return json.loads((ROOT / "data" / "weights" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NETWORKS)
def test_the_notes_tell_of_the_weights_beside_them(name):
    path, found = weights.find_weights(name)
    said = notes(name)
    assert said["sha256"] == found and said["model"] == name == weights.network_of(path)
    assert said["weights"] == models.parameters(weights.load_model(name)) <= 1_000_000
    assert path.stat().st_size < 4e6
    assert said["history"][-1]["step"] == said["steps"] and said["history"][-1]["seconds"] == said["seconds"]
    assert said["images"] == "bsds500" and {"processor", "cores", "gpus"} <= set(said["hardware"]) and "keras" in said["versions"]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_command_in_the_notes_trains_such_a_network(name):
    """The command line reads it as the very settings that the notes list."""
    said = notes(name)
    program, command, *_ = said["command"].split()
    assert (program, command) == ("blockcnn", "train")
    asked = vars(command_line.parser().parse_args(said["command"].split()[1:]))
    for key in ("model", "profile", "steps", "rate", "seed", "images"):
        assert asked[key] == said[key], key
    assert asked["quality"] == said["qualities"] and (asked["precision"] or "float32") == said["precision"]
    assert all(said[key] == value for key, value in recipe.RECIPES[name]["training"].items() if key != "optimiser" or value != "adam")


def test_the_readme_quotes_the_notes():
    text = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    said = re.findall(r"one set of ([\d,]+) weights for .+?, trained on .+? in (\d+) minutes", text)
    assert said == [(f"{notes(name)['weights']:,}", f"{notes(name)['seconds'] / 60:.0f}") for name in NETWORKS]
    low, high = notes("wide")["qualities"]
    assert f"for qualities from {low} to {high}, trained on the same photos" in text
    assert "trained on BSDS500 on two processor cores" in text and {notes(name)["hardware"]["cores"] for name in NETWORKS} == {2}


# --- the best network: what a user is promised ------------------------------------------------------------------------


@pytest.fixture(scope="module", params=images.COURSE)
def photo(request):
    return images.course_photos()[request.param]


def test_a_fine_photo_loses_next_to_nothing(photo):
    """At quality 95: less than 0.05 dB, from the pixels alone and within the file."""
    data = jpeg.encode(photo, 95)
    decoded = jpeg.decode(data)
    before = metrics.psnr(photo, decoded)
    for settings in ({}, {"file": data}):
        assert metrics.psnr(photo, blockcnn_helpers.deblock(decoded, **settings)) > before - 0.05, settings


def test_a_photo_that_was_never_compressed_is_left_alone(photo):
    assert np.abs(blockcnn_helpers.deblock(photo).astype(int) - photo).mean() <= 0.5


@pytest.mark.parametrize("quality", [10, 40])
def test_it_repairs_blocky_photos_better_than_blockcnn(photo, quality):
    data = jpeg.encode(photo, quality)
    decoded = jpeg.decode(data)
    small, best = (metrics.psnr(photo, repaired) for repaired in (restoration.restore(decoded), restoration.restore_data(data)))
    assert best > small
