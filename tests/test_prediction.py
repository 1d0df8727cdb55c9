import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from cellseg_utils import bundle, models, prediction

SIDE = 16
ABOUT = {"arguments": {"image_size": SIDE, "filters": 2, "depth": 1}}
EXAMPLES = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def network():
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    return bundle.Bundle(models.build("unet", ABOUT["arguments"]), ABOUT)


@pytest.fixture(scope="module")
def red():
    """A network whose probability is the red value of the same pixel over 255."""
    inputs = keras.Input((SIDE, SIDE, 3))
    outputs = layers.Conv2D(1, 1, use_bias=False)(inputs)
    model = keras.Model(inputs, outputs)
    model.set_weights([np.array([1 / 255, 0, 0], np.float32).reshape(1, 1, 3, 1)])
    return bundle.Bundle(model, ABOUT)


def picture(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def test_a_picture_of_the_networks_size_is_predicted_pixel_by_pixel(red):
    image = picture(SIDE, SIDE)
    (probability,) = prediction.probabilities(red, [image])
    np.testing.assert_allclose(probability, image[..., 0] / 255, atol=1e-6)


def test_every_picture_gets_its_own_map_in_its_own_place(red):
    images = [np.full((8 + n, 20 - n, 3), 20 * n, np.uint8) for n in range(12)]
    maps = prediction.probabilities(red, images, batch_size=5)
    for n, probability in enumerate(maps):
        np.testing.assert_allclose(probability, np.full((8 + n, 20 - n), 20 * n / 255), atol=1e-6)


def test_the_batch_size_does_not_change_the_maps(network):
    images = [picture(20, 30, seed) for seed in range(5)]
    for one, other in zip(
        prediction.probabilities(network, images, 1),
        prediction.probabilities(network, images, 16),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


@EXAMPLES
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 99))
def test_any_size_in_gives_the_same_size_out_between_0_and_1(network, height, width, seed):
    (probability,) = prediction.probabilities(network, [picture(height, width, seed)])
    assert probability.shape == (height, width)
    assert probability.dtype == np.float32
    assert probability.min() >= 0
    assert probability.max() <= 1


@pytest.mark.parametrize("size", [(SIDE, SIDE), (40, 24), (200, 333), (9, 5)])
def test_the_map_lies_over_the_picture_where_the_nucleus_is(red, size):
    image = np.zeros((*size, 3), np.uint8)
    image[: size[0] // 2, size[1] // 2 :] = 255
    (probability,) = prediction.probabilities(red, [image])
    rows, columns = np.nonzero(probability > 0.5)
    assert rows.mean() == pytest.approx((size[0] // 2 - 1) / 2, abs=max(1, size[0] / SIDE))
    assert columns.mean() == pytest.approx((size[1] // 2 + size[1] - 1) / 2, abs=max(1, size[1] / SIDE))


def test_mirrored_views_and_other_memory_layouts_are_read_as_they_look(red):
    image = picture(40, 24)
    for view in (image[:, ::-1], image[::-1], image[..., ::-1], image[::2, ::3], np.asfortranarray(image)):
        (one,) = prediction.probabilities(red, [view])
        (other,) = prediction.probabilities(red, [np.ascontiguousarray(view)])
        np.testing.assert_array_equal(one, other)


def test_the_pictures_given_stay_as_they_are(network):
    image = picture(30, 20)
    before = image.copy()
    prediction.probabilities(network, [image])
    np.testing.assert_array_equal(image, before)


def test_no_pictures_give_no_maps(network):
    assert prediction.probabilities(network, []) == []


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((8, 8, 3), np.float32),
        np.zeros((8, 8, 3), np.uint16),
        np.zeros((8, 8, 3), bool),
        np.zeros((8, 8, 4), np.uint8),
        np.zeros((8, 8, 1), np.uint8),
        np.zeros((8, 8), np.uint8),
        np.zeros((1, 8, 8, 3), np.uint8),
        np.zeros((0, 8, 3), np.uint8),
        np.zeros((8, 0, 3), np.uint8),
    ],
    ids=lambda image: f"{image.shape} {image.dtype}",
)
def test_a_picture_of_another_type_or_shape_raises_before_anything_is_predicted(image, monkeypatch):
    monkeypatch.setattr(prediction, "square_probabilities", None)
    with pytest.raises(ValueError, match=r"expected \(H, W, 3\) uint8") as caught:
        prediction.probabilities(bundle.Bundle(None, ABOUT), [picture(8, 8), image])
    assert str(image.shape) in str(caught.value)
    assert str(image.dtype) in str(caught.value)


def test_square_pictures_are_predicted_as_the_model_does(network):
    images = np.stack([picture(SIDE, SIDE, seed) for seed in range(3)])
    probability = prediction.square_probabilities(network, images, batch_size=2)
    assert probability.shape == (3, SIDE, SIDE)
    assert probability.dtype == np.float32
    np.testing.assert_allclose(probability, np.asarray(network.model(images))[..., 0], atol=1e-6)
    for image, one in zip(images, probability, strict=True):
        np.testing.assert_allclose(prediction.probabilities(network, [image])[0], one, atol=1e-6)
