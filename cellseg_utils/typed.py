"""Values as the declared types, wherever that takes no guessing."""

import math
import re

NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"


class Text(str):
    """Text as typed on the command line: what it means depends on the declared type."""


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
