"""Patch pairs: what the network sees, what it should say, and what lies on disk."""

import json

import numpy as np
import pytest

from blockcnn_helpers import colour, images, jpeg, patches, transform


@pytest.fixture(scope="module")
def photo():
    return images.course_photos()["chelsea"]  # 300x451: no multiple of 8


@pytest.fixture(scope="module")
def decoded(photo):
    return jpeg.compress(photo, 25)


def by_loops(clean, decoded, row, column):
    """One pair, cut by hand from a padded photo: the oracle."""
    around = np.pad(decoded, ((8, 40), (8, 40), (0, 0)), mode="edge")
    inside = np.pad(clean, ((0, 40), (0, 40), (0, 0)), mode="edge")
    return around[row : row + 24, column : column + 24], inside[row : row + 8, column : column + 8]


def test_pairs_hold_every_block_with_its_neighbours(photo, decoded):
    inputs, targets = patches.pairs(photo, decoded)
    rows, columns = patches.grid(*photo.shape[:2])
    assert inputs.shape == (rows * columns, 24, 24, 3) and targets.shape == (rows * columns, 8, 8, 3)
    assert inputs.dtype == targets.dtype == np.uint8
    for row, column in [(0, 0), (0, columns - 1), (rows - 1, 0), (rows - 1, columns - 1), (17, 30)]:
        want = by_loops(photo, decoded, 8 * row, 8 * column)
        assert (inputs[row * columns + column] == want[0]).all()
        assert (targets[row * columns + column] == want[1]).all()


def test_large_pairs_are_aligned_cover_the_photo_and_stay_inside(photo, decoded):
    inputs, targets = patches.pairs(photo, decoded, size=64)
    assert inputs.shape == (5 * 8, 80, 80, 3)
    seen = {target.tobytes() for target in targets}
    padded = np.pad(photo, ((0, 4), (0, 13), (0, 0)), mode="edge")  # up to 304x464, whole colour units
    for row in (0, 64, 240):
        for column in (0, 320, 400):
            assert padded[row : row + 64, column : column + 64].tobytes() in seen


@pytest.mark.parametrize("shape", [(1, 1, 3), (7, 5, 3), (8, 8, 3), (40, 3, 3)])
@pytest.mark.parametrize("size", [8, 16, 64])
def test_tiny_photos_give_pairs_too(shape, size):
    clean = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    inputs, targets = patches.pairs(clean, clean, size)
    assert len(inputs) == np.prod(patches.grid(*shape[:2], size))
    assert (inputs[:, 8:-8, 8:-8] == targets).all()


def test_a_photo_and_another_are_no_pair(photo):
    with pytest.raises(ValueError, match=r"shape \(300, 451, 3\) and a decoded one of shape \(300, 443, 3\) are no pair"):
        patches.pairs(photo, photo[:, 8:])


@pytest.mark.parametrize("size", [0, -8, 12])
def test_sizes_off_the_grid_are_refused(photo, size):
    with pytest.raises(ValueError, match=f"multiple of 8, got {size}"):
        patches.pairs(photo, photo, size)


def test_mirrored_pairs_are_pairs_that_jpeg_could_have_made():
    clean = images.course_photos()["astronaut"][:128, :128]
    inputs, _ = patches.pairs(clean, jpeg.compress(clean, 25), size=64)
    mirrored = np.ascontiguousarray(clean[:, ::-1])
    after = patches.pairs(mirrored, jpeg.compress(mirrored, 25), size=64)
    inner = (inputs[0, 8:-8, 8:-8], inputs[1, 8:-8, 8:-8])
    found = (after[0][1, 8:-8, 8:-8], after[0][0, 8:-8, 8:-8])
    for flipped, encoded in zip(inner, found, strict=True):
        # Alike but for the DCT's rounding; a coefficient right between two levels may fall to the other side and touch one block.
        assert (np.abs(flipped[:, ::-1].astype(int) - encoded) > 2).mean() < 1e-3


def test_flip_mirrors_both_sides_alike(photo, decoded):
    inputs, targets = patches.pairs(photo, photo, size=32)
    flipped, wanted = patches.flip(inputs, targets, np.random.default_rng(0))
    assert (flipped[:, 8:-8, 8:-8] == wanted).all()
    ways = [sum((target[::d, ::a] == want).all() for d in (1, -1) for a in (1, -1)) for target, want in zip(targets, wanted, strict=True)]
    assert all(ways) and (flipped != inputs).any()


def test_blocks_cannot_be_mirrored_alone(photo):
    with pytest.raises(ValueError, match="multiple of 16, got 8; mirror the photo before"):
        patches.flip(*patches.pairs(photo, photo), np.random.default_rng(0))


def test_drawn_pairs_are_aligned_repeatable_and_of_the_asked_qualities(photo):
    inputs, targets = patches.draw([photo], [30], 24, size=32, seed=5)
    again = patches.draw([photo], [30], 24, size=32, seed=5)
    assert (inputs == again[0]).all() and (targets == again[1]).all()
    assert (patches.draw([photo], [30], 24, size=32, seed=6)[0] != inputs).any()
    table = jpeg.read_tables(jpeg.encode(photo, 30))
    luma = np.stack([colour.rgb_to_ycbcr(pair)[..., 0] for pair in inputs])
    coefficients = np.concatenate([transform.dct(transform.to_blocks(plane - 128)) for plane in luma])
    off = np.abs(coefficients / table[0] - np.rint(coefficients / table[0]))[..., 4:, 4:]
    assert np.median(off) < 0.05  # a grid shifted by one pixel gives 0.2


def test_the_quality_is_told_as_a_fourth_channel(photo, decoded):
    told = patches.tell(decoded, 25)
    assert told.shape == (*decoded.shape[:2], 4) and told.dtype == np.uint8
    assert (told[..., :3] == decoded).all() and (told[..., 3] == 25).all()
    assert (patches.tell(photo[None], None)[..., 3] == 0).all(), "never compressed"
    for quality in (0, 101, 2.5):
        with pytest.raises(ValueError, match="1 to 100"):
            patches.tell(photo, quality)


def test_drawn_pairs_tell_their_own_quality(photo):
    """The same pairs as without telling, and beside them the quality that their pixels were made with."""
    photo = photo[:128, :128]
    plain = patches.draw([photo], [10, 90, None], 24, size=32, seed=5, per_image=1)
    told = patches.draw([photo], [10, 90, None], 24, size=32, seed=5, per_image=1, told=True)
    assert (told[0][..., :3] == plain[0]).all() and (told[1] == plain[1]).all()
    levels = told[0][..., 3].reshape(24, -1)
    assert (levels == levels[:, :1]).all() and set(levels[:, 0]) == {0, 10, 90}
    error = np.abs(plain[0][:, 8:-8, 8:-8].astype(int) - plain[1]).mean(axis=(1, 2, 3))
    assert (error[levels[:, 0] == 0] == 0).all() and 0 < error[levels[:, 0] == 90].max() < error[levels[:, 0] == 10].min()


def test_photos_are_drawn_by_their_area_or_equally_often():
    large, small = np.full((192, 192, 3), 200, np.uint8), np.full((48, 48, 3), 50, np.uint8)
    share = {}
    for equally in (False, True):
        targets = patches.draw([large, small], [None], 400, size=16, per_image=1, equally=equally)[1]
        share[equally] = (targets[:, 0, 0, 0] == 50).mean()
    assert share[False] == pytest.approx(1 / 17, abs=0.04) and share[True] == pytest.approx(0.5, abs=0.1)


def test_create_and_load(tmp_path, photo):
    photos = {"whole": photo, "part": photo[:40, :24]}
    index = patches.create(photos, tmp_path / "pairs", [10, 25])
    inputs, targets, loaded = patches.load(tmp_path / "pairs")
    assert loaded == json.loads(json.dumps(index))
    assert [(entry["name"], entry["quality"], entry["count"]) for entry in index["images"]] == [
        ("whole", 10, 38 * 57),
        ("whole", 25, 38 * 57),
        ("part", 10, 15),
        ("part", 25, 15),
    ]
    want = patches.pairs(photos["part"], jpeg.compress(photos["part"], 25))
    assert (inputs[-15:] == want[0]).all() and (targets[-15:] == want[1]).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pairs"]


def test_create_never_replaces_unasked_and_leaves_nothing_half_written(tmp_path, photo):
    folder = tmp_path / "pairs"
    patches.create({"a": photo[:16, :16]}, folder, 25)
    with pytest.raises(FileExistsError, match="--force replaces it"):
        patches.create({"a": photo}, folder, 25)
    with pytest.raises(ValueError, match="image"):
        patches.create({"a": photo, "b": photo[..., 0]}, folder, 25, force=True)
    assert patches.load(folder)[2]["count"] == 4
    assert [path.name for path in tmp_path.iterdir()] == ["pairs"]
    patches.create({"a": photo[:8, :8]}, folder, 25, force=True)
    assert patches.load(folder)[2]["count"] == 1
    (folder / "diary.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="something else"):
        patches.create({"a": photo}, folder, 25, force=True)
    assert (folder / "diary.txt").read_text() == "mine"


@pytest.mark.parametrize("quality", [0, 101, 2.5])
def test_impossible_qualities_are_refused_before_anything_is_written(tmp_path, photo, quality):
    with pytest.raises(ValueError, match="1 to 100"):
        patches.create({"a": photo}, tmp_path / "pairs", quality)
    assert not list(tmp_path.iterdir())


def test_no_images(tmp_path):
    with pytest.raises(ValueError, match="no images"):
        patches.create({}, tmp_path / "pairs", 25)


def test_damaged_datasets_are_named(tmp_path, photo):
    with pytest.raises(FileNotFoundError, match="create-data"):
        patches.load(tmp_path)
    patches.create({"a": photo[:32, :32]}, tmp_path / "pairs", 25)
    whole = (tmp_path / "pairs" / "inputs.npy").read_bytes()
    (tmp_path / "pairs" / "inputs.npy").write_bytes(whole[:500])
    with pytest.raises(ValueError, match="damaged"):
        patches.load(tmp_path / "pairs")


def test_the_pipeline_gives_every_pair_once_an_epoch(photo):
    pytest.importorskip("tensorflow")
    inputs, targets = patches.pairs(photo[:64, :64], photo[:64, :64], size=16)
    inputs[:, 0, 0, 0] = np.arange(16)
    batches = list(patches.dataset(inputs, targets, batch=4, seed=3).as_numpy_iterator())
    order = np.concatenate([batch[0][:, 0, 0, 0] for batch in batches])
    assert sorted(order) == list(range(16)) and list(order) != list(range(16))
    assert all((batch[0][:, 8:-8, 8:-8] == batch[1]).all() for batch in batches)
    plain = list(patches.dataset(inputs, targets, batch=5, shuffle=False).as_numpy_iterator())
    assert [len(batch[0]) for batch in plain] == [5, 5, 5, 1] and plain[0][0].dtype == np.uint8


def test_a_pair_of_no_quality_is_the_photo_itself():
    photo = np.random.default_rng(0).integers(0, 256, (80, 96, 3), np.uint8)
    inputs, targets = patches.draw([photo], [None], count=8, size=16)
    assert np.array_equal(inputs[:, 8:-8, 8:-8], targets)
    inputs, targets = patches.draw([photo], [None, 10], count=400, size=16, per_image=1)
    same = (inputs[:, 8:-8, 8:-8] == targets).all(axis=(1, 2, 3)).mean()
    assert 0.4 < same < 0.6
