"""The parameters that the notebooks declare, and the values that a run gives them.

Every tunable number stands once, in the `parameters` cell of the notebook whose section explains it; only
`run_dir` stands in all. A profile is a papermill parameter file of overrides.
"""

import shlex
from dataclasses import dataclass
from pathlib import Path

from cellseg_utils.run import parameter_values, plain_yaml
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.parameter_values import TYPES, ParameterError

RUN_DIR = "run_dir"


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
        raise ParameterError(say("没有名为 {name} 的配置，可选：{known}", name=name, known=listing(known)))
    try:
        values = plain_yaml.read(path) or {}
    except plain_yaml.YamlError as error:
        raise ParameterError(say("{path}：不是有效的 YAML（{error}）", path=path, error=error)) from error
    if not isinstance(values, dict) or not all(
        isinstance(name, str) and isinstance(value, str | int | float) for name, value in values.items()
    ):
        raise ParameterError(say("{path}：应是“参数名: 值”的列表", path=path))
    return values


def parse_settings(settings):
    """Take `name=value` apart as the command line gives it.

    Parameters
    ----------
    settings : iterable of str
        Blanks around the name and the value do not count.

    Returns
    -------
    values : dict of str to parameter_values.Text
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
            raise ParameterError(
                say("--set {setting}：应写成 参数名=值，例如 --set epochs=5", setting=setting)
            )
        if name == RUN_DIR:
            raise ParameterError(
                say("--set {setting}：结果的文件夹由 --run 决定，例如 --run short", setting=setting)
            )
        values[name] = parameter_values.Text(text)
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
            raise ParameterError(
                say(
                    "没有参数 {name}，可选：{known}",
                    name=name,
                    known=listing(sorted(names - {RUN_DIR})),
                )
            )
    assigned = {parameter.notebook: {} for parameter in parameters}
    for parameter in parameters:
        if parameter.name in values:
            assigned[parameter.notebook][parameter.name] = _assigned(parameter, values[parameter.name])
    return assigned


def _assigned(parameter, value):
    if parameter.type not in TYPES:
        raise ParameterError(
            say(
                "notebooks/{notebook}：参数 {name} 的类型应写成 {types} 之一",
                notebook=parameter.notebook,
                name=parameter.name,
                types=listing(TYPES),
            )
        )
    hint = say("（默认值：{default}）", default=parameter.default)
    return parameter_values.checked(parameter.name, value, TYPES[parameter.type], hint)
