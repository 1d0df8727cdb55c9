import re
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from cellseg_utils.plots import style

DRAWING = ["concepts", "overlays", "panels", "data_charts", "score_charts", "comparison", "architecture"]


def test_text_uses_the_bundled_font_with_dejavu_as_fallback():
    assert matplotlib.rcParams["font.family"] == [style.FAMILY, "DejaVu Sans"]
    assert font_manager.findfont(style.FAMILY) == str(style.FONT)


def test_loading_the_style_leaves_the_backend_alone():
    before = matplotlib.get_backend()
    assert style.load_style() == style.FAMILY
    assert matplotlib.get_backend() == before


def test_a_glyph_that_no_font_has_is_an_error():
    fig, ax = plt.subplots()
    ax.set_title("\U0001f52c")
    with pytest.raises(UserWarning, match="missing"):
        fig.canvas.draw()
    plt.close(fig)


def test_the_font_has_every_character_that_figures_write():
    folder = Path(style.__file__).parent
    sources = "".join((folder / f"{module}.py").read_text(encoding="utf-8") for module in DRAWING)
    glyphs = TTFont(style.FONT).getBestCmap()
    assert {letter for letter in re.findall(r"[^\x00-\x7f]", sources) if ord(letter) not in glyphs} == set()


def test_colours_are_those_of_okabe_and_ito():
    colours = {style.BLUE, style.VERMILLION, style.GREEN, style.PURPLE, style.ORANGE, style.SKY, style.YELLOW}
    assert colours == {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442"}
