import random

import numpy as np
import pytest

from cellseg_utils.models import randomness


def drawn():
    return random.random(), np.random.random()  # noqa: NPY002


def seed():
    random.seed(5)
    np.random.seed(5)  # noqa: NPY002


def test_what_is_drawn_afterwards_is_as_if_nothing_had_been():
    seed()
    expected = drawn()
    seed()
    with randomness.kept():
        assert drawn() == expected
    assert drawn() == expected


def test_an_error_puts_the_state_back_too():
    seed()
    expected = drawn()
    seed()
    with pytest.raises(ZeroDivisionError), randomness.kept():
        drawn()[0] / 0
    assert drawn() == expected
