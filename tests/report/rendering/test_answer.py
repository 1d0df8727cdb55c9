import pandas as pd
import pytest

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import number_texts
from cellseg_utils.report.rendering import answer

POOLED = {"nuclei": 384.0, "predicted": 150.0, "tp_50": 104.0, "missed": 3.0, "merged": 275.0, "split": 1.0}
POOLED |= {"invented": 2.0, "blocks": 90.0}
KIND = {"kaggle": 0.6, "images": 8}
SCORES = {
    "images": 10,
    "pooled": POOLED,
    "kinds": {"fluorescence": KIND, "purple_on_white": {"kaggle": 0.25, "images": 5}},
    "simple": dict.fromkeys(answer.SHOWN, 0.5),
    **dict.fromkeys(answer.SHOWN, 0.75),
    **{f"{name}_interval": [0.7, 0.8] for name in answer.SHOWN},
}


def said(**pooled):
    return answer.sentences({**SCORES, "pooled": POOLED | pooled}, synthetic=False)


def test_first_sentences_say_how_good_and_how_many_nuclei_were_found():
    first, second, third = said()
    assert first == (
        "在 10 张没有用来训练的图像上：Kaggle 得分 0.750（0.700–0.800），Dice 0.750（0.700–0.800），"
        "括号里是 95% 区间。"
    )
    assert second == "384 个真实的核找到了 104 个（27%）。"
    assert third.startswith(
        "主要的弱点：275 个核与邻居粘连，分不开。最难的是白底染色：5 张的 Kaggle 得分平均 0.250"
    )


@pytest.mark.parametrize(
    ("pooled", "weakness"),
    [
        ({"missed": 300.0}, "漏掉了 300 个核"),
        ({"split": 1300.0}, "1,300 个核被拆成几块"),
        ({"invented": 299.0}, "多出 299 个误检"),
        ({"missed": 0.0, "merged": 0.0, "split": 0.0, "invented": 0.0}, "280 个核的轮廓不够准"),
    ],
)
def test_the_weakness_is_what_concerns_the_most_nuclei(pooled, weakness):
    assert weakness in said(**pooled)[2]


def test_a_perfect_result_has_no_weakness():
    errors = dict.fromkeys(("missed", "merged", "split", "invented"), 0.0)
    assert said(tp_50=384.0, **errors)[2].startswith("没有漏检、粘连、分裂或误检。")


def test_pictures_without_nuclei_are_told():
    assert said(nuclei=0.0, tp_50=0.0)[1] == "这些图像里没有一个核，找到了 150 个。"


def test_too_few_families_have_a_dash_for_an_interval_and_one_kind_is_not_the_hardest():
    scores = {**SCORES, "kaggle_interval": None, "kinds": {"fluorescence": KIND}}
    first, _, third = answer.sentences(scores, synthetic=True)
    assert "10 张没有用来训练的合成图像" in first
    assert "Kaggle 得分 0.750（—）" in first
    assert "最难" not in third


def test_real_pictures_are_compared_with_the_earlier_report_and_the_competition():
    (head, *rows), note = answer.yardstick(SCORES, synthetic=False, shipped=SCORES)
    assert head == ["得分", "这份报告", "只用一个阈值", "早先的报告", "竞赛第一名"]
    cells = {row[0]: row[1:] for row in rows}
    assert cells["Kaggle 得分"] == ["0.750（0.700–0.800）", "0.500", "—", "0.631"]
    assert cells["Dice"][2:] == ["0.88", "—"]
    assert "只能大致比较" in note


def test_drawn_pictures_are_compared_with_the_shipped_model_on_real_ones():
    (head, *rows), _ = answer.yardstick(SCORES, synthetic=True, shipped={**SCORES, "dice": 0.9})
    assert head[-1] == "附带的模型（真实图像）"
    assert {row[0]: row[-1] for row in rows}["Dice"] == "0.900（0.700–0.800）"


@pytest.mark.parametrize(
    ("source", "training", "said"),
    [
        ({}, {}, []),
        ({"synthetic": True}, {}, ["电脑画的"]),
        ({}, {"seconds": 66}, ["训练只用了 1.1 分钟"]),
        ({}, {"seconds": 66, "init_bundle": "shipped"}, []),
    ],
)
def test_warnings_say_what_a_reader_must_know(source, training, said):
    tests = pd.DataFrame({"warning": [None, None], "nuclei": [3, 0]})
    training = {"seconds": 9000, "init_bundle": ""} | training
    lines = answer.warnings({"synthetic": False} | source, training, {"problems": []}, tests)
    assert len(lines) == len(said)
    assert all(text in line for text, line in zip(said, lines, strict=True))


def test_doubtful_test_pictures_and_bad_files_are_counted():
    tests = pd.DataFrame({"warning": ["x", "没有找到细胞核", None], "nuclei": [3, 0, 9]})
    about = {"synthetic": False}, {"seconds": 9000, "init_bundle": ""}, {"problems": ["a.png：坏了"]}
    lines = answer.warnings(*about, tests)
    assert lines[0].startswith("3 张测试图像里有 1 张的结果不可靠")
    assert lines[1:] == ["跳过了 1 张坏图：", "a.png：坏了"]


def test_the_answer_is_english_sentences(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    monkeypatch.setattr(number_texts, "with_interval", lambda *_: "0.500 (—)")
    pooled = {
        "nuclei": 1,
        "predicted": 1,
        "tp_50": 0.0,
        "missed": 1.0,
        "merged": 0,
        "split": 0,
        "invented": 0,
    }
    own = {"images": 5, "kaggle": 0.25}
    told = answer.sentences({"images": 1, "pooled": pooled, "kinds": {}}, synthetic=True)
    assert told == [
        "On 1 synthetic image held out from training: Kaggle score 0.500 (—), Dice 0.500 (—); "
        "95% intervals in brackets.",
        "0 of 1 true nuclei were found (0%).",
        "Main weakness: 1 nucleus was missed.",
    ]
    kinds = dict.fromkeys(list(image_kinds.KINDS)[:2], own)
    several = answer.sentences({"images": 9, "pooled": pooled | {"missed": 1200.0}, "kinds": kinds}, False)
    assert several[2].startswith("Main weakness: 1,200 nuclei were missed. The hardest kind is ")
    assert answer.sentences({"images": 1, "pooled": pooled | {"nuclei": 0}, "kinds": {}}, False)[1] == (
        "These images contain no nuclei; 1 was found."
    )


def test_a_kind_of_few_pictures_is_not_called_the_hardest():
    few = SCORES["kinds"] | {"grey_tissue": {"kaggle": 0.1, "images": 4}}
    assert "白底染色" in answer.sentences({**SCORES, "kinds": few}, synthetic=False)[2]
    few = {"fluorescence": KIND, "grey_tissue": {"kaggle": 0.1, "images": 4}}
    assert "最难" not in answer.sentences({**SCORES, "kinds": few}, synthetic=False)[2]
