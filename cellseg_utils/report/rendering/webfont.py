"""Fonts inside the page, cut to the characters that it uses, so that it shows no boxes on any machine.

Chinese comes from the bundled Noto Sans CJK SC; formulas from fonts of matplotlib: DejaVu Serif, whose MATH
table makes brackets grow, and STIX.
"""

import base64
import io
import logging
from pathlib import Path

import matplotlib
from fontTools import subset, ttLib

from cellseg_utils.plots import style

MATH = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSerif.ttf")
SYMBOLS = Path(matplotlib.get_data_path(), "fonts", "ttf", "STIXGeneral.ttf")
# https://www.w3.org/TR/mathml-core/#italic-mappings: browsers draw a variable with these characters
ITALICS = {"A": "𝐴", "a": "𝑎", "Α": "𝛢", "α": "𝛼"}
# DejaVu Serif leaves these at zero: subscripts would stand on the line. Shares of an em, as in TeX's fonts.
SHIFTS = {"SubscriptShiftDown": 0.247, "SuperscriptShiftUp": 0.363, "SuperscriptShiftUpCramped": 0.289}
ROOT_SIGN = "√"  # drawn by browsers, never typed in MathML


def faces(text):
    """Make the web fonts that a text needs.

    Parameters
    ----------
    text : str
        Everything that the page shows; characters that no font has are left out.

    Returns
    -------
    css : str
        `@font-face` rules of "Report Han", "Report Math" and "Report Symbols".
    """
    characters = set(text)
    drawn = characters | {_italic(character) for character in characters} | {ROOT_SIGN}
    return (
        _face("Report Han", style.FONT, characters)
        + _face("Report Math", MATH, drawn)
        + _face("Report Symbols", SYMBOLS, drawn)
    )


def _italic(character):
    if character == "h":
        return "ℎ"
    for first, italic in ITALICS.items():
        if 0 <= ord(character) - ord(first) < 26:
            return chr(ord(italic) + ord(character) - ord(first))
    return character


def _face(family, path, characters):
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    options = subset.Options(
        layout_features=["ssty"], hinting=False, desubroutinize=True, notdef_outline=True
    )
    font = ttLib.TTFont(path, lazy=True, recalcTimestamp=False)
    if "MATH" in font:
        _shift_scripts(font)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted(map(ord, characters)))
    cutter.subset(font)
    font.flavor = "woff"
    data = io.BytesIO()
    font.save(data)
    address = "data:font/woff;base64," + base64.b64encode(data.getvalue()).decode("ascii")
    return f'@font-face {{ font-family: "{family}"; src: url("{address}") format("woff"); }}\n'


def _shift_scripts(font):
    constants = font["MATH"].table.MathConstants
    for name, share in SHIFTS.items():
        record = getattr(constants, name)
        record.Value = record.Value or round(share * font["head"].unitsPerEm)
