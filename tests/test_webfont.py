import base64
import io
import re

from fontTools import ttLib

from cellseg_utils import webfont


def fonts_in(css):
    """Characters of every font, by family."""
    faces = re.findall(r'font-family: "([^"]+)"; src: url\("data:font/woff;base64,([^"]+)"\)', css)
    return {
        name: set(map(chr, ttLib.TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()))
        for name, data in faces
    }


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
