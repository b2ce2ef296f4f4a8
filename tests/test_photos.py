"""Photo files of every kind go in and come out with nothing lost; broken ones are named."""

import io
import os

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from blockcnn_helpers import files, metadata, photos


def picture(height=24, width=40, channels=3, seed=5):
    """A smooth coloured picture with all sides unlike each other."""
    y, x = np.mgrid[:height, :width]
    planes = [128 + 100 * np.sin(y / 9 + k + seed) * np.cos(x / 13 - k) for k in range(channels)]
    return np.dstack(planes).clip(0, 255).astype(np.uint8)


def save(path, samples, mode=None, **options):
    image = Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples)
    (image.convert(mode) if mode else image).save(path, **options)
    return path


def round_trip(path, tmp_path):
    """What comes out when nothing is repaired."""
    photo = photos.read_photo(path)
    target = tmp_path / "out.png"
    photos.write_photo(target, photo)
    with Image.open(target) as out:
        out.load()
        return photo, out


# Kinds of pixels


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA"])
def test_simple_modes_come_back_as_they_were(tmp_path, mode):
    with Image.open(save(tmp_path / "in.png", picture(channels=4), mode)) as image:
        want = np.asarray(image.convert("L") if mode == "1" else image)
    photo, out = round_trip(tmp_path / "in.png", tmp_path)
    assert photo.image.shape == (24, 40, 3) and photo.image.dtype == np.uint8
    assert out.mode == ("L" if mode == "1" else mode)
    assert np.array_equal(np.asarray(out), want) and not photo.notes


def test_palette_becomes_rgb_and_keeps_its_transparent_colour(tmp_path):
    image = Image.fromarray(picture()).quantize(16)
    image.save(tmp_path / "plain.png")
    image.save(tmp_path / "clear.png", transparency=3)
    assert round_trip(tmp_path / "plain.png", tmp_path)[1].mode == "RGB"
    (tmp_path / "out.png").unlink()
    out = round_trip(tmp_path / "clear.png", tmp_path)[1]
    assert np.array_equal(np.asarray(out)[..., 3] == 0, np.asarray(image) == 3)


@pytest.mark.parametrize("mode, transparent, want", [("L", 77, "LA"), ("RGB", (1, 2, 3), "RGBA")])
def test_colour_key_becomes_alpha(tmp_path, mode, transparent, want):
    path = save(tmp_path / "in.png", np.full((9, 9, 3), (1, 2, 3), np.uint8), mode, transparency=transparent)
    assert round_trip(path, tmp_path)[1].mode == want


def test_sixteen_bit_grey_keeps_all_its_bits(tmp_path):
    deep = (np.arange(24 * 40, dtype=np.uint16) * 61).reshape(24, 40)
    Image.fromarray(deep).save(tmp_path / "in.png")
    photo, out = round_trip(tmp_path / "in.png", tmp_path)
    assert out.mode == "I;16" and np.array_equal(np.asarray(out), deep)
    assert np.array_equal(photo.image[..., 0], np.rint(deep / 257))


def test_sixteen_bit_tiff_of_the_other_byte_order(tmp_path):
    deep = (np.arange(24 * 40) * 61).reshape(24, 40).astype(">u2")
    Image.frombytes("I;16B", (40, 24), deep.tobytes()).save(tmp_path / "in.tif")
    assert np.array_equal(np.asarray(round_trip(tmp_path / "in.tif", tmp_path)[1]), deep)


def test_sixteen_bit_colour_is_said_to_lose_bits(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / "in.png"), np.full((9, 9, 3), 40000, np.uint16))
    photo = photos.read_photo(tmp_path / "in.png")
    assert photo.notes == ("16 bits per sample read as 8",) and int(photo.image[0, 0, 0]) in (155, 156)


def test_samples_that_fit_no_depth_are_refused(tmp_path):
    Image.fromarray(np.full((9, 9), 70000, np.int32)).save(tmp_path / "in.tif")
    with pytest.raises(ValueError, match="70000 don't fit 16 bits"):
        photos.read_photo(tmp_path / "in.tif")
    Image.fromarray(np.full((9, 9), 0.5, np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(ValueError, match="convert it to RGB first"):
        photos.read_photo(tmp_path / "float.tif")


def test_four_inks_become_rgb_and_it_is_said(tmp_path):
    cmyk = Image.fromarray(picture()).convert("CMYK")
    cmyk.save(tmp_path / "in.jpg", quality=95)
    photo, out = round_trip(tmp_path / "in.jpg", tmp_path)
    assert out.mode == "RGB" and "no ICC profile" in photo.notes[0]
    assert abs(photo.image.astype(int) - picture()).mean() < 4
    cmyk.save(tmp_path / "odd.jpg", icc_profile=b"not a profile", quality=95)
    odd = photos.read_photo(tmp_path / "odd.jpg")
    assert "damaged" in odd.notes[0] and np.array_equal(odd.image, photo.image) and "icc_profile" not in odd.metadata


# Metadata

EXIF = Image.Exif()
EXIF[0x010F] = "Camera & Sons"
EXIF[metadata.ORIENTATION] = 6
EXIF[0x8769] = {0x9003: "2001:02:03 04:05:06"}
EXIF[0x8825] = {1: "N"}
EXIF.load(EXIF.tobytes())  # as if read from a file, which is what Pillow's TIFF writer wants
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_exif_icc_and_resolution_are_kept(tmp_path, suffix):
    options = {} if suffix == "webp" else {"dpi": (300, 300)}
    path = save(tmp_path / f"in.{suffix}", picture(), exif=EXIF, icc_profile=PROFILE, **options)
    exif = (out := round_trip(path, tmp_path)[1]).getexif()
    assert exif[0x010F] == "Camera & Sons" and exif.get(metadata.ORIENTATION, 1) == 1
    assert exif.get_ifd(0x8769)[0x9003] == "2001:02:03 04:05:06" and exif.get_ifd(0x8825)[1] == "N"
    assert out.info["icc_profile"] == PROFILE
    assert suffix == "webp" or out.info["dpi"] == pytest.approx((300, 300), abs=0.1)


def test_xmp_is_kept_and_upright(tmp_path):
    xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><r tiff:Orientation="6" note="grüß"/></x:xmpmeta>'
    path = save(tmp_path / "in.jpg", picture(), xmp=xmp.encode())
    photo, out = round_trip(path, tmp_path)
    kept = out.info["xmp"]
    assert (kept.decode() if isinstance(kept, bytes) else kept) == xmp.replace('"6"', '"1"')
    assert photo.orientation == 6 and out.size == (24, 40)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_turned_photos_stand_upright_as_pillow_has_it(tmp_path, orientation, channels):
    exif = Image.Exif()
    exif[metadata.ORIENTATION] = orientation
    path = save(tmp_path / "in.png", picture(channels=channels), exif=exif)
    with Image.open(path) as image:
        want = np.asarray(ImageOps.exif_transpose(image))
    photo, out = round_trip(path, tmp_path)
    assert photo.image.shape == (24, 40, 3), "the photo is on its coded grid until it is written"
    assert np.array_equal(np.asarray(out), want)


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_exif_byte_but_the_orientation_stays(order):
    exif = Image.Exif()
    exif.endian = order
    exif[0x010F], exif[metadata.ORIENTATION], exif[0x0131] = "Maker", 8, "program"
    before = exif.tobytes()
    after = metadata.upright(before)
    assert len(after) == len(before) and sum(a != b for a, b in zip(after, before)) == 1


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"rubbish"])
def test_damaged_exif_costs_nothing_but_itself(tmp_path, exif):
    path = save(tmp_path / "in.jpg", picture(), exif=exif)
    photo, out = round_trip(path, tmp_path)
    assert photo.orientation == 1 and out.size == (40, 24)


# Other kinds of files


def test_of_several_frames_the_first_is_read(tmp_path):
    frames = [Image.fromarray(picture(seed=seed)) for seed in (1, 2, 3)]
    for name in ("a.gif", "a.png", "a.tif", "a.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        photo = photos.read_photo(tmp_path / name)
        assert photo.notes == ("first of 3 frames",)
        assert abs(photo.image.astype(int) - picture(seed=1)).mean() < 12


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (8, 8), (1, 300)])
@pytest.mark.parametrize("options", [{"progressive": True}, {"subsampling": "4:4:4"}, {"subsampling": "4:2:2"}, {"quality": 1}])
def test_jpegs_of_every_size_and_sampling(tmp_path, size, options):
    path = save(tmp_path / "in.jpg", np.full((*size, 3), 99, np.uint8), **options)
    assert round_trip(path, tmp_path)[1].size == size[::-1]


@pytest.mark.parametrize("quality", [1, 10, 25, 50, 75, 95, 100])
def test_the_quality_is_read_off_the_tables(tmp_path, quality):
    assert photos.read_photo(save(tmp_path / "in.jpg", picture(), quality=quality)).quality == quality
    assert photos.read_photo(save(tmp_path / "in.png", picture())).quality is None


def test_the_limit_on_size_is_our_own(tmp_path, monkeypatch, recwarn):
    path = save(tmp_path / "in.png", picture(100, 100))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)  # Pillow would refuse, and must be left as it was
    assert photos.read_photo(path).image.shape == (100, 100, 3) and not recwarn.list
    assert Image.MAX_IMAGE_PIXELS == 10
    monkeypatch.setattr(photos, "MAX_MEGAPIXELS", 0.009)
    with pytest.raises(ValueError, match=r"100x100 = 0 megapixels, at most 0\.009"):
        photos.read_photo(path)


def test_a_small_file_that_claims_to_be_huge_is_refused_before_it_takes_memory(tmp_path):
    header = io.BytesIO()
    PngImagePlugin.putchunk(header, b"IHDR", (60000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0]))
    PngImagePlugin.putchunk(header, b"IDAT", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header.getvalue())
    with pytest.raises(ValueError, match="too large: 60000x60000 = 3600 megapixels"):
        photos.read_photo(tmp_path / "bomb.png")


# Broken files


def broken(tmp_path):
    whole = save(tmp_path / "whole.jpg", picture(200, 200)).read_bytes()
    png = save(tmp_path / "whole.png", picture(200, 200)).read_bytes()
    return {
        "text.jpg": (b"I am a letter, not a photo.", "is not an image"),
        "empty.jpg": (b"", r"is empty \(0 bytes\)"),
        "half.jpg": (whole[: len(whole) // 2], "is cut off or damaged"),
        "head.jpg": (whole[:200], "is (cut off or damaged|not an image)"),
        "half.png": (png[: len(png) // 2], "is cut off or damaged"),
        "spoilt.png": (png[:100] + bytes(50) + png[150:], "is cut off or damaged"),
        "drawing.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", "is not an image"),
    }


def test_broken_files_are_named_with_the_reason(tmp_path):
    for name, (data, reason) in broken(tmp_path).items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ValueError, match=reason) as caught:
            photos.read_photo(tmp_path / name)
        assert name in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="gone"):
        photos.read_photo(tmp_path / "gone.jpg")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        photos.read_photo(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jpg")  # opening it would wait for ever
        with pytest.raises(ValueError, match="no ordinary file"):
            photos.read_photo(tmp_path / "pipe.jpg")


# Writing


def write_half(path, stop):
    with files.new_file(path) as file:
        file.write(b"half")
        assert len(list(path.parent.iterdir())) == 1 and not path.exists()
        raise stop


def write_late(path):
    with files.new_file(path) as file:
        file.write(b"late")
        path.write_bytes(b"somebody was faster")


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    for stop in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(stop):
            write_half(tmp_path / "a.png", stop)
        assert list(tmp_path.iterdir()) == []


def test_nothing_is_replaced_unless_forced(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="--force"), files.new_file(path):
        raise AssertionError("never reached")
    with pytest.raises(FileExistsError):
        write_late(tmp_path / "b.png")
    assert path.read_bytes() == b"mine" and (tmp_path / "b.png").read_bytes() == b"somebody was faster"
    with files.new_file(path, force=True) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new" and len(list(tmp_path.iterdir())) == 2


def test_new_files_get_the_usual_permissions(tmp_path):
    (tmp_path / "usual").write_bytes(b"")
    with files.new_file(tmp_path / "new") as file:
        file.write(b"")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode
