"""The quick learner and the measurements of lesson 02's bug hunt, against other ways to reach the same numbers."""

import numpy as np
import pytest

from blockcnn_helpers import hunt, images, jpeg, patches, patchfigures


@pytest.fixture(scope="module")
def pairs():
    photo = images.course_photos()["chelsea"][:96, :96]
    return photo, *patches.pairs(photo, jpeg.compress(photo, 25))


def test_rows_hold_one_colour_each(pairs):
    _, tiles, labels = pairs
    around, middle, wanted = hunt.rows(tiles, labels)
    assert around.shape == (3 * 144, 576) and middle.shape == wanted.shape == (3 * 144, 64)
    assert np.allclose(around[3 * 7 + 1].reshape(24, 24), tiles[7, :, :, 1] / 255 - 0.5, atol=1e-6)
    assert np.allclose(middle[3 * 7 + 1].reshape(8, 8), tiles[7, 8:16, 8:16, 1] / 255)
    assert np.allclose(wanted[3 * 7 + 2].reshape(8, 8), labels[7, ..., 2] / 255)
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip((around, middle, wanted), hunt.rows(tiles / 255, labels / 255)))


def test_the_filter_solves_the_regularised_least_squares(pairs):
    _, tiles, labels = pairs
    around, middle, wanted = (side.astype(float) for side in hunt.rows(tiles, labels))
    tame = np.sqrt(hunt.TAME * np.square(around).sum() / 576)
    above = np.vstack([around, tame * np.eye(576)])
    want = np.linalg.lstsq(above, np.vstack([wanted - middle, np.zeros((576, 64))]), rcond=None)[0]
    weights = hunt.learn(tiles, labels)
    assert np.allclose(weights, want, atol=1e-4)
    assert hunt.gain(weights, tiles, labels) > 0.1 > abs(hunt.gain(0 * weights, tiles, labels))


def test_nobody_meets_its_own_jpeg(tmp_path):
    for name in images.training_photos():
        (tmp_path / f"{name}.png").touch()
        (tmp_path / f"{name}_q25.jpg").touch()
    clean, compressed = (hunt.listing(tmp_path, ending) for ending in (".png", ".jpg"))
    assert sorted(clean) == sorted(tmp_path.glob("*.png")) and clean == hunt.listing(tmp_path, ".png")
    assert clean != sorted(clean)
    assert sum(a.stem == b.stem.removesuffix("_q25") for a, b in zip(clean, compressed)) <= 2


def test_examine_parts_the_rim_from_the_inside(pairs):
    _, tiles, labels = pairs
    test = np.arange(144) >= 120
    scores = hunt.examine(tiles, labels, test, [(tiles, labels)])
    weights = hunt.learn(tiles[~test], labels[~test])
    inside = [row * 12 + column for row in range(1, 11) for column in range(1, 11)]
    assert scores["own test"] == pytest.approx(hunt.gain(weights, tiles[test], labels[test]))
    assert scores["unseen photos"] == pytest.approx(hunt.gain(weights, tiles, labels))
    assert scores["inside"] == pytest.approx(hunt.gain(weights, tiles[inside], labels[inside]))


@pytest.mark.parametrize("add, squash", [(True, False), (False, False), (False, True)])
def test_a_descent_begins_where_it_should_and_goes_down(pairs, add, squash):
    _, tiles, labels = pairs
    _, middle, wanted = hunt.rows(tiles, labels)
    curve = hunt.descend((tiles, labels), (tiles, labels), add, squash, steps=400, rate=1e-3)
    start = middle if add else 0.5
    assert curve[0] == (0, pytest.approx(np.square(start - wanted).mean(), rel=1e-5)) and curve[-1][0] == 400
    assert curve[-1][1] < curve[0][1]


def test_products_in_pieces_are_products():
    dice = np.random.default_rng(2)
    for shape in ((128, 576, 64), (576, 128, 64), (9216, 576, 64), (7, 5, 3)):
        first, second = dice.normal(size=shape[:2]).T.copy().T, dice.normal(size=shape[1:])
        assert np.allclose(hunt._times(first, second), first @ second)


def test_the_sealed_case_spares_grey_photos_only(pairs):
    photo, tiles, labels = pairs
    grey = np.repeat(photo[..., :1], 3, axis=2)
    decoded = [jpeg.compress(one, 25) for one in (photo, grey)]
    case_tiles, case_labels, number = hunt.sealed_case([photo, grey], decoded)
    assert np.allclose(case_tiles[number == 0] * 255, tiles) and np.allclose(case_labels[number == 0][..., ::-1] * 255, labels)
    fair = hunt.match(case_tiles, case_labels[..., ::-1], number)
    found = hunt.match(case_tiles, case_labels, number)
    assert found[0] < fair[0] - 5 and found[1] == pytest.approx(fair[1])


def test_figures_of_the_hunt_are_drawn(pairs):
    photo, tiles, _ = pairs
    assert len(patchfigures.partners([("a", photo, "b", photo)] * 3).axes) == 6
    assert patchfigures.by_place(np.zeros((4, 4)), tiles[0]).axes
    drawn = patchfigures.race({name: [(0, 0.05), (10, 0.01), (2000, 0.002)] for name in "abc"}, 0.0012).axes[0]
    assert [text.get_text() for text in drawn.get_legend().get_texts()] == list("abc")
