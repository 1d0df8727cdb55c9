"""What a notebook refuses of the numbers that it is given."""

import math

from cellseg_utils.parameters import ParameterError


def within(name, value, low, high=math.inf, ends=True):
    """Refuse a number that is out of its range.

    Parameters
    ----------
    name : str
        Of the parameter.
    value : int or float
        In the parameter's own unit.
    low, high : int or float
        Bounds in the same unit.
    ends : bool
        Whether the bounds themselves are allowed.

    Raises
    ------
    parameters.ParameterError
        If the value is no finite number or is out of range.
    """
    number = isinstance(value, int | float) and value != math.inf
    if not number or not (low <= value <= high if ends else low < value < high):
        both = f"应在 {low} 到 {high} 之间" if ends else f"应大于 {low}、小于 {high}"
        wanted = f"至少应为 {low}" if high == math.inf else both
        raise ParameterError(f"参数 {name} {wanted}，得到的是 {value!r}")


def multiple(name, value, factor):
    """Refuse a length that a network can't halve as often as it must.

    Parameters
    ----------
    name : str
        Of the parameter.
    value, factor : int
        Pixels.

    Raises
    ------
    parameters.ParameterError
        If the value is no multiple of the factor.
    """
    if value % factor:
        raise ParameterError(f"参数 {name} 须是 {factor} 的倍数，得到的是 {value!r}")
