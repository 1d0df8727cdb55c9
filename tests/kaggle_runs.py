"""Run lengths read back, as Kaggle's rules say them."""

import numpy as np


def decode_rle(text, shape):
    """Mask of one object from its run-length encoding, as Kaggle's rules say it."""
    numbers = [int(number) for number in text.split()]
    if len(numbers) % 2:
        raise ValueError(f"expected pairs of start and length, got {len(numbers)} numbers; is the text cut?")
    height, width = shape
    flat = np.zeros(height * width, bool)
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        if start < 1 or length < 1 or start + length - 1 > flat.size:
            raise ValueError(
                f"expected runs inside 1..{flat.size}, got start {start} and length {length}; "
                f"is {height}x{width} the size of this picture?"
            )
        run = flat[start - 1 : start - 1 + length]
        if run.any():
            raise ValueError(f"expected runs that do not overlap, got pixel {start} twice or more")
        run[:] = True
    return flat.reshape(shape, order="F")
