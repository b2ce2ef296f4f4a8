"""Images: sets, splits by whole photo, drawn leaves, and downloads from a server that misbehaves."""

import hashlib
import io
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import download, images

RGB = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3)


def png(seed):
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (9, 11, 3), dtype=np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


FILES = {f"kodak24/kodim0{n}.png": png(n) for n in (1, 2, 3)}
FILES |= {f"bsds500/{split}/{split}7.jpg": png(n) for n, split in enumerate(("train", "val", "test"), 7)}


class Shop(BaseHTTPRequestHandler):
    """Serves FILES; `faults` lists, per path, what to do wrong in the next answers."""

    def do_GET(self):
        path = self.path.lstrip("/")
        self.server.asked.append(path)
        faults = self.server.faults.get(path, [])
        fault = faults.pop(0) if faults else None
        body = FILES[path]
        if isinstance(fault, int):
            self.send_error(fault)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "cut":
            body = body[: len(body) // 2]
        if fault == "corrupt":
            body = bytes(255 - b for b in body)
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def shop(monkeypatch, tmp_path):
    """A server on loopback, a registry that knows its files, and an empty data folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.asked, server.faults, server.folder = [], {}, tmp_path / "data"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    entries = {path: (hashlib.sha256(body).hexdigest(), f"{address}/{path}") for path, body in FILES.items()}
    monkeypatch.setattr(download, "registry", lambda: entries)
    monkeypatch.setattr(download, "PAUSE", 0)
    monkeypatch.setenv("BLOCKCNN_DATA", str(server.folder))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("BLOCKCNN_MIRROR", raising=False)
    server.address = address
    yield server
    server.shutdown()
    server.server_close()


def kodak():
    return images.fetch("kodak24", progress=False)


def stored(shop):
    return {path.relative_to(shop.folder).as_posix() for path in shop.folder.rglob("*") if path.is_file()}


def test_fetch_then_nothing_more_to_fetch(shop):
    paths = kodak()
    assert [path.name for path in paths] == ["kodim01.png", "kodim02.png", "kodim03.png"]
    assert all(path.read_bytes() == FILES[f"kodak24/{path.name}"] for path in paths)
    asked = len(shop.asked)
    assert kodak() == paths and len(shop.asked) == asked == 3


def test_damaged_file_is_fetched_again_and_only_that(shop):
    paths = kodak()
    paths[1].write_bytes(b"<html>please log in</html>")
    shop.asked.clear()
    kodak()
    assert shop.asked == ["kodak24/kodim02.png"] and paths[1].read_bytes() == FILES["kodak24/kodim02.png"]


@pytest.mark.parametrize("faults", [["cut"], ["corrupt"], [503], ["cut", "corrupt"]], ids=str)
def test_a_passing_fault_is_got_over(shop, faults):
    shop.faults["kodak24/kodim02.png"] = list(faults)
    assert len(kodak()) == 3 and len(shop.asked) == 3 + len(faults)


@pytest.mark.parametrize(
    "fault, asked, words",
    [
        (404, 1, "the server answered 404"),
        ("cut", download.ATTEMPTS, "cut off"),
        ("corrupt", download.ATTEMPTS, "SHA-256"),
        (503, download.ATTEMPTS, "answered 503"),
    ],
)
def test_a_lasting_fault_says_in_one_line_what_to_do(shop, fault, asked, words):
    shop.faults["kodak24/kodim02.png"] = [fault] * 9
    with pytest.raises(FileNotFoundError) as caught:
        kodak()
    said = str(caught.value)
    assert words in said and "\n" not in said
    assert "BLOCKCNN_DATA" in said and str(shop.folder / "kodak24/kodim02.png") in said and "bundled" in said
    assert shop.asked.count("kodak24/kodim02.png") == asked
    assert stored(shop) == {"kodak24/kodim01.png"}, "nothing half-written, and what arrived is kept"
    shop.faults.clear()
    shop.asked.clear()
    kodak()
    assert shop.asked == ["kodak24/kodim02.png", "kodak24/kodim03.png"], "it goes on where it stopped"


def test_a_wrong_file_from_the_server_does_not_replace_yours(shop):
    paths = kodak()
    paths[0].write_bytes(b"mine, and wrong")
    shop.faults["kodak24/kodim01.png"] = ["corrupt"] * 9
    with pytest.raises(FileNotFoundError, match="SHA-256"):
        kodak()
    assert paths[0].read_bytes() == b"mine, and wrong" and len(stored(shop)) == 3


def test_offline_and_absent(shop, monkeypatch):
    monkeypatch.setenv("BLOCKCNN_MIRROR", "http://127.0.0.1:9/nobody")
    with pytest.raises(FileNotFoundError, match="offline") as caught:
        images.image_set("kodak24", progress=False)
    assert "\n" not in str(caught.value) and not stored(shop)


def test_offline_and_present_needs_no_server(shop, monkeypatch):
    kodak()
    monkeypatch.setenv("BLOCKCNN_MIRROR", "http://127.0.0.1:9/nobody")
    assert list(images.image_set("kodak24")) == ["kodim01", "kodim02", "kodim03"]


def test_interrupted_by_the_keyboard_leaves_no_part(shop, monkeypatch):
    import pooch

    def interrupt(url, output, pooch):
        Path(output).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pooch, "HTTPDownloader", lambda **options: interrupt)
    with pytest.raises(KeyboardInterrupt):
        kodak()
    assert not stored(shop)


def test_killed_while_downloading_leaves_no_file_under_its_name(shop):
    """A process that dies at once (no clean-up at all) may leave a temporary file, never a wrong image; the next run ends well."""
    code = (
        "import os, pooch, blockcnn_helpers.download as d\n"
        f"d.registry = lambda: {download.registry()!r}\n"
        "def die(url, output, pooch):\n    open(output, 'wb').write(b'half'); os._exit(9)\n"
        "pooch.HTTPDownloader = lambda **options: die\n"
        "d.fetch('kodak24', progress=False)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 9
    assert not stored(shop) & set(FILES)
    assert list(images.image_set("kodak24", progress=False)) == ["kodim01", "kodim02", "kodim03"]


def test_mirror_splits_and_single_files(shop, monkeypatch):
    monkeypatch.setenv("BLOCKCNN_MIRROR", shop.address + "/")
    assert [path.name for path in images.fetch("bsds500", "val", progress=False)] == ["val7.jpg"]
    assert list(images.image_set("bsds500", progress=False)) == ["train7", "val7", "test7"]
    assert len(images.fetch("kodak24", files=["kodim03"], progress=False)) == 1
    with pytest.raises(ValueError, match="no file kodim99"):
        images.fetch("kodak24", files=["kodim99"])
    with pytest.raises(ValueError, match="kodak24 has no split 'train'; it has test"):
        images.fetch("kodak24", "train")
    with pytest.raises(ValueError, match="kodak24 or bsds500, got 'imagenet'"):
        images.fetch("imagenet")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_unwritable_data_folder(shop):
    shop.folder.mkdir()
    shop.folder.chmod(0o500)
    with pytest.raises(FileNotFoundError, match="can't write"):
        kodak()


def test_data_folder_that_is_a_file(shop):
    shop.folder.write_text("in the way")
    with pytest.raises(FileNotFoundError, match="can't write to the data folder"):
        kodak()


def test_relative_data_folder_is_refused(monkeypatch):
    monkeypatch.setenv("BLOCKCNN_DATA", "photos")
    with pytest.raises(ValueError, match="absolute path, got 'photos'"):
        images.data_folder()


def test_default_data_folder(monkeypatch):
    monkeypatch.delenv("BLOCKCNN_DATA", raising=False)
    assert images.data_folder() == images.shipped("downloads")


def test_registry_names_every_file_of_both_sets():
    entries = download.registry()
    assert len(entries) == 524
    assert sum(path.startswith("kodak24/") for path in entries) == 24
    assert [sum(path.startswith(f"bsds500/{split}/") for path in entries) for split in ("train", "val", "test")] == [200, 100, 200]
    assert len({sha256 for sha256, _ in entries.values()}) == 524, "a file listed twice would be on two sides"
    assert all(len(sha256) == 64 and address.endswith(Path(path).name) for path, (sha256, address) in entries.items())


def test_import_is_lean():
    heavy = {"tensorflow", "keras", "jax", "torch", "pooch", "requests", "skimage", "matplotlib"}
    code = f"import sys, blockcnn_helpers.images; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_bundled_photos_need_no_network(monkeypatch):
    import socket

    monkeypatch.setattr(socket.socket, "connect", lambda *args: pytest.fail("went to the network"))
    course, training = images.course_photos(), images.training_photos()
    assert tuple(course) == images.COURSE
    assert [image.shape for image in course.values()] == [(512, 512, 3), (400, 600, 3), (300, 451, 3)]
    assert all(image.dtype == np.uint8 and image.shape[2:] == (3,) for image in training.values())
    assert list(images.image_set("bundled")) == [*training, *course]
    assert list(images.image_set("bundled", "test")) == list(course)
    for name, (row, column, size) in images.CROPS.items():
        assert row % 8 == column % 8 == size % 8 == 0 and course[name][row : row + size, column : column + size].shape == (size, size, 3)


def grid(image):
    """How much stronger the strongest of the eight columns of a period-8 grid is than the median one, in both directions."""
    grey = image.astype(float).mean(axis=2)
    ratios = []
    for plane in (grey, grey.T):
        steps = np.abs(np.diff(plane, axis=1)).mean(axis=0)
        eight = [steps[k::8].mean() for k in range(8)]
        ratios.append(max(eight) / np.median(eight))
    return min(ratios)


def test_halving_takes_an_old_grid_away():
    for name in ("ihc.png", "moon.png", "retina.jpg"):
        assert grid(images.bundled(name)) > 1.12 > 1.07 > grid(images.halve(images.bundled(name)))


def test_no_bundled_image_on_two_sides():
    assert images.overlap(images.course_photos(), images.training_photos()) == []
    everything = images.image_set("bundled")
    assert len({images.content_hash(image) for image in everything.values()}) == len(everything) == 14


@pytest.mark.full
@pytest.mark.skipif(not os.environ.get("BLOCKCNN_DATA"), reason="BLOCKCNN_DATA names no folder with Kodak24 and BSDS500")
def test_no_downloaded_image_on_two_sides():
    parts = {"kodak24": images.image_set("kodak24"), "bundled train": images.training_photos(), "bundled test": images.course_photos()}
    parts |= {f"bsds500 {split}": images.image_set("bsds500", split) for split in ("train", "val", "test")}
    assert [len(part) for part in parts.values()] == [24, 11, 3, 200, 100, 200]
    seen = {}
    for part, photos in parts.items():
        for name, image in photos.items():
            owner = seen.setdefault(images.content_hash(image), (part, name))
            assert owner == (part, name), f"{owner} again in {part} as {name}"
    assert len(seen) == 538


def test_overlap_names_equal_pictures():
    other = 255 - RGB
    assert images.overlap({"a": RGB, "b": other}, {"c": RGB.copy(), "d": RGB[:-1]}) == [("a", "c")]
    assert images.content_hash(RGB) != images.content_hash(RGB.reshape(5, 7, 3))


def test_split_by_image():
    names = [f"photo{n}" for n in range(20)]
    train, test = images.split_by_image(names, test=5, seed=3)
    assert len(test) == 5 and sorted(train + test) == sorted(names) and not set(train) & set(test)
    assert images.split_by_image(reversed(names), test=5, seed=3) == (train, test), "order of a listing must not matter"
    assert images.split_by_image(names, test=5, seed=4) != (train, test)
    assert len(images.split_by_image(names, test=0.2)[1]) == 4
    with pytest.raises(ValueError, match="2 names, but only 1"):
        images.split_by_image(["a", "a"])
    for test in (0, 20, 1.0):
        with pytest.raises(ValueError, match="of 20 images"):
            images.split_by_image(names, test=test)


def test_dead_leaves():
    image = images.dead_leaves(64, 96, seed=1)
    assert image.shape == (64, 96, 3) and image.dtype == np.uint8 and image.std() > 20
    assert np.array_equal(image, images.dead_leaves(64, 96, seed=1))
    assert not np.array_equal(image, images.dead_leaves(64, 96, seed=2))
    assert images.dead_leaves(1, 1, seed=0).shape == (1, 1, 3)
    with pytest.raises(ValueError, match="got 0 and 8"):
        images.dead_leaves(0, 8, seed=0)


def test_dead_leaves_are_quick_and_like_photographs():
    started = time.process_time()
    image = images.dead_leaves(256, 256, seed=5).astype(float).mean(axis=2)
    assert time.process_time() - started < 1
    power = np.abs(np.fft.rfft2(image * np.outer(np.hanning(256), np.hanning(256)))) ** 2
    radius = np.rint(np.hypot(np.fft.fftfreq(256)[:, None], np.fft.rfftfreq(256)) * 256).astype(int).ravel()
    profile = np.bincount(radius, power.ravel()) / np.bincount(radius)
    slope = np.polyfit(np.log(np.arange(4, 64)), np.log(profile[4:64]), 1)[0]
    assert -3.5 < slope < -1.5, "photographs: power falls about as 1 / frequency squared"


def test_halve():
    assert images.halve(np.full((5, 7, 3), 9, np.uint8)).tolist() == [[[9, 9, 9]] * 3] * 2
    with pytest.raises(ValueError, match=r"got float64 of shape \(4, 4, 3\)"):
        images.halve(np.zeros((4, 4, 3)))
    with pytest.raises(ValueError, match=r"got uint8 of shape \(4, 4\)"):
        images.content_hash(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize(
    "mode, array",
    [("RGB", RGB), ("L", RGB[..., 0]), ("LA", RGB[..., :2]), ("RGBA", np.dstack([RGB, RGB[..., :1]]))],
)
def test_read_modes(tmp_path, mode, array):
    path = tmp_path / "x.png"
    Image.fromarray(np.ascontiguousarray(array)).save(path)
    got = images.read(path)
    want = RGB if "RGB" in mode else np.repeat(RGB[..., :1], 3, axis=2)
    assert got.dtype == np.uint8 and got.flags.writeable and np.array_equal(got, want)


def test_read_sixteen_bits_palette_cmyk(tmp_path):
    deep = np.array([[0, 257 * 128, 65535]], np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert images.read(tmp_path / "deep.png")[0, :, 0].tolist() == [0, 128, 255]
    Image.fromarray(RGB).quantize(8).save(tmp_path / "palette.png")
    Image.fromarray(RGB).convert("CMYK").save(tmp_path / "cmyk.jpg")
    assert images.read(tmp_path / "palette.png").shape == images.read(tmp_path / "cmyk.jpg").shape == (7, 5, 3)


def test_read_keeps_the_coded_grid(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RGB).save(tmp_path / "turned.jpg", exif=exif)
    assert images.read(tmp_path / "turned.jpg").shape == (7, 5, 3)


def test_read_says_what_is_wrong(tmp_path):
    path = tmp_path / "x.jpg"
    with pytest.raises(FileNotFoundError, match="no image file at"):
        images.read(path)
    with pytest.raises(FileNotFoundError, match="that is a folder"):
        images.read(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="empty"):
        images.read(path)
    path.write_text("hello")
    with pytest.raises(ValueError, match="not an image"):
        images.read(path)
    Image.fromarray(images.dead_leaves(64, 64, 0)).save(path)
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(ValueError, match="cut off"):
        images.read(path)


def test_a_folder(tmp_path):
    with pytest.raises(ValueError, match="no images in"):
        images.image_set(tmp_path)
    with pytest.raises(FileNotFoundError, match="no folder"):
        images.image_set(tmp_path / "nowhere")
    for name in ("b.png", "a.JPG", ".hidden.png", "notes.txt"):
        Image.fromarray(RGB).save(tmp_path / name, "PNG")
    photos = images.image_set(str(tmp_path))
    assert list(photos) == ["a", "b"] and len(photos) == 2 and np.array_equal(photos["b"], RGB)
    with pytest.raises(ValueError, match="no split 'test'; divide its names"):
        images.image_set(tmp_path, "test")
    Image.fromarray(RGB).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"a\.JPG and a\.png .* share a name"):
        images.image_set(tmp_path)
