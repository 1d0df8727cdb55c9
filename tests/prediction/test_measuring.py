import cv2
import numpy as np
import pytest
from discs import discs

from cellseg_utils.prediction import measuring


def test_a_rectangle_has_the_measures_on_paper():
    labels = np.zeros((40, 50), np.int32)
    labels[10:20, 5:35] = 1
    [row] = measuring.measure(labels).itertuples()
    assert (row.label, row.y, row.x, row.area) == (1, 14.5, 19.5, 300)
    assert (row.top, row.left, row.bottom, row.right) == (10, 5, 20, 35)
    assert row.equivalent_diameter == pytest.approx(np.sqrt(4 * 300 / np.pi))
    assert row.perimeter == 2 * (9 + 29)  # around the centres of its outer pixels
    assert row.major_axis == pytest.approx(4 * np.sqrt((30**2 - 1) / 12))
    assert row.minor_axis == pytest.approx(4 * np.sqrt((10**2 - 1) / 12))
    assert row.eccentricity == pytest.approx(np.sqrt(1 - (row.minor_axis / row.major_axis) ** 2))
    assert row.solidity == 1
    assert abs(row.orientation) == pytest.approx(np.pi / 2)
    assert not row.touches_border


def test_areas_and_centres_are_those_of_another_library():
    labels = discs((90, 120), [(20, 20, 9), (60, 40, 14), (30, 90, 11)])
    table = measuring.measure(labels)
    for row in table.itertuples():
        moments = cv2.moments((labels == row.label).astype(np.uint8), binaryImage=True)
        assert row.area == moments["m00"]
        assert (row.y, row.x) == pytest.approx(
            (moments["m01"] / moments["m00"], moments["m10"] / moments["m00"])
        )
    assert table["label"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("corner", "touches"), [((0, 9), True), ((9, 0), True), ((15, 9), True), ((9, 25), True), ((1, 1), False)]
)
def test_nuclei_at_any_side_touch_the_border(corner, touches):
    labels = np.zeros((20, 30), np.int32)
    labels[corner[0] : corner[0] + 5, corner[1] : corner[1] + 5] = 4
    assert measuring.measure(labels)["touches_border"].tolist() == [touches]


def test_without_nuclei_the_table_has_its_columns():
    table = measuring.measure(np.zeros((7, 9), np.int32))
    assert table.empty
    assert tuple(table.columns) == measuring.COLUMNS


def test_numbers_that_are_missing_are_no_nuclei():
    assert measuring.measure(np.array([[7, 0, 2], [7, 0, 2]]))["label"].tolist() == [2, 7]


@pytest.mark.parametrize(
    ("labels", "error"), [(np.zeros((3, 3, 3), int), ValueError), (np.zeros((3, 3)), TypeError)]
)
def test_what_is_no_label_image_is_refused(labels, error):
    with pytest.raises(error):
        measuring.measure(labels)


def test_areas_are_given_in_micrometres_where_a_pixel_is_known():
    labels = discs((40, 40), [(20, 20, 9)])
    [row] = measuring.measure(labels, pixel_size=(0.5, 0.25)).itertuples()
    assert row.area_um2 == row.area * 0.125
    assert measuring.measure(labels)["area_um2"].isna().all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, bool])
def test_intensities_are_those_on_paper(dtype):
    labels = discs((60, 90), [(30, 25, 8), (30, 60, 8)])
    shining = np.array([3, 10, 20])[labels]
    channels = np.dstack([shining, 0 * shining]).astype(dtype)
    table = measuring.measure(labels, channels, ("DAPI", "2"))
    inside, ground = (1, 1) if dtype is bool else ([10, 20], 3)
    np.testing.assert_array_equal(table["mean_DAPI"], inside * np.ones(2))
    np.testing.assert_array_equal(table["integrated_DAPI"], table["area"] * inside)
    np.testing.assert_array_equal(table["background_DAPI"], ground)
    assert not table[["mean_2", "integrated_2", "background_2"]].to_numpy().any()


def test_the_background_is_near_the_nucleus_and_no_other_nucleus():
    labels = discs((80, 120), [(40, 30, 10), (40, 55, 10)])
    y, x = np.mgrid[:80, :120]
    first, second = (np.hypot(y - 40, x - column) <= 17.5 for column in (30, 55))
    ground = np.where(first & (x < 42.5), 5, np.where(second & (x > 42.5), 9, 1000))
    table = measuring.measure(labels, np.where(labels > 0, 700, ground)[..., None], ("a",))
    np.testing.assert_array_equal(table["background_a"], [5, 9])


def test_a_nucleus_without_ground_has_no_background():
    table = measuring.measure(np.ones((5, 5), int), np.ones((5, 5, 1)), ("a",))
    assert table["background_a"].isna().all()


def test_without_nuclei_intensities_are_columns_all_the_same():
    table = measuring.measure(np.zeros((5, 5), int), np.ones((5, 5, 2)), ("a", "b"))
    assert table.empty
    assert table.columns[-6:].tolist() == [
        f"{kind}_{name}" for name in "ab" for kind in measuring.INTENSITIES
    ]


def test_channels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="expected channels"):
        measuring.measure(np.zeros((5, 5), int), np.ones((5, 5, 2)), ("a",))


def test_nuclei_that_are_not_measured_are_no_background():
    labels = discs((40, 60), [(20, 20, 8), (20, 40, 8)])
    channels = np.array([3, 10, 900])[labels][..., None]
    alone = measuring.measure(np.where(labels == 1, 1, 0), channels, ("a",), others=labels == 2)
    assert alone["background_a"].tolist() == [3]
