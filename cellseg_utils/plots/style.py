"""The one look of all figures: bundled Chinese font, shared matplotlibrc, colour-blind safe colours.

The colours are those of Okabe and Ito, *Color Universal Design*, https://jfly.uni-koeln.de/color/ (2008).
"""

from pathlib import Path

import matplotlib
from matplotlib import font_manager

FONT = Path(__file__).parent / "fonts" / "NotoSansCJKsc-Subset.otf"
STYLE = Path(__file__).with_name("matplotlibrc")

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
ORANGE = "#E69F00"
SKY = "#56B4E9"
YELLOW = "#F0E442"
GREY = "#999999"
INK = "#222222"

CHART_WIDTH = 5.6  # inches; its 12 pt text is still 10 CSS pixels high on a phone
GRID_WIDTH = 7.6  # inches; for grids of pictures, whose titles have GRID_TITLE
GRID_TITLE = 15.5  # points


def load_style():
    """Register the bundled font and load the shared matplotlibrc; the backend stays as it is.

    Returns
    -------
    family : str
        Name of the font family that all text now uses, DejaVu Sans filling its gaps.

    Raises
    ------
    FileNotFoundError
        If the font or the matplotlibrc is missing from the installed package.
    """
    fonts = font_manager.fontManager.ttflist
    if all(font.fname != str(FONT) for font in fonts):
        font_manager.fontManager.addfont(FONT)
        fonts.insert(0, fonts.pop())  # before a font of the same name that the machine may have
    family = font_manager.FontProperties(fname=FONT).get_name()
    matplotlib.rc_file(STYLE)
    matplotlib.rcParams["font.family"] = [family, "DejaVu Sans"]
    return family


FAMILY = load_style()
