"""From a finished figure or table to the HTML that a notebook shows: WebP inside the page, text escaped."""

import base64
import html
import io
import numbers

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import HTML, Markdown
from matplotlib.text import Text
from PIL import Image

from cellseg_utils.run.language import say

CSS_PIXELS_PER_INCH = 96  # https://www.w3.org/TR/css-values-3/#absolute-lengths
DPI = 2 * CSS_PIXELS_PER_INCH  # crisp on screens with two device pixels a CSS pixel
LOSSLESS_LIMIT = 120_000  # bytes; a larger file is encoded again with LOSSY_QUALITY
LOSSY_QUALITY = 88  # WebP quality, 0..100
SHAPES = {2: "very-tall", 1: "tall"}  # height over width above which a picture has a class, for print
SMALLEST_TEXT, SMALLEST_PANEL = 10, 140  # CSS pixels; a narrow screen scrolls a figure rather than shrink it


class Shown(HTML):
    """HTML of a figure or a table; where there is none, as in a script's output, its caption and its text."""

    def __init__(self, data, plain):
        super().__init__(data)
        self.plain = plain

    def __repr__(self):
        return self.plain


class Told(Markdown):
    """Text in Markdown; where there is none, it is printed as it is."""

    def __repr__(self):
        return self.data


def text(markdown):
    """Make a text of a notebook's that stands among its results.

    Parameters
    ----------
    markdown : str

    Returns
    -------
    text : Told
        For `IPython.display.display`.
    """
    return Told(markdown)


def webp(fig):
    """Draw a figure and encode it, without loss where the file stays small.

    Parameters
    ----------
    fig : matplotlib.figure.Figure

    Returns
    -------
    data : bytes
        WebP file, `DPI` pixels an inch.
    """
    png = io.BytesIO()
    fig.savefig(png, format="png", dpi=DPI, pil_kwargs={"compress_level": 1})
    picture = Image.open(png).convert("RGB")
    lossless = _encode(picture, lossless=True, quality=60)
    if len(lossless) <= LOSSLESS_LIMIT:
        return lossless
    return min(lossless, _encode(picture, lossless=False, quality=LOSSY_QUALITY), key=len)


def _encode(picture, lossless, quality):
    file = io.BytesIO()
    picture.save(file, format="WEBP", lossless=lossless, quality=quality, method=6)
    return file.getvalue()


def figure(fig, caption, alt):
    """Turn a figure into HTML for the page and close it.

    The picture is shown at its natural width (96 CSS pixels an inch), at most as wide as the page; on a
    narrow screen it scrolls sideways before its smallest text falls below `SMALLEST_TEXT` or its smallest
    picture below `SMALLEST_PANEL`.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    caption, alt : str
        Caption below and alternative text of the picture; plain text, escaped here.

    Returns
    -------
    page : IPython.display.HTML
        One `<figure>` with the picture as a data URI, its class one of `SHAPES` or empty.

    Raises
    ------
    ValueError
        If caption or alternative text is empty.
    """
    if not caption.strip() or not alt.strip():
        raise ValueError("a figure needs a caption and an alternative text, got an empty one: write both")
    width, height = (round(inches * CSS_PIXELS_PER_INCH) for inches in fig.get_size_inches())
    data = base64.b64encode(webp(fig)).decode("ascii")
    narrowest = min(width, round(width * max(SMALLEST_TEXT / smallest_text(fig), _panel_growth(fig))))
    shape = next((name for ratio, name in SHAPES.items() if height > ratio * width), "")
    plt.close(fig)
    return Shown(
        f'<figure style="overflow-x:auto"><img class="{shape}" '
        f'src="data:image/webp;base64,{data}" alt="{html.escape(alt)}" '
        f'width="{width}" height="{height}" '
        f'style="width:{width}px;max-width:100%;min-width:{narrowest}px;height:auto">'
        f'<figcaption style="position:sticky;left:0">{html.escape(caption)}</figcaption></figure>',
        caption,
    )


def _panel_growth(fig):
    """Width of a figure, relative to its natural one, at which its narrowest picture is large enough."""
    shares = [ax.get_position().width for ax in fig.axes if ax.images]
    return SMALLEST_PANEL / (CSS_PIXELS_PER_INCH * fig.get_figwidth() * min(shares)) if shares else 0


def smallest_text(fig):
    """Height of the smallest text of a figure.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        A figure that has been drawn once, so that its tick labels exist.

    Returns
    -------
    size : float
        Font size at natural width (CSS pixels); infinite for a figure without text.
    """
    texts = [text for text in fig.findobj(Text) if text.get_visible() and text.get_text().strip()]
    points = min((text.get_fontsize() for text in texts), default=float("inf"))
    return points * CSS_PIXELS_PER_INCH / 72


def table(frame, caption, formats=None, slider=None):
    """Turn a DataFrame into an HTML table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its index is shown as the first column if it has a name.
    caption : str
        Plain text, escaped here.
    formats : dict of str to str, optional
        Column to format specification, such as `{"Dice": ".3f", "参数": ","}`; otherwise floats get three
        decimals, and thousands of whole numbers a comma.
    slider : int, optional
        For a table to be read row by row: the row, from 0, where the slider starts that the page adds.

    Returns
    -------
    page : Shown
        One `<figure class="table">`; numbers are right-aligned, missing values are a dash.

    Raises
    ------
    ValueError
        If `formats` names a column that the frame lacks, or the caption is empty.
    """
    if not caption.strip():
        raise ValueError("a table needs a caption, got an empty one")
    if frame.index.name is not None:
        frame = frame.reset_index()
    formats = formats or {}
    unknown = sorted(set(formats) - set(frame.columns))
    if unknown:
        raise ValueError(f"formats for unknown columns {unknown}: the table has {list(frame.columns)}")
    head = "".join(_cell("th", name, _is_number(frame[name])) for name in frame.columns)
    columns = [
        [_cell("td", _text(value, formats.get(name)), _is_number(frame[name])) for value in frame[name]]
        for name in frame.columns
    ]
    kind = 'class="table"' if slider is None else f'class="table sweep" data-row="{slider}"'
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*columns, strict=True))
    return Shown(
        f'<figure {kind} style="overflow-x:auto"><figcaption>{html.escape(caption)}</figcaption>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></figure>",
        f"{caption}\n{frame.to_string(index=False)}",
    )


def code_span(text):
    """Set a text in Markdown so that no character of it means anything.

    Parameters
    ----------
    text : str
        Such as a file's name.

    Returns
    -------
    markdown : str
        On one line; backticks become apostrophes.
    """
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"


def _is_number(column):
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _cell(tag, text, right):
    alignment = "right" if right else "left"
    return f'<{tag} style="text-align:{alignment}">{html.escape(str(text))}</{tag}>'


def _text(value, specification):
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "—"
    if isinstance(value, bool):
        return say("是") if value else say("否")
    if specification is not None:
        return format(value, specification)
    if isinstance(value, numbers.Integral):
        return f"{value:,}"
    return f"{value:.3f}" if isinstance(value, numbers.Real) else str(value)
