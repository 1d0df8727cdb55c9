import numpy as np
import pytest
from discs import discs

from cellseg_utils.prediction import instances, tiling, views
from cellseg_utils.preprocessing import scale, targets


def paint(images):
    """A network that sees perfectly: the target maps of the bright pieces."""
    return np.stack([targets.target_maps(instances.pieces(image[..., 0] > 127)) for image in images])


def drawn(labels):
    """Planes of a picture without counterstain."""
    return np.where(labels[..., None] > 0, np.uint8([255, 0, 255]), np.uint8(0))


@pytest.fixture
def image():
    return drawn(discs((75, 90), [(20, 20, 9), (45, 60, 12), (60, 20, 7)]))


FAST, ONE, BEST = views.SPEEDS.values()
GRID = 1.35


def of(*each):
    each = tuple(views.View(*view) for view in each)
    return views.Views(each, each, GRID)


@pytest.mark.parametrize("looks", [FAST, ONE])
def test_one_view_is_the_picture_as_it_is_on_the_grid(image, looks):
    found = views.predict_views(paint, image, 1.5, looks)
    np.testing.assert_array_equal(found, tiling.predict_tiled(paint, scale.zoomed(image, 1.5 * looks.grid)))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_views_of_a_network_that_sees_perfectly_agree(image, count):
    one = views.predict_views(paint, image, 2, of((GRID, 0)))
    mean = views.predict_views(paint, image, 2, of(*BEST.plain[:count]))
    assert mean.shape == one.shape
    assert mean.dtype == np.float32
    inside = (one[..., 0] == 1) & (mean[..., 0] == 1)
    assert inside.sum() > 0.8 * (one[..., 0] == 1).sum()
    assert (one[..., 0] != (mean[..., 0] > 0.5)).mean() < 0.01
    assert np.abs(one - mean)[inside][:, 3:].mean() < 0.1  # a pixel of the grid


def test_an_unknown_speed_is_refused_in_one_chinese_line():
    assert views.of_speed("best") is BEST
    with pytest.raises(ValueError, match="speed=slow：应为 fast、balanced、best 之一"):
        views.of_speed("slow")


def test_offsets_are_lengths_on_the_grid(image):
    """A network that believes every centre to be one unit to the right of what it sees."""
    right = lambda images: np.broadcast_to(np.float32([0.5, 0, 1, 0, 1]), (*images.shape[:3], 5))  # noqa: E731
    found = views.predict_views(right, image, 2, of((GRID / 2, 0), (GRID / 2, 0)))
    np.testing.assert_allclose(found[..., :3], np.broadcast_to([0.5, 0, 1], found[..., :3].shape))
    np.testing.assert_allclose(found[..., 3], 0)
    np.testing.assert_allclose(found[..., 4], 2, rtol=0.02)


def test_directions_turn_with_the_views(image):
    right = lambda images: np.broadcast_to(np.float32([0.5, 0, 1, 0, 1]), (*images.shape[:3], 5))  # noqa: E731
    turned = views.predict_views(right, image, 1, of((GRID, 0), (GRID, 2)))
    np.testing.assert_allclose(turned[..., 3:], 0, atol=1e-6)


def test_maps_of_a_smaller_view_are_interpolated():
    image = np.zeros((20, 40, 3), np.uint8)
    image[:, 20:] = 255
    half = of((GRID / 2, 0), (GRID / 2, 0))
    found = views.predict_views(lambda images: images[..., :1] / np.float32(255), image, 1 / GRID, half)
    expected = np.repeat([0, 0.25, 0.75, 1], [19, 1, 1, 19])
    np.testing.assert_allclose(found[..., 0], np.tile(expected, (20, 1)), atol=1e-6)


def test_maps_of_the_foreground_alone_are_averaged_too(image):
    found = views.predict_views(lambda images: paint(images)[..., :1], image, 2, BEST)
    assert found.shape[2] == 1
    assert 0 <= found.min() < found.max() <= 1


@pytest.mark.parametrize(
    ("zoom", "looks", "shapes"),
    [
        (1, FAST, [(100, 200)]),
        (1, ONE, [(115, 230)]),
        (1, BEST, [(115, 230), (160, 320), (230, 115), (320, 160)]),
        (scale.ZOOM[1], BEST, [(400, 800)] * 2 + [(800, 400)] * 2),  # no view is larger than the largest zoom
    ],
)
def test_views_are_of_their_sizes_and_every_other_one_is_turned(monkeypatch, zoom, looks, shapes):
    seen = []

    def watch(network, picture):
        seen.append(picture.shape[:2])
        return paint(picture[None])[0]

    monkeypatch.setattr(tiling, "predict_tiled", watch)
    views.predict_views(paint, np.zeros((100, 200, 3), np.uint8), zoom, looks)
    assert seen == shapes


def stained(shape=(40, 60)):
    planes = np.zeros((*shape, 3), np.uint8)
    planes[...] = 10, 120, 230
    return planes


@pytest.mark.parametrize(
    ("looks", "shown"),
    [
        (FAST, [(10, 0, 10)]),
        (ONE, [(10, 120, 230), (10, 0, 10), (230, 0, 230)]),
        (BEST, [(10, 120, 230), (10, 0, 10), (10, 0, 10), (230, 0, 230)]),
    ],
)
def test_a_stained_picture_is_seen_as_a_whole_and_by_single_stains(monkeypatch, looks, shown):
    seen = []

    def watch(network, picture):
        seen.append(tuple(picture[0, 0].tolist()))
        return paint(picture[None])[0]

    monkeypatch.setattr(tiling, "predict_tiled", watch)
    views.predict_views(paint, stained(), 1, looks)
    assert seen == shown


@pytest.mark.parametrize("looks", [FAST, ONE, BEST])
def test_a_picture_without_counterstain_is_seen_as_it_is(monkeypatch, looks):
    planes = stained() * np.uint8([1, 0, 0])
    planes[..., 2] = planes[..., 0]
    seen = []

    def watch(network, picture):
        seen.append(tuple(picture[0, 0].tolist()))
        return paint(picture[None])[0]

    monkeypatch.setattr(tiling, "predict_tiled", watch)
    views.predict_views(paint, planes, 1, looks)
    assert set(seen) == {(10, 0, 10)}
    assert len(seen) == len(looks.plain)


def test_instances_of_all_views_are_the_discs_that_were_drawn(image):
    maps = views.predict_views(paint, image, 1, BEST)
    labels = instances.label(maps, image.shape[:2], instances.Rule())
    assert labels.max() == 3
    assert ((labels > 0) != (image[..., 0] > 0)).mean() < 0.01


def test_a_bundle_says_how_its_network_is_fed():
    assert views.fed_with({"image_size": 128})["resize"] == "to the square of image_size"
    assert views.fed_with({"image_size": None})["resize"].endswith("to predict, to 1 to 1.6 times that")


@pytest.mark.parametrize(("counter", "expected"), [(0, "plain"), (1, "stained")])
def test_settled_views_are_the_same_with_and_without_counterstain(counter, expected):
    sample = np.zeros((4, 4, 3), np.uint8)
    sample[0, 0, 1] = counter
    settled = views.settled(BEST, sample)
    assert settled.plain == settled.stained == getattr(BEST, expected)
    assert settled.grid == BEST.grid
