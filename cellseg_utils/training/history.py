"""What the history of a training tells: its best epoch, its end, its minutes."""

import numpy as np

MARKS = (5, 15, 45, 90)  # minutes of training after which the weights are kept, to see what longer gives


def best_epoch(history):
    """Number of the epoch with the lowest validation loss, counted from 1.

    Parameters
    ----------
    history : DataFrame
        With the columns epoch and val_loss.

    Returns
    -------
    epoch : int
    """
    return int(history.loc[history["val_loss"].idxmin(), "epoch"])


def exhausted(history, settings):
    """Whether a training ends here: told by the history alone, so that a resumed one agrees.

    Parameters
    ----------
    history : DataFrame
        Epochs so far.
    settings : fit.Settings

    Returns
    -------
    exhausted : bool
        All epochs are done, or `patience` of them without a lower validation loss.
    """
    if len(history) == 0:
        return False
    return len(history) >= settings.epochs or len(history) - best_epoch(history) >= settings.patience


def minutes(history):
    """How long a training has taken after each epoch: the sum of what its epochs took.

    Parameters
    ----------
    history : DataFrame
        With the column seconds.

    Returns
    -------
    minutes : Series of float64
    """
    return history["seconds"].cumsum() / 60


def passed_mark(history):
    """Whether one of `MARKS` passed in the last epoch.

    Parameters
    ----------
    history : DataFrame
        Epochs so far, with the column seconds.

    Returns
    -------
    passed : bool
    """
    before, now = (minutes(rows).max() for rows in (history[:-1], history))
    return any(np.nan_to_num(before) < mark <= now for mark in MARKS)
