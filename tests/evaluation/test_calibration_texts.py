import numpy as np
import pytest
import texts

from cellseg_utils.evaluation import calibration, calibration_texts


def curve(*bins):
    """Of counts, sums of probabilities and nuclei, from the lowest bin on, spread over ten."""
    counts = np.zeros((calibration.BINS, 3))
    for place, count, predicted, observed in bins:
        counts[place] = count, count * predicted, count * observed
    return calibration.reliability(counts)


def test_pixels_are_told_to_be_too_sure_or_too_modest_and_where_most():
    high = curve((0, 90, 0.0, 0.0), (9, 10, 0.95, 0.5))
    assert calibration_texts.pixels(high, 0.045) == (
        "预期校准误差是 0.045。全部像素的概率平均 9.5%，真是核的占 5.0%：总的来说给高了。"
        "离对角线最远的一档，概率平均 95%，真是核的占 50%。"
    )
    assert "总的来说给低了" in calibration_texts.pixels(curve((0, 10, 0.05, 0.5)), 0.45)
    assert calibration_texts.pixels(curve((0, 10, 0.0, 0.0)), 0.0).endswith(
        "总的来说不高也不低。每一档都与对角线相差不到 1%。"
    )


def test_nuclei_are_told_with_those_that_are_sure():
    assert calibration_texts.nuclei(curve((5, 10, 0.55, 0.4), (9, 30, 0.95, 1.0))) == (
        "找到的 40 个核，把握平均 85%，真找对的占 85%：总的来说不高也不低。"
        "把握在 90% 以上的有 30 个，其中找对的占 100%。"
    )
    assert calibration_texts.nuclei(curve((0, 1, 0.05, 1.0))).endswith(
        "总的来说给低了。没有一个核的把握在 90% 以上。"
    )
    assert calibration_texts.nuclei(curve()) == "一个核也没有找到，谈不上把握。"


@pytest.mark.parametrize("bins", [(), [(9, 1, 0.95, 0.0)], [(0, 1, 0.05, 0.0)], [(3, 7, 0.35, 1.0)]])
def test_in_english_sentences_stand_apart(bins, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    told = [calibration_texts.nuclei(curve(*bins))]
    told += [calibration_texts.pixels(curve(*bins), 0.1)] if bins else []
    for text in told:
        assert text.endswith(".")
        assert "nan" not in text
        assert not texts.CHINESE.search(text)
    assert bins != [(9, 1, 0.95, 0.0)] or told[0] == (
        "1 nucleus was found, with a mean certainty of 95%; 0% of them are correct: on the whole too high. "
        "1 has a certainty of 90% or more; 0% of these are correct."
    )
