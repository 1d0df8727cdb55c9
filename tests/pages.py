"""Executed notebooks in a few words, and the page that is made of them."""

import bs4
import nbformat
from nbformat import v4

from cellseg_utils.report.rendering import page


def code(source, *outputs, tags=()):
    return v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def shown(data, **metadata):
    return v4.new_output("display_data", data, metadata=metadata)


def printed(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def opened(folder, *notebooks, title="细胞图像分割报告", **front):
    """Render notebooks, each a list of cells or Markdown texts, and return the parsed page."""
    paths = []
    for number, cells in enumerate(notebooks, 1):
        cells = [v4.new_markdown_cell(cell) if isinstance(cell, str) else cell for cell in cells]
        paths.append(folder / f"{number:02d}_section.ipynb")
        nbformat.write(v4.new_notebook(cells=cells), paths[-1])
    page.render(paths, folder / "index.html", title, **front)
    return bs4.BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")
