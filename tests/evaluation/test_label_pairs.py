"""Predicted and true labels, paired by name; the pictures to draw on."""

import numpy as np
import pytest
from discs import discs
from labelled_folders import save, write

from cellseg_utils.data.dataset import Sample
from cellseg_utils.data.sources import DataError
from cellseg_utils.evaluation import label_pairs

TRUTH = discs((30, 40), [(10, 10, 6), (15, 30, 5)])
PICTURE = np.full((*TRUTH.shape, 3), 33, np.uint8)


@pytest.fixture
def predictions(tmp_path):
    folder = tmp_path / "predictions"
    folder.mkdir()
    save(folder / "a.tif", TRUTH.astype(np.uint16))
    return folder


def test_pairs_have_the_same_names_and_are_read_together(predictions, tmp_path):
    truth = write(
        "cellpose", tmp_path / "truth", [Sample("a", PICTURE, TRUTH, 0), Sample("b", PICTURE, TRUTH, 0)]
    )
    pairs = label_pairs.find(predictions, truth)
    assert pairs.keys == {"a": "a"}
    assert pairs.problems == ["truth/b_cp_masks.png：没有同名的预测，没有打分"]
    with pairs.reading() as read:
        prediction, true = read("a")
    np.testing.assert_array_equal(prediction.labels, TRUTH)
    np.testing.assert_array_equal(true.labels, TRUTH)


def test_sizes_that_differ_are_one_line(predictions, tmp_path):
    save(tmp_path / "a.tif", TRUTH[:20].astype(np.uint16))
    pairs = label_pairs.find(predictions, tmp_path / "a.tif")
    why = r"预测的尺寸 \(30, 40\) 与真值的 \(20, 40\) 不同"
    with pairs.reading() as read, pytest.raises(DataError, match=f"^a：{why}，没有打分$"):
        read("a")


@pytest.mark.parametrize("layout", ["folders", "masks", "geojson", "coco"])
def test_the_picture_of_the_truth_is_found(layout, predictions, tmp_path):
    pairs = label_pairs.find(predictions, write(layout, tmp_path / "t", [Sample("a", PICTURE, TRUTH, 0)]))
    np.testing.assert_array_equal(pairs.picture("a", TRUTH), PICTURE)


def test_without_a_picture_nuclei_are_grey(predictions, tmp_path):
    grey = label_pairs.find(predictions, predictions).picture("a", TRUTH)
    np.testing.assert_array_equal(grey, np.where(TRUTH[..., None] > 0, label_pairs.GREY, 0).repeat(3, 2))
    folder = write("masks", tmp_path / "t", [Sample("a", PICTURE, TRUTH, 0)])
    (folder / "a.tif").write_bytes(b"broken")
    assert label_pairs.find(predictions, folder).picture("a", TRUTH).max() == label_pairs.GREY
