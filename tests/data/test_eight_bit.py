import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cellseg_utils.data import eight_bit
from cellseg_utils.data.image import ImageFileError


def test_float_values_between_zero_and_one_are_not_lost():
    image = eight_bit.to_rgb(np.array([[0.0, 0.5, 1.0]]), "a")
    np.testing.assert_array_equal(image[0, :, 0], [0, 128, 255])


def test_values_that_are_not_finite_go_to_the_ends():
    array = np.array([[0, 1, np.nan, np.inf, -np.inf]], np.float32)
    np.testing.assert_array_equal(eight_bit.to_rgb(array, "a")[0, :, 0], [0, 255, 0, 255, 0])


@pytest.mark.parametrize("value", [0, 0.1, 1e-20, 65535, -7])
def test_a_picture_of_one_value_is_black(value):
    assert not eight_bit.to_rgb(np.full((4, 4), value, np.float64), "a").any()


@pytest.mark.parametrize("shape", [(4,), (2, 3, 4, 5), (4, 4, 5), (0, 4), (4, 4, 0)])
def test_what_is_no_plane_of_one_to_four_channels_is_refused(shape):
    with pytest.raises(ImageFileError, match="只接受单张平面"):
        eight_bit.to_rgb(np.zeros(shape, np.uint8), "a")


@given(
    arrays(
        st.sampled_from([np.uint8, np.uint16, np.int32, np.float32]),
        st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4)),
    )
)
def test_any_array_becomes_eight_bit_rgb_or_a_named_error(array):
    try:
        image = eight_bit.to_rgb(array, "a")
    except ImageFileError:
        assert not np.isfinite(array[..., : 1 if array.shape[2] < 3 else 3]).any()
    else:
        assert image.shape == (*array.shape[:2], 3)
        assert image.dtype == np.uint8


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1, 1e30, 1e300])
def test_numbers_of_any_size_are_stretched_alike(scale):
    ramp = np.linspace(0, 1, 500).reshape(20, 25)
    np.testing.assert_allclose(eight_bit.to_rgb(ramp * scale, "a"), eight_bit.to_rgb(ramp, "a"), atol=1)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_a_part_at_the_contrast_of_the_picture_is_as_in_the_picture(dtype):
    values = np.random.default_rng(0).integers(0, 30_000, (40, 50)).astype(dtype)
    limits = eight_bit.stretch(values, "a")
    part = eight_bit.to_rgb(values[3:9, 20:], "a", limits)
    np.testing.assert_array_equal(part, eight_bit.to_rgb(values, "a")[3:9, 20:])
