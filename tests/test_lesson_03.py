"""Lesson 03: what its short runs printed is what its prose says, and claims that no cell of its own measures."""

import json
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from lesson_cells import code_cells

from blockcnn_helpers import images, jpeg, metrics, models, netfigures, patches, restoration, training
from blockcnn_helpers.filters import bilateral

(LESSON,) = (Path(__file__).parents[1] / "notebooks").glob("03_*.ipynb")
PRINTED = "\n".join(text for _, text in code_cells(LESSON))
CELLS = json.loads(LESSON.read_text(encoding="utf-8"))["cells"]
PROSE = "\n".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown").replace("−", "-")
ARMS = {
    name.strip(): (float(start), float(end))
    for name, start, end in re.findall(
        r"^(BlockCNN|no \w+(?: \w+)?) +([+-]\d+\.\d\d) dB, after 800 steps +([+-]\d\.\d\d) dB", PRINTED, re.M
    )
}


def test_four_networks_were_trained_and_one_thing_left_out_at_a_time():
    assert list(ARMS) == ["BlockCNN", "no place", "no zero start", "no residual"]
    assert ARMS["BlockCNN"][0] == ARMS["no place"][0] == 0 > ARMS["no zero start"][0] > ARMS["no residual"][0]
    assert min(ARMS["BlockCNN"][1], ARMS["no place"][1]) > ARMS["no zero start"][1] > ARMS["no residual"][1]


@pytest.mark.parametrize("name", ARMS)
def test_the_prose_quotes_what_each_ended_at(name):
    assert PROSE.count(f"{ARMS[name][1]:+.2f} dB") >= 2, "where it is discussed, and in the recap"


def test_the_prose_quotes_the_overfit_batch():
    first = dict(re.findall(r"^(\w+ pairs): the first loss is (\d+\.\d\d)", PRINTED, re.M))
    assert list(first) == ["right pairs", "wrong pairs"] and all(loss in PROSE for loss in first.values())
    learnt = re.findall(r"^(.+): loss (\d+\.\d\d), after 400 steps (\d+\.\d\d) grey levels", PRINTED, re.M)
    assert [name for name, *_ in learnt] == ["BlockCNN", "a ReLU at the end", "wrong pairs"]
    assert learnt[1][1:] == (first["right pairs"],) * 2 and all(float(end) < 0.1 for _, _, end in (learnt[0], learnt[2]))
    assert all(end in PROSE for _, _, end in learnt)


def test_the_counter_counts_what_the_network_sees():
    """The field after all five layers, reckoned layer by layer, is the one that planted pixels find."""
    keras.utils.set_random_seed(3)
    field, words = netfigures.field_after(netfigures.LAYERS)
    assert (field == models.receptive_field(models.build("blockcnn"))).all() and words == ["look 4, 3x3: 14 + 2 x 2 = 18 on a side"]


def test_a_bolder_filter_gains_more_at_10_and_less_at_25():
    def gain(sigma, quality):
        pairs = [(photo, jpeg.compress(photo, quality)) for photo in images.course_photos().values()]
        return np.mean([metrics.psnr(a, bilateral(b, sigma_colour=sigma)) - metrics.psnr(a, b) for a, b in pairs])

    assert gain(60, 10) > gain(40, 10) + 0.05 and gain(60, 25) < gain(40, 25)


def test_the_answer_moves_with_the_photo_by_the_grids_that_it_has():
    """Without place: the fold's, two pixels. With place: the blocks', eight."""
    photo = images.course_photos()["chelsea"][:96, :128]
    for place, same in ((False, {2, 4, 8}), (True, {8})):
        keras.utils.set_random_seed(8)
        model = models.build("blockcnn", zero_start=False, place=place)
        whole = restoration.restore(photo, model, rounded=False)
        cut = {rows: restoration.restore(photo[rows:], model, rounded=False) for rows in (1, 2, 4, 8)}
        apart = {rows: abs(shifted - whole[rows:])[16:-16, 16:-16].max() for rows, shifted in cut.items()}
        assert {rows for rows in apart if apart[rows] < 1e-4} == same


def test_two_zero_layers_learn_where_a_skip_goes_around_one():
    """Question 3 of the self-test: `unfold` moves first, then the rest."""
    batch = patches.draw(list(images.training_photos().values()), qualities=(10,), count=8, size=8, seed=1)
    keras.utils.set_random_seed(0)
    model = models.build("blockcnn")
    narrow = model.get_layer("bottleneck_4_narrow")
    narrow.set_weights([0 * weights for weights in narrow.get_weights()])
    training.compile_model(model, steps=400)
    moved = []
    for _ in range(3):
        before = model.get_weights()
        model.train_on_batch(*batch)
        moved.append(sum((old != new).any() for old, new in zip(before, model.get_weights())))
    assert moved[0] == 2 < moved[1] < moved[2] == 28


@pytest.mark.full
@pytest.mark.parametrize("seed", [0, 1])
def test_a_random_start_does_not_save_a_network_with_a_relu_at_its_end(seed):
    batch = patches.draw(list(images.training_photos().values()), qualities=(10,), count=8, size=8, seed=1)
    keras.utils.set_random_seed(seed)
    model = models.build("blockcnn", zero_start=False)
    rectified = keras.layers.ReLU()(model.get_layer("unfold").output)
    model = keras.Model(model.input, keras.layers.Add()([model.get_layer("centre").output, rectified]))
    training.compile_model(model, steps=400)
    again = [np.tile(side, (20, 1, 1, 1)) for side in batch]
    losses = model.fit(*again, batch_size=8, epochs=20, shuffle=False, verbose=0).history["loss"]
    assert f"{255 * losses[-1]:.2f}" == "11.56" and 255 * losses[0] > 12
