"""Kaggle's run-length encoding of the objects of a label image."""

import numpy as np


def encode_objects(labels):
    """Run-length encoding of every object of a label image, in one pass over its pixels.

    Parameters
    ----------
    labels : (H, W) ndarray of int
        0 is background, each object has a number of its own (no unit).

    Returns
    -------
    texts : list of str
        One for each object, in the order of their numbers: start and length of each run (pixels), separated
        by spaces. Pixels are counted from 1, down the first column, then down the next.

    Raises
    ------
    ValueError
        If `labels` does not have two dimensions, or not whole numbers, or negative ones.

    References
    ----------
    https://www.kaggle.com/c/data-science-bowl-2018/overview/evaluation

    Examples
    --------
    >>> encode_objects(np.array([[0, 1], [1, 1]]))
    ['2 3']
    """
    return _texts(*_runs(checked(labels).ravel(order="F")))


def encode_part(labels, corner, height):
    """The same of objects in a part of a picture.

    Parameters
    ----------
    labels : (h, w) ndarray of int
        As for `encode_objects`.
    corner : tuple of int
        Row and column of the picture where the part begins (pixels).
    height : int
        Of the picture (pixels).

    Returns
    -------
    texts : list of str
        Pixels are counted in the picture; runs end with their column.
    """
    apart = np.pad(checked(labels), ((0, 1), (0, 0)))
    starts, lengths, numbers = _runs(apart.ravel(order="F"))
    columns, rows = np.divmod(starts, len(apart))
    return _texts((columns + corner[1]) * height + rows + corner[0], lengths, numbers)


def checked(labels):
    """A label image, or an error.

    Parameters
    ----------
    labels : array-like
        0 is background, each object has a number of its own (no unit).

    Returns
    -------
    labels : (H, W) ndarray of int

    Raises
    ------
    ValueError
        If it does not have two dimensions, or not whole numbers, or negative ones.
    """
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.dtype.kind not in "iu" or (labels.size and labels.min() < 0):
        raise ValueError(
            f"expected a label image: (H, W) of whole numbers, 0 or more; got {labels.shape} {labels.dtype}"
        )
    return labels


def _texts(starts, lengths, numbers):
    """Of every object its runs."""
    order = np.argsort(numbers, kind="stable")
    order = order[numbers[order] > 0]
    pairs = np.column_stack([starts + 1, lengths])[order]
    first_of_next = np.flatnonzero(np.diff(numbers[order])) + 1
    objects = np.split(pairs.ravel(), 2 * first_of_next)
    return [" ".join(map(str, runs.tolist())) for runs in objects if runs.size]


def _runs(flat):
    """Start (from 0), length and value of each run of equal values."""
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.concatenate([[0], changes]) if flat.size else changes
    return starts, np.diff(starts, append=flat.size), flat[starts]
