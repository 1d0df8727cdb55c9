"""The parameters that the notebooks declare, and the values that a run gives them.

Every tunable number stands once, in the `parameters` cell of the notebook whose section explains it; only
`run_dir` stands in all. A profile is a papermill parameter file of overrides.
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

from cellseg_utils import files

RUN_DIR = "run_dir"
TABLE_BEGIN, TABLE_END = "<!-- parameters: begin -->", "<!-- parameters: end -->"
TYPES = {"int": int, "float": float, "bool": bool, "str": str}
TYPE_NAMES = {"int": "整数", "float": "小数", "bool": "true 或 false", "str": "文字"}


class ParameterError(ValueError):
    """A parameter or profile that can't be used; the message is one Chinese line with the fix."""


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
    """Parse `name=value` as the command line gives it.

    Parameters
    ----------
    settings : iterable of str
        Values are read as YAML.

    Returns
    -------
    values : dict of str to value

    Raises
    ------
    ParameterError
        If there is no `=`, or the value is no YAML.
    """
    values = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name.strip():
            raise ParameterError(f"--set {setting}：应写成 参数名=值，例如 --set epochs=5")
        try:
            values[name.strip()] = yaml.safe_load(text) if text.strip() else ""
        except (yaml.YAMLError, ValueError) as error:
            raise ParameterError(f"--set {setting}：值无法解析，文字请加引号") from error
    return values


def assign(parameters, values):
    """Give every notebook its own values.

    Parameters
    ----------
    parameters : list of Parameter
        From `declared`.
    values : dict of str to value
        Overrides; `run_dir` goes to all notebooks.

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
            assigned[parameter.notebook][parameter.name] = _converted(parameter, values[parameter.name])
    return assigned


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


def _converted(parameter, value):
    if parameter.type not in TYPES:
        raise ParameterError(
            f"notebooks/{parameter.notebook}：参数 {parameter.name} 的类型应写成 {'、'.join(TYPES)} 之一"
        )
    kind = TYPES[parameter.type]
    if kind is str and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if kind is float and not isinstance(value, bool):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    elif type(value) is kind:
        return value
    wanted = f"应是{TYPE_NAMES[parameter.type]}（默认值：{parameter.default}）"
    raise ParameterError(f"参数 {parameter.name} {wanted}，得到的是 {value!r}")
