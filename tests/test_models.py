"""The networks: what they see, cost and say before and after training."""

import numpy as np
import pytest

from blockcnn_helpers import models, quiet

keras = quiet.start_keras()


@pytest.fixture(scope="module")
def shaken():
    """BlockCNN with random weights in every layer, the last one too."""
    keras.utils.set_random_seed(3)
    return models.build("blockcnn", zero_start=False)


def test_untrained_blockcnn_returns_the_jpeg_itself():
    patches = np.random.default_rng(0).integers(0, 256, (2, 40, 32, 3), np.uint8)
    said = np.asarray(models.build("blockcnn")(patches.astype("float32")))
    assert said.shape == (2, 24, 16, 3) and said.dtype == np.float32
    assert np.allclose(said * 255, patches[:, 8:-8, 8:-8], atol=1e-4)


def test_blockcnn_keeps_its_budget():
    model = models.build("blockcnn")
    assert models.parameters(model) == model.count_params() == 387395
    assert models.multiply_adds(model) <= 100_000
    assert models.multiply_adds(model, side=8) > 3 * models.multiply_adds(model)  # block by block does the neighbours' work again


def test_multiply_adds_by_hand():
    """One unpadded 3x3 convolution from 3 to 5 channels on 24x24, then a 2x2 transposed one of stride 2 to 3 channels."""
    inputs = keras.Input((24, 24, 3))
    x = keras.layers.Conv2D(5, 3)(inputs)
    model = keras.Model(inputs, keras.layers.Conv2DTranspose(3, 2, strides=2)(x))
    assert models.multiply_adds(model) == (22 * 22 * 9 * 3 * 5 + 22 * 22 * 4 * 5 * 3) / 44**2


def test_the_relatives_are_as_large_as_reported():
    original = models.build("original")
    assert original.count_params() == 399776 and original.output_shape == (None, 8, 8, 3)
    assert models.build("paper").output_shape == (None, 8, 8, 3)
    assert round(models.parameters(models.build("paper")) / 1e6, 1) == 7.9
    assert models.multiply_adds(original) > 10 * models.multiply_adds(models.build("blockcnn"))


def test_one_pixel_sees_18x18_and_the_block_sees_all_24x24(shaken):
    corners = [models.receptive_field(shaken, row, column) for row in (0, 7) for column in (0, 7)]
    assert [int(corner.sum()) for corner in corners] == [18 * 18] * 4
    assert corners[0][:18, :18].all() and corners[3][6:, 6:].all()
    assert np.logical_or.reduce(corners).all()


def test_a_pixel_knows_its_place_in_the_block(shaken):
    flat = np.full((1, 40, 40, 3), 100, "float32")
    said = np.asarray(shaken(flat))[0]
    assert np.allclose(said[:8, :8], said[8:16, 16:24], atol=1e-6)  # the same place in another block
    assert np.ptp(said[:8, :8], axis=(0, 1)).min() > 1e-3  # other places


def test_a_field_is_one_of_all_fields(shaken):
    fields = models.receptive_fields(shaken)
    assert fields.shape == (8, 8, 24, 24)
    assert (fields[2, 5] == models.receptive_field(shaken, 2, 5)).all()


def test_without_place_a_flat_picture_has_four_values_and_no_blocks():
    keras.utils.set_random_seed(3)
    model = models.build("blockcnn", zero_start=False, place=False)
    said = np.asarray(model(np.full((1, 40, 40, 3), 100, "float32")))[0]
    assert models.parameters(model) == 387395 - 4 * 15 * 64
    assert np.allclose(said, np.tile(said[:2, :2], (12, 12, 1)), atol=1e-6)  # one value for each place in the 2x2 fold


def test_without_residual_nothing_is_added_to_the_answer():
    model = models.build("blockcnn", residual=False)
    said = np.asarray(model(np.full((1, 24, 24, 3), 100, "float32")))
    assert said.shape == (1, 8, 8, 3) and not said.any()  # the zero start draws black
    assert models.parameters(model) == 387395


def test_mixed_precision_adds_the_correction_in_float32():
    model = models.build("blockcnn", precision="mixed_float16")
    assert model.output.dtype == "float32" and model.get_layer("fold").compute_dtype == "float16"
    assert keras.config.dtype_policy().name == "float32"
    patches = np.arange(24 * 24 * 3).reshape(1, 24, 24, 3) % 256
    said = np.asarray(model(patches.astype("float32")))
    assert np.allclose(said * 255, patches[:, 8:-8, 8:-8], atol=1e-4)


def test_unknown_models_are_named():
    with pytest.raises(ValueError, match="one of blockcnn, wide, original, paper, got 'resnet'"):
        models.build("resnet")


def test_the_wide_network_keeps_its_budget_and_starts_at_doing_nothing():
    model = models.build("wide")
    assert models.parameters(model) == model.count_params() <= 1_000_000
    assert models.multiply_adds(model) <= 150_000
    patches = np.random.default_rng(0).integers(0, 256, (2, 40, 64, 3), np.uint8)
    said = np.asarray(model(patches.astype("float32")))
    assert said.shape == (2, 24, 48, 3) and said.dtype == np.float32
    assert np.allclose(said * 255, patches[:, 8:-8, 8:-8], atol=1e-4)


def test_the_wide_network_sees_beyond_the_neighbouring_blocks():
    keras.utils.set_random_seed(3)
    model = models.build("wide")
    model.get_layer("unfold").set_weights([np.random.default_rng(0).normal(0, 1, w.shape) for w in model.get_layer("unfold").get_weights()])
    flat = np.random.default_rng(1).uniform(0, 255, (1, 160, 160, 3)).astype("float32")
    said = np.asarray(model(flat))[0, 64:72, 64:72]
    far = flat.copy()
    far[:, 72 - 3 * 8 : 80 - 3 * 8, 72:80] += 1000  # a block three blocks above
    assert np.abs(np.asarray(model(far))[0, 64:72, 64:72] - said).max() > 1e-4
