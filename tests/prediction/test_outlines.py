import cv2
import numpy as np
import pytest
from discs import discs

from cellseg_utils.prediction import outlines

LABELS = discs((90, 120), [(12, 12, 12), (60, 40, 14), (30, 90, 3)])


def test_an_outline_runs_along_the_sides_of_the_outer_pixels():
    labels = np.zeros((10, 12), np.int32)
    labels[2:5, 4:9] = 1
    points = outlines.polygons(labels)[1]
    assert (points[:, 0].min(), points[:, 0].max()) == (4, 9)
    assert (points[:, 1].min(), points[:, 1].max()) == (2, 5)


def test_areas_are_those_of_the_pixels_less_half_a_pixel():
    for number, points in outlines.polygons(LABELS).items():
        area = cv2.contourArea(points.astype(np.float32))
        assert area == pytest.approx(np.count_nonzero(number == LABELS) - 0.5, abs=1e-3)


def test_nuclei_at_the_border_are_closed_and_missing_numbers_have_none():
    labels = np.where(LABELS == 2, 0, LABELS)
    assert list(outlines.polygons(labels)) == [1, 3]
    assert outlines.polygons(labels)[1].min() >= 0
    assert outlines.polygons(np.zeros((3, 4), np.int32)) == {}


def test_a_single_pixel_and_pixels_that_touch_at_corners_have_one_outline():
    labels = np.zeros((5, 5), np.int32)
    labels[1, 1] = labels[2, 2] = 1
    labels[4, 0] = 2
    found = outlines.polygons(labels)
    assert cv2.contourArea(found[1].astype(np.float32)) == pytest.approx(2, abs=0.6)
    assert cv2.contourArea(found[2].astype(np.float32)) == pytest.approx(0.5)
