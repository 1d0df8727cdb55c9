import numpy as np
import pandas as pd
import pytest

from cellseg_utils.audit import audit_texts, label_faults


def test_families_are_counted_with_the_most_common_and_the_largest():
    text = audit_texts.families(pd.Series([4, 4, 2, 6, 1, 1, 1]))
    assert text == (
        "找到 **4** 组，共 16 张图像，占全部的 84%；最常见的是 4 张一组，有 2 组，最大的一组有 6 张。"
        "其余 3 张图像各自成组。"
    )


def test_of_several_sizes_that_are_as_common_the_largest_is_named():
    assert "最常见的是 4 张一组，有 1 组" in audit_texts.families(pd.Series([4, 2]))


def test_pictures_that_all_stand_alone_are_told_so():
    assert audit_texts.families(pd.Series([1, 1])).startswith("没有找到")


def test_leaks_are_told_beside_those_of_chance():
    text = audit_texts.leaks(10, 0, 9, 7, "grouped", 3)
    assert text == (
        "这里的 10 张验证图像里，没有一张在训练集里还有同组的图像；若逐张随机抽取，9 张里会有 7 张。"
    )
    assert audit_texts.leaks(10, 8, 10, 8, "random", 3).endswith("有 8 张在训练集里还有同组的图像。")
    assert audit_texts.leaks(10, 0, 9, 0, "grouped", 0).startswith("这份数据里没有同组的图像")


def test_odd_labels_are_listed_up_to_a_number():
    remarks = pd.Series(["a：像语义掩膜", "b：像语义掩膜", "c：像语义掩膜"])
    assert audit_texts.odd_labels(remarks, most=2) == (
        "3 张图像的标注请留意：\n\n- a：像语义掩膜\n- b：像语义掩膜\n- 另有 1 张"
    )
    assert audit_texts.odd_labels(remarks, most=1) == "3 张图像的标注请留意，例如 a：像语义掩膜"
    assert audit_texts.odd_labels(remarks[:0]) == ""


def test_in_english_numbers_agree_with_their_nouns_and_clauses_with_spaces(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert audit_texts.families(pd.Series([6, 1])) == (
        "Found **1** family with 6 images in total, 86% of all; the most common size is 6 images (1 family), "
        "and the largest family has 6. The remaining 1 image stands alone."
    )
    assert audit_texts.families(pd.Series([2, 2])).endswith("The remaining 0 images stand alone.")
    assert audit_texts.leaks(10, 0, 9, 7, "grouped", 3) == (
        "Of the 10 validation images here, none has images of the same family in the training set; "
        "if images were drawn one by one at random, 7 of 9 would."
    )
    assert audit_texts.leaks(10, 1, 9, 7, "random", 3).endswith(
        "here, 1 has images of the same family in the training set."
    )
    assert audit_texts.leaks(1, 1, 1, 0, "grouped", 1).startswith("Of the 1 validation image here, 1 has")
    remarks = pd.Series(["a: odd", "b: odd", "c: odd"])
    assert audit_texts.odd_labels(remarks, most=2) == (
        "Check the labels of 3 images:\n\n- a: odd\n- b: odd\n- 1 more image"
    )
    assert audit_texts.odd_labels(remarks[:1], most=1) == "Check the labels of 1 image, for example a: odd"


def with_faults(**counts):
    return pd.DataFrame({name: counts.get(name, [0, 0]) for name in label_faults.FAULTS})


def test_the_most_frequent_fault_is_told_or_that_there_is_none():
    assert audit_texts.faults(with_faults()) == "没有查出任何毛病。"
    assert audit_texts.faults(with_faults(overlap_pixels=[5, 0])) == (
        "1 张图像有毛病，占 50%。没有一个核有孔洞、断成几块、过于微小，或只是紧贴边缘的细条。"
    )
    assert audit_texts.faults(with_faults(overlap_pixels=[9, 9], holes=[1, 0], specks=[2, 3])) == (
        "2 张图像有毛病，占 100%。核的毛病里最多的是微小的核，共 5 个；一张图里最多 3 个。"
    )


def test_what_resizing_does_to_areas_is_told():
    before = np.full(100, 10.0)
    assert audit_texts.resized(before, before) == (
        "没有一个核因缩放而消失。留下的核，面积变化都在 +0.0% 上下。"
    )
    after = np.linspace(8, 12, 100)
    after[50] = 0
    assert audit_texts.resized(before, after) == (
        "1 个核缩放之后消失了，占 1.00%。留下的核，面积变化的中位数是 -0.2%，九成在 -18% 到 +18% 之间。"
    )
    assert audit_texts.resized(before[:1], np.zeros(1)) == "缩放之后，一个核也没有剩下。"
    assert audit_texts.resized(before[:0], after[:0]) == "没有一张图里有核。"


@pytest.mark.parametrize("after", [10.0, 0.0, 9.99])
def test_in_english_faults_and_areas_are_whole_sentences(after, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    told = audit_texts.resized(np.array([10.0, 10.0]), np.array([10.0, after]))
    assert told.endswith(".")
    assert "-0.0%" not in told
    assert audit_texts.faults(with_faults(holes=[1, 0])) == (
        "1 image has faults (50% of all). "
        'The most frequent fault of single nuclei is "nuclei with holes": 1 in total, at most 1 in one image.'
    )
