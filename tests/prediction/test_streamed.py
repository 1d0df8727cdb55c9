"""Parts, one after the other, make the file that the whole makes."""

import io
import json
import zipfile

import numpy as np
import pytest
import roifile
from discs import discs

from cellseg_utils.prediction import interchange, streamed
from cellseg_utils.prediction.segmentation import Segmentation

LABELS = discs((90, 120), [(20, 20, 9), (60, 40, 14), (30, 90, 3)])
SURE = np.array([0.9, 0.51239, 0.2])
PARTS = [  # found in a part, its corner, nuclei before
    (Segmentation(LABELS[:, :60] % 3, None, SURE[:2]), (0, 0), 0),
    (Segmentation(np.zeros((5, 5), np.int32), None, SURE[:0]), (7, 7), 2),
    (Segmentation((LABELS[20:, 70:] == 3).astype(np.int32), None, SURE[2:]), (20, 70), 2),
]


def added(opened, path, parts=PARTS):
    with opened(path) as add:
        for part in parts:
            add(*part)
    return path.read_bytes()


def test_qupath_gets_the_file_of_the_whole(tmp_path):
    whole = json.loads(interchange.qupath(None, Segmentation(LABELS, None, SURE)))
    assert json.loads(added(streamed.qupath, tmp_path / "a.geojson")) == whole
    assert len(whole["features"]) == 3


def test_imagej_gets_the_regions_of_the_whole(tmp_path):
    files = [
        interchange.imagej(None, Segmentation(LABELS, None, SURE)),
        added(streamed.imagej, tmp_path / "a.zip"),
    ]
    whole, parts = (zipfile.ZipFile(io.BytesIO(data)) for data in files)
    assert parts.namelist() == whole.namelist() == ["00001.roi", "00002.roi", "00003.roi"]
    for name in whole.namelist():
        one, other = (roifile.ImagejRoi.frombytes(file.read(name)) for file in (whole, parts))
        np.testing.assert_array_equal(one.coordinates(), other.coordinates())
        assert one.name == other.name


@pytest.mark.parametrize("opened", [streamed.qupath, streamed.imagej])
def test_without_nuclei_the_file_is_empty_and_whole(tmp_path, opened):
    data = added(opened, tmp_path / "a", PARTS[1:2])
    if opened is streamed.qupath:
        assert json.loads(data) == {"type": "FeatureCollection", "features": []}
    else:
        assert zipfile.ZipFile(io.BytesIO(data)).namelist() == []


@pytest.mark.parametrize(
    ("shape", "expected"), [((9, 32767), ["imagej", "qupath"]), ((32768, 9), ["qupath"])]
)
def test_what_a_format_can_not_hold_is_not_possible(shape, expected):
    assert sorted(streamed.possible(["png", "imagej", "qupath", "coco", "probability"], shape)) == expected
    assert streamed.possible([], shape) == {}
