import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import dataclasses

import numpy as np
import pandas as pd
import pytest
from trainings import SETTINGS, cuts, field, squares

from cellseg_utils.data import layout
from cellseg_utils.training import crops, training_data


@pytest.fixture
def table(samples):
    """The three last samples, in another order than on disk."""
    chosen = [samples[3], samples[1], samples[2]]
    rows = [(s.id, "荧光" if n else "染色", *s.labels.shape) for n, s in enumerate(chosen)]
    return chosen, pd.DataFrame(rows, columns=["id", "kind", "height", "width"])


ARRAYS = {
    "images": np.arange(48, dtype=np.uint8).reshape(1, 4, 4, 3).repeat(3, 0),
    "masks": np.ones((3, 4, 4, 1), np.uint8),
    "validation": np.array([False, True, False]),
}


def test_the_seed_recipe_takes_the_prepared_arrays_and_opens_no_file(table):
    found = training_data.read("seed", "/nowhere", table[1], ARRAYS)
    assert isinstance(found, training_data.Squares)
    assert found.images is ARRAYS["images"]
    assert found.masks is ARRAYS["masks"]
    assert found.validation is ARRAYS["validation"]


@pytest.mark.parametrize("where", ["layout_zip", "layout_folder"])
def test_the_best_recipe_reads_the_pictures_of_the_table_in_its_order(table, where, request):
    chosen, rows = table
    found = training_data.read("best", request.getfixturevalue(where), rows, ARRAYS)
    assert isinstance(found, training_data.Cuts)
    assert found.validation is ARRAYS["validation"]
    assert len(found.fields) == len(chosen)
    for own, sample in zip(found.fields, chosen, strict=True):
        expected = crops.field(sample)
        np.testing.assert_array_equal(own.planes, expected.planes)
        np.testing.assert_array_equal(own.labels > 0, expected.labels > 0)
        assert own.zoom == pytest.approx(expected.zoom)


def test_pictures_of_one_kind_and_size_are_one_group(table, layout_zip):
    found = training_data.read("best", layout_zip, table[1], ARRAYS)
    assert found.groups == ("染色 48 x 64", "荧光 48 x 64", "荧光 48 x 64")


def test_a_picture_that_can_not_be_read_is_named(table, make_zip, layout_folder):
    rows = table[1]
    name = rows["id"][0]
    path = make_zip({f"{name}/images/{name}.png": b"no picture", f"{name}/masks/1.png": b"no mask"})
    with pytest.raises(layout.DataError, match=name):
        training_data.read("best", path, rows[:1], ARRAYS)


def joined(batches):
    """All of an epoch."""
    images, maps = zip(*(batches[index] for index in range(len(batches))), strict=True)
    return np.concatenate(images), np.concatenate(maps)


def assert_same(one, other):
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_digest_of_cuts_changes_with_every_part():
    planes, labels = cuts().fields[0].planes.copy(), cuts().fields[0].labels.copy()
    planes[0, 0, 0] ^= 1
    labels[0, 0] ^= 1
    first, *others = cuts().fields
    digests = [
        cuts().digest(),
        cuts(fields=(dataclasses.replace(first, planes=planes), *others)).digest(),
        cuts(fields=(dataclasses.replace(first, labels=labels), *others)).digest(),
        cuts(fields=(dataclasses.replace(first, zoom=1.31), *others)).digest(),
        cuts(fields=(*others, first)).digest(),
        cuts(fields=(*others, *others[:1])).digest(),
        cuts(groups=("a", "a", "b", "a")).digest(),
        cuts(groups=("b", "a", "b", "a")).digest(),
        cuts(validation=np.array([False, True, True, False])).digest(),
    ]
    assert len(set(digests)) == len(digests)
    assert cuts().digest() == digests[0]


def test_the_digest_of_squares_changes_with_every_part():
    data = squares()
    images, masks = data.images.copy(), data.masks.copy()
    images[0, 0, 0, 0] ^= 1
    masks[0, 0, 0, 0] ^= 1
    digests = [
        data.digest(),
        dataclasses.replace(data, images=images).digest(),
        dataclasses.replace(data, masks=masks).digest(),
        dataclasses.replace(data, validation=~data.validation).digest(),
    ]
    assert len(set(digests)) == len(digests)


def test_batches_depend_on_seed_epoch_and_place_only():
    first = cuts().batches(SETTINGS, 0)[1]
    longer = dataclasses.replace(SETTINGS, epochs=99, steps=50, patience=1, learning_rate=0.1)
    assert_same(cuts().batches(longer, 0)[1], first)
    for other in (
        cuts().batches(SETTINGS, 0)[0],
        cuts().batches(SETTINGS, 1)[1],
        cuts().batches(dataclasses.replace(SETTINGS, seed=2), 0)[1],
    ):
        assert (other[0] != first[0]).any()
    assert len(cuts().batches(SETTINGS, 0)) == 2
    assert first[0].shape == (2, 32, 32, 3)
    assert first[1].shape == (2, 32, 32, 5)


def test_pictures_that_validate_never_train_and_the_others_never_validate(monkeypatch):
    monkeypatch.setattr(training_data, "HELD_OUT", 20)
    full = tuple(dataclasses.replace(field(0), labels=np.ones((60, 50), np.int32)) for _ in range(4))
    data = cuts(fields=(field(0, False), field(1, False), full[2], field(3, False)))
    long = dataclasses.replace(SETTINGS, steps=10)
    batches = data.batches(long, 0)
    assert not any(batches[index][1].any() for index in range(10))
    assert joined(data.held_out(long))[1][..., 0].any(axis=(1, 2)).all()


@pytest.mark.parametrize(("batch_size", "count"), [(2, 6), (4, 8), (5, 5), (7, 7)])
def test_as_many_crops_validate_as_fill_whole_batches_and_they_stay_the_same(monkeypatch, batch_size, count):
    monkeypatch.setattr(training_data, "HELD_OUT", 5)
    settings = dataclasses.replace(SETTINGS, batch_size=batch_size)
    held_out = cuts().held_out(settings)
    assert len(held_out) == count / batch_size
    images, maps = joined(held_out)
    assert images.shape == (count, 32, 32, 3)
    assert maps.shape == (count, 32, 32, 5)
    assert len(np.unique(images, axis=0)) == count
    assert_same(joined(cuts().held_out(settings)), (images, maps))


def test_squares_train_on_whole_pictures_and_validate_on_the_others():
    data = squares()
    settings = dataclasses.replace(SETTINGS, recipe="seed", batch_size=4)
    images, masks = joined(data.held_out(settings))
    np.testing.assert_array_equal(images, data.images[[2]])
    np.testing.assert_array_equal(masks, data.masks[[2]])
    assert masks.dtype == np.float32
    batches = data.batches(settings, 0)
    assert len(batches) == 1
    assert sorted(batches[0][0].mean(axis=(1, 2, 3))) == pytest.approx(
        sorted(data.images[[0, 1, 3, 4]].mean(axis=(1, 2, 3)))
    )


def test_only_some_pictures_are_kept_in_their_order():
    whole = cuts()
    chosen = whole.only(np.array([True, False, True, True]))
    assert all(field is whole.fields[row] for field, row in zip(chosen.fields, (0, 2, 3), strict=True))
    assert chosen.groups == ("a", "b", "b")
    assert chosen.validation.tolist() == [False, True, False]
