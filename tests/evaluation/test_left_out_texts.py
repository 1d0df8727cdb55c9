import english
import numpy as np
import pandas as pd

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import left_out, left_out_texts
from cellseg_utils.run import language

NAN = np.nan
GREY = ("grey_tissue", 16, 0.4, 0.2, 12, 2, 0.35, 0.21, -0.14, NAN, NAN)
PURPLE = ("purple_on_white", 40, 0.6, 0.25, 9, 16, 0.38, 0.3, -0.08, -0.12, -0.04)
SHINING = ("fluorescence", 40, 0.9, 0.6, 0, 40, 0.66, 0.65, -0.01, -0.03, 0.01)
ALONE = ("purple_on_yellow", 9, 0.5, 0.3, 1, 0, NAN, NAN, NAN, NAN, NAN)


def table(*lines):
    return pd.DataFrame(lines, columns=left_out.COLUMNS)


def test_every_kind_is_a_line_with_chinese_headings_and_dashes_for_what_is_not_known():
    shown = left_out_texts.readable(table(PURPLE, GREY, ALONE))
    assert shown["留出的种类"].tolist() == ["白底染色", "亮底灰度", "黄底染色"]
    assert shown["之差（95% 区间）"].tolist() == ["-0.080（-0.120 到 -0.040）", "-0.140（—）", "—"]
    assert shown["见过"].tolist() == ["0.380", "0.350", "—"]
    assert shown["提醒（张）"].tolist() == [9, 12, 1]


def test_the_worst_kind_is_named_and_those_that_really_lose():
    told = left_out_texts.verdict(table(SHINING, PURPLE, GREY))
    assert "最差的是亮底灰度：F1 0.400，16 张里提醒了 12 张" in told
    assert "确实降低的是白底染色（区间不含 0）" in told


def test_without_an_interval_below_0_nothing_is_said_to_be_lost():
    assert "没有哪一种的 Kaggle 得分确实降低" in left_out_texts.verdict(table(SHINING, GREY, ALONE))


def test_without_any_kind_to_leave_out_it_is_said():
    assert "没有哪一种图像多到可以留出" in left_out_texts.verdict(table())


def test_in_english_the_worst_kind_is_named_and_sentences_are_apart(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")
    monkeypatch.setattr(image_kinds, "KINDS", {kind: kind for kind in image_kinds.KINDS})
    one = ("purple_on_yellow", 1, 0.0, 0.0, 1, 2, 1.0, 0.0, -1.0, -1.0, -0.5)
    for lines, said in (
        ((SHINING, PURPLE, GREY), "grey_tissue: F1 0.400, 12 of 16 images flagged. Compared with networks"),
        ((PURPLE, one), "purple_on_yellow: F1 0.000, 1 of 1 image flagged."),
        ((PURPLE, one), "clearly lower (interval without 0) for: purple_on_white, purple_on_yellow."),
        ((SHINING, GREY, ALONE), "clearly lower for none (no interval lies entirely below 0)."),
        ((), "no kind of image is frequent enough to be left out"),
    ):
        told = left_out_texts.verdict(table(*lines))
        assert said in told
        assert not english.faults(told)
    shown = left_out_texts.readable(table(PURPLE, GREY, ALONE))
    assert shown["Difference (95% interval)"].tolist() == ["-0.080 (-0.120 to -0.040)", "-0.140 (—)", "—"]
    assert shown.columns.is_unique
