"""In which language people are spoken to: Chinese, as the texts stand in the code, or English, from a table.

The table is the folder `english/`: a JSON file for each room, in which the Chinese text is the key. An
English text may choose between singular and plural by a value: `"{n} {n:nucleus|nuclei}"`.
"""

import functools
import json
import locale
import os
import string
from contextlib import contextmanager
from pathlib import Path, PurePath

from cellseg_utils.run.plain_error import PlainError, printable

VARIABLE = (
    "CELLSEG_LANG"  # environment variable, so that kernels and workers speak the language of who started them
)
CHINESE, ENGLISH = "zh", "en"
TABLE = Path(__file__).parent / "english"
OPTION = "--lang"


class LanguageError(PlainError, ValueError):
    """A language that there is no text in; the message says so in both."""


class _Formatter(string.Formatter):
    """`str.format`, and `{n:nucleus|nuclei}`: the first word for one, the second for any other number.

    Names of files hold anything: what a terminal would obey, or take for another line, is not said.
    """

    def format_field(self, value, form):
        one, or_, many = form.partition("|")
        if or_:
            return one if value == 1 else many
        if isinstance(value, BaseException):  # a message of several lines stays one
            return "\n".join(map(printable, str(value).split("\n")))
        said = super().format_field(value, form)
        return printable(said) if isinstance(value, str | PurePath) else said


def say(text, /, **values):
    """A text in the language of today.

    Parameters
    ----------
    text : str
        In Chinese; names in braces stand for values, as in `str.format`.
    **values
        What the names stand for.

    Returns
    -------
    text : str
        A text that the table lacks stays Chinese.
    """
    spoken = english().get(text, text) if current() == ENGLISH else text
    return _Formatter().vformat(spoken, (), values) if values else spoken


def later(text):
    """Mark a text that is written down now and said by `say` when it is needed.

    Parameters
    ----------
    text : str

    Returns
    -------
    text : str
        The same.
    """
    return text


def listing(items):
    """Several things in one sentence.

    Parameters
    ----------
    items : iterable of str

    Returns
    -------
    text : str
    """
    return (", " if current() == ENGLISH else "、").join(items)


def clauses(items):
    """Clauses of one sentence.

    Parameters
    ----------
    items : iterable of str

    Returns
    -------
    text : str
    """
    return (", " if current() == ENGLISH else "，").join(items)


def sentences(parts):
    """Several sentences one after the other: English has a space between them, Chinese none.

    Parameters
    ----------
    parts : iterable of str
        Empty ones are left out.

    Returns
    -------
    text : str
    """
    return (" " if current() == ENGLISH else "").join(part for part in parts if part)


def current():
    """The language of today: of `choose`, else of the system.

    Returns
    -------
    language : str
        `"zh"` or `"en"`.
    """
    return os.environ.get(VARIABLE) or of_system(os.environ)


def asked():
    """The language that was asked for by `choose` or the environment variable; reports are in it.

    Returns
    -------
    language : str
        Chinese where nobody asked, whatever the system's settings say.
    """
    return os.environ.get(VARIABLE) or CHINESE


def of_system(environ):
    """The language that a system's settings ask for.

    Parameters
    ----------
    environ : dict of str to str
        Environment variables; https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html#tag_08_02.

    Returns
    -------
    language : str
        Chinese where they say nothing, or only "C".
    """
    asked = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    if not asked and os.name == "nt":
        asked = locale.getlocale()[0] or ""
    says_nothing = asked.split(".")[0] in ("", "C", "POSIX")
    return CHINESE if says_nothing or asked.lower().startswith(("zh", "chinese")) else ENGLISH


def choose(language):
    """Speak a language from here on, in the processes that are started too.

    Parameters
    ----------
    language : str
        `"zh"` or `"en"`.

    Raises
    ------
    LanguageError
        If it is another one.
    """
    if language not in (CHINESE, ENGLISH):
        raise LanguageError(f"{OPTION} {language}：只有 zh 与 en / there are only zh and en")
    os.environ[VARIABLE] = language


@contextmanager
def speaking(language):
    """Speak a language for a while, whatever is spoken around it.

    Parameters
    ----------
    language : str
        `"zh"` or `"en"`.

    Raises
    ------
    LanguageError
        If it is another one.
    """
    before = os.environ.get(VARIABLE)
    choose(language)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


@functools.cache
def english():
    """The table: Chinese texts and what they are in English.

    Returns
    -------
    table : dict of str to str
    """
    table = {}
    for path in sorted(TABLE.glob("*.json")):
        table |= json.loads(path.read_text(encoding="utf-8"))
    return table
