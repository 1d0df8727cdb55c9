"""One section of the page: an executed notebook becomes HTML that loads nothing and runs nothing."""

import base64
import csv
import io
import re
import urllib.parse
from dataclasses import dataclass

import bs4
import markupsafe
import nbformat
from nbconvert.filters import markdown_mistune, strip_ansi

from cellseg_utils.plots import source_code
from cellseg_utils.report.rendering import cross_references, formula, inline, safe_html, shown_cells
from cellseg_utils.run import language
from cellseg_utils.run.language import say

FORMULA_AND_STOP = re.compile(r"(<math\b(?:(?!</math>).)*</math>[，、。；：）,.;:)])", re.DOTALL)
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
NUMBERED = re.compile(r"表 [\d.]+(?=：)|Table [\d.]+?(?=[:.] )")  # caption of a table


class PageError(ValueError):
    """A notebook cannot be shown as it is; the message is one line that names notebook and place."""


@dataclass(frozen=True)
class PageSection:
    """One notebook on the page.

    Attributes
    ----------
    id : str
        Anchor, such as `s04`.
    title : str
        Heading, plain text.
    headings : tuple of (str, str)
        Anchor and plain text of every sub-heading in the table of contents.
    body : bs4.BeautifulSoup
        HTML.
    cover : markupsafe.Markup or str
        HTML of the outputs of cells with the tag `cover`, which stand on top of the page.
    """

    id: str
    title: str
    headings: tuple[tuple[str, str], ...]
    body: bs4.BeautifulSoup
    cover: str = ""


def section(path, position):
    """Turn one notebook into a section of the page.

    Parameters
    ----------
    path : Path
        An executed notebook.
    position : int
        On the page, from 1; makes the anchor of a notebook without a number in its name.

    Returns
    -------
    section : PageSection

    Raises
    ------
    PageError
        If a formula has no MathML form, or a picture in a text cell is not inside its notebook.
    """
    anchor = _anchor(path, position)
    cells = shown_cells.of(nbformat.read(path, as_version=4).cells)
    on_top = [cell for cell in cells if "cover" in cell.metadata.tags]
    soup = _soup(path, [cell for cell in cells if cell not in on_top])
    title, headings = _set_headings(soup, anchor, path.stem)
    for number, image in enumerate(soup("img"), 1):
        image["alt"] = image.get("alt") or say("{title}：图 {number}", title=title, number=number)
    for table in soup("table"):
        table.wrap(soup.new_tag("div", attrs={"class": "scroll", "tabindex": "0"}))
    for figure in soup.select("figure.table:has(table)"):
        figure.append(_table_download(soup, figure))
    for explorer in soup.select(".explorer:has(article)"):
        explorer.insert_after(_explorer_download(soup, explorer))
    cross_references.name_captions(soup)
    return PageSection(anchor, title, headings, soup, markupsafe.Markup(_soup(path, on_top)))


def _table_download(soup, figure):
    caption = figure.figcaption.get_text() if figure.figcaption else ""
    numbered = NUMBERED.match(caption)
    rows = [[_plain(cell.get_text()) for cell in row(["th", "td"])] for row in figure.table("tr")]
    blank = "_" if language.current() == language.ENGLISH else ""  # of the number, in the name of a file
    return _download(soup, rows, numbered[0].replace(" ", blank) if numbered else "table")


def _plain(text):
    """A number without the commas of its thousands, which other programs do not read."""
    return text.replace(",", "") if THOUSANDS.fullmatch(text) else text


def _explorer_download(soup, explorer):
    cards = [
        {name.removeprefix("data-"): value for name, value in card.attrs.items() if name.startswith("data-")}
        for card in explorer("article")
    ]
    return _download(soup, [list(cards[0]), *(list(card.values()) for card in cards)], "pictures")


def _download(soup, rows, name):
    """A link to rows of text as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    data = base64.b64encode(text.getvalue().encode("utf-8-sig", "replace")).decode("ascii")
    link = soup.new_tag("a", href=f"data:text/csv;charset=utf-8;base64,{data}", download=f"{name}.csv")
    link.string = say("下载 CSV")
    paragraph = soup.new_tag("p", attrs={"class": "csv"})
    paragraph.append(link)
    return paragraph


def _soup(path, cells):
    html = _environment(path.name).get_template("section.html.j2").render(cells=cells)
    soup = bs4.BeautifulSoup(html, "html.parser")
    for image in soup("img", src=False):
        image.replace_with(image.get("alt", ""))
    for text in soup.find_all(string=inline.INTERVAL):
        text.replace_with(*_unbroken(soup, text))
    return soup


def _unbroken(soup, text):
    end = 0
    for interval in inline.INTERVAL.finditer(text):
        yield text[end : interval.start()]
        yield soup.new_tag("span", string=interval[0], attrs={"class": "unbroken"})
        end = interval.end()
    yield text[end:]


def _anchor(path, position):
    number = re.match(r"\d+", path.stem)
    return cross_references.of_section(int(number[0] if number else position))


def _environment(notebook):
    environment = inline.environment()
    environment.filters["markdown"] = lambda text, cell=None: _markdown(text, cell, notebook)
    environment.filters["clean"] = lambda html: markupsafe.Markup(safe_html.clean(html))
    environment.filters["python"] = lambda code: markupsafe.Markup(source_code.highlighted(code))
    environment.filters["plain"] = lambda text: strip_ansi(text).replace("\b", "").strip("\r\n")
    environment.filters["base64"] = lambda text: base64.b64encode(text.encode()).decode("ascii")
    return environment


def _markdown(text, cell, notebook):
    attachments = cell.get("attachments") if cell else None
    renderer = markdown_mistune.IPythonRenderer(False, exclude_anchor_links=True, attachments=attachments)
    renderer.inline_math = formula.mathml
    renderer.block_math = lambda body: formula.mathml(body, "block")
    renderer.latex_environment = lambda name, body: formula.mathml(
        rf"\begin{{{name}}}{body}\end{{{name}}}", "block"
    )
    try:
        html = markdown_mistune.MarkdownWithMath(renderer=renderer).render(text)
    except (formula.FormulaError, markdown_mistune.InvalidNotebook) as error:
        raise PageError(say("{notebook}：{error}", notebook=notebook, error=error)) from error
    html = FORMULA_AND_STOP.sub(r'<span class="unbroken">\1</span>', html)
    outside = re.search(r'<img\b[^>]*\bsrc="(?!data:)([^"]*)"', html)
    if cell and outside:
        raise PageError(
            say(
                "{notebook}：图片 {picture} 不在笔记本内，请用代码画出它，或拖进单元格作为附件",
                notebook=notebook,
                picture=outside[1],
            )
        )
    return markupsafe.Markup(safe_html.clean(html))


def _set_headings(soup, anchor, stem):
    all_headings = soup([f"h{level}" for level in range(1, 7)]) or [soup.new_tag("h1", string=stem)]
    soup.insert(0, all_headings[0].extract())
    anchors = {}
    for position, heading in enumerate(all_headings):
        heading.name = f"h{min(max(int(heading.name[1]) + 1, 3), 6)}" if position else "h2"
        heading["id"] = f"{anchor}-{position}"
        anchors.setdefault("#" + heading.get_text().strip().replace(" ", "-"), heading["id"])
    for link in soup("a", href=True):
        target = urllib.parse.unquote(link["href"])
        notebook = re.fullmatch(r"(?:\./)?(\d+)_\w+\.ipynb", target)
        if notebook:
            link["href"] = f"#{cross_references.of_section(int(notebook[1]))}"
        elif target in anchors:
            link["href"] = f"#{anchors[target]}"
    contents = tuple((heading["id"], heading.get_text()) for heading in all_headings if heading.name == "h3")
    return all_headings[0].get_text(), contents
