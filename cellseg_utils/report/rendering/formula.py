"""LaTeX formulas become MathML, which browsers draw without a script."""

from xml.etree import ElementTree

from latex2mathml import converter

from cellseg_utils.run.language import say

# https://www.w3.org/TR/mathml-core/: elements that need exactly so many children
CHILDREN = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
}
BAR = '<mo stretchy="false">&#x0007C;</mo>'
TIGHT_BAR = '<mo stretchy="false" lspace="0" rspace="0">&#x0007C;</mo>'  # |A| is not A | B


class FormulaError(ValueError):
    """A formula has no MathML form; the message is one line that shows the formula."""


def mathml(latex, display="inline"):
    """Turn a formula into MathML.

    Parameters
    ----------
    latex : str
        The formula without its dollar signs.
    display : {"inline", "block"}
        Within a line, or on a line of its own.

    Returns
    -------
    element : str
        A `math` element.

    Raises
    ------
    FormulaError
        If latex2mathml does not know a command, which it would show as typed, or an argument is missing.
    """
    try:
        element = converter.convert(latex.strip(), display=display)
        nodes = [(node.tag.split("}")[-1], len(node)) for node in ElementTree.fromstring(element).iter()]
        good = "\\" not in element and all(count == CHILDREN.get(tag, count) for tag, count in nodes)
    except Exception:  # latex2mathml's errors share no base class, and StopIteration is one of them
        good = False
    if not good:
        formula = " ".join(latex.split())
        raise FormulaError(
            say("公式 ${formula}$ 无法显示：请检查拼写，或换成 latex2mathml 认识的命令", formula=formula)
        )
    return element.replace(BAR, TIGHT_BAR)
