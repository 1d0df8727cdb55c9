import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellseg_utils.data import imagefile
from cellseg_utils.data.image import ImageFileError
from cellseg_utils.data.selection import Selection

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
RGB = np.dstack([GREY, GREY[::-1], 255 - GREY])


def saved(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def read(array, chosen=None):
    return imagefile.decode(saved(array), "a.npy", chosen or Selection()).rgb


def test_arrays_of_any_axes_are_read():
    np.testing.assert_array_equal(read(GREY), GREY[..., None].repeat(3, 2))
    np.testing.assert_array_equal(read(RGB), RGB)
    np.testing.assert_array_equal(read(np.dstack([RGB, GREY])), RGB)
    second = Selection("2")
    np.testing.assert_array_equal(read(np.stack([0 * GREY, GREY]), second), GREY[..., None].repeat(3, 2))
    stack = np.stack([GREY] * 11)
    np.testing.assert_array_equal(read(stack, Selection(plane=4)), GREY[..., None].repeat(3, 2))
    both = Selection("2", project="max")
    np.testing.assert_array_equal(read(np.stack([[RGB[..., 0], GREY]] * 3), both)[..., 0], GREY)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (saved(np.zeros(3)), r"形状是 \(3,\)"),
        (saved(np.zeros((0, 4))), r"形状是 \(0, 4\)"),
        (saved(np.array([[object()]], object), allow_pickle=True), "读不出这个 NPY"),
        (saved(np.zeros((4, 4), "U3")), "像素类型是 <U3"),
        (b"", "读不出这个 NPY"),
    ],
)
def test_what_is_no_picture_is_refused(data, said):
    with pytest.raises(ImageFileError, match=rf"^a\.npy：{said}"):
        imagefile.decode(data, "a.npy")


@given(place=st.integers(0, 170), value=st.integers(0, 255))
def test_a_damaged_array_never_raises_anything_else(place, value):
    data = bytearray(saved(GREY))
    data[place] = value
    try:
        image = imagefile.decode(bytes(data), "a.npy")
    except ImageFileError:
        return
    assert image.rgb.dtype == np.uint8
