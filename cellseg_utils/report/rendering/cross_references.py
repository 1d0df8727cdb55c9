"""Figures, tables and sections that a text names become links to them."""

import re

import bs4

NAME = re.compile(r"(?:(?P<figure>图|Figure)|(?P<table>表|Table)) (?P<number>\d+\.\d+)")
CAPTION = re.compile(rf"{NAME.pattern}(?=[：:.])")
MENTION = re.compile(rf"{NAME.pattern}|第 (?P<zh>\d+) 节|\b[Ss]ection (?P<en>\d+)(?![.\d])")
NOT_INSIDE = {"a", "pre", "code", "script", "style", "math", "figcaption", "h2", "h3", "h4", "h5", "h6"}


def of_section(number):
    """Anchor of a section, a str, by its number."""
    return f"s{number:02d}"


def name_captions(soup):
    """Give every numbered figure and table the anchor that mentions of it lead to.

    Parameters
    ----------
    soup : bs4.BeautifulSoup
        A section; changed in place.
    """
    for figure in soup("figure"):
        caption = figure.figcaption and CAPTION.match(figure.figcaption.get_text())
        if caption:
            figure["id"] = _of_caption(caption)


def link(soups, sections):
    """Make mentions links, where what they mention is on the page.

    Parameters
    ----------
    soups : sequence of bs4.BeautifulSoup
        All sections; changed in place.
    sections : collection of str
        Anchors of the sections.
    """
    anchors = {tag["id"] for soup in soups for tag in soup("figure", id=True)} | set(sections)
    for soup in soups:
        for text in soup.find_all(string=MENTION):
            is_comment = type(text) is not bs4.NavigableString
            if not is_comment and NOT_INSIDE.isdisjoint(parent.name for parent in text.parents):
                text.replace_with(*_parts(soup, str(text), anchors))


def _parts(soup, text, anchors):
    parts, end = [], 0
    for mention in MENTION.finditer(text):
        anchor = _anchor(mention)
        if anchor in anchors:
            made = soup.new_tag("a", href=f"#{anchor}")
            made.string = mention[0]
            parts += [text[end : mention.start()], made]
            end = mention.end()
    return [*parts, text[end:]]


def _of_caption(match):
    kind = "figure" if match["figure"] else "table"
    return f"{kind}-{match['number'].replace('.', '-')}"


def _anchor(mention):
    if mention["number"]:
        return _of_caption(mention)
    return of_section(int(mention["zh"] or mention["en"]))
