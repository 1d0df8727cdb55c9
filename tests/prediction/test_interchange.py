import io
import json
import zipfile

import cv2
import numpy as np
import pytest
import roifile
import tifffile
from discs import discs
from PIL import Image

from cellseg_utils.prediction import interchange
from cellseg_utils.prediction.segmentation import Segmentation

LABELS = discs((90, 120), [(20, 20, 9), (60, 40, 14), (30, 90, 3)])
FOUND = Segmentation(LABELS, (LABELS > 0).astype(np.float32), np.array([0.9, 0.51239, 0.2]))
IMAGE = np.full((90, 120, 3), 40, np.uint8)
AREAS = np.bincount(LABELS.ravel())[1:]


def area(points):
    return cv2.contourArea(np.asarray(points, np.float32))


def test_qupath_reads_a_closed_polygon_and_the_certainty_of_every_nucleus():
    features = json.loads(interchange.qupath(IMAGE, FOUND))["features"]
    rings = [feature["geometry"]["coordinates"][0] for feature in features]
    assert all(ring[0] == ring[-1] for ring in rings)
    assert [area(ring) for ring in rings] == pytest.approx(AREAS - 0.5, abs=1e-3)
    assert [feature["properties"]["measurements"]["certainty"] for feature in features] == [0.9, 0.512, 0.2]
    assert {feature["properties"]["objectType"] for feature in features} == {"detection"}


def test_without_certainty_there_is_no_measurement():
    [feature] = json.loads(interchange.qupath(IMAGE, Segmentation(np.where(LABELS == 1, 1, 0), None)))[
        "features"
    ]
    assert "measurements" not in feature["properties"]


def test_imagej_reads_every_nucleus_under_its_number():
    data = io.BytesIO(interchange.imagej(IMAGE, FOUND))
    with zipfile.ZipFile(data) as archive:
        rois = [roifile.ImagejRoi.frombytes(archive.read(name)) for name in archive.namelist()]
    assert [roi.name for roi in rois] == ["1", "2", "3"]
    assert [area(roi.coordinates()) for roi in rois] == pytest.approx(AREAS - 0.5, abs=0.01)


def test_the_same_nuclei_give_the_same_bytes():
    assert interchange.imagej(IMAGE, FOUND) == interchange.imagej(IMAGE, FOUND)


def test_a_label_png_has_the_numbers_up_to_65535():
    read = cv2.imdecode(np.frombuffer(interchange.label_png(IMAGE, FOUND), np.uint8), cv2.IMREAD_UNCHANGED)
    assert read.dtype == np.uint16
    np.testing.assert_array_equal(read, LABELS)
    with pytest.raises(ValueError, match="有 65536 个核"):
        interchange.label_png(IMAGE, Segmentation(np.array([[65536]]), None))


def test_an_overlay_draws_outlines_and_leaves_the_picture_given_as_it_is():
    drawn = cv2.imdecode(np.frombuffer(interchange.overlay(IMAGE, FOUND), np.uint8), cv2.IMREAD_COLOR)
    assert drawn.shape == IMAGE.shape
    edge = (LABELS > 0) & (cv2.erode((LABELS > 0).astype(np.uint8), np.ones((3, 3))) == 0)
    assert np.linalg.norm(drawn[edge][:, ::-1].astype(float) - interchange.OUTLINE, axis=1).mean() < 90
    assert np.abs(drawn[70:, 90:].astype(int) - 40).max() < 12
    assert (IMAGE == 40).all()


def test_what_can_not_be_made_is_refused_and_overlays_are_always_made():
    assert list(interchange.chosen(["qupath"])) == ["overlays", "qupath"]
    with pytest.raises(ValueError, match="also=svg：应为 png、qupath、imagej、coco、probability 之一"):
        interchange.chosen(["png", "svg"])


def test_a_probability_map_is_of_16_bit_and_keeps_the_size_of_a_pixel():
    probability = np.float32([[0, 0.25, 0.5], [0.75, 1, 1 / 3]])
    about = interchange.About("a.png", (0.5, 0.25))
    data = interchange.probability(None, Segmentation(None, probability), about)
    with Image.open(io.BytesIO(data)) as read:
        assert read.mode == "I;16"
        np.testing.assert_array_equal(read, np.round(probability * 65535.0))
        assert (read.tag_v2[282], read.tag_v2[283]) == (4, 2)  # pixels a µm along rows, along columns
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        assert file.imagej_metadata["unit"] == "micron"
