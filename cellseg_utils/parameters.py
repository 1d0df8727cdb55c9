"""The parameters that the notebooks declare, and the values that a run gives them.

Every tunable number stands once, in the `parameters` cell of the notebook whose section explains it; only
`run_dir` stands in all. A profile is a papermill parameter file of overrides.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from cellseg_utils import files

RUN_DIR = "run_dir"
TABLE_BEGIN, TABLE_END = "<!-- parameters: begin -->", "<!-- parameters: end -->"
TYPES = {"int": int, "float": float, "bool": bool, "str": str}
TYPE_NAMES = {"int": "整数", "float": "小数", "bool": "true 或 false", "str": "文字"}
NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"


class ParameterError(ValueError):
    """A parameter or profile that can't be used; the message is one Chinese line with the fix."""


class Text(str):
    """Text as typed after `--set name=`: what it means depends on the declared type."""


@dataclass(frozen=True)
class Parameter:
    """What a notebook declares in its `parameters` cell.

    Attributes
    ----------
    name, type, default, comment : str
        As written there; `type` is a key of `TYPES`.
    notebook : str
        Stem of the notebook.
    """

    name: str
    type: str
    default: str
    comment: str
    notebook: str


def declared(notebooks):
    """Read the parameters that notebooks declare.

    Parameters
    ----------
    notebooks : iterable of Path
        `.ipynb` files.

    Returns
    -------
    parameters : list of Parameter
        In the order of the notebooks, `run_dir` of each among them.
    """
    from papermill import inspect_notebook  # takes a second to import

    return [
        Parameter(name, entry["inferred_type_name"], entry["default"], entry["help"], path.stem)
        for path in notebooks
        for name, entry in inspect_notebook(str(path)).items()
    ]


def read_profile(folder, name):
    """Read a profile.

    Parameters
    ----------
    folder : Path
        Where the profiles are.
    name : str
        Without `.yaml`.

    Returns
    -------
    values : dict of str to value

    Raises
    ------
    ParameterError
        If there is no such profile, or it is no list of names and values.
    """
    path = Path(folder) / f"{name}.yaml"
    known = sorted(profile.stem for profile in Path(folder).glob("*.yaml"))
    if name not in known:
        raise ParameterError(f"没有名为 {name} 的配置，可选：{'、'.join(known)}")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, ValueError) as error:
        raise ParameterError(f"{path}：不是有效的 YAML（{' '.join(str(error).split())}）") from error
    if not isinstance(values, dict):
        raise ParameterError(f"{path}：应是“参数名: 值”的列表")
    return values


def parse_settings(settings):
    """Take `name=value` apart as the command line gives it.

    Parameters
    ----------
    settings : iterable of str
        Blanks around the name and the value do not count.

    Returns
    -------
    values : dict of str to Text
        Not read yet, since only the declared type tells how: see `assign`.

    Raises
    ------
    ParameterError
        If there is no `=` or no name, or the name is `run_dir`, which `--run` decides.
    """
    values = {}
    for setting in settings:
        name, equals, text = (part.strip() for part in setting.partition("="))
        if not equals or not name:
            raise ParameterError(f"--set {setting}：应写成 参数名=值，例如 --set epochs=5")
        if name == RUN_DIR:
            raise ParameterError(f"--set {setting}：结果的文件夹由 --run 决定，例如 --run short")
        values[name] = Text(text)
    return values


def assign(parameters, values):
    """Give every notebook its own values.

    Parameters
    ----------
    parameters : list of Parameter
        From `declared`.
    values : dict of str to value
        Overrides, of a profile or of `parse_settings`; `run_dir` goes to all notebooks.

    Returns
    -------
    assigned : dict of str to dict
        For each notebook its overrides, of the declared types.

    Raises
    ------
    ParameterError
        If a name is unknown, or a value has another type or none was declared; nothing has run by then.
    """
    names = {parameter.name for parameter in parameters}
    for name in values:
        if name not in names:
            raise ParameterError(f"没有参数 {name}，可选：{'、'.join(sorted(names - {RUN_DIR}))}")
    assigned = {parameter.notebook: {} for parameter in parameters}
    for parameter in parameters:
        if parameter.name in values:
            assigned[parameter.notebook][parameter.name] = _assigned(parameter, values[parameter.name])
    return assigned


def checked(name, value, kind):
    """A parameter inside a notebook, as the declared type: papermill's `-p` guesses types.

    Parameters
    ----------
    name : str
        Of the parameter.
    value : value
        As it arrived: `-p symmetries false` is the text `"false"`, `-p data 2018` a number.
    kind : type
        The declared type, one of `TYPES`.

    Returns
    -------
    value : of type `kind`

    Raises
    ------
    ParameterError
        If the value is of another type and can't be converted without guessing.
    """
    return _converted(name, value, kind, "")


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
    number = isinstance(value, int | float) and math.isfinite(value)
    if not number or not (low <= value <= high if ends else low < value < high):
        both = f"应在 {low} 到 {high} 之间" if ends else f"应大于 {low}、小于 {high}"
        raise ParameterError(
            f"参数 {name} {f'至少应为 {low}' if high == math.inf else both}，得到的是 {value!r}"
        )


def table(parameters):
    """Markdown table of the parameters, `run_dir` left out.

    Parameters
    ----------
    parameters : list of Parameter
        From `declared`.

    Returns
    -------
    text : str
        One row a parameter, a line break at the end of each.
    """
    rows = ["| 笔记本 | 参数 | 类型 | 默认值 | 说明 |", "|---|---|---|---|---|"]
    for parameter in parameters:
        if parameter.name != RUN_DIR:
            cells = parameter.notebook, f"`{parameter.name}`", parameter.type, f"`{parameter.default}`"
            rows.append(f"| {' | '.join(cells)} | {parameter.comment} |")
    return "\n".join(rows) + "\n"


def update_table(path, parameters):
    """Write the table of parameters into a document, between the lines that mark its place.

    Parameters
    ----------
    path : path-like
        A Markdown file with the two marks.
    parameters : list of Parameter
        From `declared`.

    Raises
    ------
    ParameterError
        If the marks are not there.
    """
    before, begin, rest = Path(path).read_text(encoding="utf-8").partition(TABLE_BEGIN)
    _, end, after = rest.partition(TABLE_END)
    if not end:
        raise ParameterError(f"{path}：缺少 {TABLE_BEGIN} 或 {TABLE_END}，请补上这两行")
    text = f"{before}{begin}\n{table(parameters)}{end}{after}"
    files.write_bytes(path, text.encode())


def _assigned(parameter, value):
    if parameter.type not in TYPES:
        raise ParameterError(
            f"notebooks/{parameter.notebook}：参数 {parameter.name} 的类型应写成 {'、'.join(TYPES)} 之一"
        )
    return _converted(parameter.name, value, TYPES[parameter.type], f"（默认值：{parameter.default}）")


def _converted(name, value, kind, hint):
    try:
        converted = _CONVERTERS[kind](value)
    except (ValueError, OverflowError):  # too many digits
        converted = None
    if converted is None:
        raise ParameterError(f"参数 {name} 应是{TYPE_NAMES[kind.__name__]}{hint}，得到的是 {value!r}")
    return converted


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
