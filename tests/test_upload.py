"""A photo of one's own: chosen, repaired, taken home; a bad file is named and nothing is lost."""

import base64
import datetime
import io
import re

import numpy as np
import pytest
from PIL import Image

from blockcnn_helpers import images, jpeg, photos, restoration, upload


@pytest.fixture(scope="module")
def cat():
    return images.course_photos()["chelsea"][:160, :208]


@pytest.fixture
def box(tmp_path):
    return upload.own_photo(folder=tmp_path / "output")


def choose(box, name, content):
    """Do what the browser does when a file was chosen."""
    modified = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
    file = {"name": name, "type": "image/jpeg", "size": len(content), "content": memoryview(content), "last_modified": modified}
    box.chooser.value = (file,)


def linked(box):
    """Name and content of the file behind the link."""
    name, data = re.search(r'<a class="blockcnn-download" download="([^"]+)" href="data:image/png;base64,([^"]+)"', box.link.value).groups()
    return name, np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_a_photo_is_repaired_shown_and_linked(box, cat, tmp_path):
    data = jpeg.encode(cat, 15)
    choose(box, "cat.jpg", data)
    repaired = restoration.restore_photo(upload.read_bytes("cat.jpg", data)).image
    name, content = linked(box)
    assert name == "cat.png" and (content == repaired).all()
    assert (np.asarray(Image.open(tmp_path / "output" / "cat.png")) == repaired).all()
    assert "cat.jpg" in box.text.value and "208x160 pixels" in box.text.value and "quality about 15" in box.text.value
    before, after = (np.asarray(Image.open(io.BytesIO(file))) for file in box.compare.viewer.files)
    assert (before == jpeg.decode(data)).all() and (after == repaired).all()
    assert tuple(box.compare.viewer.crop) == (*upload.most_changed(before, after), 64)
    assert "saved as output/cat.png" in box.link.value and box.bar.layout.visibility == "hidden"


def test_it_is_saved_at_the_strength_dialled(box, cat, tmp_path):
    data = jpeg.encode(cat, 15)
    choose(box, "cat.jpg", data)
    assert box.again.layout.display == ""
    box.compare.slider.value = 40
    box.again.click()
    name, content = linked(box)
    assert name == "cat-40-percent.png" and (tmp_path / "output" / "cat.png").is_file()
    assert (content == restoration.restore_photo(upload.read_bytes("cat.jpg", data), strength=0.4).image).all()
    assert np.abs(content.astype(int) - np.asarray(Image.open(io.BytesIO(box.compare.viewer.data1)))).max() <= 1


def test_a_photo_smaller_than_the_part_looked_at(box, cat):
    choose(box, "tiny.png", photos_png(cat[:20, :33]))
    assert tuple(box.compare.viewer.crop) == (0, 0, 20) and box.compare.viewer.shape == [20, 33]


def photos_png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_the_same_file_again_replaces_nothing(box, cat, tmp_path):
    for _ in range(2):
        choose(box, "cat.jpg", jpeg.encode(cat, 15))
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == ["cat-2.png", "cat.png"]
    assert linked(box)[0] == "cat-2.png"


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("notes.jpg", b"no picture at all", "is not an image"),
        ("empty.jpg", b"", "empty"),
        ("<b>.jpg", b"x", "&lt;b&gt;.jpg is not an image"),
    ],
)
def test_a_bad_file_is_named_and_the_last_result_stays(box, cat, tmp_path, name, content, said):
    choose(box, "cat.jpg", jpeg.encode(cat, 15))
    kept = [box.link.value, *box.compare.viewer.files]
    choose(box, name, content)
    assert "Not repaired" in box.text.value and said in box.text.value
    assert "photo.jpg" not in box.text.value and "/" not in re.sub("<[^>]*>", "", box.text.value)
    assert [box.link.value, *box.compare.viewer.files] == kept
    assert [path.name for path in (tmp_path / "output").iterdir()] == ["cat.png"]


def test_a_file_cut_short_is_named(box, cat):
    choose(box, "cut.jpg", jpeg.encode(cat, 90)[:2000])
    assert "Not repaired" in box.text.value and "cut.jpg is cut off or damaged" in box.text.value


def test_what_can_be_known_without_the_original(cat):
    said = {}
    for quality in (10, 95):
        photo = upload.read_bytes("cat.jpg", jpeg.encode(cat, quality))
        said[quality] = " ".join(upload.verdict(photo, restoration.restore_photo(photo)))
    assert "keep it" in said[95] and "keep it" not in said[10]
    blocky, mended = map(float, re.search(r"blockiness ([\d.]+) → ([\d.]+)", said[10]).groups())
    assert blocky > 2 > mended
    assert "no JPEG file" in upload.verdict(photos.Photo(cat), photos.Photo(cat))[0]


def test_turned_and_deep_photos_are_shown_upright(cat):
    turned = photos.Photo(cat, orientation=6)
    assert upload.upright(turned).shape == (208, 160, 3)
    deep = photos.Photo(cat, grey=True, deep=np.full(cat.shape[:2], 257 * 77, np.uint16))
    assert (upload.upright(deep) == 77).all()


def test_a_large_file_is_saved_and_only_named(tmp_path, monkeypatch):
    monkeypatch.setattr(upload, "LINKED", 10)
    path = tmp_path / "big.png"
    path.write_bytes(bytes(3_000_000))
    said = upload.link_of(path)
    assert "href" not in said and "3 MB" in said and "big.png" in said


def test_on_paper_it_says_what_it_is(box):
    assert "choose a photo" in repr(box)
    assert box.chooser.accept == "image/*" and not box.chooser.multiple
