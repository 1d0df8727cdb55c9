import numpy as np
import pytest

from cellseg_utils.plots import pictures


def test_plane_drops_a_single_channel_and_refuses_others():
    assert pictures.plane(np.zeros((3, 4, 1))).shape == (3, 4)
    with pytest.raises(ValueError, match=r"\(3, 4, 2\)"):
        pictures.plane(np.zeros((3, 4, 2)))


def test_layers_of_another_size_are_refused():
    pictures.check_same_size(np.zeros((3, 4, 3)), np.zeros((3, 4)), np.zeros((3, 4, 1)))
    with pytest.raises(ValueError, match="differ in height or width"):
        pictures.check_same_size(np.zeros((3, 4, 3)), np.zeros((4, 3)))


def test_sequences_of_another_length_are_refused():
    with pytest.raises(ValueError, match=r"'images': 1, 'titles': 2"):
        pictures.check_same_length(images=[1], titles=["a", "b"])


def test_brighten_makes_the_brightest_pixels_white_and_keeps_ratios():
    image = np.zeros((10, 10, 3), np.uint8)
    image[:5], image[5:] = 20, 40
    bright = pictures.brighten(image)
    assert (bright[9, 9, 0], bright[0, 0, 0]) == (255, 127)


def test_brighten_leaves_black_black_and_takes_grey_pictures():
    assert pictures.brighten(np.zeros((4, 5), np.uint8)).shape == (4, 5, 3)
    assert pictures.brighten(np.zeros((4, 5), np.uint8)).max() == 0


def test_brighten_refuses_four_channels():
    with pytest.raises(ValueError, match=r"\(4, 5, 4\)"):
        pictures.brighten(np.zeros((4, 5, 4), np.uint8))


def test_backdrop_is_grey_between_its_limits():
    image = np.zeros((4, 4, 3), np.uint8)
    image[0] = 255
    grey = pictures.backdrop(image, black=10, white=210)
    assert (grey[0, 0].tolist(), grey[3, 3].tolist()) == ([210] * 3, [10] * 3)


def test_tint_mixes_inside_the_region_only_and_copies():
    picture = np.full((2, 2, 3), 100, np.uint8)
    region = np.array([[True, False], [False, False]])
    tinted = pictures.tint(picture, region, "#FF0000", opacity=0.5)
    assert tinted[0, 0].tolist() == [178, 50, 50]
    assert (tinted[1] == 100).all()
    assert (picture == 100).all()


def test_densest_window_finds_the_only_weight():
    weights = np.zeros((20, 30))
    weights[12, 25] = 1
    top, left = pictures.densest_window(weights, 4, 5)
    assert top <= 12 < top + 4
    assert left <= 25 < left + 5


def test_densest_window_may_be_the_whole_picture_but_not_more():
    assert pictures.densest_window(np.ones((6, 6)), 6, 6) == (0, 0)
    with pytest.raises(ValueError, match="does not fit"):
        pictures.densest_window(np.ones((6, 6)), 7, 6)
