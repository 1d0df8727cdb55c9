"""Where templates come from, and the scripts, styles and fonts that stand inside a page."""

import base64
import hashlib
import json
import re
from pathlib import Path

import jinja2
import markupsafe

from cellseg_utils.report.rendering import webfont
from cellseg_utils.run import language
from cellseg_utils.run.language import say

NUMBER = r"[+-]?[\d.]+%?"
INTERVAL = re.compile(rf"（{NUMBER}(?:–| 到 ){NUMBER}）|\({NUMBER}(?:–| to ){NUMBER}\)")
TEMPLATES = Path(__file__).parent / "template"
SAID = re.compile(r'\bsay\("((?:[^"\\]|\\.)+)"')  # by a script
LANGUAGES = {language.CHINESE: "zh-CN", language.ENGLISH: "en"}  # as HTML calls them


def environment():
    """An environment whose templates can call what stands below, and `webfont.faces` as `font_faces`.

    Returns
    -------
    environment : jinja2.Environment
    """
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    made.globals |= {"text": text, "script": script, "source": source, "font_faces": webfont.faces}
    made.filters["unbroken"] = unbroken
    made.globals |= {"say": say, "sentences": language.sentences, "html_language": html_language}
    return made


def unbroken(text):
    """Keep intervals in a plain text on one line.

    Parameters
    ----------
    text : str

    Returns
    -------
    html : markupsafe.Markup
    """
    return markupsafe.Markup(
        INTERVAL.sub(r'<span class="unbroken">\g<0></span>', str(markupsafe.escape(text)))
    )


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


def html_language():
    """What HTML calls the language of today, str; https://www.rfc-editor.org/info/bcp47."""
    return LANGUAGES.get(language.current(), LANGUAGES[language.CHINESE])


def script(name):
    """A script as it stands inside a page, after what it needs to speak the language of today.

    Parameters
    ----------
    name : str
        Of a file beside the templates, whose texts stand in `say("…")`.

    Returns
    -------
    script : markupsafe.Markup
    """
    own = text(name)
    said = {chinese: say(chinese) for chinese in SAID.findall(own)}
    english = {chinese: other for chinese, other in said.items() if other != chinese}
    table = json.dumps(english, ensure_ascii=False).replace("<", "\\u003c")
    return markupsafe.Markup(f'"use strict";\nconst ENGLISH = {table};\n{text("say.js")}\n{own}')


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
