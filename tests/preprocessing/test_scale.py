import numpy as np
import pytest
from discs import discs
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import regionprops

from cellseg_utils.preprocessing import scale

EXAMPLES = settings(max_examples=40, deadline=None)


def test_the_typical_diameter_is_that_of_the_disc_of_the_median_area():
    labels = np.array([[1, 1, 1, 1, 0], [2, 2, 2, 2, 2], [5, 0, 0, 0, 0]])
    assert scale.typical_diameter(labels) == pytest.approx(2 * np.sqrt(4 / np.pi))


@pytest.mark.parametrize("radius", [5, 12, 30])
def test_a_disc_has_about_its_own_diameter(radius):
    assert scale.typical_diameter(discs((80, 80), [(40, 40, radius)])) == pytest.approx(2 * radius, rel=0.03)


@EXAMPLES
@given(st.integers(0, 2**32))
def test_the_typical_diameter_is_that_of_regionprops(seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 6, (30, 40)).astype(np.int32)
    expected = np.median([nucleus.equivalent_diameter_area for nucleus in regionprops(labels)])
    assert scale.typical_diameter(labels) == pytest.approx(expected)


@pytest.mark.parametrize("specks", [0, 3, 60])
def test_specks_have_no_say_however_many_there_are(specks):
    labels = discs((200, 200), [(30, 30, 10), (30, 70, 11), (30, 110, 12)])
    alone = scale.typical_diameter(labels)
    rows, columns = np.divmod(np.arange(specks), 20)
    labels[80 + 10 * rows, 5 + 9 * columns] = labels[81 + 10 * rows, 5 + 9 * columns] = 4 + np.arange(specks)
    assert scale.typical_diameter(labels) == alone == pytest.approx(22, rel=0.03)


def test_small_nuclei_that_are_most_of_what_there_is_are_typical():
    small = [(10 + 14 * row, 10 + 14 * column, 5) for row in range(6) for column in range(6)]
    labels = discs((120, 200), [*small, (60, 150, 25)])
    assert scale.typical_diameter(labels) == pytest.approx(10, rel=0.06)


@pytest.mark.parametrize("shape", [(3, 4), (0, 4)])
def test_without_nuclei_the_diameter_is_unknown_and_the_zoom_is_1(shape):
    diameter = scale.typical_diameter(np.zeros(shape, np.int32))
    assert np.isnan(diameter)
    assert scale.zoom_for(diameter) == 1


@pytest.mark.parametrize(
    ("diameter", "zoom"), [(20, 1), (10, 2), (40, 0.5), (4, 4), (1, 4), (1000, 0.03), (0, 1), (np.inf, 0.03)]
)
def test_the_zoom_brings_a_diameter_to_20_pixels_within_limits(diameter, zoom):
    found = scale.zoom_for(diameter)
    assert found == pytest.approx(zoom)
    assert type(found) is float


@EXAMPLES
@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.01, 4))
def test_sides_are_multiplied_and_never_vanish(height, width, zoom):
    zoomed = scale.zoomed(np.zeros((height, width, 3), np.uint8), zoom)
    assert zoomed.shape == (max(1, round(height * zoom)), max(1, round(width * zoom)), 3)
    assert zoomed.dtype == np.uint8


@EXAMPLES
@given(st.integers(0, 255), st.floats(0.1, 4))
def test_one_colour_stays_that_colour(value, zoom):
    assert set(np.unique(scale.zoomed(np.full((20, 30, 3), value, np.uint8), zoom))) == {value}


def test_halving_takes_the_mean_of_four_pixels_and_one_zooms_nothing():
    image = np.random.default_rng(0).integers(0, 256, (8, 6, 3), np.uint8)
    mean = image.reshape(4, 2, 3, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(scale.zoomed(image, 0.5), mean, atol=0.5)
    np.testing.assert_array_equal(scale.zoomed(image, 1), image)


def test_shrinking_takes_the_mean_of_all_pixels_covered():
    ring = np.full((4, 4, 3), 240, np.uint8)
    ring[1:3, 1:3] = 0
    np.testing.assert_array_equal(scale.zoomed(np.tile(ring, (2, 1, 1)), 0.25), np.full((2, 1, 3), 180))


@pytest.mark.parametrize(("diameter", "zoom"), [(10, 2), (40, 0.5), (33, 20 / 33)])
def test_a_zoomed_disc_has_the_common_diameter(diameter, zoom):
    labels = discs((120, 120), [(60, 60, diameter / 2)])
    image = np.where(labels[..., None] > 0, np.uint8(255), np.uint8(0)).repeat(3, 2)
    zoomed = scale.zoomed(image, scale.zoom_for(diameter))[..., 0] > 127
    assert scale.zoom_for(diameter) == pytest.approx(zoom)
    assert scale.typical_diameter(zoomed.astype(int)) == pytest.approx(scale.DIAMETER, rel=0.06)
