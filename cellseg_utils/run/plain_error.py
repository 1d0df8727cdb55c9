"""Errors that say in one line what a person can do; in a notebook nothing stands around that line."""

import unicodedata

from cellseg_utils.run import file_names

_OBEYED = ("Cc", "Cs", "Zl", "Zp")  # categories of Unicode: controls, halves of characters, ends of lines
_TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"  # text round


class PlainError(Exception):
    """An error whose message names what is wrong and the fix, so that nobody needs the calls that led to it.

    Source: https://ipython.readthedocs.io/en/stable/config/integrating.html (`_render_traceback_`).
    """

    def _render_traceback_(self):
        return str(self).splitlines()


def one_line(error):
    """The message of an exception as a part of one line.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    text : str
        At most 200 characters; the name of its class where it has no message.
    """
    return printable(" ".join(str(error).split()))[:200] or type(error).__name__


def printable(text):
    """A name as a part of one line, whatever it holds.

    Parameters
    ----------
    text : str

    Returns
    -------
    line : str
        As `file_names.readable` reads it, with U+FFFD in place of line breaks, escape sequences and other
        characters that can't be printed.
    """
    if text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(letter) in _OBEYED or letter in _TURNING else letter
        for letter in file_names.readable(text)
    )


class ArgumentError(PlainError, ValueError):
    """A value that can't be used; the message says which ones can."""
