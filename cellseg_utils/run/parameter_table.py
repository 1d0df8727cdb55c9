"""The table of all parameters in the README, made from what the notebooks declare."""

from pathlib import Path

from cellseg_utils.run import files, parameter_values, parameters
from cellseg_utils.run.language import say

TABLE_BEGIN, TABLE_END = "<!-- parameters: begin -->", "<!-- parameters: end -->"


def table(declared):
    """Markdown table of the parameters, `run_dir` left out.

    Parameters
    ----------
    declared : list of parameters.Parameter
        From `parameters.declared`.

    Returns
    -------
    text : str
        One row a parameter, a line break at the end of each.
    """
    rows = [say("| 笔记本 | 参数 | 类型 | 默认值 | 说明 |"), "|---|---|---|---|---|"]
    for parameter in declared:
        if parameter.name != parameters.RUN_DIR:
            cells = parameter.notebook, f"`{parameter.name}`", parameter.type, f"`{parameter.default}`"
            rows.append(f"| {' | '.join(cells)} | {say(parameter.comment)} |")
    return "\n".join(rows) + "\n"


def update(path, declared):
    """Write the table of parameters into a document, between the lines that mark its place.

    Parameters
    ----------
    path : path-like
        A Markdown file with the two marks.
    declared : list of parameters.Parameter
        From `parameters.declared`.

    Raises
    ------
    parameter_values.ParameterError
        If the marks are not there.
    """
    before, begin, rest = Path(path).read_text(encoding="utf-8").partition(TABLE_BEGIN)
    _, end, after = rest.partition(TABLE_END)
    if not end:
        raise parameter_values.ParameterError(
            say("{path}：缺少 {begin} 或 {end}，请补上这两行", path=path, begin=TABLE_BEGIN, end=TABLE_END)
        )
    text = f"{before}{begin}\n{table(declared)}{end}{after}"
    files.write_bytes(path, text.encode())
