import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter

from cellseg_utils.training import crops, feeding, fit

EXAMPLES = settings(max_examples=50, deadline=None)


def how(**changes):
    values = {"epochs": 30, "batch_size": 4, "learning_rate": 1e-3, "patience": 5, "precision": "float32"}
    return fit.Settings(**{**values, "symmetries": False, "seed": 0, **changes})


FIELD = crops.Field(np.zeros((40, 40, 3), np.uint8), np.eye(40, dtype=np.int32), 1.0)


def numbered(count, side=4):
    """Pictures that carry their own number in every pixel, and masks that agree with them."""
    images = np.broadcast_to(np.arange(count, dtype=np.uint8)[:, None, None, None], (count, side, side, 3))
    return images.copy(), (images[..., :1] % 2).copy()


def one_epoch(batches):
    drawn = [batches[index] for index in range(len(batches))]
    return np.concatenate([images for images, _ in drawn]), np.concatenate([masks for _, masks in drawn])


def order(batches):
    return one_epoch(batches)[0][:, 0, 0, 0].tolist()


@EXAMPLES
@given(st.integers(1, 20), st.integers(1, 8), st.integers(0, 3), st.booleans())
def test_an_epoch_shows_every_picture_once_with_its_own_mask(count, batch_size, epoch, symmetries):
    pictures = numbered(count)
    batches = feeding.Shuffled(*pictures, how(batch_size=batch_size, symmetries=symmetries), epoch)
    images, masks = one_epoch(batches)
    assert sorted(images[:, 0, 0, 0].tolist()) == list(range(count))
    np.testing.assert_array_equal(masks, images[..., :1] % 2)
    assert masks.dtype == np.float32
    assert len(batches) == np.ceil(count / batch_size)
    assert {len(batches[index][0]) for index in range(len(batches) - 1)} <= {batch_size}


@pytest.mark.parametrize("symmetries", [False, True])
def test_a_resumed_training_sees_the_batches_that_an_uninterrupted_one_sees(symmetries):
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (10, 4, 4, 3), np.uint8), rng.integers(0, 2, (10, 4, 4, 1), np.uint8)
    uninterrupted = feeding.Shuffled(*pictures, how(symmetries=symmetries), 0)
    for epoch in range(4):
        resumed = feeding.Shuffled(*pictures, how(symmetries=symmetries), epoch)
        for one, other in zip(one_epoch(uninterrupted), one_epoch(resumed), strict=True):
            np.testing.assert_array_equal(one, other)
        uninterrupted.on_epoch_end()


def test_order_and_changes_differ_from_epoch_to_epoch_and_from_seed_to_seed():
    pictures = numbered(20)
    orders = {tuple(order(feeding.Shuffled(*pictures, how(seed=s), e))) for s in (0, 1) for e in (0, 1)}
    assert len(orders) == 4
    drawn = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), np.uint8)
    settings_ = how(symmetries=True)
    turned = {
        feeding.Shuffled(drawn, drawn[..., :1], settings_, epoch)[0][0].tobytes() for epoch in range(20)
    }
    assert len(turned) > 4


def test_asking_for_a_batch_twice_gives_the_same_batch():
    batches = feeding.Shuffled(*numbered(9), how(symmetries=True), 0)
    for one, other in zip(batches[1], batches[1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_symmetries_the_pictures_are_shown_as_they_are():
    images = np.random.default_rng(0).integers(0, 256, (1, 4, 4, 3), np.uint8)
    shown, _ = feeding.Shuffled(images, images[..., :1], how(), 0)[0]
    np.testing.assert_array_equal(shown, images)


def test_stored_batches_are_the_same_in_every_epoch():
    batches = [numbered(4), numbered(2)]
    stored = feeding.Stored(batches)
    assert len(stored) == 2
    for _ in range(2):
        assert [stored[index] for index in range(2)] == batches
        stored.on_epoch_end()


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow has tf.data")
@pytest.mark.parametrize(
    "batches",
    [
        feeding.Shuffled(*numbered(9), how(), 0),
        feeding.Stored([numbered(4)]),
        crops.Crops([FIELD], [1], crops.CropForm(16), batch_size=2, steps=3, seed=0),
    ],
)
def test_nothing_tunes_itself_behind_the_back_of_a_training(batches):
    assert PyDatasetAdapter(batches).get_tf_dataset().options().autotune.enabled is False


@pytest.mark.parametrize("count", [1, 4, 9])
def test_keras_sees_every_batch_of_one_epoch_after_the_other_in_order(count):
    model = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Conv2D(1, 1, use_bias=False)])
    model.compile("sgd", "mse", run_eagerly=True)
    seen, step = [], model.train_step

    def watched(data):
        seen.extend(np.asarray(data[0])[:, 0, 0, 0].tolist())
        return step(data)

    model.train_step = watched
    model.fit(feeding.Shuffled(*numbered(count), how(), 0), epochs=3, shuffle=False, verbose=0)
    orders = [order(feeding.Shuffled(*numbered(count), how(), epoch)) for epoch in range(4)]
    expected = [[number for shown in orders[first:][:3] for number in shown] for first in (0, 1)]
    assert seen in expected  # `fit` of TensorFlow begins with the end of an epoch
