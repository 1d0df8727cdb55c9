import numpy as np
import pytest

from cellseg_utils.prediction.filters import Filter
from cellseg_utils.prediction.segmentation import Segmentation

LABELS = np.zeros((12, 14), np.int32)
LABELS[0:3, 4:8] = 1  # at the border, 12 pixels
LABELS[5:7, 5:7] = 2  # 4 pixels
LABELS[8:11, 2:6] = 3  # 12 pixels
FOUND = Segmentation(LABELS, (LABELS > 0).astype(np.float32), np.array([0.9, 0.5, 0.7]), "模糊")


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        (Filter(), [1, 2, 3]),
        (Filter(min_area=5), [1, 3]),
        (Filter(min_area=12), [1, 3]),
        (Filter(drop_border=True), [2, 3]),
        (Filter(5, True), [3]),
        (Filter(min_area=13), []),
    ],
)
def test_what_is_left_is_numbered_anew_and_keeps_its_certainty(chosen, left):
    kept = chosen.of(FOUND)
    for number, before in enumerate(left, 1):
        np.testing.assert_array_equal(kept.labels == number, before == LABELS)
    assert kept.labels.max() == len(left)
    assert kept.labels.dtype == np.int32
    assert kept.certainty.tolist() == [FOUND.certainty[before - 1] for before in left]
    assert kept.doubt == "模糊"
    assert kept.probability is FOUND.probability


@pytest.mark.parametrize("side", [np.s_[:, :1], np.s_[:, -1:], np.s_[:1], np.s_[-1:]])
def test_every_side_is_a_border(side):
    labels = np.zeros((5, 6), np.int32)
    labels[side] = 1
    assert not Filter(drop_border=True).of(Segmentation(labels, labels)).labels.any()


def test_a_picture_without_nuclei_stays_without():
    nothing = Segmentation(np.zeros((3, 4), np.int32), None, np.zeros(0))
    assert not Filter(3, True).of(nothing).labels.any()


@pytest.mark.parametrize("area", [-1, np.nan, np.inf])
def test_what_is_no_area_is_refused(area):
    with pytest.raises(ValueError, match=r"min-area=.+应为 0 或更大的像素数"):
        Filter(area)
