import itertools
import tracemalloc

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components

from cellseg_utils.audit import duplicates


def noise(count, seed=0):
    return np.random.default_rng(seed).integers(0, 255, (count, 32, 32), np.uint8)


def test_a_group_is_numbered_where_it_first_appears():
    one, other, third = noise(3)
    assert duplicates.groups([other, one, other, third, one]).tolist() == [0, 1, 0, 2, 1]


def test_brightness_and_contrast_make_no_difference_and_what_is_flat_is_alone():
    one = noise(1)[0]
    darker = (one * 0.5 + 20).astype(np.uint8)
    flat = np.full((32, 32), 7, np.uint8)
    assert duplicates.groups([one, flat, darker, flat]).tolist() == [0, 1, 0, 2]


@pytest.mark.parametrize("chunk", [1, 2, 5, 256])
def test_groups_are_what_is_alike_through_others_at_any_number_compared_at_a_time(monkeypatch, chunk):
    monkeypatch.setattr(duplicates, "CHUNK", chunk)
    rng = np.random.default_rng(chunk)
    base = noise(6).astype(float)
    # Mixtures in small steps are like the next ones, not like the last.
    chains = [
        one + step * (other - one)
        for one, other in itertools.pairwise(base)
        for step in np.linspace(0, 0.9, rng.integers(2, 9))
    ]
    pictures = np.array(chains, np.uint8)[rng.permutation(len(chains))]
    alike = np.corrcoef(pictures.reshape(len(pictures), -1)) > duplicates.ALIKE
    component = connected_components(alike)[1]
    group = duplicates.groups(pictures)
    assert 1 < len(set(component.tolist())) < len(pictures)
    np.testing.assert_array_equal(group[:, None] == group, component[:, None] == component)


def test_many_copies_are_one_group_in_little_memory():
    pictures = np.repeat(noise(2), 1500, axis=0)
    tracemalloc.start()
    group = duplicates.groups(pictures)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(group, np.repeat([0, 1], 1500))
    assert peak < 80e6  # all pairs at once: 4.5 million, and 3000 x 3000 numbers


def test_no_picture_has_no_group():
    assert duplicates.groups([]).tolist() == []


def test_what_is_connected_through_others_has_one_number():
    assert duplicates.connected([3, 3, 1], [0, 2, 4], 6).tolist() == [0, 1, 0, 0, 1, 2]


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 4)])
def test_what_is_no_picture_is_refused_with_its_shape(shape):
    with pytest.raises(ValueError, match=r"\(H, W, 3\).*\(" + ", ".join(map(str, shape))):
        duplicates.thumbnail(np.zeros(shape, np.uint8))
