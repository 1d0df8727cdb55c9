import composites
import numpy as np
import pytest

from cellseg_utils.data import contrast, eight_bit

DNA = composites.dna()
PLAIN = np.quantile(DNA, [0.01, 0.998])


def limits(plane):
    return np.array(contrast.limits(plane, 0.01, 0.998))


def with_bar(plane, value):
    plane = plane.copy()
    plane[225:233, 190:270] = value  # 1 % of the picture
    return plane


def with_margin(plane, value):
    plane = plane.copy()
    plane[:, :5] = value
    return plane


def with_debris(plane, value):
    plane = plane.copy()
    y, x = np.mgrid[: plane.shape[0], : plane.shape[1]]
    plane[np.hypot(y - 120, x - 150) < 13] = value
    return plane


def with_hot_pixels(plane, value, share=0.02):
    return np.where(np.random.default_rng(1).random(plane.shape) < share, value, plane)


@pytest.mark.parametrize("artefact", [with_bar, with_margin, with_debris, with_hot_pixels])
@pytest.mark.parametrize(("dtype", "scale"), [(np.uint16, 2000), (np.float32, 1), (np.float64, 1e300)])
def test_what_is_far_brighter_than_nuclei_does_not_move_the_contrast(artefact, dtype, scale):
    plane = artefact(DNA * scale, 30.0 * scale).astype(dtype)
    low, high = limits(plane)
    assert low == pytest.approx(PLAIN[0] * scale, rel=0.1, abs=1)
    assert high == pytest.approx(PLAIN[1] * scale, rel=0.1)


@pytest.mark.parametrize(
    "plane",
    [
        DNA,
        (255 * DNA).astype(np.uint8),
        np.where(np.arange(280) < 60, DNA, 0.05),  # few nuclei
        np.where(DNA > 0.4, 1.0, 0.0),  # flat ones on even ground
        np.random.default_rng(2).normal(5, 1, (90, 120)),
        np.zeros((8, 9)),
    ],
    ids=["nuclei", "eight_bit", "sparse", "flat", "noise", "even"],
)
def test_a_picture_without_artefacts_has_its_quantiles(plane):
    np.testing.assert_allclose(limits(plane), np.quantile(plane, [0.01, 0.998]), rtol=1e-6)


def test_few_saturated_nuclei_on_noisy_ground_are_no_artefact():
    ground = np.random.default_rng(3).normal(100, 5, composites.SIZE)
    plane = ground.copy()
    plane[40:55, 40:56] = plane[100:114, 200:215] = 65535
    np.testing.assert_allclose(limits(plane), np.quantile(plane, [0.01, 0.998]))


def test_hot_pixels_are_not_seen_in_eight_bit():
    grey = (2000 * DNA).astype(np.uint16)
    clean = eight_bit.to_rgb(grey, "a").astype(int)
    hot = eight_bit.to_rgb(with_hot_pixels(grey, 65535).astype(np.uint16), "a").astype(int)
    assert np.abs(hot - clean).mean() < 4
    assert np.mean(np.abs(hot - clean) > 60) < 0.002
