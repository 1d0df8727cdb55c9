import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from masks import whole

from cellseg_utils.data import layout, mask_png, sources

ANY_MASK = arrays.arrays(
    np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.integers(0, 255)
)


def png(mask, *options):
    return cv2.imencode(".png", mask, list(options))[1].tobytes()


@given(mask=ANY_MASK, strategy=st.sampled_from([0, 1, 2, 3, 4]), level=st.integers(0, 9))
def test_any_grey_png_decodes_to_what_was_encoded(mask, strategy, level):
    options = (cv2.IMWRITE_PNG_STRATEGY, strategy, cv2.IMWRITE_PNG_COMPRESSION, level)
    np.testing.assert_array_equal(whole(mask_png.decode(png(mask, *options))), mask)


@pytest.mark.parametrize("filters", [8, 16, 32, 64, 128, 248])
def test_every_filter_of_the_format_is_undone(filters):
    rows, columns = np.mgrid[:40, :50]
    mask = np.zeros((60, 50), np.uint8)
    mask[12:52] = (rows * 5 + columns * 3 + (rows * columns) % 7).astype(np.uint8)
    np.testing.assert_array_equal(whole(mask_png.decode(png(mask, cv2.IMWRITE_PNG_FILTER, filters))), mask)


def test_only_the_rows_that_hold_anything_are_decoded():
    mask = np.zeros((30, 40), np.uint8)
    assert not whole(mask_png.decode(png(mask))).any()
    mask[12:15, 3:5] = 255
    decoded = mask_png.decode(png(mask, cv2.IMWRITE_PNG_FILTER, 8))
    assert (decoded.top, decoded.rows.shape, decoded.shape) == (12, (3, 40), (30, 40))


@pytest.mark.parametrize("shape", [(9, 8, 3), (9, 8, 4)])
def test_other_kinds_of_picture_are_left_to_a_general_decoder(shape):
    assert mask_png.decode(png(np.full(shape, 255, np.uint8))) is None
    assert mask_png.decode(png(np.full(shape[:2], 999, np.uint16))) is None
    assert mask_png.decode(b"GIF89a") is None


def test_every_cut_and_every_changed_byte_is_noticed():
    mask = np.zeros((20, 20), np.uint8)
    mask[5:9, 3:12] = 255
    data = png(mask)
    assert all(mask_png.decode(data[:end]) is None for end in range(len(data)))
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1
        assert mask_png.decode(bytes(damaged)) is None


def test_a_filter_that_there_is_not_is_noticed():
    rows = np.zeros((4, 6), np.uint8)
    rows[2] = [5, 255, 255, 0, 0, 0]
    assert mask_png.decode(mask_png._grey_png(5, 4, rows.tobytes())) is None


@pytest.mark.parametrize("size", [(21, 20), (2**32 - 1, 2**32 - 1)])
def test_wrong_size_in_the_header_is_noticed(size):
    data = bytearray(png(np.full((20, 20), 255, np.uint8)))
    data[16:24] = struct.pack(">II", *size)
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    assert mask_png.decode(bytes(data)) is None


@pytest.mark.real
def test_real_masks_decode_as_opencv_decodes_them(real_data):
    source = layout.open_source(real_data / "stage1_train.zip")
    with sources.reader(source) as read:
        for name in list(source.images)[::40]:
            for member in source.masks[name]:
                (data,) = read([member])
                expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
                np.testing.assert_array_equal(whole(mask_png.decode(data)), expected)
