"""What stands around the sections of a page whose notebooks were not run by `cellseg report`."""

import ast
from pathlib import Path

import nbformat

from cellseg_utils.evaluation import number_texts
from cellseg_utils.report import sections
from cellseg_utils.report.many import finished_run
from cellseg_utils.report.rendering import answer, reproduction
from cellseg_utils.run import artifacts, fingerprint, parameters, runs
from cellseg_utils.run.language import say


def describe(directory, found, notices):
    """What stands above and below the sections.

    Parameters
    ----------
    directory : Path
        The run directory.
    found : dict of int to Path
        Executed notebooks by the number of their section; of the others no artifact is shown.
    notices : list of str
        What a reader must know first.

    Returns
    -------
    texts : dict
        Keyword arguments of `page.render`; what no notebook left behind is left out.
    """
    source, scores = (_artifact(directory, name, found) for name in ("source.json", "scores.json"))
    facts = []
    if source:
        facts.append(
            (say("数据"), say("{title}：图像 {images} 张", title=source["title"], images=source["images"]))
        )
    if scores:
        facts += [
            (name, number_texts.with_interval(scores, key)) for key, name in finished_run.SCORES.items()
        ]
    return {
        "title": say("细胞图像分割报告"),
        "subtitle": say("从执行过的笔记本排成，不是由 cellseg report 生成"),
        "answer": answer.sentences(scores, source["synthetic"]) if source and scores else [],
        "facts": facts,
        "notices": notices,
        "again": {
            "command": say("没有记下：笔记本是逐个运行的"),
            "parameters": _parameters(found.values()),
            "data": _data(directory) or [say("没有记下")],
            "facts": [],
            "citation": reproduction.citation(),
            "bibtex": reproduction.bibtex(),
        },
    }


def values_of(path):
    """The parameters that a notebook ran with.

    Parameters
    ----------
    path : Path
        Of the executed notebook.

    Returns
    -------
    values : dict of str to value
        Of the injected cell, else as they stand in the parameters cell.
    """
    defaults = {own.name: ast.literal_eval(own.default) for own in parameters.declared([path])}
    return defaults | finished_run.injected(nbformat.read(path, 4))


def _parameters(paths):
    values = {}
    for path in paths:
        values |= values_of(path)
    declared = parameters.declared([section.path for section in sections.sections()])
    return [
        reproduction.row(own, values)
        for own in declared
        if own.name in values and own.name != parameters.RUN_DIR
    ]


def _data(directory):
    """Name and digest of what the notebooks noted that they had read."""
    read = {}
    for name in dict.fromkeys(runs.WRITERS.values()):
        read |= runs.read_journal(directory, name)["data"]
    there = {
        Path(path).name: digest for path, digest in sorted(read.items()) if digest != fingerprint.MISSING
    }
    return [
        say("{name}：校验值 {digest}", name=name, digest=digest[: reproduction.DIGITS])
        for name, digest in there.items()
    ]


def _artifact(directory, name, found):
    if int(runs.WRITERS[name].split("_")[0]) not in found:
        return None
    try:
        return artifacts.read_json(directory / "artifacts" / name)
    except (OSError, ValueError):
        return None
