"""Python's and NumPy's random state, which building a network draws from."""

import random
from contextlib import contextmanager

import numpy as np


@contextmanager
def kept():
    """Draw at will; afterwards Python and NumPy draw on as if nothing had been.

    Yields
    ------
    None
    """
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
