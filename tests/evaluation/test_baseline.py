import numpy as np
import pytest
from discs import discs

from cellseg_utils.evaluation import baseline

LABELS = discs((60, 80), [(15, 15, 8), (40, 30, 10), (20, 60, 9), (50, 70, 2)])


@pytest.mark.parametrize(("inside", "outside"), [(200, 20), (60, 230)])
def test_dark_and_bright_nuclei_are_found_and_specks_are_not(inside, outside):
    image = np.where(LABELS[..., None] > 0, inside, outside).astype(np.uint8).repeat(3, 2)
    found = baseline.segment(image)
    assert len(np.unique(found)) == 1 + 3
    np.testing.assert_array_equal(found > 0, (LABELS > 0) & (LABELS != 4))


def test_nuclei_that_touch_are_one_since_nothing_tells_them_apart():
    image = np.zeros((30, 60, 3), np.uint8)
    image[10:20, 10:30] = image[10:20, 30:50] = 255
    assert len(np.unique(baseline.segment(image))) == 2


@pytest.mark.parametrize("grey", [0, 130, 255])
def test_a_picture_of_one_colour_holds_no_nucleus(grey):
    assert not baseline.segment(np.full((40, 40, 3), grey, np.uint8)).any()
