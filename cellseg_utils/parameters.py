"""The parameters that the notebooks declare, and the values that a run gives them.

Every tunable number stands once, in the `parameters` cell of the notebook whose section explains it; only
`run_dir` stands in all. A profile is a papermill parameter file of overrides.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path

import yaml

from cellseg_utils import typed

RUN_DIR = "run_dir"
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
    """Take `name=value` apart as the command line gives it.

    Parameters
    ----------
    settings : iterable of str
        Blanks around the name and the value do not count.

    Returns
    -------
    values : dict of str to typed.Text
        `assign` reads them: only the declared type tells how.

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
        values[name] = typed.Text(text)
    return values


def shown(overrides):
    """Overrides as readers see them; of a path only the last part, as they need not know a user's folders.

    Parameters
    ----------
    overrides : dict of str to value

    Returns
    -------
    settings : list of str
        Each as name=value.
    """
    return [f"{name}={Path(str(value)).name}" for name, value in overrides.items()]


def command(profile, overrides):
    """The command, a str, that makes a report of a profile with overrides, as a model card names it."""
    words = ["cellseg", "report", "--profile", profile]
    return shlex.join(words + [word for setting in shown(overrides) for word in ("--set", setting)])


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
    return _converted(name, value, kind.__name__)


def _assigned(parameter, value):
    if parameter.type not in TYPES:
        raise ParameterError(
            f"notebooks/{parameter.notebook}：参数 {parameter.name} 的类型应写成 {'、'.join(TYPES)} 之一"
        )
    return _converted(parameter.name, value, parameter.type, f"（默认值：{parameter.default}）")


def _converted(name, value, type_name, hint=""):
    converted = typed.convert(value, TYPES[type_name])
    if converted is None:
        raise ParameterError(f"参数 {name} 应是{TYPE_NAMES[type_name]}{hint}，得到的是 {value!r}")
    return converted
