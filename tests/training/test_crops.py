import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.data import dataset
from cellseg_utils.preprocessing import augmentation, scale, stains, targets
from cellseg_utils.training import crops

EXAMPLES = settings(max_examples=20, deadline=None)


def sample(circles, shape=(90, 110)):
    labels = discs(shape, circles)
    image = np.where(labels[..., None] > 0, np.uint8(180), np.uint8(30)).repeat(3, 2)
    return dataset.Sample("x", image, labels, 0)


@pytest.fixture(scope="module")
def fields():
    return [
        crops.field(sample([(30, 30, 10), (60, 70, 12)])),
        crops.field(sample([(20, 20, 5), (40, 60, 6), (70, 30, 5)])),
        crops.field(sample([])),
    ]


def batches(fields, seed=1, epoch=0, side=32, batch_size=3, steps=4):
    form = crops.CropForm(side)
    return crops.Crops(fields, crops.sampling_weights(list("aab")), form, batch_size, steps, seed, epoch)


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def differ(one, other):
    return (one[0] != other[0]).any() and (one[1] != other[1]).any()


def test_a_field_is_the_planes_of_a_picture_its_labels_and_the_zoom_to_the_common_size():
    drawn = sample([(30, 30, 10), (60, 70, 10)])
    field = crops.field(drawn)
    np.testing.assert_array_equal(field.planes, stains.planes(drawn.image))
    np.testing.assert_array_equal(field.labels, drawn.labels)
    assert field.zoom == pytest.approx(20 / scale.typical_diameter(drawn.labels))
    assert field.zoom == pytest.approx(1, rel=0.02)


def test_a_picture_of_large_nuclei_is_shrunk_together_with_its_labels():
    field = crops.field(sample([(100, 100, 40), (100, 230, 42)], (200, 300)))
    assert field.planes.shape[:2] == field.labels.shape
    assert field.labels.dtype == np.int32
    assert set(np.unique(field.labels)) == {0, 1, 2}
    assert scale.typical_diameter(field.labels) == pytest.approx(crops.LARGEST, rel=0.03)
    assert field.zoom == pytest.approx(scale.DIAMETER / crops.LARGEST)
    bright = field.planes[..., 0] > 127
    assert (bright == (field.labels > 0)).mean() > 0.99


def test_a_picture_without_nuclei_keeps_its_size():
    field = crops.field(sample([]))
    assert field.zoom == 1
    assert field.planes.shape == (90, 110, 3)


def test_a_group_of_n_pictures_weighs_as_the_square_root_of_n():
    weights = crops.sampling_weights(["a", "b", "b", "b", "b"])
    assert weights.tolist() == pytest.approx([1 / 3, 1 / 6, 1 / 6, 1 / 6, 1 / 6])


@EXAMPLES
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=30))
def test_weights_sum_to_1_and_are_equal_within_a_group(groups):
    weights = crops.sampling_weights(groups)
    assert weights.sum() == pytest.approx(1)
    for group in set(groups):
        own = weights[np.array(groups) == group]
        assert np.ptp(own) == 0
        assert own.sum() / weights[0] == pytest.approx(np.sqrt(len(own) * groups.count(groups[0])))


def test_a_batch_is_pictures_and_their_target_maps(fields):
    images, maps = batches(fields)[0]
    assert images.shape == (3, 32, 32, 3)
    assert images.dtype == np.uint8
    assert maps.shape == (3, 32, 32, len(targets.MAPS))
    assert maps.dtype == np.float32
    assert len(batches(fields)) == 4


def test_batches_depend_on_seed_epoch_and_place_only(fields):
    first = batches(fields)[2]
    assert_same(batches(fields)[2], first)
    assert_same(batches(fields, steps=99)[2], first)
    assert differ(batches(fields)[1], first)
    assert differ(batches(fields, epoch=1)[2], first)
    assert differ(batches(fields, seed=2)[2], first)


def test_asking_in_another_order_gives_the_same_batches(fields):
    one, other = batches(fields), batches(fields)
    forwards = [one[index] for index in range(4)]
    backwards = [other[index] for index in reversed(range(4))]
    for a, b in zip(forwards, reversed(backwards), strict=True):
        assert_same(a, b)


def test_a_resumed_training_sees_the_batches_that_an_uninterrupted_one_sees(fields):
    uninterrupted = batches(fields)
    for epoch in range(3):
        assert_same(uninterrupted[1], batches(fields, epoch=epoch)[1])
        uninterrupted.on_epoch_end()


def test_pictures_are_drawn_as_often_as_they_weigh(fields):
    fields = [crops.Field(np.full_like(f.planes, 90 * n), f.labels, f.zoom) for n, f in enumerate(fields)]
    drawn = crops.Crops(fields, [0, 1, 0], crops.CropForm(16), 20, 1, seed=0)[0]
    assert drawn[1][..., 0].any()
    drawn = crops.Crops(fields, [0, 0, 1], crops.CropForm(16), 20, 1, seed=0)[0]
    assert not drawn[1].any()


def test_a_crop_is_an_augmented_picture_with_maps_of_the_labels_cut_alike():
    field = crops.field(sample([(45, 55, 25)]))
    agree = []
    for seed in range(30):
        image, maps = crops.draw(field, field, crops.CropForm(64), np.random.default_rng(seed))
        bright, nucleus = image.mean(axis=2), maps[..., 0] > 0
        if nucleus.any() and not nucleus.all():
            agree.append(bright[nucleus].mean() > bright[~nucleus].mean())
    assert len(agree) > 15
    assert np.mean(agree) > 0.85  # few are inverted


def test_drawing_leaves_the_field_as_it_is(fields):
    before = fields[0].planes.copy(), fields[0].labels.copy()
    for seed in range(5):
        crops.draw(fields[0], fields[1], crops.CropForm(24), np.random.default_rng(seed))
    assert_same((fields[0].planes, fields[0].labels), before)


def test_without_colours_a_crop_is_only_cut(fields):
    plain = crops.CropForm(24, colours=False)
    for seed in range(5):
        image, maps = crops.draw(fields[0], fields[1], plain, np.random.default_rng(seed))
        cut, labels = augmentation.crop(
            fields[0].planes, fields[0].labels, fields[0].zoom, 24, np.random.default_rng(seed)
        )
        assert_same((image, maps), (cut, targets.target_maps(labels)))


def test_without_separation_the_foreground_is_learned_alone(fields):
    for seed in range(5):
        image, maps = crops.draw(fields[0], fields[1], crops.CropForm(24), np.random.default_rng(seed))
        same, foreground = crops.draw(
            fields[0], fields[1], crops.CropForm(24, separates=False), np.random.default_rng(seed)
        )
        assert foreground.dtype == np.float32
        assert_same((same, foreground), (image, maps[..., :1]))
