import numpy as np
import pytest

from cellseg_utils.audit import seams


def scene(height, width, seed=0):
    """A smooth picture with some noise, so that neighbouring lines are alike and distant ones are not."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    waves = [np.sin(rows * a + b) * np.cos(columns * c + d) for a, b, c, d in rng.uniform(0.02, 0.2, (6, 4))]
    grey = 120 + 25 * np.sum(waves, axis=0) + rng.normal(0, 1, (height, width))
    return np.clip(grey, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)


def sides(images):
    borders = [seams.border(image) for image in images]
    return np.stack([b.right for b in borders]), np.stack([b.left for b in borders])


def test_a_border_is_the_two_outermost_lines_of_each_side_and_no_view():
    image = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    border = seams.border(image)
    assert border.size == (4, 5)
    np.testing.assert_array_equal(border.top, image[[0, 1]])
    np.testing.assert_array_equal(border.bottom, image[[3, 2]])
    np.testing.assert_array_equal(border.left, image[:, [0, 1]].transpose(1, 0, 2))
    np.testing.assert_array_equal(border.right, image[:, [4, 3]].transpose(1, 0, 2))
    assert not np.shares_memory(border.top, image)


def test_a_picture_of_one_line_has_it_as_both_lines_of_its_border():
    line = np.arange(15, dtype=np.uint8).reshape(1, 5, 3)
    np.testing.assert_array_equal(seams.border(line).top, line[[0, 0]])
    np.testing.assert_array_equal(seams.border(line).bottom, line[[0, 0]])


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 4), (2, 4, 5, 3)])
def test_what_has_no_border_is_refused_with_its_shape(shape):
    with pytest.raises(ValueError, match=r"\(H, W, 3\).*\(" + ", ".join(map(str, shape))):
        seams.border(np.zeros(shape, np.uint8))


def test_halves_join_where_they_were_cut_and_nowhere_else():
    whole = [scene(128, 200, seed) for seed in range(4)]
    halves = [half for image in whole for half in (image[:, :100], image[:, 100:])]
    strong = np.argwhere(seams.evidence(*sides(halves)) > 1)
    assert strong.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_another_brightness_is_no_seam():
    image = scene(128, 200)
    brighter = np.clip(image[:, 100:].astype(int) + 12, 0, 255).astype(np.uint8)
    ends, starts = sides([image[:, :100], brighter])
    assert seams.evidence(ends[:1], starts[1:]) == -np.inf
    assert seams.evidence(ends[1:], starts[:1]) == -np.inf


def test_background_fits_background_without_evidence():
    rng = np.random.default_rng(0)
    noise = [np.clip(rng.normal(20, 2, (64, 64, 3)), 0, 255).astype(np.uint8) for _ in range(3)]
    evidence = seams.evidence(*sides(noise))
    assert np.isfinite(evidence).any()
    assert evidence.max() < 0.1


UP_AND_DOWN = np.tile([1, -1], 64)[:, None]  # vanishes in means over 16 and 64 pixels


def test_evidence_is_what_likeness_says_less_what_steps_cost():
    """Lines of similar patterns (r = 0.5), 3 darker beyond the seam; inside both pictures a step of 2 ± 2."""
    colour = np.array([100, 90, 80])
    other = UP_AND_DOWN * np.tile([-1, -1, 1, 1, 1, 1, 1, 1], 16)[:, None]
    end = np.array([colour + UP_AND_DOWN, colour - UP_AND_DOWN + 2])
    start = np.array([colour + other - 3, colour - other - 5])
    [[evidence]] = seams.evidence(np.array([end]), np.array([start]))
    fine = (3**2 + 1) / (2**2 + 2**2 + 1 / 6)  # patterns differ by 2 in a quarter of the pixels
    level = 3**2 / (2**2 + 1 / 6 / 64)
    assert evidence == pytest.approx(-np.log(1 - 0.5**2) / 2 / fine - 0.03 * (level - 1))


@pytest.mark.parametrize(
    ("inside", "largest"),
    [(0, 2.5 * (2**2 + 1 / 6)), (4, 4 * (2**2 + 1 / 6 / 16))],
    ids=["pixel by pixel", "means over 16 pixels"],
)
def test_pictures_join_while_the_step_across_is_small_beside_those_inside(inside, largest):
    """Flat lines; inside the pictures a step of 2, and up and down by as much as is said."""
    for share, joined in ((0.99, True), (1.01, False)):
        line = np.zeros((1, 128, 3))
        end = np.concatenate([line, line + 2 + inside * UP_AND_DOWN])
        start = end + np.sqrt(share * largest)
        assert np.isfinite(seams.evidence(np.array([end]), np.array([start]))) == [[joined]]


def test_black_pictures_are_no_evidence_and_no_warning():
    black = [np.zeros((40, 40, 3), np.uint8)] * 3
    with np.errstate(all="raise"):
        assert not seams.evidence(*sides(black)).any()


def test_some_pictures_are_judged_against_others_as_all_are():
    whole = [scene(64, 100, seed) for seed in range(3)]
    ends, starts = sides([half for image in whole for half in (image[:, :50], image[:, 50:])])
    some = seams.evidence(ends[1:3], starts[2:])
    np.testing.assert_allclose(some, seams.evidence(ends, starts)[1:3, 2:])


def test_sides_of_two_lengths_are_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"\(1, 2, 40, 3\) and \(2, 2, 30, 3\)"):
        seams.evidence(np.zeros((1, 2, 40, 3)), np.zeros((2, 2, 30, 3)))
