"""Outlines and run lengths against pixels known on paper and against pycocotools."""

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from labelled_folders import compressed, uncompressed
from masks import whole
from pycocotools import mask as coco_mask

from cellseg_utils.data import shapes
from cellseg_utils.data.sources import DataError


def filled(*polygons, shape=(6, 8)):
    return whole(shapes.polygon_mask(list(polygons), shape)) > 0


def square(left, top, right, bottom):
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def test_a_square_along_the_sides_of_pixels_is_these_pixels():
    expected = np.zeros((6, 8), bool)
    expected[1:3, 2:5] = True
    np.testing.assert_array_equal(filled([square(2, 1, 5, 3)]), expected)
    np.testing.assert_array_equal(filled([[*square(2, 1, 5, 3), [2, 1]]]), expected)  # closed


def test_a_pixel_belongs_where_its_centre_lies():
    assert filled([square(0.4, 0, 1.6, 1)]).sum() == 2
    assert filled([square(0.6, 0, 1.4, 1)]).sum() == 0


def test_holes_are_left_empty_and_parts_are_joined():
    ring = filled([square(0, 0, 5, 5), square(1, 1, 4, 4)])
    assert ring.sum() == 25 - 9
    assert filled([square(0, 0, 2, 2)], [square(1, 0, 3, 2)]).sum() == 6


def test_what_lies_outside_is_cut_off():
    assert filled([square(-5, -5, 2, 2)]).sum() == 4
    assert filled([square(6, 4, 100, 100)]).sum() == 4


def test_two_triangles_share_no_pixel_of_their_common_side():
    lower, upper = filled([[[0, 0], [6, 6], [0, 6]]]), filled([[[0, 0], [6, 6], [6, 0]]])
    assert not (lower & upper).any()
    assert (lower | upper)[:, :6].all()


@pytest.mark.parametrize(
    ("polygon", "why"),
    [
        ([square(-5, 0, 0, 3)], "整个在图像之外"),
        ([square(8, 0, 9, 3)], "整个在图像之外"),
        ([square(0, 6, 3, 9)], "整个在图像之外"),
        ([[[0, 0], [1, 1]]], "不足三个点"),
        ([[0, 0, 1, 1]], "不足三个点"),
        ([[[0, 0], [np.nan, 1], [1, 1]]], "坐标不是数"),
        ([[[0, 0], [1e300, 1], [1, 1]]], "大得离奇"),
    ],
)
def test_an_outline_that_can_not_be_drawn_is_refused(polygon, why):
    with pytest.raises(DataError, match=why):
        filled(polygon)


def test_an_outline_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(shapes, "MOST_CROSSINGS", 9)
    with pytest.raises(DataError, match="过于复杂"):
        filled([square(0, 0, 5, 5)])


@given(angles=st.integers(3, 30), seed=st.integers(0, 99))
def test_polygons_have_the_area_that_pycocotools_finds(angles, seed):
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.uniform(0, 2 * np.pi, angles))
    x, y = 40 + rng.uniform(15, 30, angles) * (np.cos(turns), np.sin(turns))
    ours = filled([np.column_stack([x, y])], shape=(80, 80))
    theirs = coco_mask.decode(coco_mask.frPyObjects([np.column_stack([x, y]).ravel().tolist()], 80, 80))
    around = np.hypot(np.diff(x, append=x[0]), np.diff(y, append=y[0])).sum()
    assert np.count_nonzero(ours != theirs[..., 0]) <= 0.5 * around  # only pixels that the outline cuts


@given(mask=arrays(bool, (5, 7)))
def test_run_lengths_of_pycocotools_and_those_counted_one_by_one_are_read(mask):
    for written in (compressed(mask), uncompressed(mask)):
        read = shapes.run_length_mask(written["size"], written["counts"], mask.shape)
        np.testing.assert_array_equal(whole(read) > 0, mask)


def test_long_run_lengths_are_read():
    mask = np.zeros((700, 900), bool)
    mask[100:600, 200:800:3] = True
    written = compressed(mask)
    np.testing.assert_array_equal(whole(shapes.run_length_mask(*written.values(), mask.shape)) > 0, mask)


@pytest.mark.parametrize(
    ("size", "counts", "why"),
    [
        ([2, 2], [1, 2], "不是 2×2 个像素"),
        ([2, 2], [1, 4], "不是 2×2 个像素"),
        ([2, 2], [-1, 5], "不是 2×2 个像素"),
        ([2, 2], [2**62, 2**62, 2**62, 2**62, 4], "不是 2×2 个像素"),
        ([3, 2], [6], r"大小是 \[3, 2\]，图像是 \[2, 2\]"),
        ([2, 2], "1 2", "不该有的字符"),
        ([2, 2], "o" * 99, "不是 2×2 个像素"),
        ([2, 2], "o" * 1_000_000, "不是 2×2 个像素"),
    ],
)
def test_run_lengths_that_do_not_fill_the_picture_are_refused(size, counts, why):
    with pytest.raises(DataError, match=why):
        shapes.run_length_mask(size, counts, (2, 2))


@given(text=st.text(alphabet=[chr(code) for code in range(48, 112)], max_size=40))
def test_no_text_raises_anything_else(text):
    with contextlib.suppress(DataError):
        assert whole(shapes.run_length_mask((3, 4), text, (3, 4))).shape == (3, 4)
