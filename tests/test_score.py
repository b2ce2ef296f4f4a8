"""The contest: order, points and reasons for small submissions; originals out of reach; clear errors."""

import contextlib
import csv
import json

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from blockcnn_helpers import images, jpeg, metrics
from blockcnn_helpers.classroom import project, score, standings, submitted

SMOOTH = '''
import numpy as np
from blockcnn_helpers import quiet
from blockcnn_helpers.classroom import project
keras = quiet.start_keras()

def build():
    inputs = keras.Input((None, None, 3))
    one = np.zeros((17, 17, 3, 1))
    one[8, 8] = 1
    blur = keras.layers.DepthwiseConv2D(17, padding="same", depthwise_initializer=keras.initializers.Constant(one), name="blur")
    return keras.Model(inputs, blur(inputs))

def train(network, minutes):
    taps = np.exp(-np.linspace(-2, 2, 17) ** 2)
    kernel = np.outer(taps, taps) / taps.sum() ** 2
    network.set_weights([np.repeat(kernel[..., None, None], 3, axis=2), np.zeros(3)])
'''
RUN = "network = project.load_or_train(build, train)"
RESTORE = '''
def restore(network, photo):
    height, width = photo.shape[:2]
    around = np.pad(photo, [(16, 16 + -height % 16), (16, 16 + -width % 16), (0, 0)], mode="edge").astype("float32")
    return np.asarray(network(around[None]))[0, 16 : 16 + height, 16 : 16 + width].round().clip(0, 255).astype(np.uint8)
'''
ALONE = "import numpy as np\nnetwork = None"  # no Keras: quick
AS_IT_IS = "def restore(network, photo):\n    return photo"
BORROWED = "from blockcnn_helpers import filters\ndef restore(network, photo):\n    return filters.bilateral(photo)"
SOFTENED = """
def restore(network, photo):
    y, x = (np.arange(side) for side in photo.shape[:2])
    clip = lambda places, shift: (places + shift).clip(0, len(places) - 1)
    near = [photo[clip(y, down)][:, clip(x, across)].astype(float) for down in range(-3, 4) for across in range(-3, 4)]
    return np.rint(np.mean(near, axis=0)).astype(np.uint8)
"""


def smooth_photos(count=2):
    """Return photos of soft colours, which a blur restores better than any network that also has to keep edges."""
    y, x = np.mgrid[:88, :120] / 40
    waves = lambda k: [np.sin(y * (1 + 0.3 * k + c) + c) + np.cos(x * (1.5 - 0.2 * c) + k) for c in range(3)]
    return {f"secret_{k}": np.rint(128 + 50 * np.stack(waves(k), -1)).clip(0, 255).astype(np.uint8) for k in range(count)}


def submit(folder, student, *cells, weights=((3, 3),), card=None, nested=False):
    """Write a submission: a notebook, a weights file with arrays of these shapes, and its card."""
    import h5py

    place = folder / student / submitted.NAME if nested else folder / student
    place.mkdir(parents=True)
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in cells]), place / f"{submitted.NAME}.ipynb")
    if weights is not None:
        rng = np.random.default_rng(len(student))
        with h5py.File(place / submitted.WEIGHTS, "w") as file:
            for number, shape in enumerate(weights):
                file[f"layers/one_{number}/vars/0"] = rng.normal(size=shape)
            file["optimizer/vars/0"] = np.zeros(1000)
        told = {"minutes": 12.5, "device": "CPU"} if card is None else card
        (place / "my_network.json").write_text(json.dumps(told))
    return place


@pytest.fixture(scope="module")
def held_back(tmp_path_factory):
    folder = tmp_path_factory.mktemp("held_back")
    for name, image in smooth_photos().items():
        Image.fromarray(image).save(folder / f"{name}.png")
    return folder


SPY = """
import os
from pathlib import Path

FOUND = []
SECRET = Path({secret!r})

def look(name, action):
    try:
        FOUND.append((name, action()))
    except OSError:
        pass

look("list", lambda: os.listdir(SECRET))
look("read", lambda: (SECRET / "secret_0.png").read_bytes())
look("others", lambda: os.listdir({others!r}))
look("weights", lambda: Path({weights!r}).read_bytes()[:9])
FILES = sorted(str(path) for path in Path(".").rglob("*") if str(path)[0] != ".")

def restore(network, photo):
    if FOUND or "secret" in str(dict(os.environ)) or FILES != {files!r}:
        raise RuntimeError(f"{{FOUND}} {{FILES}}")
    return photo
"""


@contextlib.contextmanager
def nothing_off():
    """Switch nothing off: kernels that need no Keras then start without it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score, "switched_off", lambda notebook: ())
        yield


@pytest.fixture(scope="module")
def rows(held_back, tmp_path_factory):
    """Score a class of eleven."""
    inbox = tmp_path_factory.mktemp("inbox")
    place = submit(inbox, "ada", SMOOTH, RUN, RESTORE, weights=None, nested=True)
    train_here(place)
    submit(inbox, "bob", ALONE, AS_IT_IS)
    submit(inbox, "cem", ALONE, "def restore(network, photo):\n    raise ZeroDivisionError('half of nothing')")
    submit(inbox, "dora", ALONE, SOFTENED, weights=((400_001,), (3,)))
    submit(inbox, "eve", ALONE, SOFTENED, card={"minutes": 45.0, "device": "CPU"})
    submit(inbox, "finn", ALONE, SOFTENED, card={"minutes": 4.9, "device": "GPU"})
    submit(inbox, "gus", "network = undefined_thing", AS_IT_IS)
    submit(inbox, "hal", ALONE, "def restore(network, photo):\n    return photo[:8]")
    submit(inbox, "ida", ALONE, AS_IT_IS, weights=None)
    files = ["jpeg", "jpeg/001.jpg", "jpeg/002.jpg", "my_network.json", submitted.WEIGHTS]
    weights = str(images.shipped("weights", "blockcnn.weights.h5"))
    submit(inbox, "jo", ALONE, SPY.format(secret=str(held_back), others=str(inbox), weights=weights, files=files))
    (inbox / "kim").mkdir()
    (inbox / "a file").write_text("not a student")
    said = []
    with nothing_off():
        return score.score(inbox, held_back, say=said.append), said


def train_here(place):
    """Train what a notebook builds, beside it: as a student would have done."""
    names = {}
    exec(SMOOTH, names)
    network = names["build"]()
    names["train"](network, 1)
    project._save(network, place / submitted.WEIGHTS, {"minutes": 0.1, "device": "CPU"})


def named(rows):
    return {row["student"]: row for row in rows[0]}


def test_jpeg_comes_first_and_gains_decide(rows):
    assert [(row["rank"], row["student"]) for row in rows[0][:6]] == [
        (None, "(JPEG)"), (1, "ada"), (None, "(BlockCNN)"), (2, "finn"), (3, "bob"), (3, "jo"),
    ]  # fmt: skip
    assert [row["student"] for row in rows[0][6:]] == ["dora", "eve", "cem", "gus", "hal", "ida", "kim"]
    assert all(row["rank"] is None for row in rows[0][6:])
    assert len(rows[1]) == 11 and rows[1][0].startswith("  1 of 11  ada  +")


def test_points_follow_from_the_gains(rows):
    by_name = named(rows)
    reference = by_name["(BlockCNN)"]["gain"]
    assert by_name["(JPEG)"]["gain"] == 0 == by_name["bob"]["gain"] and by_name["(JPEG)"]["over_blockcnn"] == pytest.approx(-reference)
    assert by_name["ada"]["gain"] > reference > by_name["finn"]["gain"] > 0.7 * reference
    points = {name: row["points"] for name, row in by_name.items() if row["points"] is not None}
    assert points == {"ada": 12, "finn": 8, "bob": 0, "jo": 0} | dict.fromkeys(("dora", "eve", "cem", "gus", "hal", "ida", "kim"), 0)


def test_gains_are_those_of_the_pictures(rows):
    """Measured again, here, from the same originals."""
    photos = smooth_photos().values()
    names = {}
    exec(SMOOTH + RESTORE, names)
    network = names["build"]()
    names["train"](network, 1)
    decoded = [jpeg.compress(photo, 10) for photo in photos]
    rises = [metrics.psnr(p, names["restore"](network, d)) - metrics.psnr(p, d) for p, d in zip(photos, decoded)]
    row = named(rows)["ada"]
    assert row["gain"] == pytest.approx(np.mean(rises), abs=1e-3)
    assert row["psnr"] - row["gain"] == pytest.approx(named(rows)["(JPEG)"]["psnr"])
    assert (row["weights"], row["minutes"], row["device"]) == (17 * 17 * 3 + 3, 0.1, "CPU")
    assert 0 < row["seconds_per_megapixel"] < 1000


def test_every_failure_has_its_reason(rows):
    remarks = {name: row["remark"] for name, row in named(rows).items() if row["remark"]}
    assert remarks == {
        "cem": "ZeroDivisionError: half of nothing",
        "dora": "over budget: 400,004 weights, 400,000 at most",
        "eve": "over budget: 45.0 minutes on a CPU are over the budget of 30",
        "gus": "NameError: name 'undefined_thing' is not defined",
        "hal": "ValueError: restore was given shape (88, 120, 3) and returned (8, 120, 3)",
        "ida": "my_network.weights.h5 was not handed in",
        "kim": "no notebook",
    }
    over = named(rows)["dora"]
    assert over["weights"] == 400_004 and over["gain"] > 0.3  # told, without rank and points


def test_originals_are_out_of_reach(rows):
    """jo's notebook knows where everything lies, looks everywhere, and would have stopped with what it found."""
    assert named(rows)["jo"]["remark"] == "" and named(rows)["jo"]["gain"] == 0


def test_tables(rows, tmp_path):
    standings.write(rows[0], tmp_path / "new" / "score.csv")
    with open(tmp_path / "new" / "score.csv", newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert list(read[0]) == list(standings.COLUMNS) and [row["student"] for row in read] == [row["student"] for row in rows[0]]
    assert float(read[1]["gain"]) == pytest.approx(named(rows)["ada"]["gain"], abs=1e-4) and read[1]["points"] == "12"
    assert read[0]["rank"] == "" and read[-1]["gain"] == ""
    lines = standings.table(rows[0]).splitlines()
    assert len({len(line) for line in lines}) == 1 and "+0.00" in lines[2] and "over budget: 45.0 minutes" in "\n".join(lines)
    standings.write([standings.row("=1+1")], tmp_path / "odd.csv")
    assert "'=1+1" in (tmp_path / "odd.csv").read_text()  # a spreadsheet shows it and computes nothing


def test_too_slow_and_dead_kernels(held_back, tmp_path):
    submit(tmp_path / "in", "slow", ALONE, "import time\ndef restore(network, photo):\n    time.sleep(1000)")
    submit(tmp_path / "in", "dead", ALONE, "import os\ndef restore(network, photo):\n    os._exit(1)")
    with nothing_off():
        found = {row["student"]: row for row in score.score(tmp_path / "in", held_back, seconds=12)}
    assert found["slow"]["remark"] == "TooSlow: no answer within 12 s" and found["slow"]["points"] == 0
    assert found["dead"]["remark"].startswith("KernelDied: this cell ended its kernel")


def test_trained_again_from_the_notebook_alone(held_back, tmp_path):
    place = submit(tmp_path / "in", "ada", SMOOTH, RUN, RESTORE, card={"minutes": 0.0, "device": "CPU"})
    before = (place / submitted.WEIGHTS).read_bytes()
    with nothing_off():
        row = next(row for row in score.score(tmp_path / "in", held_back, retrain=True) if row["student"] == "ada")
    assert row["rank"] == 1 and row["points"] == 12 and row["weights"] == 17 * 17 * 3 + 3 and row["minutes"] < 2
    assert (place / submitted.WEIGHTS).read_bytes() == before


def test_command(held_back, tmp_path, capsys, monkeypatch):
    """With a list of what is switched off, as the instructor version has it."""
    monkeypatch.setattr(score, "switched_off", lambda notebook: ("blockcnn_helpers.filters:bilateral",))
    submit(tmp_path / "in", "bob", ALONE, AS_IT_IS)
    submit(tmp_path / "in", "carl", ALONE, BORROWED)
    assert score.main([str(tmp_path / "in"), str(held_back), "--out", str(tmp_path / "score.csv")]) == 0
    said = capsys.readouterr().out
    assert "1 of 2  bob  +0.00 dB" in said and "| (JPEG)" in said and "2 submissions" in said
    assert "2 of 2  carl  no result  SwitchedOff: bilateral of blockcnn_helpers is switched off" in said
    assert (tmp_path / "score.csv").read_text().startswith("rank,student,gain")


def test_the_instructor_version_says_what_is_switched_off():
    off = score.switched_off(new_notebook(metadata={"blockcnn": {"write_yourself": []}}))
    whole = {"networks:wide", "models:build", "weights:load_model", "restoration:restore", "restoration:deblock", "training:train"}
    assert {f"blockcnn_helpers.{name}" for name in whole} <= set(off)


def bad_inputs(held_back, tmp_path):
    inbox, empty = tmp_path / "in", tmp_path / "empty"
    submit(inbox, "bob", ALONE, AS_IT_IS)
    empty.mkdir()
    flat, coded = tmp_path / "flat", tmp_path / "coded"
    for folder, name, photo in ((flat, "grey.png", np.full((16, 16, 3), 128, np.uint8)), (coded, "one.jpg", smooth_photos(1)["secret_0"])):
        folder.mkdir()
        Image.fromarray(photo).save(folder / name)
    inside = inbox / "bob" / "photos"
    inside.mkdir()
    Image.fromarray(smooth_photos(1)["secret_0"]).save(inside / "one.png")
    return {
        "no folder": (tmp_path / "nowhere", held_back),
        "no notebook in": (empty, held_back),
        "no images in": (inbox, empty),
        "give a folder of images": (inbox, tmp_path / "nowhere"),
        "never": (inbox, coded),
        "JPEG does not change photo grey": (inbox, flat),
        "lie in one another": (inbox, inside),
    }


def test_bad_input_is_told_in_one_line(held_back, tmp_path, capsys):
    expected = bad_inputs(held_back, tmp_path)
    expected["holds JPEG files"] = expected.pop("never")
    for part, (inbox, folder) in expected.items():
        assert score.main([str(inbox), str(folder), "--out", str(tmp_path / "score.csv")]) == 2, part
        said = capsys.readouterr().err
        assert part in said and said.count("\n") == 1, said
    assert not (tmp_path / "score.csv").exists()


def test_notebooks_that_are_none(tmp_path):
    place = submit(tmp_path, "ada", ALONE)
    path = place / f"{submitted.NAME}.ipynb"
    path.write_text("{")
    with pytest.raises(submitted.Failed, match="not a notebook"):
        submitted.code_of(path)
    cell = new_code_cell("weights = '" + "a" * submitted.LONGEST + "'", outputs=[new_output("stream", text="x")], execution_count=3)
    nbformat.write(new_notebook(cells=[cell]), path)
    with pytest.raises(submitted.Failed, match="characters of code"):
        submitted.code_of(path)


def test_pictures_are_read_with_care(tmp_path):
    original = smooth_photos(1)["secret_0"]
    Image.fromarray(original).save(tmp_path / "001.png")
    assert np.array_equal(submitted.picture(tmp_path / "001.png", original), original)
    (tmp_path / "002.png").symlink_to(tmp_path / "001.png")
    (tmp_path / "003.png").write_bytes((tmp_path / "001.png").read_bytes()[:99])
    Image.fromarray(original[:8]).save(tmp_path / "004.png")
    Image.fromarray(original).convert("L").save(tmp_path / "005.png")
    wrong = {"002": "no picture", "003": "cannot be read", "004": "RGB of 8x120", "005": "L of 88x120", "006": "no picture"}
    for name, part in wrong.items():
        with pytest.raises(submitted.Failed, match=part):
            submitted.picture(tmp_path / f"{name}.png", original)


def test_weights_are_counted_from_their_file(tmp_path):
    place = submit(tmp_path, "ada", ALONE, weights=((3, 3, 4), (5,)))
    path = place / submitted.WEIGHTS
    assert submitted.count(path) == 41 and submitted.borrowed(path) == []
    assert submitted.count(images.shipped("weights", "blockcnn.weights.h5")) == 387_395
    link = tmp_path / "link.weights.h5"
    link.symlink_to(path)
    for bad, part in ((link, "is a link"), (place / f"{submitted.NAME}.ipynb", "no weights file")):
        with pytest.raises(submitted.Failed, match=part):
            submitted.count(bad)


def test_the_courses_weights_are_known_again(tmp_path):
    import h5py

    path = tmp_path / submitted.WEIGHTS
    path.write_bytes(images.shipped("weights", "blockcnn.weights.h5").read_bytes())
    rng = np.random.default_rng(0)

    def disguise(name, item):
        if isinstance(item, h5py.Dataset):
            item[...] = 0.9 * item[...] + rng.normal(0, 1e-4, item.shape)

    with h5py.File(path, "r+") as file:
        file.visititems(disguise)
    assert submitted.borrowed(path) == ["blockcnn"]
    (tmp_path / "my_network.json").write_text(json.dumps({"minutes": 1, "device": "GPU"}))
    row = {"weights": 387_395, "minutes": 1, "device": "GPU"}
    assert list(score._objections(row, path)) == ["holds the course's weights: blockcnn"]


def test_a_network_from_the_same_seed_is_not_taken_for_the_courses(tmp_path):
    """Same layers, same first weights: still not the same network."""
    import keras

    from blockcnn_helpers import models

    keras.utils.set_random_seed(0)
    network = models.build("blockcnn")
    network.save_weights(tmp_path / submitted.WEIGHTS)
    assert submitted.borrowed(tmp_path / submitted.WEIGHTS) == []
