"""Methods by name: what they are called, what they see, and the program that may be missing or fail."""

import os

import numpy as np
import pytest

from blockcnn_helpers import __main__ as command_line
from blockcnn_helpers import images, jpeg, methods, metrics, restoration

posix = pytest.mark.skipif(os.name == "nt", reason="a script that stands in for the program")


@pytest.fixture(scope="module")
def cat():
    return images.course_photos()["chelsea"][100:200, 120:240]  # its right and lower blocks are cut


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a script called jpegqs first on PATH; `None` takes every program from it."""

    def place(script):
        folder = tmp_path / "bin"
        folder.mkdir()
        if script is None:
            monkeypatch.setenv("PATH", str(folder))
            return
        (folder / "jpegqs").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "jpegqs").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return place


def run(steps, data):
    first, last = steps if isinstance(steps, tuple) else (steps, lambda image, _: image)
    return last(first(jpeg.decode(data)), data)


# --- names ------------------------------------------------------------------------------------------------------------


def test_methods_come_in_the_order_of_the_table():
    assert methods.choose(["Wide", "TV", "Wide"]) == ("JPEG", "TV", "Wide")
    assert methods.choose() == methods.USUAL == ("JPEG", "Bilateral", "BlockCNN", "Wide+")
    assert set(methods.choose(["all"])) | {"jpegqs"} == set(methods.NAMES)


def test_an_unknown_method_is_told_the_known_ones():
    with pytest.raises(ValueError, match=r"no method wide, SwinIR; the methods are JPEG, .*Wide\+x4, or all"):
        methods.choose(["TV", "wide", "SwinIR"])


def test_the_command_line_knows_the_same_names(capsys):
    assert command_line.parser().parse_args(["evaluate", "somewhere"]).methods == list(methods.USUAL)
    with pytest.raises(SystemExit):
        command_line.main(["evaluate", "--help"])
    assert ", ".join(methods.NAMES) in " ".join(capsys.readouterr().out.split())


@posix
def test_without_jpegqs_all_is_all_the_others(stand_in):
    stand_in(None)
    assert methods.choose(["all"]) == tuple(name for name in methods.NAMES if name != "jpegqs")
    with pytest.raises(FileNotFoundError, match="jpegqs is not here: install it"):
        methods.choose(["all", "jpegqs"])


# --- what they do -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [10, 80])
def test_networks_do_what_deblock_does(cat, quality):
    """`photo` is what the command deblock makes of the same file."""
    data = jpeg.encode(cat, quality)
    built = methods.build(["BlockCNN", "BlockCNN+", "Wide", "Wide+", "Wide+x4"])
    decoded = jpeg.decode(data)
    for name, network in (("BlockCNN", "blockcnn"), ("Wide", "wide")):
        model = restoration.load_model(network)
        assert np.array_equal(run(built[name], data), restoration.restore(decoded, model))
        photo = restoration.restore(decoded, model, file=data)
        assert_same_but_for_rounding(run(built[f"{name}+"], data), photo)
        assert quality < 80 or not np.array_equal(photo, restoration.restore(decoded, model)), "the file had something to say"
    four = restoration.restore(decoded, restoration.load_model("wide"), file=data, ensemble=True)
    assert_same_but_for_rounding(run(built["Wide+x4"], data), four)


def assert_same_but_for_rounding(image, other):
    apart = np.abs(image.astype(int) - other)
    assert apart.max() <= 1 and (apart > 0).mean() < 1e-3


def test_a_network_is_one_function_in_all_its_methods():
    built = methods.build(["BlockCNN", "BlockCNN+"])
    assert built["BlockCNN"][0] is built["BlockCNN+"][0] and list(built) == ["JPEG", "BlockCNN", "BlockCNN+"]


def test_projection_helps_a_filter_at_high_quality(cat):
    data = jpeg.encode(cat, 90)
    built = methods.build(["Bilateral", "Bilateral+"])
    assert metrics.psnr(cat, run(built["Bilateral+"], data)) > metrics.psnr(cat, run(built["Bilateral"], data)) + 1


def test_weights_of_ones_own_are_used_and_named(tmp_path, cat):
    from blockcnn_helpers import models

    untrained = tmp_path / "own.weights.h5"
    models.build("blockcnn").save_weights(untrained)
    data = jpeg.encode(cat, 10)
    built = methods.build(["BlockCNN"], {"blockcnn": untrained})
    assert np.array_equal(run(built["BlockCNN"], data), jpeg.decode(data))
    used = methods.weights_of(["JPEG", "Wide+", "BlockCNN", "yours"], {"blockcnn": untrained})
    assert used["blockcnn"] == {"file": "own.weights.h5", "sha256": restoration.find_weights(weights=untrained)[1]}
    assert used["wide"] == {"file": "wide.weights.h5", "sha256": restoration.find_weights("wide")[1]}
    assert methods.weights_of(["JPEG", "TV"]) == {}


# --- jpegqs -----------------------------------------------------------------------------------------------------------


def test_jpegqs_smooths_a_file(cat):
    if not methods.program():
        pytest.skip("jpegqs is not installed")
    data = jpeg.encode(cat, 10)
    smooth = run(methods.build(["jpegqs"])["jpegqs"], data)
    assert smooth.shape == cat.shape and smooth.dtype == np.uint8
    assert metrics.blockiness(smooth) < metrics.blockiness(jpeg.decode(data))
    assert metrics.psnr(cat, smooth) > metrics.psnr(cat, jpeg.decode(data)) + 0.2
    assert methods.program_version()[0].isdigit()


@posix
@pytest.mark.parametrize(
    "script, said",
    [
        ("echo no memory >&2; exit 4", r"jpegqs has failed \(exit code 4\): no memory"),
        ("exit 0", r"jpegqs has failed \(exit code 0\): it says nothing"),
        ("exec sleep 60", "jpegqs was stopped after 0.3 s"),
    ],
    ids=["fails", "writes nothing", "hangs"],
)
def test_a_jpegqs_that_fails_is_an_error(stand_in, monkeypatch, cat, script, said):
    stand_in(script)
    monkeypatch.setattr(methods, "TIMEOUT", 0.3)
    with pytest.raises(OSError, match=said):
        methods.jpegqs(cat, jpeg.encode(cat, 10))


@posix
def test_jpegqs_gets_its_best_setting_and_the_file(stand_in, tmp_path, cat):
    stand_in(f'echo "$@" > {tmp_path}/asked; for last; do :; done; cp "$5" "$last"')
    data = jpeg.encode(cat, 10)
    assert np.array_equal(methods.jpegqs(None, data), jpeg.decode(data))
    assert (tmp_path / "asked").read_text().startswith("--quality 6 --info 0 ")
