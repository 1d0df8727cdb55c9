import math

import pandas as pd
import predicted
import pytest

from cellseg_utils.report.results import findings, gallery_texts, histogram

NOTHING = "没有找到细胞核"


@pytest.fixture
def found(tmp_path):
    def made(*arguments, **options):
        predicted.write(tmp_path, *arguments, **options)
        return findings.read(tmp_path)

    return made


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234.5, "像素", "1,235 像素"),
        (12.345, "µm²", "12.3 µm²"),
        (41.0, "", "41"),
        (0.0, "", "0"),
        (math.nan, "像素", "—"),
    ],
)
def test_numbers_have_three_digits(value, unit, text):
    assert gallery_texts.number(value, unit) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.914, "91%"), (0.0321, "3.2%"), (0.0, "0%"), (1.0, "100%"), (math.nan, "—")]
)
def test_shares_are_percents(value, text):
    assert gallery_texts.percent(value) == text


def test_nothing_but_failures(found):
    none = found({}, failures=[("a.png", "坏"), ("b.png", "坏")])
    assert gallery_texts.headline(none) == "没有一张图像得到结果"
    assert gallery_texts.answers(none) == ["2 个文件没有结果，原因列在下面。"]
    assert gallery_texts.box(none)[-1] == ("没有结果", "2 个文件")


def test_one_picture_without_nuclei(found):
    one = found({"a": []}, warnings={"a": NOTHING})
    assert gallery_texts.headline(one) == "1 张图像里没有找到细胞核"
    assert gallery_texts.answers(one) == [f"1 张请留意：“{NOTHING}”。"]


def test_one_picture_with_one_nucleus(found):
    one = found({"a": [(50, 0.9)]})
    assert gallery_texts.headline(one) == "1 张图像里找到 1 个细胞核"
    assert gallery_texts.answers(one) == [
        "它的面积是 50 像素。",
        "没有发现可疑的图；这不等于每个核都对，请点开几张叠加图看一看。",
    ]


def test_many_pictures(found):
    nuclei = {"a": [(10, 0.9), (20, 0.9), (30, 0.9)], "b": [(40, 0.5), (50, 0.5)], "c": []}
    warnings = {"b": predicted.DOUBT, "c": NOTHING}
    many = found(nuclei, warnings=warnings, failures=[("d.png", "坏")])
    assert gallery_texts.headline(many) == "3 张图像里找到 5 个细胞核"
    assert gallery_texts.answers(many) == [
        "每张的核数中位数是 2，最少 0，最多 3。",
        "核的面积中位数是 30 像素，中间的一半从 20 到 40 像素。",
        f"2 张请留意：1 张“{NOTHING}”，1 张“这张图的结果不可靠，可能与训练图像很不一样”。",
        "1 个文件没有结果，原因列在下面。",
    ]
    assert gallery_texts.box(many) == [
        ("图像", "3 张"),
        ("细胞核", "5 个"),
        ("每张核数中位数", "2"),
        ("面积中位数", "30 像素"),
        ("平均把握", "74%"),
        ("请留意", "2 张"),
        ("没有结果", "1 个文件"),
    ]


def test_kinds_of_warning_are_grouped_by_what_stands_before_the_colon(found):
    nuclei = {str(n): [(5, 0.5)] for n in range(12)}
    warnings = {str(n): f"甲：{n}" for n in range(5)} | {str(n): f"乙{n}" for n in range(5, 12)}
    [_, attention] = gallery_texts.answers(found(nuclei, warnings=warnings))[1:]
    assert attention == "12 张请留意：5 张“甲”，1 张“乙5”，1 张“乙6”，1 张“乙7”，4 张因为别的原因。"


def test_captions_say_what_the_bars_show(found):
    nuclei = {"a": [(10, 0.9)] * 150 + [(20, 0.5)] * 149, "b": [(5000, 0.6)]}
    many = found(nuclei)
    drawn = histogram.of(many.areas, "{} 个核".format)
    assert gallery_texts.of_areas(many.areas, "像素", drawn) == (
        "核的面积（像素）。中位数 15，中间的一半从 10 到 20。最右一条含更大的 1 个，最大 5,000。"
    )
    assert gallery_texts.of_certainties(many.certainties) == (
        "每个核的把握（%）。中位数 75%；低于 70% 的有 150 个，占 50%。"
    )
    assert gallery_texts.of_counts(many.pictures) == (
        "每张图的核数。最少 1 个（b.png），最多 299 个（a.png），中位数 150。"
    )


def test_long_names_are_shortened_inside_a_sentence(found):
    two = found({"a": [], "b": [(5, 0.5)]}, files={"a": "x" * 300, "b": "y" * 300 + ".png"})
    caption = gallery_texts.of_counts(two.pictures)
    assert f"最少 0 个（{'x' * 20}…{'x' * 20}），最多 1 个（{'y' * 20}…{'y' * 16}.png）" in caption


@pytest.mark.parametrize(
    ("nuclei", "warnings", "expected"),
    [
        ({}, {}, ["No image has results", ""]),
        ({"a": []}, {}, ["No nuclei found in 1 image", "No image looks doubtful"]),
        (
            {"a": [(1, 0.9)]},
            {"a": "Odd: x, y"},
            ["1 nucleus found in 1 image", "1 image needs attention: “Odd”."],
        ),
        (
            {"a": [(1, 0.9)] * 3, "b": [(2, 0.8)]},
            {"a": "Odd: x", "b": "没有找到"},
            ["4 nuclei found in 2 images", "2 images need attention: “没有找到” (1), “Odd” (1)."],
        ),
    ],
)
def test_answers_are_english_sentences(tmp_path, monkeypatch, nuclei, warnings, expected):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    predicted.write(tmp_path, nuclei, warnings)
    found = findings.read(tmp_path)
    assert gallery_texts.headline(found) == expected[0]
    assert expected[1] in " ".join(gallery_texts.answers(found))


def test_captions_are_english_sentences(tmp_path, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    areas = pd.Series(dict.fromkeys([*range(100, 200), 9000], 1))
    drawn = histogram.of(areas, str)
    assert gallery_texts.of_areas(areas, "pixels", drawn) == (
        "Area of the nuclei (pixels). The median is 150; the middle half ranges from 125 to 175. "
        "The last bar holds 1 larger one too, up to 9,000."
    )
    assert gallery_texts.of_certainties(pd.Series({0.5: 1, 0.9: 3})) == (
        "Certainty of every nucleus (%). The median is 90%; 1 nucleus is below 70%, a share of 25%."
    )
