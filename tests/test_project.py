"""The open project's network: trained once under a stopwatch, loaded afterwards, and never taken for another."""

import hashlib
import json
import time

import numpy as np
import pytest

from blockcnn_helpers import quiet
from blockcnn_helpers.classroom import project

keras = quiet.start_keras()


def build(channels=4):
    inputs = keras.Input((None, None, 3))
    return keras.Model(inputs, keras.layers.Conv2D(3, 1)(keras.layers.Conv2D(channels, 3, padding="same")(inputs)))


def train(network, minutes):
    network.set_weights([np.full_like(array, minutes) for array in network.get_weights()])


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BLOCKCNN_PROFILE", raising=False)
    monkeypatch.setattr(project, "used_device", lambda: "CPU")
    return tmp_path


def never(network, minutes):
    raise AssertionError("trained again")


def test_trained_once_then_loaded(here, capsys):
    first = project.load_or_train(build, train)
    assert sorted(path.name for path in here.iterdir()) == ["my_network.json", "my_network.weights.h5"]
    card = json.loads((here / "my_network.json").read_text())
    assert card["weights"] == first.count_params() == 127 and card["device"] == "CPU" and 0 <= card["minutes"] < 1
    assert card["sha256"] == hashlib.sha256((here / "my_network.weights.h5").read_bytes()).hexdigest()
    assert {"keras", "python"} <= set(card["versions"]) and "cores" in card["hardware"]
    assert "Training for at most 30 minutes on the CPU" in capsys.readouterr().out
    again = project.load_or_train(build, never)
    assert again is not first
    assert all((a == b).all() and (a == 30).all() for a, b in zip(first.get_weights(), again.get_weights()))
    assert "127 weights, trained in 0.0 minutes on a CPU: loaded" in capsys.readouterr().out


def test_a_long_training_shows_how_much_time_is_over(capsys):
    with project._clock(0.05):
        time.sleep(2.5)
    assert "67% of the time" in capsys.readouterr().out
    with project._clock(0.05, hidden=True):
        time.sleep(1.1)
    assert capsys.readouterr().out == ""


def test_a_name_of_its_own(here):
    project.load_or_train(build, train, name="other")
    assert {path.name for path in here.iterdir()} == {"other.weights.h5", "other.json"}


def test_less_time_on_a_gpu(monkeypatch):
    monkeypatch.setattr(project, "used_device", lambda: "GPU")
    given = []
    project.load_or_train(build, lambda network, minutes: given.append(minutes))
    assert given == [5]


def test_the_smoke_profile_trains_for_seconds_and_saves_nothing(here, monkeypatch, capsys):
    monkeypatch.setenv("BLOCKCNN_PROFILE", "smoke")
    given = []
    project.load_or_train(build, lambda network, minutes: given.append(minutes))
    assert given == [project.SMOKE] and list(here.iterdir()) == [] and "nothing is saved" in capsys.readouterr().out


def test_where_nothing_is_trained(monkeypatch):
    monkeypatch.setenv(project.TRAINING, "never")
    with pytest.raises(FileNotFoundError, match=r"my_network\.weights\.h5 was not handed in"):
        project.load_or_train(build, never)
    monkeypatch.delenv(project.TRAINING)
    project.load_or_train(build, train)
    monkeypatch.setenv(project.TRAINING, "never")
    assert project.load_or_train(build, never).count_params() == 127


def test_over_the_budget_of_weights_before_any_training(here):
    with pytest.raises(ValueError, match="620,003 weights are 220,003 over the budget of 400,000"):
        project.load_or_train(lambda: build(channels=20_000), never)
    assert list(here.iterdir()) == []


def test_over_the_budget_of_time_is_told(monkeypatch, capsys):
    monkeypatch.setitem(project.MINUTES, "CPU", 1e-9)
    project.load_or_train(build, train)
    assert "over the budget of 1e-09: it gets no rank" in capsys.readouterr().out


def test_an_interrupted_training_leaves_nothing(here):
    def interrupted(network, minutes):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project.load_or_train(build, interrupted)
    assert list(here.iterdir()) == []


def test_files_that_do_not_belong_together(here, capsys):
    project.load_or_train(build, train)
    with pytest.raises(ValueError, match=r"holds weights of another network than build\(\) makes"):
        project.load_or_train(lambda: build(channels=5), never)
    with open(here / "my_network.weights.h5", "ab") as file:
        file.write(b"x")
    with pytest.raises(ValueError, match=r"is not the file that my_network\.json tells of"):
        project.load_or_train(build, never)
    (here / "my_network.json").unlink()
    project.load_or_train(build, never)
    assert "no my_network.json says how it was trained: it gets no rank" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{", '{"minutes": "3", "device": "CPU"}', '{"minutes": 1, "device": "abacus"}', "[" * 9999])
def test_cards_that_tell_nothing(here, text):
    (here / "my_network.json").write_text(text)
    card = project.read_card(here / "my_network.weights.h5")
    assert "minutes" not in card and "device" not in card


def test_blank_functions_are_told_as_such():
    def blank():
        raise NotImplementedError("not written yet")

    with pytest.raises(NotImplementedError):
        project.load_or_train(blank, never)


def test_points_at_the_steps():
    assert [project.points(gain, 0.9) for gain in (-1, 0.299, 0.3, 0.599, 0.6, 0.9, 0.901)] == [0, 0, 4, 4, 8, 8, 12]
