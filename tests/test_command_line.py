"""The commands as a user meets them: results, one-line errors, exit codes, nothing half-written."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import __main__ as command_line
from blockcnn_helpers import __version__, images, jpeg, methods, metrics, photos, restoration


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A weights file as training would leave it; untrained, so that a repaired photo is the photo itself."""
    from blockcnn_helpers.quiet import start_keras

    start_keras()
    from blockcnn_helpers import models

    path = tmp_path_factory.mktemp("weights") / "own.weights.h5"
    models.build("blockcnn").save_weights(path)
    return str(path)


@pytest.fixture
def blockcnn(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder; return its exit code and what it wrote to the terminal."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        try:
            code = command_line.main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse
            code = stop.code
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


def jpeg_file(path, size=(40, 56), quality=10, **options):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(images.course_photos()["coffee"][: size[0], : size[1]]).save(path, "JPEG", quality=quality, **options)
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# Help and wrong calls


@pytest.mark.parametrize("command", ["", "deblock", "run", "create-data", "train", "ablate", "evaluate", "doctor"])
def test_help_teaches_by_examples(blockcnn, command):
    code, out, _ = blockcnn(*command.split(), "--help")
    assert code == 0 and f"usage: blockcnn {command}".strip() in out
    assert command == "doctor" or "examples:" in out
    assert all(len(line) < 140 for line in out.splitlines())


def test_version(blockcnn):
    assert blockcnn("--version")[:2] == (0, f"blockcnn {__version__}\n")


@pytest.mark.parametrize(
    "arguments, reason",
    [
        ("", "COMMAND"),
        ("repair a.jpg", "invalid choice"),
        ("deblock", "FILE"),
        ("evaluate bundled --quality 0", "a whole number from 1 to 100, got '0'"),
        ("evaluate bundled --quality 10 101", "a whole number from 1 to 100, got '101'"),
        ("run --quality 2.5", "got '2.5'"),
        ("create-data --quality best", "got 'best'"),
        ("run --profile fast", "fast"),
        ("deblock a.jpg --strength 2", "a strength lies between 0 and 1, got '2'"),
        ("deblock a.jpg --strength much", "got 'much'"),
        ("deblock a.jpg --model resnet", "resnet"),
        ("train --rate 1.5", "a learning rate lies between 0 and 1, got '1.5'"),
        ("ablate --precision float8", "float8"),
    ],
)
def test_wrong_calls_get_one_line_and_exit_code_2(blockcnn, arguments, reason):
    code, out, err = blockcnn(*arguments.split())
    assert code == 2 and out == "" and reason in err
    assert err.startswith("blockcnn: error: ") and err.count("\n") == 1 and "--help" in err


# deblock


def test_one_png_for_each_file_of_the_same_name_and_size(blockcnn, tmp_path, weights):
    paths = [jpeg_file(tmp_path / "in" / name, size) for name, size in (("a.jpg", (40, 56)), ("b.c.jpeg", (7, 5)), ("d e", (1, 1)))]
    code, out, err = blockcnn("deblock", *paths, "-o", "out", "--weights", weights)
    assert (code, err) == (0, "") and names(tmp_path / "out") == ["a.png", "b.c.png", "d e.png"]
    for path in paths:
        with Image.open(path) as before, Image.open(tmp_path / "out" / f"{path.stem}.png") as after:
            assert after.format == "PNG" and np.array_equal(np.asarray(before), np.asarray(after))
    assert out.count("\n") == 3


def test_a_folder_stands_for_the_photos_in_it(blockcnn, tmp_path, weights):
    for name in ("b.jpg", "a.JPG", "notes.txt"):
        jpeg_file(tmp_path / "in" / name)
    assert blockcnn("deblock", "in", "in/a.JPG", "--weights", weights)[0] == 0
    assert names(tmp_path / "deblocked") == ["a.png", "b.png"]


def test_bad_files_are_named_at_the_end_and_stop_none_of_the_others(blockcnn, tmp_path, weights):
    good = jpeg_file(tmp_path / "in" / "good.jpg")
    (tmp_path / "in" / "half.jpg").write_bytes(good.read_bytes()[:400])
    (tmp_path / "in" / "empty.jpg").write_bytes(b"")
    (tmp_path / "in" / "text.jpg").write_text("Dear all,")
    bad = [f"in/{name}.jpg" for name in ("half", "empty", "text", "gone")]
    code, out, err = blockcnn("deblock", *bad[:2], "in/good.jpg", *bad[2:], "-o", "out", "--weights", weights)
    assert code == 1 and names(tmp_path / "out") == ["good.png"] and "good.png" in out
    lines = err.splitlines()
    assert len(lines) == 5 and all(line.startswith("blockcnn: error: ") for line in lines)
    for line, path, reason in zip(lines, bad, ("cut off or damaged", "empty", "not an image", "No such file")):
        assert path in line.replace(os.sep, "/") and reason in line
    assert all(path in lines[-1].replace(os.sep, "/") for path in bad) and "4 of 5 not repaired" in lines[-1]


def test_libtiffs_own_remarks_are_kept_from_the_user(tmp_path, capfd):
    Image.fromarray(images.course_photos()["coffee"]).save(tmp_path / "a.tif", compression="tiff_lzw")
    data = bytearray((tmp_path / "a.tif").read_bytes())
    data[3000:3100] = bytes(100)
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(ValueError, match="cut off or damaged"):
        photos.read_photo(tmp_path / "a.tif")
    assert capfd.readouterr().err == ""


def test_if_nothing_can_be_done_nothing_is_left(blockcnn, tmp_path, weights):
    assert blockcnn("deblock", "gone.jpg", "--weights", weights)[0] == 1
    assert blockcnn("deblock", "gone.jpg", "--weights", "gone.weights.h5")[0] == 1
    assert names(tmp_path) == []


def test_two_inputs_with_one_output_name_are_refused_before_any_work(blockcnn, tmp_path):
    one, two = jpeg_file(tmp_path / "one" / "a.jpg"), jpeg_file(tmp_path / "two" / "A.jpeg")
    code, _, err = blockcnn("deblock", jpeg_file(tmp_path / "first.jpg"), one, two, "-o", "out")
    assert code == 1 and str(one) in err and str(two) in err and err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten_without_force(blockcnn, tmp_path, weights):
    jpeg_file(tmp_path / "a.jpg")
    jpeg_file(tmp_path / "b.jpg")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").write_bytes(b"mine")
    code, _, err = blockcnn("deblock", "a.jpg", "b.jpg", "-o", "out", "--weights", weights)
    assert code == 1 and "a.png is there already" in err and (tmp_path / "out" / "a.png").read_bytes() == b"mine"
    assert names(tmp_path / "out") == ["a.png", "b.png"], "the other one is done"
    assert blockcnn("deblock", "a.jpg", "b.jpg", "-o", "out", "--weights", weights, "--force")[0] == 0
    assert photos.read_photo(tmp_path / "out" / "a.png").image.shape == (40, 56, 3)


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_the_input_itself_is_never_overwritten(blockcnn, tmp_path, weights, force):
    path = tmp_path / "a.png"
    Image.fromarray(images.course_photos()["coffee"][:16, :16]).save(path)
    before = path.read_bytes()
    code, _, err = blockcnn("deblock", "a.png", "-o", ".", "--weights", weights, *force)
    assert code == 1 and "is the input itself" in err and path.read_bytes() == before


@pytest.mark.parametrize(
    "output", ["file", "file/deeper", pytest.param("/proc/nowhere", marks=pytest.mark.skipif(os.name == "nt", reason="POSIX"))]
)
def test_a_folder_that_takes_no_files_is_named_before_any_work(blockcnn, tmp_path, weights, output):
    jpeg_file(tmp_path / "a.jpg")
    (tmp_path / "file").write_text("in the way")
    code, _, err = blockcnn("deblock", "a.jpg", "-o", output, "--weights", weights)
    assert code == 1 and f"can't write to the folder {output}" in err and err.count("\n") == 1
    assert (tmp_path / "file").read_text() == "in the way"


def test_folders_without_photos_and_weights_with_a_wrong_hash(blockcnn, tmp_path, weights):
    (tmp_path / "empty").mkdir()
    code, _, err = blockcnn("deblock", "empty", "--weights", weights)
    assert code == 1 and "no images in empty" in err
    jpeg_file(tmp_path / "a.jpg")
    (tmp_path / "w.weights.h5").write_bytes(b"something")
    (tmp_path / "w.json").write_text(json.dumps({"sha256": "f" * 64}))
    code, _, err = blockcnn("deblock", "a.jpg", "--weights", "w.weights.h5")
    assert code == 1 and "w.json says ffffffffffff" in err and err.count("\n") == 1
    assert names(tmp_path) == ["a.jpg", "empty", "w.json", "w.weights.h5"]


def test_ctrl_c_leaves_whole_files_only_and_says_how_to_go_on(blockcnn, tmp_path, weights, monkeypatch):
    for name in "abc":
        jpeg_file(tmp_path / f"{name}.jpg")
    save, calls = Image.Image.save, []

    def interrupted(self, file, *rest, **options):
        calls.append(file)
        if len(calls) == 2:
            file.write(b"half a picture")
            raise KeyboardInterrupt
        save(self, file, *rest, **options)

    monkeypatch.setattr(Image.Image, "save", interrupted)
    code, _, err = blockcnn("deblock", "a.jpg", "b.jpg", "c.jpg", "-o", "out", "--weights", weights)
    assert code == 130 and names(tmp_path / "out") == ["a.png"]
    assert "1 of 3 photos are done: the same command goes on" in err and err.count("\n") == 1


def test_notes_say_what_was_changed(blockcnn, tmp_path, weights):
    Image.open(jpeg_file(tmp_path / "a.jpg")).convert("CMYK").save(tmp_path / "inks.jpg")
    code, out, _ = blockcnn("deblock", "inks.jpg", "--weights", weights)
    assert code == 0 and "CMYK converted to sRGB (it has no ICC profile)" in out


def test_photos_that_blockcnn_smooths_are_named_and_the_wide_network_smooths_none(blockcnn, tmp_path):
    for quality in (40, 90):
        jpeg_file(tmp_path / f"{quality}.jpg", quality=quality)
    Image.open(tmp_path / "90.jpg").save(tmp_path / "any.png")
    call = ["deblock", "40.jpg", "90.jpg", "any.png"]
    lines = blockcnn(*call, "--model", "blockcnn")[1].splitlines()
    assert "quality" not in lines[0] and "its JPEG quality is about 90: above 70" in lines[1] and "no JPEG file" in lines[2]
    assert all(line.endswith(".png") for line in blockcnn(*call, "-o", "wide")[1].splitlines())


def test_the_network_is_the_wide_one_unless_another_is_asked_for(blockcnn, tmp_path, weights):
    data = jpeg_file(tmp_path / "a.jpg").read_bytes()
    options = {"default": [], "wide": ["--model", "wide"], "blockcnn": ["--model", "blockcnn"], "own": ["--weights", weights]}
    for name, more in options.items():
        assert blockcnn("deblock", "a.jpg", "-o", name, *more)[0] == 0
    made = {folder: images.read(tmp_path / folder / "a.png") for folder in ("default", "wide", "blockcnn", "own")}
    decoded = jpeg.decode(data)
    assert np.array_equal(made["default"], made["wide"]) and np.array_equal(made["own"], decoded)
    assert np.array_equal(made["wide"], restoration.deblock(decoded, file=data))
    assert np.array_equal(made["blockcnn"], restoration.restore(decoded, file=data))
    assert not np.array_equal(made["blockcnn"], made["wide"])


def test_weights_of_another_network_are_refused_by_name(blockcnn, tmp_path, weights):
    jpeg_file(tmp_path / "a.jpg")
    code, _, err = blockcnn("deblock", "a.jpg", "--weights", weights, "--model", "wide")
    assert code == 1 and "holds no weights for wide (--model chooses)" in err and names(tmp_path) == ["a.jpg"]


# evaluate, create-data


def test_evaluate_prints_a_table_and_writes_json(blockcnn, tmp_path, weights):
    for name in images.COURSE[:2]:
        (tmp_path / "in").mkdir(exist_ok=True)
        Image.fromarray(images.course_photos()[name][:48, :64]).save(tmp_path / "in" / f"{name}.png")
    call = ["evaluate", "in", "--quality", "10", "40", "--weights", weights]
    code, out, err = blockcnn(*call, "--json", "out.json")
    assert (code, err) == (0, "") and out.index("quality 10") < out.index("| JPEG") < out.index("Bilateral") < out.index("BlockCNN")
    assert out.index("BlockCNN") < out.index("Wide+") and "Y PSNR" not in out
    report = json.loads((tmp_path / "out.json").read_text())
    assert len(report["rows"]) == 2 * 2 * 4 and len(report["means"]) == 2 * 4
    assert report["weights"]["blockcnn"]["sha256"] == restoration.find_weights(weights=weights)[1]
    assert report["weights"]["wide"]["sha256"] == restoration.find_weights("wide")[1]
    assert {"numpy", "pillow", "keras", "blockcnn_helpers"} <= set(report["versions"])
    before, _, after, _ = report["means"][:4]
    assert before["psnr"] == after["psnr"], "these weights change nothing"
    code, _, err = blockcnn(*call, "--json", "out.json")
    assert code == 1 and "out.json is there already" in err
    code, out, _ = blockcnn(*call, "--per-image", "--json", "-")
    assert code == 0 and json.loads(out)["rows"][0]["image"] == "astronaut"


def test_evaluate_names_what_is_missing(blockcnn, tmp_path, weights):
    (tmp_path / "empty").mkdir()
    for folder, reason in (("nowhere", "nowhere"), ("empty", "no images in empty")):
        code, _, err = blockcnn("evaluate", folder, "--weights", weights)
        assert code == 1 and reason in err and err.count("\n") == 1


def test_evaluate_takes_methods_by_name_and_several_processes(blockcnn, tmp_path, weights):
    (tmp_path / "in").mkdir()
    for name in images.COURSE[:2]:
        Image.fromarray(images.course_photos()[name][:48, :64]).save(tmp_path / "in" / f"{name}.png")
    call = ["evaluate", "in", "--quality", "10", "--methods", "TV", "BlockCNN+", "--weights", weights, "--jobs", "2"]
    code, out, err = blockcnn(*call, "--more", "--per-image", "--json", "out.json")
    assert (code, err) == (0, "") and "Y PSNR" in out and "seconds" in out and "Wide" not in out
    report = json.loads((tmp_path / "out.json").read_text())
    assert report["command"] == "blockcnn evaluate in --quality 10 --methods TV BlockCNN+ --weights own.weights.h5 --jobs 2"
    assert [row["method"] for row in report["rows"]] == ["JPEG", "TV", "BlockCNN+"] * 2 and report["machine"]["processes"] == 2


@pytest.mark.parametrize(
    "chosen, said",
    [
        (["bilateral"], "no method bilateral; the methods are JPEG, Bilateral, "),
        (["TV", "Wide", "--weights", "own.weights.h5"], "are for the network blockcnn, and none of the methods is: JPEG, TV, Wide"),
        (["Wide", "--model", "wide", "--weights", "missing.h5"], "no weights for wide at missing.h5"),
    ],
)
def test_evaluate_refuses_methods_in_one_line_before_it_begins(blockcnn, tmp_path, weights, chosen, said):
    (tmp_path / "own.weights.h5").write_bytes(open(weights, "rb").read())
    code, out, err = blockcnn("evaluate", "bundled", "--methods", *chosen)
    assert code == 1 and out == "" and said in err and err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="a script that stands in for the program")
def test_evaluate_says_that_jpegqs_is_missing_or_fails(blockcnn, tmp_path, monkeypatch):
    Image.fromarray(images.course_photos()["coffee"][:16, :24]).save(tmp_path / "a.png")
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    code, _, err = blockcnn("evaluate", tmp_path, "--methods", "TV", "jpegqs")
    assert code == 1 and "jpegqs is not here: install it" in err and err.count("\n") == 1
    monkeypatch.setattr(methods, "NAMES", ("JPEG", "TV", "jpegqs"))
    code, out, err = blockcnn("evaluate", tmp_path, "--quality", "10", "--methods", "all")
    assert code == 0 and err == "blockcnn: note: jpegqs is not installed and left out\n" and "TV" in out and "jpegqs" not in out
    (tmp_path / "bin" / "jpegqs").write_text("#!/bin/sh\necho out of luck >&2\nexit 7\n")
    (tmp_path / "bin" / "jpegqs").chmod(0o755)
    for jobs in (1, 2):
        code, _, err = blockcnn("evaluate", tmp_path, "--quality", "10", "--methods", "jpegqs", "--jobs", jobs)
        assert code == 1 and err == "blockcnn: error: jpegqs has failed (exit code 7): out of luck\n"


def processes_of(group):
    """Return how many processes a process group has."""
    return subprocess.run(["ps", "-o", "pgid=", "-e"], capture_output=True, text=True).stdout.split().count(str(group))


@pytest.mark.skipif(os.name == "nt", reason="signals as on Linux and macOS")
def test_ctrl_c_ends_an_evaluation_and_all_its_processes(tmp_path):
    call = [sys.executable, "-m", "blockcnn_helpers", "evaluate", "bundled", "--quality", *map(str, range(1, 101))]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    options["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # these tests may run in a background that is deaf to it
    program = subprocess.Popen([*call, "--methods", "TV", "--jobs", "2", "--json", str(tmp_path / "out.json")], **options)
    try:
        for _ in range(600):
            if processes_of(program.pid) >= 3:  # some of them: they may still be starting
                break
            time.sleep(0.1)
        os.killpg(program.pid, signal.SIGINT)
        out, err = program.communicate(timeout=120)
        for _ in range(100):  # Python's own helper process sees that its parent is gone, and goes
            if processes_of(program.pid) == 0:
                break
            time.sleep(0.1)
        assert processes_of(program.pid) == 0
    finally:
        program.kill()
    said = "blockcnn: error: stopped; no file is half-written. The same command starts again."
    assert (program.returncode, out, err.strip()) == (130, "", said) and names(tmp_path) == []


def test_create_data_says_what_it_made_and_does_not_replace_it(blockcnn, tmp_path):
    (tmp_path / "in").mkdir()
    Image.fromarray(images.course_photos()["coffee"][:16, :24]).save(tmp_path / "in" / "a.png")
    code, out, _ = blockcnn("create-data", "in", "-o", "pairs")
    assert code == 0 and out == "6 pairs of 1 images at quality 25 in pairs\n"
    code, _, err = blockcnn("create-data", "in", "-o", "pairs")
    assert code == 1 and "--force" in err
    assert blockcnn("create-data", "in", "-o", "pairs", "--force")[0] == 0


def test_create_data_leaves_out_what_is_tested_on(blockcnn, tmp_path):
    code, out, _ = blockcnn("create-data", "bundled", "--size", "64", "-o", "pairs")
    names = {entry["name"] for entry in json.loads((tmp_path / "pairs" / "index.json").read_text())["images"]}
    assert code == 0 and "of 11 images at quality 25" in out
    assert names == set(images.training_photos()) and not names & set(images.COURSE)


# train, run


def folder_of_photos(folder, count=3):
    folder.mkdir()
    for number in range(count):
        Image.fromarray(images.course_photos()["astronaut"][64 * number :][:64, :96]).save(folder / f"{number}.png")


def test_strength_and_ensemble_reach_the_picture(blockcnn, tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg.encode(images.course_photos()["chelsea"][:80, :96], 10))
    made = {}
    for name, more in {"whole": [], "half": ["--strength", "0.5"], "none": ["--strength", "0"], "mean": ["--ensemble"]}.items():
        assert blockcnn("deblock", "a.jpg", "-o", name, *more)[0] == 0
        made[name] = images.read(tmp_path / name / "a.png").astype(int)
    data = (tmp_path / "a.jpg").read_bytes()
    decoded = jpeg.decode(data).astype(int)
    assert np.array_equal(made["none"], decoded)
    moved = {name: np.abs(picture - decoded).sum() for name, picture in made.items()}
    assert 0.3 * moved["whole"] < moved["half"] < 0.7 * moved["whole"]
    assert 0 < np.abs(made["mean"] - made["whole"]).sum() < moved["whole"]
    assert np.array_equal(made["mean"], restoration.deblock(jpeg.decode(data), file=data, ensemble=True))


@pytest.mark.parametrize("kind", ["L", "RGBA", "I;16"])
def test_settings_reach_every_kind_of_photo(blockcnn, tmp_path, kind):
    """Strength 0 is the file itself, whatever is in it; one half moves it by about half as much as all of it."""
    image = jpeg.compress(images.course_photos()["coffee"][:48, :64], 10)
    if kind == "I;16":
        samples = image[..., 0].astype(np.uint16) * 257
    else:
        samples = image[..., 0] if kind == "L" else np.dstack([image, image[..., 1]])
    Image.fromarray(samples).save(tmp_path / "a.png")
    made = {}
    for strength in ("0", "0.5", "1"):
        assert blockcnn("deblock", "a.png", "-o", strength, "--strength", strength)[0] == 0
        made[strength] = np.asarray(Image.open(tmp_path / strength / "a.png")).astype(int)
    assert np.array_equal(made["0"], samples)
    half, whole = (np.abs(made[strength] - samples).mean() for strength in ("0.5", "1"))
    assert 0 < 0.3 * whole < half < 0.7 * whole


def test_train_writes_weights_that_deblock_takes(blockcnn, tmp_path):
    folder_of_photos(tmp_path / "in", 1)
    jpeg_file(tmp_path / "a.jpg")
    code, out, err = blockcnn("train", "--images", "in", "--profile", "smoke", "--steps", "2", "-o", "own.weights.h5")
    assert (code, err) == (0, "") and out.startswith("own.weights.h5: 2 steps in ")
    assert names(tmp_path) == ["a.jpg", "in", "own.json", "own.weights.h5"]
    assert blockcnn("deblock", "a.jpg", "--weights", "own.weights.h5")[0] == 0
    assert blockcnn("train", "--model", "wide", "--images", "in", "--profile", "smoke", "--steps", "1", "-o", "wide.weights.h5")[0] == 0
    assert blockcnn("deblock", "a.jpg", "--weights", "wide.weights.h5", "-o", "by wide")[0] == 0, "the notes say which network it is"
    before = (tmp_path / "own.weights.h5").read_bytes()
    code, _, err = blockcnn("train", "--images", "in", "--profile", "smoke", "-o", "own.weights.h5")
    assert code == 1 and "--force" in err and (tmp_path / "own.weights.h5").read_bytes() == before


def test_run_does_the_whole_job(blockcnn, tmp_path):
    folder_of_photos(tmp_path / "in")
    code, out, err = blockcnn("run", "--images", "in", "--quality", "10", "--profile", "smoke", "--comparison")
    assert (code, err) == (0, "")
    for word in ("JPEG", "Bilateral", "BlockCNN", "mean of 2", "mean of 1", "PSNR-B"):
        assert word in out
    restored = [path.stem for side in ("train", "test") for path in (tmp_path / "output" / side).glob("?.png")]
    assert sorted(restored) == ["0", "1", "2"], "every train and test photo"
    with Image.open(tmp_path / "output" / "train" / f"{restored[0]}_comparison.png") as beside:
        assert beside.height == 64 and beside.width > 3 * 96
    code, _, err = blockcnn("run", "--images", "in", "--quality", "10", "--profile", "smoke")
    assert code == 1 and "--force" in err


# The real thing, in a process of its own


def start(*arguments, **options):
    environment = os.environ | {"PYTHONPATH": str(images.shipped().parent)}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)  # which this test run has set
    return subprocess.Popen([sys.executable, "-m", "blockcnn_helpers", *map(str, arguments)], env=environment, text=True, **options)


def test_the_real_command_is_quiet_and_starts_fast(tmp_path, weights):
    jpeg_file(tmp_path / "a.jpg")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path}
    out, err = (process := start("deblock", "a.jpg", "--weights", weights, **pipes)).communicate(timeout=120)
    assert (process.returncode, err) == (0, "") and out == f"a.jpg -> {os.path.join('deblocked', 'a.png')}\n"
    began = time.perf_counter()
    out, err = (process := start("--help", **pipes)).communicate(timeout=60)
    assert process.returncode == 0 and err == "" and time.perf_counter() - began < 3, "no Keras for help"


def test_the_real_command_repairs_blocky_photos_and_leaves_clean_ones_alone(tmp_path):
    """The network that a user gets: it gains where blocks are, and does next to nothing where none are."""
    clean = images.course_photos()["astronaut"][:256, 128:400]
    for quality in (10, 95):
        (tmp_path / f"{quality}.jpg").write_bytes(jpeg.encode(clean, quality))
    Image.fromarray(clean).save(tmp_path / "clean.png")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": tmp_path}
    out, err = (process := start("deblock", "10.jpg", "95.jpg", "clean.png", "-o", "out", **pipes)).communicate(timeout=120)
    assert (process.returncode, err) == (0, "") and out.count("\n") == 3 and names(tmp_path / "out") == ["10.png", "95.png", "clean.png"]
    gains = {}
    for quality in (10, 95):
        before, after = (metrics.psnr(clean, images.read(tmp_path / name)) for name in (f"{quality}.jpg", f"out/{quality}.png"))
        gains[quality] = after - before
    assert gains[10] > 1 and gains[95] > -0.05, gains
    assert np.abs(images.read(tmp_path / "out" / "clean.png").astype(int) - clean).mean() <= 0.5


@pytest.mark.full
@pytest.mark.skipif(os.name == "nt", reason="signals as on Linux and macOS")
def test_a_real_ctrl_c_at_any_moment_leaves_whole_files(tmp_path, weights):
    for number in range(30):
        jpeg_file(tmp_path / "in" / f"{number:02}.jpg", (400, 600))
    for wait in (0.1, 1, 2, 4, 5, 6, 7, 8):
        process = start("deblock", "in", "--weights", weights, "--force", stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=tmp_path)
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=60)[1]
        assert process.returncode in (0, 130, -signal.SIGINT), err
        for path in (tmp_path / "deblocked").glob("*") if (tmp_path / "deblocked").exists() else []:
            assert photos.read_photo(path).image.shape == (400, 600, 3)


@pytest.mark.full
def test_ninety_megapixels_are_repaired_within_bounds(tmp_path, weights):
    resource = pytest.importorskip("resource")
    tile = np.tile(jpeg.compress(images.course_photos()["coffee"], 10), (24, 16, 1))
    Image.fromarray(tile).save(tmp_path / "large.jpg", quality=90)
    process = start("deblock", "large.jpg", "--weights", weights, cwd=tmp_path, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0 and usage.ru_maxrss / (1 if sys.platform == "darwin" else 1024) < 3000 * (2**20 if sys.platform == "darwin" else 1)
    with photos._open(tmp_path / "deblocked" / "large.png") as out:
        assert out.size == tile.shape[1::-1] and out.size[0] * out.size[1] > 92e6
    assert resource
