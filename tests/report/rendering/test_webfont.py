import base64
import io
import re

from fontTools import ttLib

from cellseg_utils.report.rendering import webfont


def opened(css):
    """Every font, by family."""
    faces = re.findall(r'font-family: "([^"]+)"; src: url\("data:font/woff;base64,([^"]+)"\)', css)
    return {name: ttLib.TTFont(io.BytesIO(base64.b64decode(data))) for name, data in faces}


def fonts_in(css):
    """Characters of every font, by family."""
    return {name: set(map(chr, font.getBestCmap())) for name, font in opened(css).items()}


def test_fonts_hold_the_used_characters_and_few_more():
    fonts = fonts_in(webfont.faces("细胞核 Dice≤1"))
    assert set("细胞核 Dice≤1") <= fonts["Report Han"]
    assert len(fonts["Report Han"]) < 15
    assert set("Dice≤1√") <= fonts["Report Math"]


def test_math_fonts_hold_the_italic_form_of_variables():
    fonts = fonts_in(webfont.faces("ahxBαΩ"))
    assert set("𝑎ℎ𝑥𝐵") <= fonts["Report Math"]
    assert set("𝛼𝛺") <= fonts["Report Math"] | fonts["Report Symbols"]


def test_characters_that_no_font_has_are_left_out():
    assert fonts_in(webfont.faces("胞\U0010ffff\udcff"))["Report Han"] == {"胞"}


def test_page_of_a_thousand_characters_stays_small():
    characters = "".join(chr(code) for code in range(0x4E00, 0x5A00))
    assert len(webfont.faces(characters)) < 500_000


def test_same_characters_give_the_same_fonts():
    assert webfont.faces("细胞核") == webfont.faces("核胞细细")


def test_subscripts_stand_below_the_line_and_superscripts_above():
    font = opened(webfont.faces("Wx"))["Report Math"]
    constants, em = font["MATH"].table.MathConstants, font["head"].unitsPerEm
    assert 0.15 * em < constants.SubscriptShiftDown.Value < 0.35 * em
    assert 0.25 * em < constants.SuperscriptShiftUp.Value < 0.5 * em
