import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from painter import PAINTER, SEPARATING, drawn, paint, painting, row_of_discs, watched

from cellseg_utils.models import architectures
from cellseg_utils.prediction import bundle, instances, segmentation, views
from cellseg_utils.preprocessing import scale, targets

SIDE = 16
ABOUT = {"arguments": {"image_size": SIDE, "filters": 2, "depth": 1}}
WRONG = [
    np.zeros((8, 8, 3), np.float32),
    np.zeros((8, 8, 3), np.uint16),
    np.zeros((8, 8, 3), bool),
    np.zeros((8, 8, 4), np.uint8),
    np.zeros((8, 8, 1), np.uint8),
    np.zeros((8, 8), np.uint8),
    np.zeros((1, 8, 8, 3), np.uint8),
    np.zeros((0, 8, 3), np.uint8),
    np.zeros((8, 0, 3), np.uint8),
]
EXAMPLES = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def network():
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    return bundle.Bundle(architectures.build("unet", ABOUT["arguments"]), ABOUT)


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
    (probability,) = segmentation.probabilities(red, [image])
    np.testing.assert_allclose(probability, image[..., 0] / 255, atol=1e-6)


def test_every_picture_gets_its_own_map_in_its_own_place(red):
    images = [np.full((8 + n, 20 - n, 3), 20 * n, np.uint8) for n in range(12)]
    maps = segmentation.probabilities(red, images, batch_size=5)
    for n, probability in enumerate(maps):
        np.testing.assert_allclose(probability, np.full((8 + n, 20 - n), 20 * n / 255), atol=1e-6)


def test_the_batch_size_does_not_change_the_maps(network):
    images = [picture(20, 30, seed) for seed in range(5)]
    for one, other in zip(
        segmentation.probabilities(network, images, 1),
        segmentation.probabilities(network, images, 16),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


@EXAMPLES
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 99))
def test_any_size_in_gives_the_same_size_out_between_0_and_1(network, height, width, seed):
    (probability,) = segmentation.probabilities(network, [picture(height, width, seed)])
    assert probability.shape == (height, width)
    assert probability.dtype == np.float32
    assert probability.min() >= 0
    assert probability.max() <= 1


@pytest.mark.parametrize("size", [(SIDE, SIDE), (40, 24), (200, 333), (9, 5)])
def test_the_map_lies_over_the_picture_where_the_nucleus_is(red, size):
    image = np.zeros((*size, 3), np.uint8)
    image[: size[0] // 2, size[1] // 2 :] = 255
    (probability,) = segmentation.probabilities(red, [image])
    rows, columns = np.nonzero(probability > 0.5)
    assert rows.mean() == pytest.approx((size[0] // 2 - 1) / 2, abs=max(1, size[0] / SIDE))
    assert columns.mean() == pytest.approx((size[1] // 2 + size[1] - 1) / 2, abs=max(1, size[1] / SIDE))


def test_the_map_of_a_larger_picture_is_interpolated(red):
    image = np.zeros((2 * SIDE, 2 * SIDE, 3), np.uint8)
    image[:, SIDE:] = 255
    (probability,) = segmentation.probabilities(red, [image])
    expected = np.repeat([0, 0.25, 0.75, 1], [SIDE - 1, 1, 1, SIDE - 1])
    np.testing.assert_allclose(probability, np.tile(expected, (2 * SIDE, 1)), atol=1e-6)


def test_mirrored_views_and_other_memory_layouts_are_read_as_they_look(red):
    image = picture(40, 24)
    for view in (image[:, ::-1], image[::-1], image[..., ::-1], image[::2, ::3], np.asfortranarray(image)):
        (one,) = segmentation.probabilities(red, [view])
        (other,) = segmentation.probabilities(red, [np.ascontiguousarray(view)])
        np.testing.assert_array_equal(one, other)


def test_the_pictures_given_stay_as_they_are(network):
    image = picture(30, 20)
    before = image.copy()
    segmentation.probabilities(network, [image])
    np.testing.assert_array_equal(image, before)


def test_no_pictures_give_no_maps(network):
    assert segmentation.probabilities(network, []) == []


@pytest.mark.parametrize("image", WRONG, ids=lambda image: f"{image.shape} {image.dtype}")
def test_a_picture_of_another_type_or_shape_raises_before_anything_is_predicted(image, monkeypatch):
    monkeypatch.setattr(segmentation, "square_probabilities", None)
    with pytest.raises(ValueError, match=r"expected \(H, W, 3\) uint8") as caught:
        segmentation.probabilities(bundle.Bundle(None, ABOUT), [picture(8, 8), image])
    assert str(image.shape) in str(caught.value)
    assert str(image.dtype) in str(caught.value)


def test_square_pictures_are_predicted_as_the_model_does(network):
    images = np.stack([picture(SIDE, SIDE, seed) for seed in range(3)])
    probability = segmentation.square_probabilities(network, images, batch_size=2)
    assert probability.shape == (3, SIDE, SIDE)
    assert probability.dtype == np.float32
    np.testing.assert_allclose(probability, np.asarray(network.model(images))[..., 0], atol=1e-6)
    for image, one in zip(images, probability, strict=True):
        np.testing.assert_allclose(segmentation.probabilities(network, [image])[0], one, atol=1e-6)


@pytest.fixture(scope="module")
def separating():
    """An untrained network that separates."""
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    return bundle.Bundle(architectures.build("unet", SEPARATING["arguments"]), SEPARATING)


def assert_numbered(labels, shape):
    assert labels.shape == shape
    assert labels.dtype == np.int32
    assert sorted(set(np.unique(labels)) - {0}) == list(range(1, labels.max() + 1))


@pytest.mark.parametrize("size", [(40, 50), (33, 1), (64, 32)])
def test_a_network_that_separates_gives_labels_and_probability_of_the_pictures_size(separating, size):
    found = segmentation.segment(separating, picture(*size))
    assert_numbered(found.labels, size)
    assert found.probability.shape == size
    assert found.probability.dtype == np.float32
    assert 0 <= found.probability.min() <= found.probability.max() <= 1


@pytest.mark.parametrize("size", [(16, 16), (20, 31), (1, 1)])
def test_any_other_network_gives_the_pieces_of_its_mask(network, size):
    found = segmentation.segment(network, picture(*size))
    (probability,) = segmentation.probabilities(network, [picture(*size)])
    np.testing.assert_array_equal(found.probability, probability)
    np.testing.assert_array_equal(found.labels, instances.pieces(probability > 0.5))
    assert_numbered(found.labels, size)


@pytest.mark.parametrize("image", WRONG, ids=lambda image: f"{image.shape} {image.dtype}")
@pytest.mark.parametrize("about", [ABOUT, SEPARATING], ids=["seed", "best"])
def test_a_picture_of_another_type_or_shape_is_not_segmented(image, about):
    with pytest.raises(ValueError, match=r"expected .*\(H, W, 3\) uint8") as caught:
        segmentation.segment(bundle.Bundle(None, about), image)
    assert str(image.shape) in str(caught.value)
    assert str(image.dtype) in str(caught.value)


@pytest.mark.parametrize(("bright", "dark"), [(255, 0), (90, 40), (60, 230)])
@pytest.mark.parametrize("diameter", [12, 20, 45])
def test_discs_of_any_size_and_brightness_are_found_where_they_are(diameter, bright, dark):
    labels = row_of_discs(diameter)
    found = segmentation.segment(PAINTER, drawn(labels, bright, dark))
    assert_numbered(found.labels, labels.shape)
    assert found.labels.max() == 3
    for number in (1, 2, 3):
        own = found.labels == np.bincount(found.labels[labels == number]).argmax()
        assert np.count_nonzero(own & (labels == number)) / np.count_nonzero(own | (labels == number)) > 0.85
    assert (found.probability[labels == 0] < 0.5).mean() > 0.97


def test_the_rule_is_the_one_that_the_bundle_was_calibrated_with():
    image = drawn(row_of_discs(20))
    for rule, count in (({}, 3), ({"smallest": 5000.0}, 0), ({"threshold": 0.4, "reach": 5}, 3)):
        found = segmentation.segment(painting(paint, {**SEPARATING, "instances": rule}), image)
        assert found.labels.max() == count
    strict = painting(lambda images: 0.85 * paint(images), {**SEPARATING, "instances": {}})
    assert segmentation.segment(strict, image).labels.max() > 0
    strict.about["instances"]["threshold"] = 0.9
    assert segmentation.segment(strict, image).labels.max() == 0


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_picture_of_one_colour_has_no_nuclei(value):
    found = segmentation.segment(PAINTER, np.full((50, 40, 3), value, np.uint8))
    assert not found.labels.any()
    assert not found.probability.any()


@pytest.mark.parametrize(
    ("chosen", "zooms"),
    [
        ({}, [1.15]),
        ({"speed": "fast"}, [1]),
        ({"speed": "balanced"}, [1.15]),
        ({"speed": "best"}, [1.15, 1.6, 1.15, 1.6, 1.35**2]),  # the look is too near: a second opinion
    ],
)
def test_views_are_averaged_about_the_common_size_and_one_looks_for_it(monkeypatch, chosen, zooms):
    network, seen = watched(monkeypatch)
    image = drawn(row_of_discs(40))
    both = painting(network)
    segmentation.segment(both, image, **chosen)
    assert len(seen) == 1 + len(zooms)
    assert seen[0] == pytest.approx(np.multiply(image.shape[:2], 0.8), rel=0.05)
    shapes = sorted(map(sorted, seen[1:]))  # whoever computes first
    for shape, zoom in zip(shapes, sorted(zooms), strict=True):
        assert shape == pytest.approx(sorted(np.multiply(image.shape[:2], zoom / 2)), abs=4)
    seen.clear()
    segmentation.segment_all(both, [image, image], **chosen)
    assert len(seen) == 2 * (1 + len(zooms))


def test_many_pictures_are_segmented_one_by_one_in_their_order(separating):
    images = [picture(20, 30 + n, n) for n in range(3)]
    for found, image in zip(segmentation.segment_all(separating, images), images, strict=True):
        alone = segmentation.segment(separating, image)
        np.testing.assert_array_equal(found.labels, alone.labels)
        np.testing.assert_array_equal(found.probability, alone.probability)
    assert segmentation.segment_all(separating, []) == []


def test_segmenting_leaves_the_picture_as_it_is(separating):
    image = picture(30, 20)
    before = image.copy()
    segmentation.segment(separating, image)
    np.testing.assert_array_equal(image, before)


def test_threshold_of_the_notebook_wins_and_the_bundle_stays_as_it_is(red):
    tuned = bundle.Bundle(red.model, {**red.about, "instances": {"threshold": 0.4, "reach": 6}})
    changed = tuned.with_threshold(0.7)
    assert changed.about["instances"] == {"threshold": 0.7, "reach": 6}
    assert tuned.about["instances"]["threshold"] == 0.4
    assert changed.model is red.model
    image = np.full((SIDE, SIDE, 3), 128, np.uint8)
    assert segmentation.segment(red.with_threshold(0.45), image).labels.max() == 1
    assert segmentation.segment(red.with_threshold(0.55), image).labels.max() == 0


@pytest.mark.parametrize("speed", views.SPEEDS)
def test_nuclei_are_the_same_size_and_as_many_at_every_speed(speed):
    labels = row_of_discs(24)
    found = segmentation.segment(PAINTER, drawn(labels), speed).labels
    assert found.max() == labels.max()
    assert (found > 0).sum() == pytest.approx((labels > 0).sum(), rel=0.1)


def test_an_unknown_speed_is_refused_in_one_chinese_line(red):
    with pytest.raises(ValueError, match="speed=slow：应为 fast、balanced、best 之一"):
        segmentation.segment(red, np.zeros((SIDE, SIDE, 3), np.uint8), "slow")


@pytest.mark.parametrize("speed", views.SPEEDS)
def test_every_nucleus_has_its_certainty(speed):
    found = segmentation.segment(PAINTER, drawn(row_of_discs(30)), speed)
    assert found.certainty.shape == (found.labels.max(),) == (3,)
    assert found.certainty.min() > 0.9
    assert found.doubt == ""


def test_a_network_that_changes_its_mind_with_the_zoom_does_not_agree_with_itself():
    def fickle(images):
        bright = (images[0, ..., 0] > 127).astype(np.uint8)
        enlarged = np.bincount(instances.pieces(bright).ravel())[1:].max(initial=0) > 400
        return targets.target_maps(
            instances.pieces(cv2.erode(bright, np.ones((9, 9))) if enlarged else bright)
        )[None]

    found = segmentation.segment(painting(fickle), drawn(row_of_discs(18)))
    sure = segmentation.segment(PAINTER, drawn(row_of_discs(18)))
    assert found.certainty.max() < sure.certainty.min()


def test_what_is_hardly_certain_is_dropped_and_the_picture_still_doubted(monkeypatch):
    labels = np.arange(5)[:, None].repeat(3, 1).astype(np.int32)
    features = np.array([[1, 1, 1], [0, 0, 0.5], [1, 0.9, 1], [0, 0.1, 0.6]])
    found = segmentation.trusted(labels, labels.astype(np.float32), features)
    assert found.labels[:, 0].tolist() == [0, 1, 0, 2, 0]
    assert found.labels.dtype == np.int32
    assert found.certainty.min() > 0.9
    assert len(found.certainty) == 2
    assert "候选的核平均只有 4" in found.doubt


def test_where_nothing_is_certain_nothing_is_found():
    labels = np.array([[0, 1, 2]], np.int32)
    found = segmentation.trusted(labels, np.ones((1, 3), np.float32), np.zeros((2, 3)))
    assert not found.labels.any()
    assert len(found.certainty) == 0
    assert found.doubt == "没有找到细胞核"


def test_a_network_that_does_not_separate_says_nothing_about_certainty(network):
    found = segmentation.segment(network, picture(20, 31))
    assert found.certainty is None
    assert found.doubt == ""


@pytest.mark.parametrize("speed", views.SPEEDS)
@pytest.mark.parametrize("diameter", [4, 5.5, 8, 14, 19, 20, 24, 40, 80])
def test_the_second_opinion_is_at_another_zoom_than_the_views(monkeypatch, diameter, speed):
    network, _ = watched(monkeypatch)
    told = []

    def features(labels, probability, look):
        told.append(look.zoom)
        return np.ones((labels.max(), 3))

    monkeypatch.setattr(segmentation.certainty, "features", features)
    segmentation.segment(painting(network), drawn(row_of_discs(diameter)), speed)
    grid = min(scale.ZOOM[1], views.of_speed(speed).grid * scale.zoom_for(diameter))
    assert abs(np.log(told[-1] / grid)) > 0.12
    assert told[-1] <= scale.ZOOM[1]


def test_a_network_for_any_size_that_does_not_separate_says_nothing_about_certainty():
    whole = {"arguments": {**SEPARATING["arguments"], "maps": "probability"}}
    found = segmentation.segment(
        painting(lambda images: paint(images)[..., :1], whole), drawn(row_of_discs(24))
    )
    assert found.labels.max() == 3
    assert found.certainty is None
    assert found.doubt == ""
