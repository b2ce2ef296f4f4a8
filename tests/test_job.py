"""The whole job and the training command's weights, on small photos."""

import json

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import images, job, patches, recipe


@pytest.fixture
def folder(tmp_path):
    """Seven small photos."""
    photos = tmp_path / "photos"
    photos.mkdir()
    chelsea = images.course_photos()["chelsea"]
    for k in range(7):
        Image.fromarray(chelsea[32 * k : 32 * k + 40, 100:157]).save(photos / f"{k}.png")
    return photos


def test_the_whole_job_leaves_pairs_weights_pictures_and_a_table(tmp_path, folder):
    output = tmp_path / "output"
    table = job.run(folder, quality=20, profile="smoke", comparison=True, output=output)
    assert patches.load(output / "pairs")[2]["images"][0]["quality"] == 20
    sides = {side: sorted(path.name for path in (output / side).iterdir()) for side in ("train", "test")}
    assert [len(names) for names in sides.values()] == [12, 2]  # six and one, each with its comparison
    test = sides["test"][0].removesuffix(".png")
    assert test not in {name.removesuffix(".png") for name in sides["train"]}
    assert Image.open(output / "test" / f"{test}.png").size == (57, 40)
    assert Image.open(output / "test" / f"{test}_comparison.png").size == (3 * 57 + 2 * 8, 40)
    assert table.index("| JPEG") < table.index("| Bilateral") < table.index("| BlockCNN") and "mean of 6" in table and "mean of 1" in table
    rows = json.loads((output / "results.json").read_text())["test"]
    repaired = np.asarray(Image.open(output / "test" / f"{test}.png"))
    from blockcnn_helpers import metrics

    assert rows[2]["psnr"] == pytest.approx(metrics.psnr(images.read(folder / f"{test}.png"), repaired))
    with pytest.raises(FileExistsError, match="finished run"):
        job.run(folder, quality=20, profile="smoke", output=output)
    (output / "results.json").unlink()
    with pytest.raises(FileExistsError, match=r"another run .*quality 20"):
        job.run(folder, quality=30, profile="smoke", output=output)
    before = (output / "blockcnn.weights.h5").read_bytes()
    again = job.run(folder, quality=20, profile="smoke", output=output)
    assert again == table and (output / "blockcnn.weights.h5").read_bytes() == before  # what was done is not done again


def test_a_folder_with_other_things_is_not_written_to(tmp_path, folder):
    with pytest.raises(FileExistsError, match="other things"):
        job.run(folder, profile="smoke", output=folder, force=True)
    assert len(list(folder.iterdir())) == 7


def test_the_same_picture_twice_is_refused(folder):
    for k in range(7):
        (folder / f"copy{k}.png").write_bytes((folder / f"{k}.png").read_bytes())
    with pytest.raises(ValueError, match="same picture"):
        job.divide(folder)


def test_bundled_photos_are_divided_without_overlap():
    sides = job.divide("bundled")
    assert list(sides["test"]) == list(images.COURSE) and len(sides["train"]) > 20
    assert not images.overlap(sides["train"], sides["test"])


def test_kodak_is_never_trained_on():
    with pytest.raises(ValueError, match="never trained on"):
        recipe.training_images("kodak24")


def test_weights_come_with_notes(tmp_path, folder):
    from blockcnn_helpers import restoration

    output = tmp_path / "mine.weights.h5"
    notes = recipe.train(output, folder, profile="smoke", steps=3, qualities=(15, 20))
    beside = json.loads((tmp_path / "mine.json").read_text())
    assert beside == json.loads(json.dumps(notes)) and beside["qualities"] == [15, 20] and beside["history"][-1]["step"] == 3
    assert beside["sha256"] == restoration.find_weights(weights=output)[1]
    assert output.stat().st_size < 1.7e6  # no optimiser inside
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json", "mine.weights.h5", "photos"]
    with pytest.raises(FileExistsError, match="--force"):
        recipe.train(output, folder, profile="smoke", steps=3)
    with pytest.raises(ValueError, match=r"ends in \.weights\.h5, got mine\.h5"):
        recipe.train(tmp_path / "mine.h5", folder)


def test_the_same_seed_trains_the_same_network(tmp_path, folder):
    runs = [recipe.train(tmp_path / f"{k}.weights.h5", folder, profile="smoke", steps=4, seed=k // 2) for k in range(3)]
    losses = [run["history"][-1]["loss"] for run in runs]
    assert losses[0] == pytest.approx(losses[1], abs=1e-3) and losses[2] != losses[0]


def test_the_wide_network_has_a_recipe_of_its_own(tmp_path, folder):
    from blockcnn_helpers import restoration

    output = tmp_path / "wide.weights.h5"
    notes = recipe.train(output, folder, profile="smoke", steps=2, model="wide")
    assert notes["command"] == "blockcnn train --model wide --profile smoke --steps 2 --rate 0.002 --seed 0 --quality 5 95 --images photos"
    assert notes["optimiser"] == "muon" and notes["size"] == 48 and notes["qualities"] == [5, 95]
    assert (notes["loss"], notes["average"]) == ("rmse", 0.999) and "options" not in notes
    assert restoration.network_of(output) == "wide"
    assert restoration.load_model("wide", output).name == "wide"
    with pytest.raises(ValueError, match="holds no weights for blockcnn"):
        restoration.load_model("blockcnn", output)
    with pytest.raises(ValueError, match="recipes for blockcnn and wide, got 'paper'"):
        recipe.train(tmp_path / "paper.weights.h5", folder, model="paper")


def test_a_variant_replaces_parts_of_a_recipe(tmp_path, folder):
    from blockcnn_helpers import restoration

    output, small = tmp_path / "told.weights.h5", {"channels": 8, "width": 8, "blocks": 8, "told": True}
    variant = {"name": "told", "options": small, "training": {"optimiser": "adam", "loss": "l1"}, "qualities": (20, 30)}
    notes = recipe.train(output, folder, profile="smoke", steps=2, model="wide", variant=variant)
    assert notes["command"] == "blockcnn ablate --only told" and notes["options"] == small
    assert (notes["optimiser"], notes["loss"], notes["qualities"]) == ("adam", "l1", [20, 30]) and "average" not in notes
    loaded = restoration.load_model("wide", output)
    assert loaded.input_shape[-1] == 4 and loaded.count_params() == notes["weights"], "its notes say how to build it"


def test_the_precision_is_the_profiles_unless_another_is_asked_for(tmp_path, folder):
    from blockcnn_helpers import restoration

    plain = recipe.train(tmp_path / "plain.weights.h5", folder, profile="smoke", steps=1)
    mixed = recipe.train(tmp_path / "mixed.weights.h5", folder, profile="smoke", steps=1, precision="mixed_bfloat16")
    assert plain["precision"] == "float32" and "--precision" not in plain["command"]
    assert mixed["precision"] == "mixed_bfloat16" and "--precision mixed_bfloat16 --images" in mixed["command"]
    assert {weight.dtype for weight in restoration.load_model(weights=tmp_path / "mixed.weights.h5").weights} == {"float32"}


def test_a_command_repeats_a_run_from_notes(tmp_path, folder, monkeypatch):
    """What the notes quote as the command is read by the command line as what was done."""
    from blockcnn_helpers import __main__ as command_line

    notes = recipe.train(tmp_path / "a.weights.h5", folder, profile="smoke", steps=1, rate=1e-3, model="wide", precision="mixed_bfloat16")
    asked = vars(command_line.parser().parse_args(notes["command"].split()[1:]))
    for key in ("model", "profile", "steps", "rate", "seed", "precision"):
        assert asked[key] == notes[key], key
    assert asked["quality"] == notes["qualities"] and asked["images"] == notes["images"] == "photos"


def test_a_wide_range_is_drawn_as_it_says():
    spread = recipe.spread(5, 95)
    share = {
        name: np.mean([test(quality) for quality in spread])
        for name, test in {
            "coarse": lambda q: q is not None and q <= 50,
            "fine": lambda q: q is not None and q > 50,
            "none": lambda q: q is None,
        }.items()
    }
    assert 0.7 < share["coarse"] < 0.75 and 0.2 < share["fine"] < 0.25 and 0.04 < share["none"] < 0.05
    assert recipe.spread(60, 62) == [60, 61, 62] and recipe.spread(10, 40) == list(range(10, 41))


@pytest.mark.full
def test_a_network_trained_in_minutes_beats_jpeg_on_each_photo_and_the_filter_on_the_mean(tmp_path, monkeypatch):
    monkeypatch.delenv("BLOCKCNN_PROFILE", raising=False)
    job.run("bundled", quality=25, profile="cpu", output=tmp_path / "output")
    rows = json.loads((tmp_path / "output" / "results.json").read_text())["test"]
    psnr = {method: np.array([row["psnr"] for row in rows if row["method"] == method]) for method in ("JPEG", "Bilateral", "BlockCNN")}
    assert len(psnr["JPEG"]) == len(images.COURSE)
    assert (psnr["BlockCNN"] > psnr["JPEG"]).all() and psnr["BlockCNN"].mean() > psnr["Bilateral"].mean()
