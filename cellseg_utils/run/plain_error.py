"""Errors that say in one line what a person can do; in a notebook nothing stands around that line."""


class PlainError(Exception):
    """An error whose message names what is wrong and the fix, so that nobody needs the calls that led to it.

    Source: https://ipython.readthedocs.io/en/stable/config/integrating.html (`_render_traceback_`).
    """

    def _render_traceback_(self):
        return str(self).splitlines()


class ArgumentError(PlainError, ValueError):
    """A value that can't be used; the message says which ones can."""
