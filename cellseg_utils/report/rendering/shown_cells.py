"""Which cells of an executed notebook a reader sees, and in which language."""

import ast
import os
import re

from nbconvert.preprocessors import CoalesceStreamsPreprocessor

from cellseg_utils.report.sections import ENGLISH
from cellseg_utils.run import language
from cellseg_utils.run.language import say

WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS_BAR = re.compile(r"\d+%\||\?it/s")
COMMENT = re.compile(r"(?<=  # ).+")  # of a declared parameter


def of(cells):
    """Choose the cells of the page.

    Parameters
    ----------
    cells : list of NotebookNode
        Of an executed notebook; they are changed.

    Returns
    -------
    cells : list of NotebookNode
        All with tags; of code only the outputs that are shown, and it stands together with the code before it
        that shows nothing. Declared parameters have those of the run as `metadata.injected`.
    """
    shown = []
    for cell in _with_output(in_language(cells)):
        tags = cell.metadata.tags
        if "remove-cell" in tags or not cell.source.strip():
            continue
        if "injected-parameters" in tags and shown and "parameters" in shown[-1].metadata.tags:
            shown[-1].metadata.injected = _readable(cell.source, _declared(shown[-1].source))
            continue
        if cell.cell_type == "code":
            cell.outputs = _shown_outputs(cell)
            if "parameters" in tags:
                cell.source = COMMENT.sub(lambda comment: say(comment[0]), cell.source)
            if shown and _leads_to(shown[-1], cell):
                cell.source = f"{shown.pop().source}\n\n{cell.source}"
        shown.append(cell)
    return shown


def in_language(cells):
    """Cells of one language: an English one takes the place of the text cell before it, or is left out.

    Parameters
    ----------
    cells : list of NotebookNode
        All get tags.

    Returns
    -------
    cells : list of NotebookNode
    """
    chosen = []
    for cell in cells:
        tags = cell.metadata.setdefault("tags", [])
        if ENGLISH not in tags:
            chosen.append(cell)
        elif language.current() == language.ENGLISH:
            if chosen and chosen[-1].cell_type == "markdown":
                tags += chosen.pop().metadata.tags
            chosen.append(cell)
    return chosen


def _with_output(cells):
    """Leave out parts that did not run: a heading with the tag `only-with-output`, and nothing shown."""
    parts = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            parts.append([])
        parts[-1].append(cell)
    for part in parts:
        optional = part and "only-with-output" in part[0].metadata.tags
        if not optional or any(_shown_outputs(cell) for cell in part if cell.cell_type == "code"):
            yield from part


def _leads_to(before, cell):
    """Whether a cell of code shows nothing but its code, so that the next one can stand in the same fold."""
    special = {"parameters", "injected-parameters", "remove-input", "cover"}
    tags = {*before.metadata.tags, *cell.metadata.tags}
    return before.cell_type == "code" and not before.outputs and not tags & special


def _declared(source):
    """The defaults of a parameters cell."""
    declared = [node for node in ast.parse(source).body if isinstance(node, ast.AnnAssign) and node.value]
    return {node.target.id: ast.literal_eval(node.value) for node in declared}


def _readable(injected, defaults):
    """Values that a run changed, as a reader needs them: no escapes, no folders of the user's."""
    values = {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(injected).body}
    values = {name: value for name, value in values.items() if defaults.get(name, ast) != value}
    folders = {
        name: value for name, value in values.items() if isinstance(value, str) and os.path.isabs(value)
    }
    values |= {name: f"…/{os.path.basename(path)}" for name, path in folders.items()}
    return "\n".join(f"{name} = {value!r}" for name, value in values.items())


def _shown_outputs(cell):
    failed = any(output.output_type == "error" for output in cell.outputs)
    cell.outputs = [output for output in cell.outputs if failed or output.get("name") != "stderr"]
    cell, _ = CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)
    return [output for output in cell.outputs if not _is_progress_widget(output.get("data", {}))]


def _is_progress_widget(data):
    return WIDGET in data and bool(PROGRESS_BAR.search(data.get("text/plain", "")))
