import numpy as np
import pandas as pd
import pytest
import texts

from cellseg_utils.evaluation import chart_texts, object_errors, recall

A, C = "fluorescence", "grey_tissue"


def rows(dice, kaggle=None):
    return pd.DataFrame({"dice": dice, "kaggle": dice if kaggle is None else kaggle})


def sizes(*bins):
    return pd.DataFrame(
        [(low, high, n, found, found / n if n else np.nan) for low, high, n, found in bins],
        columns=["low", "high", "nuclei", "found", "recall"],
    )


def counts(**kinds):
    table = pd.DataFrame(kinds, index=["nuclei", *object_errors.NAMES]).T
    return table.rename(index={"a": "暗底荧光", "c": "亮底灰度"})


def picture(kaggle=0.5, nuclei=10.0, found=8.0, predicted=9.0, **errors):
    wrong = {name: float(errors.get(name, 0)) for name in object_errors.NAMES}
    own = {"kind": A, "kaggle": kaggle, "nuclei": nuclei, "tp_50": found, "predicted": predicted}
    return pd.Series(own | wrong)


@pytest.mark.parametrize(
    ("own", "other", "told"),
    [(0.5, 0.4, "高（0.500 对 0.400）"), (0.4, 0.5, "反而低（0.400 对 0.500）"), (0, 0, "没有差别（0.000）")],
)
def test_a_score_is_told_beside_that_of_one_threshold(own, other, told):
    means, simple = {"kaggle": own, "dice": 0.9}, {"kaggle": other, "dice": 0.9}
    assert chart_texts.beside_simple(means, simple) == (
        f"与只用一个阈值相比，Kaggle 得分{told}，Dice 系数没有差别（0.900）。"
    )


def test_scores_are_told_from_the_lowest_to_the_highest():
    assert chart_texts.spread(rows([0.5, 0.95], [0.25, 0.75])) == (
        "逐张来看，Dice 系数从 0.500 到 0.950，Kaggle 得分从 0.250 到 0.750。2 张里有 1 张的 Dice 高于 0.9。"
    )
    assert chart_texts.spread(rows([0.0, 0.0])).startswith(
        "逐张来看，Dice 系数都是 0.000，Kaggle 得分都是 0.000。"
    )
    assert chart_texts.spread(rows([0.95, 1.0])).endswith("每一张的 Dice 都高于 0.9。")
    assert chart_texts.spread(rows([0.0, 0.9])).endswith("没有一张的 Dice 高于 0.9。")
    assert chart_texts.spread(rows([0.5])[-1:]) == "只有一张图：Dice 0.500，Kaggle 得分 0.500。"


def test_the_easiest_and_the_hardest_kind_are_told():
    kinds = {A: {"kaggle": 0.75, "images": 3}, C: {"kaggle": 0.5, "images": 1}}
    assert chart_texts.by_kind(kinds) == (
        "最容易的是暗底荧光，Kaggle 得分 0.750；最难的是亮底灰度，0.500。"
        "只有一张图的种类（亮底灰度），得分说明不了什么。"
    )
    assert chart_texts.by_kind({A: kinds[A]}) == "验证图像只有暗底荧光一种。"
    assert chart_texts.by_kind({A: kinds[A], C: kinds[A]}) == "各种图像的 Kaggle 得分都是 0.750。"


def test_where_precision_falls_most_is_told():
    told = chart_texts.falling([0.5, 0.75, 0.95], [[1, 0.75, 0], [0.5, 0.25, 0]])
    assert told == (
        "全部图像的平均精度从阈值 0.5 处的 0.750 降到 0.95 处的 0.000，从 0.75 到 0.95 落得最快。"
    )
    assert chart_texts.falling([0.5, 0.95], [[0, 0]]) == "无论阈值取多少，全部图像的平均精度都是 0.000。"


def test_the_size_that_is_missed_most_is_told_of_those_with_enough_nuclei():
    told = chart_texts.by_size(sizes((0, 8, 3, 0), (8, 12, 50, 31), (12, 16, 0, 0), (16, np.inf, 40, 38)))
    assert told == (
        "93 个核找到了 69 个（74%）。最容易漏的是直径 8 到 12 像素的核，找到 62%；"
        "最不容易漏的是直径至少 16 像素的核，找到 95%（不足 20 个核的档不算）。"
    )
    assert chart_texts.by_size(sizes((0, 8, 20, 10), (8, 12, 20, 10))).endswith(
        "大小没有影响：各档找到的比例一样。"
    )
    assert chart_texts.by_size(sizes((0, 8, 2, 1))) == (
        "2 个核找到了 1 个（50%）。至少有 20 个核的档不到两个，比不出大小的影响。"
    )
    assert chart_texts.by_size(sizes((0, 8, 90, 0), (8, 12, 30, 0))) == "120 个核找到了 0 个（0%）。"
    assert chart_texts.by_size(sizes((0, 8, 90, 90), (8, 12, 30, 30))) == "120 个核找到了 120 个（100%）。"
    assert chart_texts.by_size(sizes((0, 8, 0, 0))) == ""
    nothing = recall.recall_by_size(recall.nucleus_ious([np.zeros((4, 4), int)], [np.zeros((4, 4), int)]))
    assert chart_texts.by_size(nothing) == ""


def test_the_kind_with_the_most_errors_is_told():
    assert chart_texts.errors_by_kind(counts(a=(100, 1, 2, 0, 0), c=(50, 5, 2, 2, 1))) == (
        "每 100 个核里，出错最多的是亮底灰度，20.0 个，最多的一类是漏检的核；最少的是暗底荧光，3.0 个。"
    )
    assert chart_texts.errors_by_kind(counts(a=(10, 0, 0, 0, 1))) == (
        "每 100 个核有 10.0 个错误，最多的一类是误检的核。"
    )
    assert chart_texts.errors_by_kind(counts(a=(10, 0, 0, 0, 0))) == "各种图像都没有这四类错误。"
    assert chart_texts.errors_by_kind(counts(a=(10, 1, 0, 0, 0), c=(20, 1, 0, 0, 1))) == (
        "各种图像出错一样多：每 100 个核 10.0 个。"
    )


def test_what_was_found_in_the_best_and_the_worst_picture_is_told():
    assert chart_texts.extremes(picture(1.0, found=10), picture(0.0, missed=2, invented=1)) == (
        "最好的一张是暗底荧光，10 个核找到了 10 个（交并比高于一半），没有上面四类错误。"
        "最差的一张是暗底荧光，10 个核找到了 8 个（交并比高于一半），上面四类错误：漏检 2 个、误检 1 个。"
    )
    assert chart_texts.extremes(picture(), picture()) == "最好与最差的 Kaggle 得分一样。"
    assert chart_texts.extremes(picture(), picture(0, nuclei=0, found=0, predicted=3)).endswith(
        "最差的一张是暗底荧光，没有核，预测出 3 个。"
    )


def test_in_english_sentences_stand_apart_and_numbers_agree(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    told = [
        chart_texts.beside_simple({"kaggle": 0.5, "dice": 0.5}, {"kaggle": 0.4, "dice": 0.6}),
        chart_texts.spread(rows([0.5, 0.95])),
        chart_texts.by_kind({A: {"kaggle": 0.75, "images": 1}, C: {"kaggle": 0.5, "images": 2}}),
        chart_texts.falling([0.5, 0.95], [[1, 0]]),
        chart_texts.by_size(sizes((0, 8, 20, 0), (16, np.inf, 20, 20))),
        chart_texts.errors_by_kind(counts(a=(100, 1, 2, 0, 0), c=(50, 5, 2, 2, 1)).rename(index=str.upper)),
        chart_texts.extremes(picture(1.0, found=10), picture(0.0, missed=2, invented=1)),
    ]
    assert told[0] == (
        "Compared with one threshold only, the Kaggle score is higher (0.500 against 0.400), "
        "and the Dice coefficient is lower (0.500 against 0.600)."
    )
    assert told[1].startswith(
        "Image by image, the Dice coefficient ranges from 0.500 to 0.950, and the Kaggle score ranges from"
    )
    assert told[1].endswith("to 0.950. 1 of 2 images has a Dice above 0.9.")
    assert told[4] == (
        "Of 40 nuclei, 20 were found (50%). "
        "Nuclei with a diameter of less than 8 pixels are missed most often (0% found), those of at least 16 "
        "pixels least often (100% found); bins with fewer than 20 nuclei are not considered."
    )
    assert told[6] == (
        "Best: fluorescence on dark; 10 of 10 nuclei found (IoU above one half), "
        "none of the four errors above. "
        "Worst: fluorescence on dark; 8 of 10 nuclei found (IoU above one half), "
        "errors as above: 2 missed, 1 false positive."
    )
    assert not texts.CHINESE.search("".join([*told[:5], told[6]]))
    assert all(text.endswith(".") for text in told)
