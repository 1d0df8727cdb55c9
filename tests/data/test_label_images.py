"""Label images: joined from masks, numbered, refused."""

import composites
import numpy as np
import pytest
from discs import discs
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from masks import cut

from cellseg_utils.data import label_images
from cellseg_utils.data.sources import DataError

SHAPE = (6, 8)


def box(rows, columns, shape=SHAPE):
    mask = np.zeros(shape, np.uint8)
    mask[rows, columns] = 255
    return mask


def test_masks_are_joined_first_come_first_served_and_overlaps_counted():
    masks = [
        ("1", cut(box(slice(0, 2), slice(0, 3)))),
        ("2", cut(box(slice(1, 3), slice(2, 5)))),  # one pixel is taken
        ("3", cut(box(slice(5, 6), slice(7, 8)))),
    ]
    labels, overlap_pixels, empty_masks = label_images.join_masks(masks, SHAPE)
    expected = [
        [1, 1, 1, 0, 0, 0, 0, 0],
        [1, 1, 1, 2, 2, 0, 0, 0],
        [0, 0, 2, 2, 2, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 3],
    ]
    np.testing.assert_array_equal(labels, expected)
    assert labels.dtype == np.int32
    assert (overlap_pixels, empty_masks) == (1, 0)


def test_empty_and_hidden_masks_get_no_label_and_only_empty_ones_count_as_empty():
    whole, empty, inside = box(slice(0, 4), slice(0, 4)), box([], []), box(slice(1, 3), slice(1, 3))
    last = box(5, slice(0, 8))
    masks = zip("abcd", map(cut, (whole, empty, inside, last)), strict=True)
    labels, overlap_pixels, empty_masks = label_images.join_masks(masks, SHAPE)
    assert np.unique(labels).tolist() == [0, 1, 2]
    assert (labels[5] == 2).all()
    assert (overlap_pixels, empty_masks) == (4, 1)


def test_no_masks_give_an_empty_label_image():
    labels, overlap_pixels, empty_masks = label_images.join_masks([], SHAPE)
    assert labels.shape == SHAPE
    assert not labels.any()
    assert (overlap_pixels, empty_masks) == (0, 0)


def test_a_mask_of_another_size_is_refused_with_both_sizes():
    with pytest.raises(DataError, match=r"m\.png：掩膜尺寸 \(8, 6\) 与图像 \(6, 8\) 不同"):
        label_images.join_masks([("m.png", cut(np.zeros((8, 6), np.uint8)))], SHAPE)


@given(masks=st.lists(arrays(np.uint8, (5, 7), elements=st.sampled_from([0, 0, 1, 255])), max_size=6))
def test_joined_labels_are_consecutive_cover_the_union_and_count_every_overlap(masks):
    named = [(str(n), cut(mask)) for n, mask in enumerate(masks)]
    labels, overlap_pixels, empty_masks = label_images.join_masks(named, (5, 7))
    stacked = np.array(masks).reshape(-1, 5, 7) > 0
    np.testing.assert_array_equal(labels > 0, stacked.any(axis=0))
    assert overlap_pixels == stacked.sum() - stacked.any(axis=0).sum()
    assert empty_masks == sum(not mask.any() for mask in masks)
    assert np.unique(labels[labels > 0]).tolist() == list(range(1, labels.max() + 1))
    for label in range(1, labels.max() + 1):
        owners = stacked[:, labels == label].all(axis=1)
        assert owners.any()
        assert not stacked[: owners.argmax(), labels == label].any()


def test_numbers_are_kept_in_order_and_counted_from_one():
    array = np.array([[0, 70000, 7], [7, 0, 300]], np.uint32)
    truth = label_images.numbered(array, "a.tif")
    np.testing.assert_array_equal(truth.labels, [[0, 3, 1], [1, 0, 2]])
    assert truth.labels.dtype == np.int32
    assert truth.remark == ""


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int32, np.int64, np.uint64, np.float32])
def test_numbers_of_every_type_are_read(kind):
    array = np.array([[0, 2], [3, 0]], kind)
    np.testing.assert_array_equal(label_images.numbered(array, "a").labels, [[0, 1], [2, 0]])


def test_an_empty_label_image_is_a_picture_without_nuclei():
    truth = label_images.numbered(np.zeros((2, 3), np.uint8), "a")
    assert (truth.labels.shape, truth.labels.max(), truth.remark) == ((2, 3), 0, "")


@pytest.mark.parametrize(
    ("array", "value"),
    [
        (np.array([[1, 0, 1]], bool), "True"),
        (np.array([[255, 0, 255]], np.uint8), "255"),
        (np.array([[1, 0, 1]], np.uint8), "1"),
    ],
)
def test_a_mask_with_one_value_is_split_into_its_pieces_and_told(array, value):
    truth = label_images.numbered(array, "a.png")
    np.testing.assert_array_equal(truth.labels, [[1, 0, 2]])
    assert truth.remark.startswith(f"a.png：只有一个值（{value}），像语义掩膜")
    assert "分成 2 个核" in truth.remark


def test_pieces_that_meet_at_a_corner_only_are_two():
    truth = label_images.numbered(np.array([[255, 0], [0, 255]], np.uint8), "a")
    assert truth.labels.max() == 2


def test_one_nucleus_with_the_number_one_is_nothing_odd_but_one_of_255_is():
    for value, odd in ((1, False), (255, True)):
        truth = label_images.numbered(np.array([[value, value, 0]], np.uint8), "a")
        np.testing.assert_array_equal(truth.labels, [[1, 1, 0]])
        assert bool(truth.remark) == odd


def test_a_picture_of_classes_is_refused():
    inside_and_border = np.tile([[1, 2, 0]], (1, 8)).astype(np.uint8)
    with pytest.raises(DataError, match=r"a\.png：只有 2 个编号，却断成 16 块，像类别图"):
        label_images.numbered(inside_and_border, "a.png")


def test_two_nuclei_in_two_pieces_each_are_nuclei():
    array = np.array([[1, 0, 1, 0, 2, 0, 2]], np.uint8)
    np.testing.assert_array_equal(label_images.numbered(array, "a").labels, array)


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros((2, 3, 3), np.uint8), r"形状是 \(2, 3, 3\)"),
        (np.zeros((0, 3), np.uint8), "形状是"),
        (np.array([[-1, 2]]), "应是 0 以上的整数"),
        (np.array([[0.5, 2]]), "应是 0 以上的整数"),
        (np.array([[np.nan, 2]]), "应是 0 以上的整数"),
        (np.array([["a", "b"]]), "应是 0 以上的整数"),
    ],
)
def test_what_is_no_label_image_is_refused_with_the_reason(array, why):
    with pytest.raises(DataError, match=f"a：.*{why}"):
        label_images.numbered(array, "a")


def test_masks_without_a_size_can_not_be_joined():
    with pytest.raises(label_images.SizeUnknown, match="a：标注里没有写图像的大小"):
        label_images.from_masks("a", [], None)


@pytest.mark.parametrize(("dtype", "scale"), [(np.uint8, 200), (np.uint16, 4000)])
def test_a_photograph_is_no_label_image(dtype, scale):
    photograph = (scale * composites.dna()).astype(dtype)
    with pytest.raises(DataError, match=r"a\.tif：只有 \d+ 个编号，却断成 \d+ 块，像照片"):
        label_images.numbered(photograph, "a.tif")


def test_nuclei_that_fall_into_a_few_pieces_are_nuclei_all_the_same():
    labels = discs((200, 200), [(y, x, 8) for y in range(15, 200, 30) for x in range(15, 200, 30)])
    labels[:, ::30] = 0
    labels[7::30] = 0
    assert label_images.numbered(labels, "a.tif").labels.max() == 49
