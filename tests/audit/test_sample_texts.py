import numpy as np
import pandas as pd
import pytest
import texts

from cellseg_utils.audit import sample_texts

A, B, C = "fluorescence", "purple_on_white", "grey_tissue"


def samples(kinds, nuclei=4, height=64, foreground=0.25):
    frame = pd.DataFrame({"kind": list(kinds)})
    return frame.assign(nuclei=nuclei, height=height, width=64, foreground=foreground)


def test_the_most_frequent_and_the_rarest_kind_are_told():
    assert sample_texts.kinds(samples([A, A, A, C, B, B])) == (
        "最多的是暗底荧光（3 张，占 50%），最少的是亮底灰度（1 张）。"
    )
    assert sample_texts.kinds(samples([C, A, A, C, B])) == (
        "最多的是暗底荧光、亮底灰度（各 2 张，占 80%），最少的是白底染色（1 张）。"
    )
    assert sample_texts.kinds(samples([C, A])) == "2 种图像一样多，各 1 张。"
    assert sample_texts.kinds(samples([A])) == "1 张图像都是暗底荧光。"


def test_the_most_crowded_kind_is_told():
    assert sample_texts.crowding(samples([A, A, C], nuclei=[2, 3, 9])) == (
        "一张图里核数的中位数，最大的是亮底灰度（9 个），最小的是暗底荧光（2.5 个）。"
    )
    assert sample_texts.crowding(samples([A, C], nuclei=0)) == "各种图像的核数，中位数都是 0。"
    assert sample_texts.crowding(samples([A, A], nuclei=[1, 2])) == "一张图的核数，中位数是 1.5。"


def test_sizes_and_numbers_of_nuclei_are_told():
    assert sample_texts.sizes(samples([A] * 4, nuclei=[0, 2, 4, 8], height=[64, 64, 32, 16])) == (
        "最常见的尺寸是 64×64 像素，有 2 张，占 50%。一张图里有 0 到 8 个核，中间一半的图像在 2 到 4 个之间。"
    )
    assert sample_texts.sizes(samples([A])) == "1 张图像都是 64×64 像素。每张都有 4 个核。"
    assert sample_texts.sizes(samples([A, A], nuclei=0, height=[1, 2])) == (
        "没有两张图像一样大。没有一张图里有核。"
    )


def test_light_and_share_of_nuclei_are_told():
    dark, bright = np.array([6, 1, 1, 0]), np.array([0, 1, 1, 6])
    shares = samples([A, A, C], foreground=[0.1, 0.2, 0.4])
    assert sample_texts.light({"暗的": dark, "亮的": bright}, shares) == (
        "灰度的中位数，最暗的是暗的，32；最亮的是亮的，224。"
        "细胞核在一张图里所占的面积，最少 10.0%，最多 40.0%，中位数 20.0%。"
    )
    assert sample_texts.light({"暗的": dark}, samples([A], foreground=0.0)) == (
        "一半的像素暗于灰度 32。没有一张图里有核。"
    )


def test_shares_of_validation_and_kinds_that_are_missing_are_told():
    kinds = pd.Series([A, A, A, A, C, C])
    assert sample_texts.division(kinds, [True, False, False, False, True, False]) == (
        "6 张里有 2 张用于验证，占 33%。各种图像里占的比例从 25%（暗底荧光）到 50%（亮底灰度）。"
    )
    assert sample_texts.division(kinds[:4], [True, False, True, False]) == "4 张里有 2 张用于验证，占 50%。"
    assert sample_texts.division(kinds, [False] * 4 + [True] * 2).endswith(
        "验证集里没有暗底荧光，第 7 节的得分说明不了它。训练集里没有亮底灰度，模型没有学过它。"
    )


@pytest.mark.parametrize("kinds", [[A], [A, C], [A, A, C], [A, B, C]])
@pytest.mark.parametrize("nuclei", [0, 1, 5])
def test_in_english_sentences_stand_apart_and_are_whole(kinds, nuclei, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    own = samples(kinds, nuclei=nuclei, foreground=0.0 if nuclei == 0 else 0.5)
    histograms = {"dark": np.array([4, 1]), "bright": np.array([1, 4])}
    told = [
        *(sample_texts.kinds(own), sample_texts.crowding(own), sample_texts.sizes(own)),
        sample_texts.light(dict(list(histograms.items())[: len(kinds)]), own),
        sample_texts.division(own["kind"], np.arange(len(kinds)) == 0),
    ]
    for text in told:
        assert not texts.CHINESE.search(text)
        assert text[0].isupper() or text[0].isdigit()
        assert text.endswith(".")
        assert "nan" not in text
        assert ".N" not in text


def test_in_english_ties_are_told_with_each(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert sample_texts.kinds(samples([C, A, A, C, B])) == (
        "Most frequent: fluorescence on dark, grey on bright (2 images each, 80% of all); "
        "rarest: stained on white (1 image)."
    )
