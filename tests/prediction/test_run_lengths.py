import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from kaggle_runs import decode_rle

from cellseg_utils.prediction import run_lengths

SHAPES = npst.array_shapes(min_dims=2, max_dims=2, max_side=7)
MASKS = npst.arrays(bool, SHAPES)
LABELS = npst.arrays(np.int32, SHAPES, elements=st.integers(0, 4) | st.just(70_000))


def encode_rle(mask):
    return "".join(run_lengths.encode_objects((np.asarray(mask) != 0).astype(np.uint8)))


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        ([[0, 0], [0, 0]], ""),
        ([[1, 0], [0, 0]], "1 1"),
        ([[0, 1], [0, 0]], "3 1"),  # down the columns, not along the rows
        ([[0, 0], [0, 1]], "4 1"),
        ([[1, 1], [1, 1]], "1 4"),
        ([[0, 1], [1, 1]], "2 3"),  # a run goes on at the top of the next column
        ([[1, 0, 1]], "1 1 3 1"),
        ([[1], [0], [1]], "1 1 3 1"),
        ([[0, 1, 0], [1, 0, 0], [1, 0, 1]], "2 3 9 1"),
    ],
)
def test_runs_are_counted_from_one_down_the_columns(mask, text):
    mask = np.array(mask)
    assert encode_rle(mask) == encode_rle(mask * 255) == text
    np.testing.assert_array_equal(decode_rle(text, mask.shape), mask > 0)


@given(MASKS)
def test_a_decoded_mask_is_the_one_that_was_encoded(mask):
    decoded = decode_rle(encode_rle(mask), mask.shape)
    assert decoded.dtype == bool
    np.testing.assert_array_equal(decoded, mask)


@given(MASKS)
def test_runs_ascend_and_do_not_touch(mask):
    numbers = [int(number) for number in encode_rle(mask).split()]
    ends = [start + length for start, length in zip(numbers[::2], numbers[1::2], strict=True)]
    assert all(start > end for start, end in zip(numbers[2::2], ends, strict=False))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2 3", "got 3 numbers"),
        ("1 two", "invalid literal"),
        ("0 1", "got start 0"),
        ("-1 1", "got start -1"),
        ("1 0", "length 0"),
        ("6 2", "is 2x3 the size"),
        ("1 3 3 1", "do not overlap, got pixel 3"),
    ],
)
def test_runs_that_can_not_be_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        decode_rle(text, (2, 3))


def test_objects_are_encoded_in_the_order_of_their_numbers():
    labels = np.array([[9, 2, 0], [0, 2, 9]])
    assert run_lengths.encode_objects(labels) == ["3 2", "1 1 6 1"]
    assert (
        run_lengths.encode_objects(np.zeros((0, 3), int))
        == run_lengths.encode_objects(np.zeros((2, 2), int))
        == []
    )


@given(LABELS)
def test_objects_at_once_are_as_objects_one_by_one(labels):
    one_by_one = [encode_rle(labels == number) for number in np.unique(labels[labels > 0])]
    assert run_lengths.encode_objects(labels) == one_by_one


@given(LABELS, st.integers(0, 3), st.integers(0, 3))
def test_runs_of_a_part_are_those_in_the_picture(part, top, left):
    whole = np.zeros((part.shape[0] + top + 1, part.shape[1] + left), part.dtype)
    whole[top:-1, left:] = part
    assert run_lengths.encode_part(part, (top, left), len(whole)) == run_lengths.encode_objects(whole)
