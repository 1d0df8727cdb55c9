import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from cellseg_utils.plots import output


def a_figure(size=(4, 2), fontsize=12):
    fig, ax = plt.subplots(figsize=size)
    ax.plot([1, 2], [3, 4])
    ax.tick_params(labelsize=fontsize)
    return fig


def noise():
    fig = plt.figure(figsize=(2, 2))
    fig.figimage(np.random.default_rng(0).integers(0, 256, (384, 384, 3), dtype=np.uint8))
    return fig


def picture_of(page):
    return Image.open(io.BytesIO(base64.b64decode(re.search(r'base64,([^"]+)"', page.data)[1])))


def test_picture_has_two_device_pixels_for_each_css_pixel():
    picture = picture_of(output.figure(a_figure((4, 2)), "图", "曲线"))
    assert (picture.format, picture.size) == ("WEBP", (4 * 192, 2 * 192))


def test_a_small_picture_is_encoded_without_loss():
    fig = a_figure()
    fig.canvas.draw()
    png = io.BytesIO()
    fig.savefig(png, dpi=output.DPI)
    expected = np.asarray(Image.open(png).convert("RGB"))
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(output.webp(fig))).convert("RGB")), expected
    )
    plt.close(fig)


def test_a_large_picture_is_encoded_with_loss():
    fig = noise()
    data = output.webp(fig)
    assert b"VP8L" not in data[:32]
    assert Image.open(io.BytesIO(data)).size == (384, 384)
    plt.close(fig)


def test_caption_and_alternative_text_are_escaped():
    page = output.figure(a_figure(), '<script>alert("1")</script>', 'a "quoted" <b>').data
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert 'alt="a &quot;quoted&quot; &lt;b&gt;"' in page


@pytest.mark.parametrize(
    ("size", "shape"), [((4, 4), ""), ((4, 4.1), "tall"), ((2, 4), "tall"), ((2, 4.1), "very-tall")]
)
def test_a_picture_has_a_class_by_its_shape(size, shape):
    assert f'<img class="{shape}" ' in output.figure(a_figure(size), "图", "曲线").data


def test_the_figure_is_closed():
    fig = a_figure()
    output.figure(fig, "图", "曲线")
    assert not plt.fignum_exists(fig.number)


@pytest.mark.parametrize(("caption", "alt"), [("", "曲线"), ("图", "  ")])
def test_caption_and_alternative_text_must_not_be_empty(caption, alt):
    fig = a_figure()
    with pytest.raises(ValueError, match="caption and an alternative text"):
        output.figure(fig, caption, alt)
    plt.close(fig)


def test_smallest_text_keeps_ten_pixels_on_a_narrow_screen():
    page = output.figure(a_figure((6, 3), fontsize=9), "图", "曲线").data
    assert 'width="576" height="288"' in page
    assert "min-width:480px" in page  # 9 points are 12 CSS pixels at 576


def test_each_of_five_pictures_keeps_its_width_on_a_narrow_screen():
    fig, axes = plt.subplots(
        1, 5, figsize=(8, 2), gridspec_kw={"left": 0, "right": 1, "wspace": 0}, layout="none"
    )
    for ax in axes:
        ax.imshow(np.zeros((4, 4)), aspect="auto")
        ax.set_axis_off()
    assert f"min-width:{5 * output.SMALLEST_PANEL}px" in output.figure(fig, "图", "五张").data


def test_a_figure_without_text_may_shrink_at_will():
    assert "min-width:0px" in output.figure(noise(), "图", "噪声").data


def test_table_aligns_numbers_right_and_escapes():
    frame = pd.DataFrame({"层": ["<conv>", "b"], "参数": [1234567, 8], "Dice": [0.91234, np.nan]})
    page = output.table(frame, "表 & 数", formats={"参数": ","}).data
    assert "<figcaption>表 &amp; 数</figcaption>" in page
    assert '<td style="text-align:left">&lt;conv&gt;</td>' in page
    assert '<td style="text-align:right">1,234,567</td>' in page
    assert '<td style="text-align:right">0.912</td>' in page
    assert '<td style="text-align:right">—</td>' in page
    assert '<th style="text-align:right">Dice</th>' in page
    assert page.count("<tr>") == 3


def test_table_shows_only_an_index_that_has_a_name():
    frame = pd.DataFrame({"分": [1]}, index=["甲"])
    assert "甲" not in output.table(frame, "表").data
    assert "甲" in output.table(frame.rename_axis("名"), "表").data


def test_table_writes_truth_values_in_chinese():
    page = output.table(pd.DataFrame({"训练": [True, False]}), "表").data
    assert '<td style="text-align:left">是</td>' in page
    assert '<td style="text-align:left">否</td>' in page


def test_table_refuses_formats_of_unknown_columns_and_an_empty_caption():
    frame = pd.DataFrame({"a": [1]})
    with pytest.raises(ValueError, match=r"unknown columns \['b'\]"):
        output.table(frame, "表", formats={"b": ".1f"})
    with pytest.raises(ValueError, match="caption"):
        output.table(frame, " ")


def test_truth_values_in_english(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    page = output.table(pd.DataFrame({"trained": [True, False]}), "Table").data
    assert [cell.split("<")[0] for cell in page.split('<td style="text-align:left">')[1:]] == ["yes", "no"]


def test_without_html_captions_tables_and_texts_are_printed():
    assert repr(output.text("**一**句话")) == "**一**句话"
    printed = repr(output.table(pd.DataFrame({"得分": [0.5]}), caption="表 1：得分"))
    assert printed.splitlines()[0] == "表 1：得分"
    assert "0.5" in printed
    assert repr(output.figure(plt.figure(), caption="图 1：空", alt="空")) == "图 1：空"


def test_thousands_have_a_comma_in_every_table():
    page = output.table(pd.DataFrame({"核": [3413, -1200], "号": ["3413", "x"]}), caption="表 1：核")
    assert re.findall(r"<td[^>]*>([^<]*)", page.data) == ["3,413", "3413", "-1,200", "x"]
