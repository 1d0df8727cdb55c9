"""The report page: executed notebooks become one HTML file that loads nothing and runs no script but ours."""

import markupsafe

from cellseg_utils.report.rendering import cross_references, inline, section_html
from cellseg_utils.run import files


def render(notebooks, out, title, **front):
    """Write the page; an earlier one stays whole until the new one is complete.

    Parameters
    ----------
    notebooks : sequence of Path
        Executed notebooks in the order of the page; the number in `04_….ipynb` makes the anchor `s04`.
    out : Path
        The HTML file.
    title : str
        Plain text.
    **front
        What else stands around the sections, plain texts; each may be left out: `subtitle`, `answer`
        (sentences), `facts` (pairs of label and value), `yardstick` (rows of a table, the heading first, and
        a note), `notices` (lines), and `again`, from `reproduction.box` with its own `facts`.

    Raises
    ------
    section_html.PageError
        If a formula has no MathML form, or a picture in a text cell is not inside its notebook.
    OSError
        If a notebook can't be read or the page can't be written.
    """
    sections = [section_html.section(path, position) for position, path in enumerate(notebooks, 1)]
    cross_references.link([own.body for own in sections], [own.id for own in sections])
    cover = markupsafe.Markup("").join(own.cover for own in sections)
    template = inline.environment().get_template("page.html.j2")
    page = template.render(title=title, cover=cover, sections=sections, **front)
    files.write_bytes(out, page.encode(errors="replace"))
