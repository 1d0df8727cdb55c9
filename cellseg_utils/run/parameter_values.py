"""The value of a parameter: its declared type, wherever that takes no guessing, and its bounds."""

import math
import re

from cellseg_utils.run.language import later, say
from cellseg_utils.run.plain_error import PlainError

TYPES = {"int": int, "float": float, "bool": bool, "str": str}
TYPE_NAMES = {
    "int": later("整数"),
    "float": later("小数"),
    "bool": later("true 或 false"),
    "str": later("文字"),
}
INSIDE, BETWEEN = later("应在 {low} 到 {high} 之间"), later("应大于 {low}、小于 {high}")
LEAST = later("至少应为 {low}")
LONGEST = 1000  # characters of a wrong value that a message shows
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"


class ParameterError(PlainError, ValueError):
    """A parameter or profile that can't be used; the message is one line with the fix."""


class Text(str):
    """Text as typed on the command line: what it means depends on the declared type."""


def checked(name, value, kind, hint=""):
    """A parameter inside a notebook, as the declared type: papermill's `-p` guesses types.

    Parameters
    ----------
    name : str
        Of the parameter.
    value : value
        As it arrived: `-p symmetries false` is the text `"false"`, `-p data 2018` a number.
    kind : type
        The declared type, one of `TYPES`.
    hint : str
        Said in brackets behind the type that was expected.

    Returns
    -------
    value : of type `kind`

    Raises
    ------
    ParameterError
        If the value is of another type and can't be converted without guessing.
    """
    converted = convert(value, kind)
    if converted is None:
        value = value if len(str(value)) <= LONGEST else f"{str(value)[:LONGEST]}…"
        raise ParameterError(
            say(
                "参数 {name} 应是{type}{hint}，得到的是 {value!r}",
                name=name,
                type=say(TYPE_NAMES[kind.__name__]),
                hint=hint,
                value=value,
            )
        )
    return converted


def as_declared(namespace):
    """All parameters of a notebook, as their declared types.

    Parameters
    ----------
    namespace : dict of str to value
        `globals()` of the notebook, after its parameters cell (`epochs: int = 30`).

    Returns
    -------
    values : dict of str to value
        By name; to be put back into the namespace.

    Raises
    ------
    ParameterError
        If a value is of another type and can't be converted without guessing; one line for each.
    """
    values, wrong = {}, []
    declared = {name: kind for name, kind in namespace["__annotations__"].items() if kind in _CONVERTERS}
    for name, kind in declared.items():
        try:
            values[name] = checked(name, namespace[name], kind)
        except ParameterError as error:
            wrong.append(str(error))
    if wrong:
        raise ParameterError("\n".join(wrong))
    return values


def convert(value, kind):
    """Convert a value.

    Parameters
    ----------
    value : value
        From YAML, from papermill's `-p`, or a `Text`.
    kind : type
        int, float, bool or str.

    Returns
    -------
    converted : of type `kind`, or None
        None where the value is of another type, or no finite number.
    """
    try:
        return _CONVERTERS[kind](value)
    except (ValueError, OverflowError):  # too many digits
        return None


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
    ParameterError
        If the value is no finite number or is out of range.
    """
    number = isinstance(value, int | float) and value != math.inf
    if not number or not (low <= value <= high if ends else low < value < high):
        both = INSIDE if ends else BETWEEN
        wanted = say(LEAST if high == math.inf else both, low=low, high=high)
        raise ParameterError(
            say("参数 {name} {wanted}，得到的是 {value!r}", name=name, wanted=wanted, value=value)
        )


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
    ParameterError
        If the value is no multiple of the factor.
    """
    if value % factor:
        raise ParameterError(
            say("参数 {name} 须是 {factor} 的倍数，得到的是 {value!r}", name=name, factor=factor, value=value)
        )


def _as_int(value):
    typed = isinstance(value, Text) and re.fullmatch(r"[+-]?[0-9]+", value)
    return int(value) if typed or type(value) is int else None


def _as_float(value):
    written = isinstance(value, str) and re.fullmatch(NUMBER, value)  # YAML reads 1e-3 as text
    number = float(value) if written or type(value) in (int, float) else math.nan
    return number if math.isfinite(number) else None


def _as_bool(value):
    return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())


def _as_str(value):
    if isinstance(value, Text):
        quoted = value[:1] in ("'", '"') and value[-1] == value[0] and value.count(value[0]) == 2
        return value[1:-1] if quoted else str(value)
    return str(value) if type(value) in (int, float, str) else None


_CONVERTERS = {int: _as_int, float: _as_float, bool: _as_bool, str: _as_str}
