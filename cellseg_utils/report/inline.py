"""Where templates come from, and the scripts, styles and fonts that stand inside a page."""

import base64
import hashlib
from pathlib import Path

import jinja2
import markupsafe

from cellseg_utils.report import webfont

TEMPLATES = Path(__file__).parent / "template"


def environment():
    """An environment whose templates can call what stands below, and `webfont.faces` as `font_faces`.

    Returns
    -------
    environment : jinja2.Environment
    """
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.globals |= {"text": text, "source": source, "font_faces": webfont.faces}
    return made


def text(name):
    """A file beside the templates, as it stands inside a page.

    Parameters
    ----------
    name : str

    Returns
    -------
    text : markupsafe.Markup
    """
    return markupsafe.Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def source(script):
    """What a content security policy calls a script; https://www.w3.org/TR/CSP3/#grammardef-hash-source.

    Parameters
    ----------
    script : str

    Returns
    -------
    source : markupsafe.Markup
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    return markupsafe.Markup(f"'sha256-{digest}'")
