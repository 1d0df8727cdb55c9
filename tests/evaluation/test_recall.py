import numpy as np
import pandas as pd
import pytest

from cellseg_utils.evaluation import recall

TRUTH = np.array([[1, 1, 1, 1, 0, 2, 2, 0], [1, 1, 1, 1, 0, 2, 2, 0], [0, 0, 0, 0, 0, 0, 0, 0]])
PREDICTION = np.array([[5, 5, 5, 0, 0, 0, 0, 0], [5, 5, 5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 9, 9]])
EMPTY = np.zeros_like(TRUTH)


def test_nuclei_found_have_size_and_best_iou():
    nuclei = recall.nucleus_ious([TRUTH], [PREDICTION])
    assert nuclei["area"].tolist() == [8, 4]
    np.testing.assert_allclose(np.pi / 4 * nuclei["diameter"] ** 2, [8, 4])
    assert nuclei["iou"].tolist() == [0.75, 0]
    assert recall.nucleus_ious([TRUTH], [EMPTY])["iou"].tolist() == [0, 0]
    assert len(recall.nucleus_ious([EMPTY], [TRUTH])) == 0


def test_recall_by_size_counts_a_nucleus_in_one_bin_from_its_lower_edge_on():
    nuclei = pd.DataFrame({"diameter": [5, 8, 9, 10, 40], "iou": [0.5, 0.6, 0.2, 0.9, 1.0]})
    sizes = recall.recall_by_size(nuclei, edges=(0, 8, 10, 20, np.inf))
    assert sizes["low"].tolist() == [0, 8, 10, 20]
    assert sizes["high"].tolist() == [8, 10, 20, np.inf]
    assert sizes["nuclei"].tolist() == [1, 2, 1, 1]
    assert sizes["found"].tolist() == [0, 1, 1, 1]
    assert sizes["recall"].tolist() == [0, 0.5, 1, 1]


def test_recall_of_a_bin_without_nuclei_is_no_number():
    sizes = recall.recall_by_size(pd.DataFrame({"diameter": [5.0], "iou": [1.0]}))
    assert list(sizes.columns) == ["low", "high", "nuclei", "found", "recall"]
    assert sizes["low"].tolist() == [0, 8, 12, 16, 24, 32]
    assert sizes["high"].tolist() == [8, 12, 16, 24, 32, np.inf]
    assert sizes["recall"].isna().tolist() == [False, True, True, True, True, True]


def test_recall_below_one_half_is_refused():
    with pytest.raises(ValueError, match=r"0\.5 or more"):
        recall.recall_by_size(recall.nucleus_ious([TRUTH], [PREDICTION]), threshold=0.3)


def test_nuclei_of_all_pictures_stand_below_each_other():
    three = np.zeros((20, 30), np.int32)
    three[2:8, 2:8], three[2:8, 12:18], three[12:18, 2:12] = 1, 2, 3
    nuclei = recall.nucleus_ious([three, three], [three, np.where(three == 1, 7, 0)])
    assert nuclei["area"].tolist() == [36, 36, 60] * 2
    assert nuclei["iou"].tolist() == [1, 1, 1, 1, 0, 0]
