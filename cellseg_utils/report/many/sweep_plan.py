"""What a sweep consists of: a YAML file that names a profile and combinations of parameters becomes runs."""

import itertools
import math
import re
from dataclasses import dataclass
from pathlib import Path

from cellseg_utils.report import sections
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import (
    fingerprint,
    language,
    parameter_values,
    parameters,
    places,
    plain_yaml,
    system_errors,
)
from cellseg_utils.run.language import say

MOST = 10_000  # combinations of a grid; nobody waits for more reports
KEYS = ("profile", "set", "grid", "runs")
LONGEST = 80  # characters of a run's name, which is a folder's


@dataclass(frozen=True)
class Plan:
    """The runs of a sweep.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    profile : str
    runs : dict of str to dict
        Name of each run, a folder in `reports/`, to the values that win over the profile, of declared types.
    assigned : dict of str to dict
        Name of each run to what `parameters.assign` gives each notebook.
    """

    name: str
    profile: str
    runs: dict
    assigned: dict


def read(path):
    """Read a sweep and check all of it.

    Parameters
    ----------
    path : path-like
        YAML with `profile`, `set` (values of all runs), `grid` (lists, of which all combinations are run) and
        `runs` (a list of further combinations); one of the last two is needed.

    Returns
    -------
    plan : Plan

    Raises
    ------
    ReportError, parameter_values.ParameterError
        If the file is none, or a key, a profile, a parameter or a type is wrong; in one line.
    OSError
        If it can't be read.
    """
    path = Path(path)
    given = _given(path)
    profile = str(given.get("profile", "demo"))
    usual = parameters.read_profile(places.PROFILES, profile)
    declared = parameters.declared([section.path for section in sections.sections()])
    name, runs, assigned, seen = _folder_name(path.stem), {}, {}, {}
    for own in _combinations(path, given):
        values = _typed(path, declared, {**(given.get("set") or {}), **own})
        run = "-".join([name, *(f"{key}{_folder_name(values[key])}" for key in own)])
        run = _shortened(run, {key: values[key] for key in own})
        given_to_all = parameters.assign(declared, {**usual, **values})
        same = seen.setdefault(fingerprint.of_values(given_to_all), run)
        if run in runs or same != run:
            raise ReportError(
                say("{path}：{run} 与 {same} 的参数相同，请删去其中一个", path=path, run=run, same=same)
            )
        runs[run], assigned[run] = values, given_to_all
    return Plan(name, profile, runs, assigned)


def arguments(profile, values, directory):
    """Words that `cellseg` is called with for one run.

    Parameters
    ----------
    profile : str
    values : dict of str to value
        Of a plan's run.
    directory : path-like
        The run directory.

    Returns
    -------
    words : list of str
    """
    words = ["report", "--profile", profile, "--run", str(directory)]
    return words + [
        word for name, value in values.items() for word in ("--set", f"{name}={_typed_in(value)}")
    ]


def _given(path):
    try:
        given = plain_yaml.read(path)
    except plain_yaml.YamlError as error:
        raise ReportError(say("{path}：不是有效的 YAML（{reason}）", path=path, reason=error)) from error
    except OSError as error:
        reason = system_errors.reason(error)
        raise ReportError(
            say("{path}：读不出来（{reason}），请检查路径", path=path, reason=reason)
        ) from error
    keys = language.listing(KEYS)
    if not isinstance(given, dict):
        raise ReportError(say("{path}：里面应写 {keys}（例子见 README）", path=path, keys=keys))
    if other := [str(key) for key in given if key not in KEYS]:
        listed = language.listing(other)
        raise ReportError(say("{path}：只能有 {keys}，多出的是：{other}", path=path, keys=keys, other=listed))
    forms = {"set": dict, "grid": dict, "runs": list}
    for key, form in forms.items():
        if given.get(key) is not None and not isinstance(given[key], form):
            raise ReportError(say("{path}：{key} 的写法不对，{fix}", path=path, key=key, fix=_example(key)))
    return given


def _example(key):
    return {
        "set": say("应写成 set: {{参数名: 值}}", key=key),
        "grid": say("应写成 grid: {{参数名: [值, 值]}}", key=key),
        "runs": say("应写成 runs: [{{参数名: 值}}, {{参数名: 值}}]", key=key),
    }[key]


def _combinations(path, given):
    grid, explicit = given.get("grid") or {}, given.get("runs") or []
    for name, values in grid.items():
        if not isinstance(values, list) or not values:
            raise ReportError(
                say("{path}：{key} 的写法不对，{fix}", path=path, key=name, fix=_example("grid"))
            )
    if twice := sorted(set(map(str, grid)) & set(map(str, given.get("set") or ()))):
        raise ReportError(say("{path}：{key} 在 set 与 grid 里都有，请删去一个", path=path, key=twice[0]))
    if not all(isinstance(own, dict) and own for own in explicit):
        raise ReportError(say("{path}：{key} 的写法不对，{fix}", path=path, key="runs", fix=_example("runs")))
    if not grid and not explicit:
        raise ReportError(say("{path}：没有要跑的组合，请写上 grid 或 runs", path=path))
    count = math.prod(map(len, grid.values()))
    if count > MOST:
        raise ReportError(
            say(
                "{path}：一共 {count:,} 种组合，至多 {most:,} 种，请减少 grid 里的值",
                path=path,
                count=count,
                most=MOST,
            )
        )
    combined = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    return (combined if grid else []) + explicit


def _typed(path, declared, values):
    """The values of a run, as the notebooks declare them."""
    if parameters.RUN_DIR in values:
        raise ReportError(say("{path}：run_dir 由 sweep 自己决定，请删去它", path=path))
    try:
        return {
            name: value
            for own in parameters.assign(
                declared, {str(name): value for name, value in values.items()}
            ).values()
            for name, value in own.items()
        }
    except parameter_values.ParameterError as error:
        raise ReportError(say("{path}：{error}", path=path, error=error)) from error


def _folder_name(value):
    """A value as a part of a folder's name; of a path only the last part."""
    text = Path(value).name if isinstance(value, str) else str(value).lower()
    return re.sub(r"[^\w.+-]", "_", text) or "_"


def _shortened(run, own):
    """A name that no other combination has, even where something was left out of it."""
    whole = all(_folder_name(value) == str(value).lower() for value in own.values())
    return run if whole and len(run) <= LONGEST else f"{run[:LONGEST]}-{fingerprint.of_values(own)[:6]}"


def _typed_in(value):
    """A value as it is typed behind `--set name=`."""
    if not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else repr(value)
    read = parameter_values.convert(parameter_values.Text(value.strip()), str)
    return value if read == value else f'"{value}"'
