"""What the results of a notebook depend on, besides what it reads: cells, helpers, parameters, libraries."""

import ast
import os
import re

import nbformat

from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import code_fingerprint, fingerprint, language, libraries, places
from cellseg_utils.run.language import say


def key_of(section, values, spoken=language.CHINESE):
    """What a notebook's results depend on, except for what it reads.

    Parameters
    ----------
    section : sections.Section
    values : dict of str to value
        Its parameters.
    spoken : str
        The language of the report.

    Returns
    -------
    key : dict
        Fingerprints of its `cells`, of the `helpers` that they use and of the `files` beside those, its
        `parameters`, the `libraries`, Keras's `backend`, and the `place` to which `data="auto"` leads.

    Raises
    ------
    ReportError
        If a cell is no Python.
    """
    cells = nbformat.read(section.path, 4).cells
    modules = {name for cell in cells if cell.cell_type == "code" for name in _imported(cell, section.path)}
    place = _place_of_data() if values.get("data") == "auto" else None
    return {
        "cells": fingerprint.of_values([cell.source for cell in cells]),
        "helpers": code_fingerprint.of_modules(modules),
        "files": code_fingerprint.of_files_beside(modules),
        "parameters": values,
        "libraries": libraries.versions(),
        "backend": os.environ.get("KERAS_BACKEND"),
        "place": place,
        "texts": fingerprint.of_values(language.english()) if spoken == language.ENGLISH else None,
    }


def _imported(cell, path):
    source = re.sub(r"\A\s*%%.*\n", "", cell.source)  # what times or captures a cell runs it all the same
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell with magics
        from IPython.core.inputtransformer2 import TransformerManager

        try:
            tree = ast.parse(TransformerManager().transform_cell(source))
        except SyntaxError as error:
            line = (error.text or "").strip()
            fault = say("{path}：有一格代码语法有误（{line}），请改正后再运行", path=path, line=line)
            raise ReportError(fault) from error
    return code_fingerprint.imported_modules(tree)


def _place_of_data():
    """Where `auto` leads today; where it leads nowhere, notebook 01 says so."""
    from cellseg_utils.data import layout  # takes a second to import

    try:
        return [str(path) for path in layout.find("auto", os.environ.get("CELLSEG_DATA"), places.ROOT)]
    except layout.DataError:
        return None
