import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
import pytest

from cellseg_utils import crops, layout, lessons, recipes


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
    found = lessons.read("seed", "/nowhere", table[1], ARRAYS)
    assert isinstance(found, recipes.Squares)
    assert found.images is ARRAYS["images"]
    assert found.masks is ARRAYS["masks"]
    assert found.validation is ARRAYS["validation"]


@pytest.mark.parametrize("where", ["layout_zip", "layout_folder"])
def test_the_best_recipe_reads_the_pictures_of_the_table_in_its_order(table, where, request):
    chosen, rows = table
    found = lessons.read("best", request.getfixturevalue(where), rows, ARRAYS)
    assert isinstance(found, recipes.Cuts)
    assert found.validation is ARRAYS["validation"]
    assert len(found.fields) == len(chosen)
    for field, sample in zip(found.fields, chosen, strict=True):
        expected = crops.field(sample)
        np.testing.assert_array_equal(field.image, expected.image)
        np.testing.assert_array_equal(field.labels > 0, expected.labels > 0)
        assert field.zoom == pytest.approx(expected.zoom)


def test_pictures_of_one_kind_and_size_are_one_group(table, layout_zip):
    found = lessons.read("best", layout_zip, table[1], ARRAYS)
    assert found.groups == ("染色 48 x 64", "荧光 48 x 64", "荧光 48 x 64")


def test_a_picture_that_can_not_be_read_is_named(table, make_zip, layout_folder):
    rows = table[1]
    name = rows["id"][0]
    path = make_zip({f"{name}/images/{name}.png": b"no picture", f"{name}/masks/1.png": b"no mask"})
    with pytest.raises(layout.DataError, match=name):
        lessons.read("best", path, rows[:1], ARRAYS)
