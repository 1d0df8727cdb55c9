"""All sections in one notebook, as Kaggle runs it: one kernel, no Internet, files in `/kaggle/input`."""

import json
import re

import nbformat

from cellseg_utils.run import language, parameters
from cellseg_utils.run.language import say

RUN_DIR = "reports/kaggle"  # below /kaggle/working
HIDDEN = ("hide-input", "remove-input")  # tags of cells whose code readers open themselves
PARAMETER = re.compile(r"(?P<name>\w+): (?P<type>\w+) = (?P<value>.+?)  # (?P<comment>.+)")

INSTALL = """\
import sys

sys.path = [place for place in sys.path if place]
from pathlib import Path

places = ("*", "datasets/*/*")
wheels = [path for place in places for path in Path("/kaggle/input").glob(place + "/cellseg_utils-*.whl")]
if not wheels:
    raise FileNotFoundError("{absent}")
folder = str(wheels[0].parent)
%env PYTHONSAFEPATH=1
%env {variable}={language}
%pip install -q --no-index --no-deps --find-links "$folder" {packages}
"""
FRESH = "%reset -f"  # a section starts as in a notebook of its own, and frees the memory of the one before
SUBMIT = """\
%reset -f
from cellseg_utils.data import imagefile, layout
from cellseg_utils.prediction import submission_check
from cellseg_utils.run import runs

run = runs.open_run("{run_dir}", "kaggle")
test = run.load("source.json")["test"]
wanted = layout.open_pictures(test, imagefile.SUFFIXES).images if test else {{}}
sizes = run.load("test_predictions.csv").set_index("id")[["height", "width"]].T.to_dict("list")
made = run.path("test_nuclei") / "submission.csv"
submission_check.publish(made, {{**dict.fromkeys(wanted), **sizes}}, "/kaggle/working/submission.csv")
"""


def assemble(sections, values, packages):
    """Put all sections one behind the other.

    Parameters
    ----------
    sections : list of sections.Section
        In order.
    values : dict of str to dict
        Of every notebook the parameters that differ from its defaults, as `parameters.assign` gives them.
    packages : iterable of str
        What the first cell installs from the attached data set.

    Returns
    -------
    notebook : nbformat.NotebookNode
        Without outputs; ids of cells are distinct.

    Raises
    ------
    parameters.ParameterError
        If a line of a `parameters` cell is none of a parameter.
    """
    cells = [
        nbformat.v4.new_markdown_cell(_opening()),
        nbformat.v4.new_code_cell(_install(packages)),
    ]
    for section in sections:
        own = {**values.get(section.path.stem, {}), parameters.RUN_DIR: RUN_DIR}
        cells += [_cell(cell, own) for cell in nbformat.read(section.path, 4).cells]
    cells += [
        nbformat.v4.new_markdown_cell(_closing()),
        nbformat.v4.new_code_cell(SUBMIT.format(run_dir=RUN_DIR).strip()),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number:03d}"
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=spec)


def _install(packages):
    spoken = {"variable": language.VARIABLE, "language": language.current()}
    absent = say("没有添加装着 cellseg-utils 的数据集；请在 Add Input 里添加，或把它写进 dataset_sources")
    return INSTALL.format(packages=" ".join(packages), absent=absent, **spoken).strip()


def _opening():
    title = say("细胞图像分割报告")
    text = say(
        "十节在同一个笔记本里，依次运行。要添加的数据：竞赛 2018 Data Science Bowl，与装着本软件的数据集；"
        "不用联网。"
        "每节开头的一格是它的参数，改了就生效；最后一格核对提交文件，写出 submission.csv。"
    )
    return f"# {title}\n\n{text}"


def _closing():
    title = say("提交文件")
    text = say(
        "按竞赛的规则核对：每张测试图像至少一行，游程从 1 数起、逐列、从小到大、不出界，一张图的核互不重叠。"
        "全部符合才写出 submission.csv。"
    )
    return f"# {title}\n\n{text}"


def _cell(cell, values):
    tags = cell.metadata.get("tags", [])
    if cell.cell_type == "code" and "parameters" in tags:
        lines = [set_parameter(line, values) for line in cell.source.splitlines()]
        cell.source = "\n".join([FRESH, *lines])
    if set(tags) & set(HIDDEN):
        cell.metadata["_kg_hide-input"] = True
    return cell


def set_parameter(line, values):
    """Give a parameter its value.

    Parameters
    ----------
    line : str
        Of a `parameters` cell.
    values : dict of str to value
        By the names of parameters; those that are not here keep what they have.

    Returns
    -------
    line : str

    Raises
    ------
    parameters.ParameterError
        If it is no line of a parameter.
    """
    parameter = PARAMETER.fullmatch(line)
    if not parameter:
        raise parameters.ParameterError(say("“{line}”：应写成 名称: 类型 = 默认值  # 说明", line=line))
    name, value = parameter["name"], parameter["value"]
    if name in values:
        new = values[name]
        value = json.dumps(new, ensure_ascii=False) if isinstance(new, str) else repr(new)
    return f"{name}: {parameter['type']} = {value}  # {parameter['comment']}"
