"""HTML of others becomes HTML that runs nothing, loads nothing and leads nowhere by itself.

Only what is listed here stays. The list works on what a browser would build from the text (nh3 parses as
https://html.spec.whatwg.org/ prescribes), not on the text; the page's content security policy is the second
lock. No element that stays holds raw text, so that nothing of the result can be read in two ways; the style
sheets of pandas' tables are written anew.
"""

import re

import nh3

TEXT = "h1 h2 h3 h4 h5 h6 p div span article section blockquote pre code kbd samp var br hr wbr a"
MARKS = "b strong i em u s del ins mark small sub sup abbr cite q dfn time bdi bdo ruby rt rp"
BLOCKS = "ul ol li dl dt dd details summary figure figcaption img"
TABLES = "table caption colgroup col thead tbody tfoot tr th td"
FORMULAS = (
    "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle mpadded mphantom menclose "
    "msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd"
)
WITH_CONTENT = {  # of which not even the text stays
    *("script", "style", "title", "template", "noscript", "iframe", "noembed", "noframes", "object"),
    *("svg", "textarea", "select", "xmp", "plaintext"),
}
OF_FORMULAS = (
    "display displaystyle scriptlevel mathvariant mathsize mathcolor mathbackground stretchy fence form "
    "separator largeop movablelimits accent accentunder lspace rspace minsize maxsize width height depth "
    "voffset linethickness notation columnalign columnspacing columnlines rowspacing rowlines"
)
ATTRIBUTES = {
    "*": {"class", "style", "id", "title", "lang", "dir", "role", "tabindex", "hidden", "align", "valign"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "decoding", "loading"},
    "details": {"open"},
    "ol": {"start", "reversed"},
    "li": {"value"},
    "time": {"datetime"},
    "table": {"border"},
    **{tag: {"colspan", "rowspan", "scope", "headers"} for tag in ("td", "th")},
    **{tag: {"span"} for tag in ("col", "colgroup")},
    **{tag: {*OF_FORMULAS.split(), "xmlns"} for tag in FORMULAS.split()},
}
PROPERTIES = (
    r"text-align|vertical-align|white-space|overflow(?:-[xy])?|(?:min-|max-)?(?:width|height)|left|"
    r"(?:background-)?color|background|font-(?:weight|style|size)|text-decoration|"
    r"border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width))?|border-(?:collapse|spacing)|padding"
)
VALUE = r"(?:[\w\s#%.,+!)-]|\b(?:rgba?|hsla?|calc|min|max|linear-gradient)\()+"  # no address, no escape
DECLARATION = re.compile(
    rf"(?:(?:{PROPERTIES})\s*:{VALUE}|position\s*:\s*(?:static|relative|sticky))", re.IGNORECASE
)
OF_PANDAS = re.compile(r"T_[\w-]+")  # the random name of a styled table and its cells
SELECTOR = re.compile(r"#T_[\w .:()-]+")
PICTURE = re.compile(r"data:image/[\w.+-]+[;,]", re.IGNORECASE)
LINK = re.compile(r"https?://|mailto:|#|(?!//)[^:]*\Z", re.IGNORECASE)
NOT_IN_LINKS = re.compile(r"[\x00-\x1f\x7f\\]")


def clean(html):
    """Leave of HTML what is text, picture, table or formula.

    Parameters
    ----------
    html : str
        Of anybody; what it leaves open is closed.

    Returns
    -------
    html : str
        Elements, attributes and declarations of style that are listed here; pictures only from `data:`.
        Identifiers and style sheets only of pandas' styled tables.
    """
    html = html.encode(errors="replace").decode()  # without lone surrogates, which no file can hold
    return _table_styles(html) + _CLEANER.clean(html)


def _keep(tag, name, value):
    """What stays of an attribute, or None."""
    if name == "style":
        return _declarations(value) or None
    if name == "id":
        return value if OF_PANDAS.fullmatch(value) else None
    if name == "src":
        return value if PICTURE.match(value) else None
    if name == "href":
        address = value.strip(" ")
        return value if LINK.match(address) and not NOT_IN_LINKS.search(address) else None
    return value


def _declarations(text):
    """Declarations of style without those that could load something or cover the page."""
    own = text.split(";")
    kept = [
        declaration
        for declaration in own
        if not declaration.strip() or DECLARATION.fullmatch(declaration.strip())
    ]
    return text if kept == own else ";".join(filter(None, kept))


def _table_styles(html):
    """The style sheets of pandas' tables, which reach nothing outside of them."""
    rules = []
    for block in html.split("}")[:-1] if "#T_" in html else ():
        before, _, declarations = block.rpartition("{")
        selectors = [selector.strip() for selector in before.rpartition(">")[2].split(",")]
        kept = _declarations(" ".join(declarations.split()))
        if kept and all(map(SELECTOR.fullmatch, selectors)):
            rules.append(f"{', '.join(selectors)} {{{kept}}}")
    return f"<style>{' '.join(rules)}</style>" if rules else ""


_CLEANER = nh3.Cleaner(
    tags={*f"{TEXT} {MARKS} {BLOCKS} {TABLES} {FORMULAS}".split()},
    clean_content_tags=WITH_CONTENT,
    attributes=ATTRIBUTES,
    attribute_filter=_keep,
    generic_attribute_prefixes={"data-", "aria-"},
    url_schemes={"http", "https", "mailto", "data"},
    link_rel=None,
)
