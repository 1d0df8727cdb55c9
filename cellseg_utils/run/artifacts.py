"""How artifacts are written and read: arrays, tables and JSON values, never a Python object."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd

from cellseg_utils.run import fingerprint, reading
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import PlainError

DIGEST = "sha256_of_the_rest"


class RunError(PlainError, RuntimeError):
    """Something about the run directory; the message is one line with the fix."""


def encode(name, value):
    """Bytes of an artifact.

    Parameters
    ----------
    name : str
        Its ending decides: a dict of arrays to .npz, a DataFrame to .csv, JSON values to .json.
    value : dict, DataFrame or JSON-serialisable

    Returns
    -------
    data : bytes

    Raises
    ------
    RunError
        If an array holds Python objects.
    """
    return {".npz": _npz_bytes, ".csv": csv_bytes, ".json": json_bytes}[Path(name).suffix](value)


def decode(path):
    """Value of an artifact.

    Parameters
    ----------
    path : Path

    Returns
    -------
    value : dict of ndarray, DataFrame or JSON value
    """
    return {".npz": _read_npz, ".csv": read_csv, ".json": read_json}[path.suffix](path)


def csv_bytes(frame, digits=9):
    """Text of a table as bytes; ids that are no UTF-8 stay what they are.

    Parameters
    ----------
    frame : DataFrame
    digits : int
        Of floats; 9 keep float32 exactly, 17 float64.

    Returns
    -------
    data : bytes
    """
    return frame.to_csv(index=False, float_format=f"%.{digits}g").encode(errors="surrogateescape")


def read_csv(path):
    """Table of `csv_bytes`; an id may look like a number, or like "NA"."""
    options = {"dtype": {"id": str}, "keep_default_na": False, "na_values": [""]}
    if pd.__version__.startswith("2."):  # off by the last bit; pandas 3 is exact by itself
        options["float_precision"] = "round_trip"
    return pd.read_csv(path, encoding_errors="surrogateescape", **options)


def json_bytes(value):
    """JSON text of a value, keys sorted, as UTF-8 bytes; what is no UTF-8 in a file name is escaped."""
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode(errors="backslashreplace")


def read_json(path):
    """Value of a JSON file."""
    try:
        return json.loads(reading.text(path, reading.LARGEST))
    except RecursionError as error:
        raise ValueError(f"{path}: nested too deep") from error


def signed_bytes(value):
    """JSON text of a dict with a digest of itself, so that a change of it is noticed.

    Parameters
    ----------
    value : dict
        That JSON can write.

    Returns
    -------
    data : bytes
    """
    plain = json.loads(json_bytes(value))
    return json_bytes({**plain, DIGEST: fingerprint.of_values(plain)})


def read_signed(path):
    """Value of `signed_bytes`.

    Parameters
    ----------
    path : Path

    Returns
    -------
    value : dict

    Raises
    ------
    ValueError
        If it is no JSON or is not as it was written.
    OSError
        If it can't be read.
    """
    try:
        value = json.loads(reading.text(path, reading.LARGEST), parse_constant=_no_number)
        digest = value.pop(DIGEST)
        found = fingerprint.of_values(value)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: expected JSON with its own digest") from error
    if digest != found:
        raise ValueError(f"{path}: the digest is that of another text")
    return value


def _no_number(text):
    raise ValueError(f"{text} is no number of JSON")


def _npz_bytes(value):
    objects = [name for name, array in value.items() if np.asarray(array).dtype.hasobject]
    if objects:
        raise RunError(
            say("数组 {names} 含 Python 对象，只能存数或文字，请先转换类型（astype）", names=listing(objects))
        )
    buffer = io.BytesIO()
    np.savez(buffer, **value)
    return buffer.getvalue()


def _read_npz(path):
    with np.load(path, allow_pickle=False) as file:
        return dict(file)
