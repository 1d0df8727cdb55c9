import numpy as np
import pytest
from scipy import ndimage

from cellseg_utils.data import micrograph

DRAW = [micrograph.fluorescence, micrograph.purple_on_white, micrograph.grey_tissue]


@pytest.mark.parametrize("draw", DRAW)
def test_the_same_generator_draws_the_same_picture(draw):
    one, other = (draw((96, 128), np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_nucleus_is_one_piece_of_some_size(draw, seed):
    image, labels = draw((96, 128), np.random.default_rng(seed))
    assert (image.shape, image.dtype, labels.shape) == ((96, 128, 3), np.uint8, (96, 128))
    for label in range(1, labels.max() + 1):
        assert ndimage.label(labels == label)[1] == 1
        assert (labels == label).sum() >= micrograph.MIN_AREA


@pytest.mark.parametrize(("draw", "brighter"), list(zip(DRAW, [True, False, False], strict=True)))
def test_nuclei_glow_in_fluorescence_and_absorb_in_transmitted_light(draw, brighter):
    for seed in range(4):
        image, labels = draw((128, 128), np.random.default_rng(seed))
        grey = image.mean(axis=2)
        assert (grey[labels > 0].mean() > grey[labels == 0].mean()) == brighter
