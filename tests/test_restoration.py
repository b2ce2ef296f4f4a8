"""Whole images, pieces and single blocks agree; photos keep what they have; weights are what they say."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image

import blockcnn_helpers
from blockcnn_helpers import evaluation, images, jpeg, metrics, photos, pieces, projection, restoration
from blockcnn_helpers.quiet import start_keras

keras = start_keras()
from blockcnn_helpers import models  # noqa: E402


@pytest.fixture(scope="module")
def model():
    """BlockCNN with random weights everywhere, also where training starts at zero."""
    keras.utils.set_random_seed(7)
    rng = np.random.default_rng(7)
    network = models.build("blockcnn")
    for weight in network.weights:
        if not np.any(keras.ops.convert_to_numpy(weight)):
            weight.assign(rng.normal(0, 0.03, weight.shape))
    return network


@pytest.fixture(scope="module")
def untrained():
    return models.build("blockcnn")


def photo(height, width):
    return jpeg.compress(images.course_photos()["coffee"][40 : 40 + height, 120 : 120 + width], 10)


# One image


@pytest.mark.parametrize("size", [(24, 24), (64, 136), (53, 101)])
def test_block_by_block_is_the_whole_image(model, size):
    image = photo(*size)
    whole = restoration.restore(image, model, tile=256, rounded=False)
    blocks = restoration.restore_blocks(image, model, rounded=False)
    assert whole.shape == blocks.shape == image.shape and whole.dtype == np.float32
    assert np.abs(whole - blocks).max() < 1e-4
    assert np.abs(whole - image / 255.0).max() > 0.05, "these weights must do something"


@pytest.mark.parametrize("tile", [8, 24, 64, 128, 1024])
def test_the_tile_makes_no_difference(model, tile):
    image = photo(130, 161)
    difference = restoration.restore(image, model, tile=tile, rounded=False) - restoration.restore(image, model, rounded=False)
    assert np.abs(difference).max() < 1e-5


@pytest.fixture(scope="module")
def wide():
    """A wide network with random weights everywhere."""
    keras.utils.set_random_seed(7)
    rng = np.random.default_rng(7)
    network = models.build("wide", channels=8, width=8, blocks=8)
    for weight in network.weights:
        weight.assign(keras.ops.convert_to_numpy(weight) + rng.normal(0, 0.05, weight.shape))
    return network


@pytest.mark.parametrize("tile", [64, 136, 200])
def test_the_tile_makes_no_difference_to_a_network_that_looks_farther(wide, tile):
    image = photo(261, 330)
    whole = restoration.restore(image, wide, rounded=False)
    difference = restoration.restore(image, wide, tile=tile, rounded=False) - whole
    assert np.abs(difference).max() < 1e-5
    assert np.abs(whole - image / 255).max() > 0.05, "these weights must do something"


def test_its_reach_is_as_far_as_it_looks(wide):
    """Change one block: what changes lies within the reach, and comes near it."""
    image = photo(264, 264)
    reach = pieces.WIDE["wide"][0]
    changed = image.copy()
    changed[128:136, 128:136] ^= 255
    moved = np.abs(restoration.restore(changed, wide, rounded=False) - restoration.restore(image, wide, rounded=False)).max(axis=(1, 2))
    rows = np.nonzero(moved > 1e-7)[0]
    assert 128 - reach <= rows.min() < 128 - reach / 2 and 135 + reach / 2 < rows.max() <= 135 + reach


@pytest.mark.parametrize("name", ["model", "wide"])
def test_the_ensemble_is_the_mean_over_mirror_images(name, request):
    network = request.getfixturevalue(name)
    image = photo(64, 96)
    by_hand = np.zeros(image.shape)
    for flip in (lambda x: x, np.fliplr, np.flipud, lambda x: np.fliplr(np.flipud(x))):
        by_hand += flip(restoration.restore(np.ascontiguousarray(flip(image)), network, rounded=False)) / 4
    assert np.allclose(restoration.restore(image, network, rounded=False, ensemble=True), by_hand, atol=1e-5)
    assert restoration.restore(photo(53, 101), network, ensemble=True).shape == (53, 101, 3)


@pytest.mark.parametrize("name", ["model", "wide"])
def test_strength_blends(name, request):
    network = request.getfixturevalue(name)
    image = photo(64, 136)
    whole = restoration.restore(image, network, rounded=False)
    half = restoration.restore(image, network, rounded=False, strength=0.5)
    assert np.allclose(half, (whole + image / 255) / 2, atol=1e-5)
    assert np.array_equal(restoration.restore(image, network, strength=0), image)
    for strength in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="strength lies between 0 and 1"):
            restoration.restore(image, network, strength=strength)


@pytest.mark.parametrize("settings", [{}, {"tile": 64}, {"ensemble": True}])
def test_given_its_file_the_result_is_what_the_file_allows(model, settings):
    data = jpeg.encode(images.course_photos()["chelsea"][:139, :170], 75)
    image = jpeg.decode(data)
    free = restoration.restore(image, model, rounded=False, **settings)
    bound = restoration.restore(image, model, rounded=False, file=data, **settings)
    assert np.abs(free - bound).max() > 0.01, "these weights must break the rules"
    assert np.allclose(bound, projection.project(255 * free, data) / 255, atol=1e-4)


def saturated():
    """A JPEG file whose decoded colours were clipped: their luma is far from what the file says, where no grey was clipped."""
    colours = np.random.default_rng(3).choice(np.array([[255, 0, 0], [0, 0, 255], [0, 255, 0], [255, 0, 255]], np.uint8), (8, 12))
    return jpeg.encode(colours.repeat(8, axis=0).repeat(8, axis=1), 90)


@pytest.mark.parametrize("name", ["model", "wide"])
@pytest.mark.parametrize("ensemble", [False, True])
def test_without_strength_a_file_is_what_it_decodes_to(name, ensemble, request):
    network, data = request.getfixturevalue(name), saturated()
    image = jpeg.decode(data)
    moved = np.abs(projection.project(image.astype(np.float32), data) - image).max()
    assert moved > 2, "this file must be one whose decoded picture the projection would change"
    assert np.array_equal(restoration.restore(image, network, file=data, strength=0, ensemble=ensemble), image)


def test_between_no_strength_and_all_of_it_the_way_is_straight(model):
    data = saturated()
    image = jpeg.decode(data)
    whole = restoration.restore(image, model, rounded=False, file=data)
    for strength in (0.01, 0.5, 0.9):
        some = restoration.restore(image, model, rounded=False, file=data, strength=strength)
        assert np.allclose(some, image / 255 + strength * (whole - image / 255), atol=1e-5)
        rounded = restoration.restore(image, model, file=data, strength=strength)
        assert np.array_equal(rounded, restoration.blend(image, whole, strength))


@pytest.mark.parametrize("strength", [0.3, 0.7])
def test_all_on_that_way_is_what_the_file_allows(model, strength):
    data = jpeg.encode(images.course_photos()["chelsea"][:136, :168], 30)
    some = restoration.restore(jpeg.decode(data), model, rounded=False, file=data, strength=strength)
    assert np.abs(projection.project(255 * some, data) - 255 * some).max() < 0.05


def test_the_file_must_be_the_images(model):
    with pytest.raises(ValueError, match="holds 64x64 pixels, the image 64x72"):
        restoration.restore(photo(64, 72), model, file=jpeg.encode(photo(64, 64), 10))


def test_the_ensemble_reports_the_whole_of_its_progress(model):
    shares = []
    restoration.restore(photo(130, 161), model, progress=shares.append, ensemble=True)
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (8, 8), (1, 200), (129, 3)])
def test_an_untrained_network_returns_the_jpeg_of_any_size(untrained, size):
    image = photo(*size)
    assert np.array_equal(restoration.restore(image, untrained), image)
    assert np.array_equal(restoration.restore_blocks(image, untrained), image)


def test_a_block_depends_on_its_neighbours_and_on_nothing_farther(model):
    image = photo(72, 72)
    before = restoration.restore(image, model, rounded=False)[32:40, 32:40]
    near, far = image.copy(), image.copy()
    near[24:48, 24:48] += 9
    far[:24], far[48:], far[:, :24], far[:, 48:] = 0, 255, 128, 7
    assert not np.allclose(restoration.restore(near, model, rounded=False)[32:40, 32:40], before, atol=1e-3)
    assert np.allclose(restoration.restore(far, model, rounded=False)[32:40, 32:40], before, atol=1e-6)


def test_results_are_rounded_and_clipped(model):
    image = photo(40, 40)
    floats = restoration.restore(image, model, rounded=False)
    assert np.array_equal(restoration.restore(image, model), np.rint(np.clip(floats, 0, 1) * 255).astype(np.uint8))


def test_networks_that_take_one_block_alone_restore_as_well():
    inputs = keras.Input((24, 24, 3))
    network = keras.Model(inputs, keras.layers.Cropping2D(8)(keras.layers.Rescaling(1 / 255)(inputs)))
    assert np.array_equal(restoration.restore(photo(21, 35), network), photo(21, 35))


def test_networks_that_take_one_block_alone_obey_the_settings_too():
    inputs = keras.Input((24, 24, 3))
    network = keras.Model(inputs, 1 - keras.layers.Cropping2D(8)(keras.layers.Rescaling(1 / 255)(inputs)))
    image, shares = photo(21, 35), []
    assert np.array_equal(restoration.restore(image, network, progress=shares.append), 255 - image) and shares == [1]
    assert np.abs(restoration.restore(image, network, strength=0.5).astype(int) - 127.5).max() == 0.5
    assert np.array_equal(restoration.restore(image, network, ensemble=True), 255 - image)
    data = jpeg.encode(image, 90)
    bound = restoration.restore(jpeg.decode(data), network, file=data, rounded=False)
    assert np.allclose(bound, projection.project(255 - jpeg.decode(data).astype(np.float32), data) / 255, atol=1e-4)


def test_many_sizes_cost_one_compilation(model):
    for size in [(9, 9), (30, 200), (130, 140), (17, 260), (100, 1)]:
        restoration.restore(photo(*size), model)
    run = pieces._compiled(model)
    if keras.backend.backend() == "tensorflow":
        assert run.experimental_get_tracing_count() == 1


@pytest.mark.parametrize(
    "image", [np.zeros((8, 8)), np.zeros((8, 8, 3)), np.zeros((8, 8, 4), np.uint8), np.zeros((0, 8, 3), np.uint8)], ids=str
)
def test_what_is_no_image_is_named_by_shape_and_type(image, untrained):
    for restore in (restoration.restore, restoration.restore_blocks):
        with pytest.raises(ValueError, match="expected uint8 of shape") as caught:
            restore(image, untrained)
        assert str(image.shape) in str(caught.value) and str(image.dtype) in str(caught.value)


@pytest.mark.parametrize("tile", [0, -8, 12])
def test_impossible_tiles_are_refused(untrained, tile):
    with pytest.raises(ValueError, match="multiple of 8"):
        restoration.restore(photo(8, 8), untrained, tile=tile)


def test_progress_adds_up_to_one(untrained):
    shares = []
    restoration.restore(photo(300, 200), untrained, progress=shares.append)
    assert len(shares) == 6 and sum(shares) == pytest.approx(1)


def test_deblock_is_a_word_of_the_package(model):
    assert blockcnn_helpers.deblock is restoration.deblock
    data = jpeg.encode(photo(40, 56), 10)
    image = jpeg.decode(data)
    for settings in ({}, {"file": data}, {"strength": 0.5, "ensemble": True}):
        for name in ("wide", "blockcnn"):
            want = restoration.restore(image, restoration.load_model(name), **settings)
            assert np.array_equal(blockcnn_helpers.deblock(image, name, **settings), want)
        assert np.array_equal(blockcnn_helpers.deblock(image, model, **settings), restoration.restore(image, model, **settings))
    assert np.array_equal(blockcnn_helpers.deblock(image), blockcnn_helpers.deblock(image, restoration.BEST)), "the best one by default"
    with pytest.raises(AttributeError, match="nothing_like_it"):
        blockcnn_helpers.nothing_like_it  # noqa: B018


# Photos with more to them than three channels


def test_grey_in_grey_out(model, tmp_path):
    grey = Image.fromarray(photo(40, 48)).convert("L")
    grey.save(tmp_path / "in.png")
    restored = restoration.restore_photo(photos.read_photo(tmp_path / "in.png"), model)
    photos.write_photo(tmp_path / "out.png", restored)
    with Image.open(tmp_path / "out.png") as out:
        assert out.mode == "L"
        want = restoration.restore(np.asarray(grey.convert("RGB")), model).mean(axis=-1)
        assert np.abs(np.asarray(out) - want).max() <= 0.5


def test_alpha_stays_exactly(model):
    alpha = np.random.default_rng(0).integers(0, 256, (40, 48), dtype=np.uint8)
    restored = restoration.restore_photo(photos.Photo(photo(40, 48), alpha=alpha), model)
    assert restored.alpha is alpha and not np.array_equal(restored.image, photo(40, 48))


def test_sixteen_bits_keep_their_depth(model, untrained):
    image = np.repeat(photo(40, 48)[..., :1], 3, axis=2)
    fine = np.random.default_rng(0).integers(-100, 101, (40, 48))
    deep = (image[..., 0].astype(int) * 257 + fine).clip(0, 65535).astype(np.uint16)
    same = restoration.restore_photo(photos.Photo(image, grey=True, deep=deep), untrained)
    assert same.deep.dtype == np.uint16 and np.array_equal(same.deep, deep)
    restored = restoration.restore_photo(photos.Photo(image, grey=True, deep=deep), model).deep.astype(float)
    correction = restoration.restore(image, model, rounded=False).mean(axis=-1) - image[..., 0] / 255
    assert np.abs(restored - (deep + 65535 * correction).clip(0, 65535)).max() <= 1


def test_turned_photos_are_restored_on_the_grid_they_were_coded_on(model, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    image = images.course_photos()["chelsea"][:61, :90]
    Image.fromarray(image).save(tmp_path / "in.jpg", quality=10, exif=exif)
    decoded = np.asarray(Image.open(tmp_path / "in.jpg"))
    restored = restoration.restore_photo(photos.read_photo(tmp_path / "in.jpg"), model)
    photos.write_photo(tmp_path / "out.png", restored)
    out = np.asarray(Image.open(tmp_path / "out.png"))
    assert np.array_equal(out, np.rot90(restoration.restore(decoded, model), -1))


# Weights


@pytest.fixture(scope="module")
def weights(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "own.weights.h5"
    model.save_weights(path)
    return path


def test_weights_come_back_and_are_loaded_once(model, weights):
    loaded = restoration.load_model(weights=weights)
    assert np.array_equal(restoration.restore(photo(24, 24), loaded), restoration.restore(photo(24, 24), model))
    assert restoration.load_model(weights=str(weights)) is loaded


def test_weights_with_a_wrong_hash_are_refused(weights, tmp_path):
    path = shutil.copy(weights, tmp_path)
    notes = tmp_path / "own.json"
    notes.write_text(json.dumps({"sha256": restoration.find_weights(weights=path)[1]}))
    assert restoration.find_weights(weights=path)
    notes.write_text(json.dumps({"sha256": "0" * 64}))
    with pytest.raises(ValueError, match=r"own\.weights\.h5 has SHA-256 .* own\.json says 000000000000"):
        restoration.load_model(weights=path)


def test_weights_that_are_none_are_named(tmp_path, weights):
    with pytest.raises(FileNotFoundError, match="no weights for blockcnn at"):
        restoration.load_model(weights=tmp_path / "gone.weights.h5")
    (tmp_path / "text.weights.h5").write_text("no weights")
    with pytest.raises(ValueError, match="holds no weights for blockcnn"):
        restoration.load_model(weights=tmp_path / "text.weights.h5")
    (tmp_path / "half.weights.h5").write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(ValueError, match="holds no weights for blockcnn"):
        restoration.load_model(weights=tmp_path / "half.weights.h5")


def test_notes_say_which_network_and_which_options_weights_are_for(tmp_path):
    path = tmp_path / "mine.weights.h5"
    models.build("wide", channels=8, width=8, blocks=8, told=True).save_weights(path)
    assert restoration.network_of(path) == "blockcnn", "without notes: what blockcnn train makes unless told otherwise"
    assert restoration.network_of() == restoration.BEST == "wide"
    options = {"channels": 8, "width": 8, "blocks": 8, "told": True}
    (tmp_path / "mine.json").write_text(json.dumps({"model": "wide", "options": options}))
    assert restoration.network_of(path) == restoration.network_of(str(path)) == "wide"
    assert restoration.load_model("wide", path).input_shape[-1] == 4
    (tmp_path / "mine.json").unlink()
    with pytest.raises(ValueError, match="holds no weights for wide"):
        restoration.load_model("wide", path)


# The weights that come with the course


@pytest.mark.parametrize("quality", [10, 25])
@pytest.mark.parametrize("name", images.COURSE)
def test_the_courses_weights_beat_jpeg_and_the_bilateral_filter(name, quality):
    clean = images.course_photos()[name]
    decoded = jpeg.compress(clean, quality)
    before, filtered, restored = (metrics.psnr(clean, x) for x in (decoded, evaluation.bilateral(decoded), restoration.restore(decoded)))
    assert restored > before + 0.6 and restored > filtered, (before, filtered, restored)


@pytest.mark.full
def test_the_courses_weights_on_kodak(kodak24):
    rows = evaluation.means(evaluation.evaluate(images.image_set(kodak24), [10, 20, 25, 30, 40], {"BlockCNN": evaluation.blockcnn}))
    gains = {before["quality"]: after["psnr"] - before["psnr"] for before, after in zip(rows[::2], rows[1::2])}
    assert all(gains[quality] >= least for quality, least in {10: 0.95, 20: 0.95, 25: 0.95, 30: 0.95, 40: 0.8}.items()), gains
