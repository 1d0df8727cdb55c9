import tempfile

import numpy as np
import pytest
import tifffile

from cellseg_utils.prediction import label_file

SHAPE = (70, 90)


@pytest.fixture
def empty():
    with tempfile.TemporaryFile(buffering=0) as file:
        yield label_file.LabelFile(file, SHAPE)


def all_of(labels):
    return labels.region(slice(0, SHAPE[0]), slice(0, SHAPE[1]))


def some(shape, *values):
    labels = np.zeros(shape, np.int32)
    labels.flat[: len(values)] = values
    return labels


def test_nothing_is_drawn_at_first(empty):
    assert not all_of(empty).any()
    assert empty.count == 0


def test_nuclei_are_numbered_after_those_that_are_there(empty):
    empty.draw(slice(1, 3), slice(2, 5), some((2, 3), 1, 1, 0, 2))
    empty.draw(slice(0, 4), slice(2, 4), some((4, 2), 0, 0, 0, 0, 0, 1))
    expected = np.zeros(SHAPE, np.int32)
    expected[1, 2:4], expected[2, 2], expected[2, 3] = 1, 2, 3
    np.testing.assert_array_equal(all_of(empty), expected)
    np.testing.assert_array_equal(empty.region(slice(1, 3), slice(3, 4)), [[1], [3]])
    assert empty.count == 3


@pytest.mark.parametrize(("count", "depth"), [(65535, np.uint16), (65536, np.uint32)])
def test_the_tiff_has_tiles_and_as_many_bits_as_it_needs(empty, tmp_path, monkeypatch, count, depth):
    monkeypatch.setattr(label_file, "TILE", 32)
    drawn = np.random.default_rng(0).integers(0, 9, SHAPE).astype(np.int32)
    drawn[-1, -1] = count
    empty.draw(slice(0, SHAPE[0]), slice(0, SHAPE[1]), drawn)
    empty.save(tmp_path / "a.tif")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert file.pages[0].is_tiled
        assert file.pages[0].compression == tifffile.COMPRESSION.ADOBE_DEFLATE
        assert file.pages[0].dtype == depth
        np.testing.assert_array_equal(file.asarray(), drawn)


@pytest.mark.parametrize("factor", [1, 3, 100])
def test_thinned_is_the_middle_pixel_of_every_square(empty, factor):
    drawn = np.arange(SHAPE[0] * SHAPE[1], dtype=np.int32).reshape(SHAPE)
    empty.draw(slice(0, SHAPE[0]), slice(0, SHAPE[1]), drawn)
    thinned = empty.thinned(factor)
    assert thinned.shape == tuple(-(-length // factor) for length in SHAPE)
    middle = factor // 2
    if middle < min(SHAPE):
        assert thinned[0, 0] == drawn[middle, middle]
    whole = drawn[middle::factor, middle::factor]
    np.testing.assert_array_equal(thinned[: len(whole), : whole.shape[1]], whole)
