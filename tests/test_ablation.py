"""The ablation: networks that differ in one thing, trained alike, measured alike; nothing of another run slips in."""

import json

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import __main__ as command_line
from blockcnn_helpers import ablation, images, jpeg, metrics, projection, quiet, recipe, restoration
from blockcnn_helpers.filters import bilateral

keras = quiet.start_keras()
from blockcnn_helpers import models  # noqa: E402

TINY = {"channels": 8, "width": 8}
ROWS = (
    ("JPEG", None, ("nothing",)),
    ("filter", None, ("projection",)),
    ("small", "blockcnn", ()),
    ("last", "wide", ("unaveraged",)),
    ("mean of four", "wide", ("projection", "ensemble")),
)


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Two tiny networks, a folder of two photos to train on, two others to judge by."""
    wide = recipe.RECIPES["wide"]
    chosen = {
        "blockcnn": ("blockcnn", wide | {"options": TINY, "name": "blockcnn"}),
        "wide": ("wide", wide | {"options": TINY | {"blocks": 8, "told": True}, "name": "wide"}),
    }
    cat = images.course_photos()["chelsea"]
    monkeypatch.setattr(ablation, "variants", lambda: chosen)
    monkeypatch.setattr(ablation, "ROWS", ROWS)
    monkeypatch.setattr(ablation, "PHOTO", (48, 64))
    monkeypatch.setattr(ablation, "judges", lambda name: {"left": cat[:64, :72], "right": cat[64:128, 72:144]})
    (tmp_path / "in").mkdir()
    for number in range(2):
        Image.fromarray(cat[100 * number :][:96, 200:300]).save(tmp_path / "in" / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ablate(capsys):
    def call(*arguments):
        code = command_line.main(["ablate", *arguments, "--profile", "smoke"])
        return code, *capsys.readouterr()

    return call


def test_the_command_trains_measures_and_prints_a_table(small, ablate):
    code, out, err = ablate("in", "--steps", "2", "--json", "found.json")
    assert (code, err) == (0, "")
    report = json.loads((small / "found.json").read_text())
    assert out == ablation.table(report["rows"]) + "\n"
    assert [row["row"] for row in report["rows"]] == ["JPEG", "filter", "small", "mean of four"], "no validation photos, no last weights"
    assert report["command"] == "blockcnn ablate in --steps 2 --profile smoke" and report["judged_on"] == ["left", "right"]
    assert report["training"]["images"] == "in" and report["training"]["photos"] == 2
    first, filtered, network, four = report["rows"]
    assert set(first["gain"].values()) == {0.0} and first["weights"] is first["multiply_adds"] is first["training"] is None
    assert network["weights"] == json.loads((small / "ablation" / "blockcnn.json").read_text())["weights"]
    assert network["training"]["steps"] == 2 and four["multiply_adds"] == round(4 * models.multiply_adds(tiny_wide()))
    assert all(row["seconds"] > 0 for row in (filtered, network, four))
    before = {path.name: path.read_bytes() for path in (small / "ablation").iterdir()}
    assert sorted(before) == ["blockcnn.json", "blockcnn.weights.h5", "wide.json", "wide.weights.h5"]
    code, _, err = ablate("in", "--steps", "2", "--json", "found.json")
    assert code == 1 and "found.json is there already" in err
    assert ablate("in", "--steps", "2", "--json", "found.json", "--force")[0] == 0
    assert {path.name: path.read_bytes() for path in (small / "ablation").iterdir()} == before, "what is trained is not trained again"
    for more, reason in ((["--steps", "3"], "steps 2 there, 3 here"), (["--steps", "2", "--seed", "1"], "seed 0 there, 1 here")):
        code, _, err = ablate("in", *more)
        assert code == 1 and reason in err and "choose another folder with -o" in err


def tiny_wide():
    return models.build("wide", **TINY, blocks=8, told=True)


def test_some_networks_alone_are_trained_without_a_table(small, ablate):
    code, out, err = ablate("in", "--steps", "1", "--only", "wide")
    assert (code, out, err) == (0, "", "")
    assert sorted(path.name for path in (small / "ablation").iterdir()) == ["wide.json", "wide.weights.h5"]


def test_what_there_is_not_is_named(small, ablate):
    code, _, err = ablate("in", "--only", "wide", "deep")
    assert code == 1 and "deep: the networks are blockcnn, wide" in err
    code, _, err = ablate("kodak24")
    assert code == 1 and "never trained on" in err
    assert sorted(path.name for path in small.iterdir()) == ["in"]


def test_gains_are_means_over_photos_at_each_quality(small):
    recipe_of = {key: ablation.variants()[key] for key in ("blockcnn", "wide")}
    for key, (model, variant) in recipe_of.items():
        recipe.train(small / f"{key}.weights.h5", "in", model=model, variant=variant, profile="smoke", steps=1)
        notes = json.loads((small / f"{key}.json").read_text())
        notes["history"][-1]["unaveraged"] = {str(quality): 0.125 for quality in ablation.QUALITIES}
        (small / f"{key}.json").write_text(json.dumps(notes))
    judges = ablation.judges("in")
    rows = {row["row"]: row for row in ablation.measure(small, judges)}
    assert rows["last"]["gain"] == {"10": 0.125, "25": 0.125, "40": 0.125, "80": 0.125}, "what training found"
    by_hand = []
    for clean in judges.values():
        data = jpeg.encode(clean, 40)
        repaired = np.rint(projection.project(bilateral(jpeg.decode(data)), data)).clip(0, 255).astype(np.uint8)
        by_hand.append(metrics.psnr(clean, repaired) - metrics.psnr(clean, jpeg.decode(data)))
    assert rows["filter"]["gain"]["40"] == pytest.approx(np.mean(by_hand), abs=1e-3)


@pytest.mark.parametrize("told", [False, True])
def test_a_network_is_told_projected_and_averaged_as_its_row_says(told):
    keras.utils.set_random_seed(7)
    network, rng = models.build("wide", **TINY, blocks=8, told=told), np.random.default_rng(7)
    network.set_weights([weights + rng.normal(0, 0.05, weights.shape) for weights in network.get_weights()])
    data = jpeg.encode(images.course_photos()["coffee"][:72, :88], 30)
    decoded, quality = jpeg.decode(data), {"quality": 30} if told else {}
    plain = restoration.restore(decoded, network, **quality)
    assert np.array_equal(ablation.repairer(network)(data), plain)
    assert told is not np.array_equal(plain, restoration.restore(decoded, network)), "told nothing, it takes it for a clean photo"
    free = restoration.restore(decoded, network, rounded=False, **quality)
    projected = ablation.repairer(network, ("projection",))(data)
    want = np.rint(projection.project(255 * free, data)).clip(0, 255)
    assert np.abs(projected - want).max() <= 1 and (projected != want).mean() < 1e-3 and not np.array_equal(projected, plain)
    four = ablation.repairer(network, ("ensemble",))(data)
    assert np.array_equal(four, restoration.restore(decoded, network, ensemble=True, **quality)) and not np.array_equal(four, plain)


def test_without_a_network_it_is_the_filter_or_nothing():
    data = jpeg.encode(images.course_photos()["coffee"][:40, :48], 20)
    assert np.array_equal(ablation.repairer(None, ("nothing",))(data), jpeg.decode(data))
    assert np.array_equal(ablation.repairer(None)(data), bilateral(jpeg.decode(data)))


def test_every_row_names_a_network_that_is_trained():
    variants = ablation.variants()
    assert {key for _, key, _ in ablation.ROWS} - {None} == set(variants)
    assert all(settings["name"] == name for name, (_, settings) in variants.items())
    assert len({row for row, *_ in ablation.ROWS}) == len(ablation.ROWS)
    differ = {"name", "options", "training"}
    alike = [{key: value for key, value in settings.items() if key not in differ} for _, settings in variants.values()]
    assert all(settings == alike[0] for settings in alike), "the same pairs for all"


def test_it_is_judged_on_photos_that_are_for_choosing(bsds500):
    judges = ablation.judges("bsds500")
    assert len(judges) == 20 and set(judges) <= {path.stem for path in (bsds500 / "val").iterdir()}
    assert set(ablation.judges("bundled")) == set(images.COURSE)
