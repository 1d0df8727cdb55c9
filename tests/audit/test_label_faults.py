import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage import measure

from cellseg_utils.audit import label_faults
from cellseg_utils.data import dataset, layout

NONE = {"holes": [], "fragments": [], "specks": [], "border_only": []}


def plane(*boxes, shape=(30, 40)):
    """Labels 1, 2, ... in boxes given as rows and columns; a box of label 0 cuts."""
    labels = np.zeros(shape, np.int32)
    for label, rows, columns in boxes:
        labels[slice(*rows), slice(*columns)] = label
    return labels


def test_whole_nuclei_have_no_fault_even_if_they_touch():
    assert label_faults.find(plane((1, (5, 10), (5, 10)), (2, (5, 10), (10, 15)))) == NONE


def test_a_nucleus_with_a_hole_is_named_and_so_is_one_around_another():
    labels = plane((1, (3, 9), (3, 9)), (0, (5, 6), (5, 6)), (2, (12, 25), (12, 25)), (3, (15, 20), (15, 20)))
    assert label_faults.find(labels) == {**NONE, "holes": [1, 2]}


def test_a_bay_is_no_hole():
    assert label_faults.find(plane((1, (3, 9), (3, 9)), (0, (3, 6), (5, 6)))) == NONE


def test_a_nucleus_in_two_pieces_is_named_but_not_if_they_touch_at_a_corner():
    apart = plane((1, (3, 9), (3, 6)), (1, (3, 9), (8, 12)))
    corner = plane((1, (3, 9), (3, 6)), (1, (9, 12), (6, 12)))
    assert label_faults.find(apart) == {**NONE, "fragments": [1]}
    assert label_faults.find(corner) == NONE


def test_a_nucleus_cut_by_its_neighbour_is_in_pieces():
    assert label_faults.find(plane((1, (3, 9), (3, 20)), (2, (2, 10), (9, 12)))) == {**NONE, "fragments": [1]}


def test_specks_have_fewer_than_ten_pixels():
    labels = plane((1, (5, 8), (5, 8)), (2, (5, 7), (15, 20)))
    assert label_faults.find(labels) == {**NONE, "specks": [1]}


@pytest.mark.parametrize(
    ("rows", "columns"), [((0, 2), (5, 20)), ((28, 30), (5, 20)), ((5, 20), (0, 1)), ((5, 20), (38, 40))]
)
def test_slivers_along_any_border_are_named(rows, columns):
    assert label_faults.find(plane((1, rows, columns))) == {**NONE, "border_only": [1]}


@pytest.mark.parametrize(
    ("rows", "columns"), [((0, 3), (5, 20)), ((27, 30), (5, 20)), ((5, 20), (0, 3)), ((5, 20), (37, 40))]
)
def test_a_nucleus_that_reaches_inside_is_no_sliver(rows, columns):
    assert label_faults.find(plane((1, rows, columns))) == NONE


def test_labels_that_are_missing_are_left_out():
    assert label_faults.find(plane((3, (5, 10), (5, 10)))) == NONE
    assert label_faults.find(np.zeros((5, 5), np.int32)) == NONE


@given(arrays(np.int32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 2)))
def test_pieces_and_holes_agree_with_scikit_image(labels):
    faults = label_faults.find(labels)
    for region in measure.regionprops(labels):
        pieces = measure.label(region.image, connectivity=2).max()
        holes = pieces - measure.euler_number(region.image, connectivity=2)
        assert (region.label in faults["fragments"]) == (pieces > 1)
        assert (region.label in faults["holes"]) == (holes > 0)
        assert (region.label in faults["specks"]) == (region.area < 10)


@pytest.mark.parametrize("labels", [np.zeros((3, 3, 1), np.int32), np.zeros((3, 3))])
def test_what_is_no_label_image_is_refused_with_shape_and_type(labels):
    with pytest.raises(ValueError, match=r"\(3, 3.*(int32|float64)"):
        label_faults.find(labels)


def test_the_worst_pictures_are_those_with_the_most_nuclei_of_a_fault():
    samples = pd.DataFrame(
        {"holes": [0, 2, 1, 3], "fragments": [0] * 4, "specks": [0, 0, 0, 1], "border_only": [1, 0, 1, 1]}
    )
    assert label_faults.worst(samples, 2) == [
        ("holes", 3),
        ("holes", 1),
        ("specks", 3),
        ("border_only", 0),
        ("border_only", 2),
    ]


def test_every_fault_has_a_name():
    assert set(label_faults.NUCLEAR) < set(label_faults.FAULTS)
    assert len(set(label_faults.FAULTS.values())) == len(label_faults.FAULTS)


def test_synthetic_labels_have_no_holes_and_no_pieces(samples):
    for sample in samples:
        faults = label_faults.find(sample.labels)
        assert faults["holes"] == faults["fragments"] == faults["specks"] == []


@pytest.mark.real
def test_the_real_labels_have_known_faults(real_data):
    source = layout.open_source(real_data / "stage1_train.zip")
    counts, _ = dataset.map_samples(
        source, lambda sample: [len(labels) for labels in label_faults.find(sample.labels).values()]
    )
    holes, fragments, specks, border_only = np.sum(counts, axis=0)
    assert (holes, fragments, specks, border_only) == (11, 2, 0, 34)
