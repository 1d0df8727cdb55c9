"""The eight symmetries of the square: four turns, and four of the mirrored picture."""

import numpy as np

COUNT = 8
OFFSETS = 3  # first of the two channels of `targets.MAPS` that hold a direction: along rows, along columns


def turned(array, number):
    """One of the eight views of a picture.

    Parameters
    ----------
    array : (H, W, ...) ndarray
    number : int
        Of the view, 0 to 7; 0 changes nothing.

    Returns
    -------
    turned : (H, W, ...) or (W, H, ...) ndarray
        A view of the same memory.
    """
    array = np.rot90(array, number % 4)
    return array[:, ::-1] if number >= 4 else array


def turned_back(maps, number):
    """Undo `turned`, for maps and for the directions that they hold.

    Parameters
    ----------
    maps : (H, W, C) ndarray
        In the order of `targets.MAPS`; the foreground alone has no direction.
    number : int
        Of the view, 0 to 7.

    Returns
    -------
    maps : (H, W, C) or (W, H, C) ndarray
    """
    if number == 0:
        return maps
    maps = np.rot90(maps[:, ::-1] if number >= 4 else maps, -(number % 4))
    if maps.shape[2] <= OFFSETS:
        return maps
    rows, columns = maps[..., OFFSETS], maps[..., OFFSETS + 1] * (-1 if number >= 4 else 1)
    for _ in range(number % 4):  # each turn back maps (row, column) to (column, -row)
        rows, columns = columns, -rows
    return np.concatenate([maps[..., :OFFSETS], rows[..., None], columns[..., None]], axis=2)
