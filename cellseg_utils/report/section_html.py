"""One section of the page: an executed notebook becomes HTML that loads nothing and runs nothing."""

import ast
import base64
import csv
import io
import os
import re
import urllib.parse
from dataclasses import dataclass

import bs4
import markupsafe
import nbformat
from nbconvert.filters import markdown_mistune, strip_ansi
from nbconvert.preprocessors import CoalesceStreamsPreprocessor

from cellseg_utils.plots import source_code
from cellseg_utils.report import formula, inline

WIDGET = "application/vnd.jupyter.widget-view+json"
FORMULA_AND_STOP = re.compile(r"(<math\b(?:(?!</math>).)*</math>[，、。；：）])", re.DOTALL)
PROGRESS_BAR = re.compile(r"\d+%\||\?it/s")
ACTIVE_TAGS = ["script", "iframe", "object", "embed", "link", "meta", "base", "form", "video", "audio"]
INTERVAL = re.compile(r"（[+-]?[\d.]+%?(?:–| 到 )[+-]?[\d.]+%?）(?![^<>]*>)")  # but in no attribute of a tag
NUMBERED = re.compile(r"表 [\d.]+：")  # caption of a table
LOADING_ATTRIBUTES = {"src", "srcset", "data", "poster", "background", "href", "xlink:href"}


class PageError(ValueError):
    """A notebook cannot be shown as it is; the message is one Chinese line that names notebook and place."""


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
    body : markupsafe.Markup
        HTML.
    cover : markupsafe.Markup or str
        HTML of the outputs of cells with the tag `cover`, which stand on top of the page.
    """

    id: str
    title: str
    headings: tuple[tuple[str, str], ...]
    body: markupsafe.Markup
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
    cells = _shown_cells(_with_output(nbformat.read(path, as_version=4).cells))
    on_top = [cell for cell in cells if "cover" in cell.metadata.tags]
    soup = _soup(path, [cell for cell in cells if cell not in on_top])
    title, headings = _set_headings(soup, anchor, path.stem)
    for number, image in enumerate(soup("img"), 1):
        image["alt"] = image.get("alt") or f"{title}：图 {number}"
    for table in soup("table"):
        table.wrap(soup.new_tag("div", attrs={"class": "scroll", "tabindex": "0"}))
    for figure in soup.select("figure.table:has(table)"):
        figure.append(_download(soup, figure))
    return PageSection(
        anchor, title, headings, *(markupsafe.Markup(own) for own in (soup, _soup(path, on_top)))
    )


def _download(soup, figure):
    """A link to the table of a figure as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([cell.get_text() for cell in row(["th", "td"])] for row in figure.table("tr"))
    data = base64.b64encode(text.getvalue().encode("utf-8-sig", "replace")).decode("ascii")
    caption = figure.figcaption.get_text() if figure.figcaption else ""
    name = caption.split("：")[0].replace(" ", "") if NUMBERED.match(caption) else "table"
    link = soup.new_tag("a", href=f"data:text/csv;charset=utf-8;base64,{data}", download=f"{name}.csv")
    link.string = "下载 CSV"
    paragraph = soup.new_tag("p", attrs={"class": "csv"})
    paragraph.append(link)
    return paragraph


def _soup(path, cells):
    html = _environment(path.name).get_template("section.html.j2").render(cells=cells)
    html = INTERVAL.sub(r'<span class="unbroken">\g<0></span>', html)
    soup = bs4.BeautifulSoup(html, "html.parser")
    _make_safe(soup)
    return soup


def _anchor(path, position):
    number = re.match(r"\d+", path.stem)
    return f"s{int(number[0] if number else position):02d}"


def _environment(notebook):
    environment = inline.environment()
    environment.filters["markdown"] = lambda text, cell=None: _markdown(text, cell, notebook)
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
        raise PageError(f"{notebook}：{error}") from error
    html = FORMULA_AND_STOP.sub(r'<span class="unbroken">\1</span>', html)
    outside = re.search(r'<img\b[^>]*\bsrc="(?!data:)([^"]*)"', html)
    if cell and outside:
        raise PageError(f"{notebook}：图片 {outside[1]} 不在笔记本内，请用代码画出它，或拖进单元格作为附件")
    return markupsafe.Markup(html)


def _with_output(cells):
    """Leave out parts that did not run: a heading with the tag `only-with-output`, and nothing shown."""
    parts = [[]]
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            parts.append([])
        parts[-1].append(cell)
    for part in parts:
        optional = part and "only-with-output" in part[0].metadata.get("tags", [])
        if not optional or any(_shown_outputs(cell) for cell in part if cell.cell_type == "code"):
            yield from part


def _shown_cells(cells):
    shown = []
    for cell in cells:
        tags = cell.metadata.setdefault("tags", [])
        if "remove-cell" in tags or not cell.source.strip():
            continue
        if "injected-parameters" in tags and shown and "parameters" in shown[-1].metadata.tags:
            shown[-1].metadata.injected = _readable(cell.source)
            continue
        if cell.cell_type == "code":
            cell.outputs = _shown_outputs(cell)
            if shown and _leads_to(shown[-1], cell):
                cell.source = f"{shown.pop().source}\n\n{cell.source}"
        shown.append(cell)
    return shown


def _leads_to(before, cell):
    """Whether a cell of code shows nothing but its code, so that the next one can stand in the same fold."""
    special = {"parameters", "injected-parameters", "remove-input", "cover"}
    tags = {*before.metadata.tags, *cell.metadata.tags}
    return before.cell_type == "code" and not before.outputs and not tags & special


def _readable(injected):
    """Values of a run as a reader needs them: characters instead of escapes, no folders of the user's."""
    values = {node.targets[0].id: ast.literal_eval(node.value) for node in ast.parse(injected).body}
    folders = {
        name: value for name, value in values.items() if isinstance(value, str) and os.path.isabs(value)
    }
    values |= {name: f"…/{os.path.basename(path)}" for name, path in folders.items()}
    return "\n".join(f"{name} = {value!r}" for name, value in values.items())


def _shown_outputs(cell):
    failed = any(output.output_type == "error" for output in cell.outputs)
    cell.outputs = [output for output in cell.outputs if failed or output.get("name") != "stderr"]
    cell, _ = CoalesceStreamsPreprocessor().preprocess_cell(cell, {}, 0)
    return [output for output in cell.outputs if not _is_progress_widget(output.get("data", {}))]


def _is_progress_widget(data):
    return WIDGET in data and bool(PROGRESS_BAR.search(data.get("text/plain", "")))


def _make_safe(soup):
    # what runs or loads something goes; the page's content security policy is the second lock
    for tag in soup(ACTIVE_TAGS):
        tag.extract()
    for style in soup("style"):
        if style.has_attr("scoped") or re.search(r"url\(|@import", style.get_text()):
            style.extract()
    for tag in soup(True):
        tag.attrs = {name: value for name, value in tag.attrs.items() if _is_safe(tag.name, name, str(value))}
    for image in soup("img", src=False):
        image.replace_with(image.get("alt", ""))


def _is_safe(tag, name, value):
    if name in LOADING_ATTRIBUTES:
        is_link = tag == "a" and name == "href"
        address = re.sub(r"[\x00-\x20]", "", value).lower()
        return bool(re.match(r"https?:|mailto:|[^:]*$" if is_link else "data:image/|#", address))
    if name == "id":
        return value.startswith("T_")  # the random one that pandas' styled tables need
    return not name.startswith("on") and not (name == "style" and "url(" in value)


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
            link["href"] = f"#s{int(notebook[1]):02d}"
        elif target in anchors:
            link["href"] = f"#{anchors[target]}"
    contents = tuple((heading["id"], heading.get_text()) for heading in all_headings if heading.name == "h3")
    return all_headings[0].get_text(), contents
