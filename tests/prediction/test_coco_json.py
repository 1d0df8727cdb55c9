"""COCO's JSON, read by pycocotools and as a labelled folder is."""

import json

import numpy as np
import pytest
from discs import discs
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools.coco import COCO

from cellseg_utils.data import coco as reader
from cellseg_utils.prediction import interchange
from cellseg_utils.prediction.segmentation import Segmentation

LABELS = discs((40, 60), [(10, 10, 6), (12, 30, 8.5), (30, 50, 7), (39, 0, 5)])


def coco(labels, file, certainty=None):
    return interchange.FORMATS["coco"][1](
        None, Segmentation(labels, None, certainty), interchange.About(file)
    )


def opened(path, data):
    path.write_bytes(data)
    return COCO(str(path))


def box(mask):
    rows, columns = np.nonzero(mask)
    return [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]


def test_pycocotools_reads_every_nucleus_to_the_pixel(tmp_path):
    file = opened(tmp_path / "a.coco.json", coco(LABELS, "a.png"))
    [image] = file.loadImgs(file.getImgIds(catIds=file.getCatIds(["nucleus"])))
    assert (image["file_name"], image["height"], image["width"]) == ("a.png", 40, 60)
    annotations = file.loadAnns(file.getAnnIds(imgIds=image["id"], iscrowd=False))
    assert [own["id"] for own in annotations] == [1, 2, 3, 4]
    for own in annotations:
        mask = own["id"] == LABELS
        np.testing.assert_array_equal(file.annToMask(own), mask)
        assert (own["area"], own["bbox"]) == (mask.sum(), box(mask))
        assert "score" not in own


def test_what_is_written_is_read_as_a_labelled_folder_is():
    truth = reader.read(coco(LABELS, "a.png"), "a.coco.json").draw("a.png", LABELS.shape)
    np.testing.assert_array_equal(truth.labels, LABELS)


@given(arrays.arrays(np.int32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 1)))
def test_any_shape_comes_back_with_its_box(labels):
    value = json.loads(coco(labels, "a"))
    for own in value["annotations"]:
        assert own["bbox"] == box(labels)
        assert sum(own["segmentation"]["counts"]) == labels.size
    truth = reader.read(coco(labels, "a"), "a").draw("a", None)
    np.testing.assert_array_equal(truth.labels, labels)


def test_a_picture_without_nuclei_has_no_annotation(tmp_path):
    file = opened(tmp_path / "a.coco.json", coco(np.zeros((3, 4), int), "a.png"))
    assert (len(file.getImgIds()), file.getAnnIds()) == (1, [])


def test_certainty_is_the_score():
    value = json.loads(coco(LABELS, "a.png", np.array([0.12345, 0.5, 1, 0])))
    assert [own["score"] for own in value["annotations"]] == pytest.approx([0.123, 0.5, 1, 0])
