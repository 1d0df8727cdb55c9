"""How numbers and their intervals are written."""

import numpy as np

from cellseg_utils.run.language import say

ALIKE = 0.0005  # score (no unit); a smaller difference is none in three decimals


def with_interval(means, name, form=".3f"):
    """A score with its interval in brackets.

    Parameters
    ----------
    means : dict
        From `averages.means`.
    name : str
        Of the score.
    form : str
        Format specification of each number.

    Returns
    -------
    text : str or None
        None where no picture has the score; a dash instead of the interval where there are too few families.
    """
    if means[name] is None:
        return None
    return in_brackets(without_minus_zero(means[name], form), means[f"{name}_interval"], form)


def in_brackets(value, ends, form=".3f"):
    """A number that has been written, and an interval in brackets behind it.

    Parameters
    ----------
    value : str
    ends, form
        As for `interval`.

    Returns
    -------
    text : str
    """
    return say("{value}（{interval}）", value=value, interval=interval(ends, form))


def interval(ends, form=".3f"):
    """An interval as a reader sees it.

    Parameters
    ----------
    ends : (float, float) or None
    form : str
        Format specification of each number.

    Returns
    -------
    text : str
        A dash where there is none, or its ends are not a number.
    """
    if ends is None or np.isnan(ends[0]):
        return "—"
    low, high = (without_minus_zero(end, form) for end in ends)
    return say("{low} 到 {high}", low=low, high=high) if form.startswith("+") else f"{low}–{high}"


def without_minus_zero(value, form):
    """A number as a reader sees it; what rounds to zero has no minus before it.

    Parameters
    ----------
    value : float
    form : str
        Format specification.

    Returns
    -------
    text : str
    """
    text = format(value, form)
    return text if any(digit in text for digit in "123456789") else format(0.0, form)
