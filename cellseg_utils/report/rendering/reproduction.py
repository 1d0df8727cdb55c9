"""How to make a report again: the command, every parameter, and what it was made with."""

import ast
from pathlib import Path

import yaml

from cellseg_utils.run import fingerprint, parameters, places
from cellseg_utils.run.language import later, say

CREDIT = later("改编自邓忠寒的《细胞图像分割 Report》：章节与主题相同，代码、文字与图都是重新写的。")
DATA = later("图像集 BBBC038v1：Caicedo 等 2019，doi:10.1038/s41592-019-0612-7。")
SOFTWARE = """@software{{cellseg_utils,
  author  = {{{{{author}}}}},
  title   = {{{title}}},
  version = {{{version}}}
}}"""
ARTICLE = """@article{caicedo2019,
  author  = {Caicedo, Juan C. and others},
  title   = {Nucleus segmentation across imaging experiments: the 2018 Data Science Bowl},
  journal = {Nature Methods},
  volume  = {16},
  pages   = {1247--1253},
  year    = {2019},
  doi     = {10.1038/s41592-019-0612-7}
}"""
DIGITS = 16  # hexadecimal, that are shown


def box(manifest, declared, assigned):
    """What stands in the box "重做这份报告".

    Parameters
    ----------
    manifest : manifest.Manifest
        Of a run whose notebooks have all run.
    declared : list of parameters.Parameter
        From `parameters.declared`.
    assigned : dict of str to dict
        From `parameters.assign`.

    Returns
    -------
    box : dict
        `command` (str), `parameters` (list of dict of section, name, value, default, meaning and `changed`),
        `data` (lines of text), `citation` (lines of text) and `bibtex` (str), all for readers.
    """
    return {
        "command": manifest.command(),
        "parameters": [
            row(own, assigned[own.notebook]) for own in declared if own.name != parameters.RUN_DIR
        ],
        "data": _data(manifest.notebooks),
        "citation": citation(),
        "bibtex": bibtex(),
    }


def row(own, values):
    """A parameter as the box shows it.

    Parameters
    ----------
    own : parameters.Parameter
    values : dict of str to value
        Of its notebook, where they are not the default.

    Returns
    -------
    row : dict
        As in `box`.
    """
    default = ast.literal_eval(own.default)
    value = values.get(own.name, default)
    return {
        "section": own.notebook.split("_")[0].lstrip("0"),
        "name": own.name,
        "value": shown(value),
        "default": shown(default),
        "meaning": say(own.comment),
        "changed": value != default,
    }


def shown(value):
    """A value as a reader sees it, a str; of a path only the last part: nobody need know a user's folders."""
    text = str(value)
    return (Path(text).name if Path(text).is_absolute() else text) or say("（空）")


def _data(notebooks):
    """Name and digest of everything that was read from outside the run."""
    read = {}
    for noted in notebooks.values():
        read |= noted["journal"]["data"]
    there = {
        Path(path).name: digest for path, digest in sorted(read.items()) if digest != fingerprint.MISSING
    }
    return [
        say("{name}：校验值 {digest}", name=name, digest=digest[:DIGITS]) for name, digest in there.items()
    ]


def citation():
    """How the software and its data are cited; lines of text."""
    about = _about()
    own = say("{author}：{title}，{version}。", **about) if about else "cellseg-utils"
    return [own, say(DATA), say(CREDIT)]


def bibtex():
    """The same for LaTeX, a str."""
    return "\n\n".join([*([SOFTWARE.format(**about)] if (about := _about()) else []), ARTICLE])


def _about():
    """Author, title and version of this software, from `CITATION.cff` where it lies beside the package."""
    try:
        about = yaml.safe_load((places.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    except OSError:
        return {}
    return {
        "author": about["authors"][0]["name"],
        "title": about["title"],
        "version": about["version"],
    }
