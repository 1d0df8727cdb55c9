import numpy as np
import pytest

from cellseg_utils.evaluation import error_crops, object_errors

TRUTH = np.zeros((60, 80), np.int32)
TRUTH[0:6, 0:6], TRUTH[20:30, 20:30], TRUTH[40:50, 40:50], TRUTH[40:50, 50:60] = 1, 2, 3, 4
PREDICTION = np.zeros((60, 80), np.int32)
PREDICTION[40:50, 40:60], PREDICTION[10:15, 70:75] = 8, 9
IMAGE = np.arange(60 * 80 * 3, dtype=np.int64).reshape(60, 80, 3).astype(np.uint8)
ERRORS = object_errors.errors(TRUTH, PREDICTION)


def cut(**options):
    return error_crops.worst_crops(IMAGE, TRUTH, PREDICTION, ERRORS, **options)


def test_every_error_has_a_part_with_the_largest_nucleus_first():
    crops = cut(side=20)
    assert [crop.error for crop in crops] == ["missed", "missed", "merged", "invented"]
    assert [crop.severity for crop in crops] == [100, 36, 200, 25]


def test_the_nucleus_is_in_the_middle_of_its_part():
    missed = cut(side=20)[0]
    np.testing.assert_array_equal(missed.image, IMAGE[15:35, 15:35])
    np.testing.assert_array_equal(missed.truth, TRUTH[15:35, 15:35])
    np.testing.assert_array_equal(missed.prediction, PREDICTION[15:35, 15:35])


def test_parts_stay_within_the_picture_and_grow_with_the_nucleus():
    crops = cut(side=20)
    assert [crop.image.shape[:2] for crop in crops] == [(20, 20), (20, 20), (32, 32), (20, 20)]
    np.testing.assert_array_equal(crops[1].truth, TRUTH[:20, :20])
    assert cut(side=500)[0].image.shape == IMAGE.shape


def test_a_part_keeps_the_errors_of_the_whole_picture():
    assert all(crop.errors is ERRORS for crop in cut())


def test_only_so_many_of_each_error_are_cut_out():
    assert [crop.error for crop in cut(count=1)] == ["missed", "merged", "invented"]


def test_of_equally_large_nuclei_the_first_four_are_cut_out_64_pixels_wide():
    many = np.kron(np.arange(1, 101).reshape(10, 10), np.pad(np.ones((4, 4), int), 3))
    many[3::10] *= many[3::10] % 2  # those with even numbers are smaller
    many = np.pad(many, 40)
    image, nothing = np.zeros((*many.shape, 3), np.uint8), np.zeros_like(many)
    crops = error_crops.worst_crops(image, many, nothing, object_errors.errors(many, nothing))
    assert [crop.truth.shape for crop in crops] == [(64, 64)] * 4
    assert [crop.truth[32, 32] for crop in crops] == [1, 3, 5, 7]


def test_the_worst_of_all_pictures_are_chosen():
    assert [crop.severity for crop in error_crops.worst_of(cut() + cut(), "missed", 3)] == [100, 100, 36]
    assert error_crops.worst_of(cut(), "split", 3) == []


def test_a_picture_without_errors_has_no_parts():
    right = object_errors.errors(TRUTH, TRUTH)
    assert error_crops.worst_crops(IMAGE, TRUTH, TRUTH, right) == []


@pytest.mark.parametrize("error", ["missed", "merged", "split", "invented"])
def test_every_kind_of_error_can_be_cut_out(error):
    truth, prediction = np.zeros((2, 30, 30), np.int32)
    truth[2:8, 2:8], truth[12:18, 2:8], truth[20:26, 2:8], truth[20:26, 8:14] = 1, 2, 3, 4
    prediction[12:18, 2:5], prediction[12:18, 5:8], prediction[20:26, 2:14], prediction[2:6, 20:26] = (
        1,
        2,
        3,
        4,
    )
    image = np.zeros((30, 30, 3), np.uint8)
    crops = error_crops.worst_crops(image, truth, prediction, object_errors.errors(truth, prediction))
    assert error in [crop.error for crop in crops]
