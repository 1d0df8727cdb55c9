"""The source of helpers, folded, where a section explains what they do: read from them, so it can't drift."""

import html
import inspect

import pygments
from IPython.display import HTML
from pygments import formatters, lexers

from cellseg_utils.run.language import say


def highlighted(code):
    """Colour Python code.

    Parameters
    ----------
    code : str

    Returns
    -------
    markup : str
        HTML for the inside of `<code>`, escaped; classes as Pygments names them.
    """
    return pygments.highlight(code, lexers.PythonLexer(), formatters.HtmlFormatter(nowrap=True))


def shown(*helpers):
    """Fold the source of functions and classes.

    Parameters
    ----------
    *helpers : function or class
        Of this package.

    Returns
    -------
    page : IPython.display.HTML
        One `<details>` each.
    """
    return HTML("".join(map(_fold, helpers)))


def _fold(helper):
    title = say("源代码：{name}", name=f"{helper.__module__}.{helper.__qualname__}")
    source = highlighted(inspect.getsource(helper))
    return (
        f'<details class="code"><summary>{html.escape(title)}</summary>'
        f'<pre tabindex="0"><code>{source}</code></pre></details>'
    )
