import cv2
import numpy as np
import pytest
from discs import discs
from painter import PAINTER, drawn, paint, row_of_discs, watched

from cellseg_utils.prediction import instances, looks, tiling
from cellseg_utils.preprocessing import scale

RULE = instances.Rule()


@pytest.fixture
def near(monkeypatch):
    """No looks at nuclei of quite another size."""
    monkeypatch.setattr(looks, "FAR_LOOKS", ())
    monkeypatch.setattr(looks, "FEW", 0)


@pytest.mark.parametrize("diameter", [10, 14, 20, 28, 40, 57, 80])
def test_the_diameter_of_discs_is_found_within_a_tenth(diameter):
    image = drawn(row_of_discs(diameter))
    assert looks.at_common_size(PAINTER.predict, image, RULE).diameter == pytest.approx(diameter, rel=0.1)


def test_the_diameter_is_that_of_the_typical_disc():
    labels = discs((120, 160), [(25, 25, 12), (25, 75, 12), (80, 30, 12), (80, 110, 30)])
    assert looks.at_common_size(PAINTER.predict, drawn(labels), RULE).diameter == pytest.approx(24, rel=0.1)


def blind(smallest=0.0, largest=np.inf):
    """A network that sees nuclei only where the typical one has a diameter between two."""

    def network(images):
        found = scale.typical_diameter(instances.pieces(images[0, ..., 0] > 127))
        return paint(images if smallest < found < largest else np.zeros_like(images))

    return network


def zooms(seen, image):
    """Zooms of the pictures that a network has seen."""
    return [np.sqrt(np.prod(shape) / np.prod(image.shape[:2])) for shape in seen]


@pytest.mark.parametrize(
    ("diameter", "expected"),
    [
        (10, [0.8, 20 / 10]),
        (13, [0.8, 20 / 13]),
        (15, [0.8]),
        (20, [0.8]),
        (26, [0.8]),
        (40, [0.8]),
        (55, [0.8, 20 / 55]),
        (80, [0.8, 20 / 80]),
    ],
)
def test_found_nuclei_are_looked_at_once_more_unless_their_size_is_about_the_common_one(
    near, monkeypatch, diameter, expected
):
    network, seen = watched(monkeypatch)
    image = drawn(row_of_discs(diameter))
    assert looks.at_common_size(network, image, RULE).diameter == pytest.approx(diameter, rel=0.1)
    assert zooms(seen, image) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(("found", "count"), [(0.67, 2), (0.7, 1), (2.2, 1), (2.3, 2)])
def test_the_size_is_measured_again_if_it_is_far_from_the_common_one(near, monkeypatch, found, count):
    network, seen = watched(monkeypatch)
    monkeypatch.setattr(scale, "typical_diameter", lambda labels: found * scale.DIAMETER)
    assert (abs(np.log(found * looks.FIRST_LOOKS[0])) > looks.LOG_FAR) == (count == 2)
    looks.at_common_size(network, drawn(row_of_discs(20)), RULE)
    assert len(seen) == count


def test_only_nuclei_not_found_at_their_own_size_are_looked_for_in_a_smaller_picture(near, monkeypatch):
    network, seen = watched(monkeypatch, blind(largest=30))
    image = drawn(row_of_discs(80))
    assert looks.at_common_size(network, image, RULE).diameter == pytest.approx(80, rel=0.1)
    assert zooms(seen, image) == pytest.approx([0.8, 0.35], rel=0.05)


def test_a_third_look_is_taken_where_the_second_one_is_far_from_the_common_size(near, monkeypatch):
    network, seen = watched(monkeypatch, blind(largest=60))
    image = drawn(row_of_discs(150))
    assert looks.at_common_size(network, image, RULE).diameter == pytest.approx(150, rel=0.1)
    assert zooms(seen, image) == pytest.approx([0.8, 0.35, 20 / 150], rel=0.05)


def test_the_zoom_at_which_nuclei_have_the_common_size_is_believed(near, monkeypatch):
    def swollen(images):
        """A network that draws nuclei of about the common size as they are, and larger ones too large."""
        if scale.typical_diameter(instances.pieces(images[0, ..., 0] > 127)) > 30:
            images = np.stack([cv2.dilate(image, np.ones((11, 11), np.uint8)) for image in images])
        return paint(images)

    network, seen = watched(monkeypatch, swollen)
    image = drawn(row_of_discs(60, gap=20))
    first = scale.typical_diameter(
        instances.label(
            tiling.predict_tiled(swollen, scale.zoomed(image, 0.8)),
            image.shape[:2],
            RULE.at(1 / instances.GRID),
        )
    )
    assert first > 68
    assert looks.at_common_size(network, image, RULE).diameter == pytest.approx(60, rel=0.05)
    assert zooms(seen, image) == pytest.approx([0.8, 20 / first], rel=0.02)


def test_if_the_second_look_finds_nothing_the_first_one_counts(near, monkeypatch):
    network, seen = watched(monkeypatch, blind(smallest=30))
    image = drawn(row_of_discs(60))
    assert looks.at_common_size(network, image, RULE).diameter == pytest.approx(60, rel=0.1)
    assert zooms(seen, image) == pytest.approx([0.8, 20 / 60], rel=0.05)


def test_without_nuclei_the_diameter_is_unknown_after_two_looks(near, monkeypatch):
    network, seen = watched(monkeypatch)
    image = np.zeros((40, 60, 3), np.uint8)
    assert np.isnan(looks.at_common_size(network, image, RULE).diameter)
    assert seen == [(32, 48), (14, 21)]


def corner_of_discs(shape, corner, diameter):
    """A large blank picture with discs in one place only."""
    discs_there, labels = row_of_discs(diameter), np.zeros(shape, np.int32)
    height, width = discs_there.shape
    labels[corner[0] : corner[0] + height, corner[1] : corner[1] + width] = discs_there
    return labels


@pytest.mark.parametrize("corner", [(0, 0), (1500, 40), (30, 2500), (1700, 2600)])
@pytest.mark.parametrize("diameter", [12, 40])
def test_the_size_of_nuclei_is_looked_for_where_a_large_picture_has_any(monkeypatch, corner, diameter):
    network, seen = watched(monkeypatch)
    image = drawn(corner_of_discs((1900, 2900), corner, diameter))
    assert looks.at_common_size(network, image, RULE).diameter == pytest.approx(diameter, rel=0.1)
    assert max(max(shape) for shape in seen) <= looks.LOOKED_AT


def test_a_long_picture_is_looked_at_over_its_whole_width(monkeypatch):
    network, seen = watched(monkeypatch)
    image = drawn(corner_of_discs((100, 3000), (10, 2000), 24))
    assert looks.at_common_size(network, image, RULE).diameter == pytest.approx(24, rel=0.1)
    assert (80, looks.LOOKED_AT) in seen


def test_a_look_says_which_part_it_saw_and_what_is_there():
    labels = corner_of_discs((1900, 2900), (1500, 40), 24)
    look = looks.look(PAINTER.predict, drawn(labels), RULE, 1.0)
    seen = labels[look.place]
    assert seen.shape == look.labels.shape == (looks.LOOKED_AT,) * 2
    assert look.labels.max() == 3
    assert ((look.labels > 0) == (seen > 0)).mean() > 0.999
    assert look.zoom == 1


@pytest.mark.parametrize("zoom", [0.5, 1, 2])
def test_labels_of_a_look_have_the_pictures_size_at_any_zoom(zoom):
    labels = row_of_discs(30)
    look = looks.look(PAINTER.predict, drawn(labels), RULE, zoom)
    assert look.labels.shape == labels.shape
    assert look.diameter == pytest.approx(30, rel=0.05)


@pytest.mark.parametrize(
    ("one", "other", "same"), [(1, 1.2, True), (1, 1.25, False), (1.35, 1, False), (0.3, 0.35, True)]
)
def test_zooms_within_a_fifth_show_the_same(one, other, same):
    assert looks.same_zoom(one, other) == looks.same_zoom(other, one) == same


def speckled(largest):
    """A network that sees specks in place of nuclei that are too large for it."""

    def network(images):
        if scale.typical_diameter(instances.pieces(images[0, ..., 0] > 127)) > largest:
            y, x = np.mgrid[: images.shape[1], : images.shape[2]]
            ragged = (y % 24 < 9) & (x % 24 < 9 - y % 24 // 2)
            return paint(images * ragged[..., None].astype(np.uint8))
        return paint(images)

    return network


@pytest.mark.parametrize("diameter", [200, 340, 500])
def test_very_large_nuclei_are_found_where_a_near_look_sees_specks(diameter):
    image = drawn(row_of_discs(diameter, gap=diameter // 4))
    found = looks.at_common_size(speckled(60), image, RULE).diameter
    assert found == pytest.approx(diameter, rel=0.1)


def test_very_small_nuclei_are_looked_for_where_hardly_any_are_found():
    image = drawn(row_of_discs(6, count=9, gap=5))
    assert looks.at_common_size(blind(smallest=8), image, RULE).diameter == pytest.approx(6, rel=0.15)


def test_a_tissue_that_is_one_piece_from_afar_is_no_large_nucleus():
    labels = discs((400, 400), [(y, x, 9) for y in range(12, 400, 20) for x in range(12, 400, 20)])
    assert looks.at_common_size(PAINTER.predict, drawn(labels), RULE).diameter == pytest.approx(18, rel=0.1)


def test_a_known_diameter_takes_one_look(monkeypatch):
    network, seen = watched(monkeypatch)
    image = drawn(row_of_discs(40))
    looks.at_common_size(network, image, RULE, diameter=50)
    assert zooms(seen, image) == pytest.approx([20 / 50], rel=0.05)
