import english
import pandas as pd
import pytest

from cellseg_utils.evaluation import threshold_texts
from cellseg_utils.run import language


@pytest.mark.parametrize(
    ("dice", "said"),
    [
        ((0.7, 0.9, 0.8), "所用的阈值 0.5 正是验证 Dice 最高的一个（0.900）。"),
        ((0.7, 0.9, 0.9003), "所用的阈值 0.5 与最好的 0.7 一样好：验证 Dice 都是 0.900。"),
        ((0.95, 0.9, 0.8), "验证 Dice 在阈值 0.3 处最高（0.950）；所用的阈值 0.5 是 0.900，低 0.050。"),
        ((0.0, 0.0, 0.0), "无论阈值取多少，验证 Dice 都是 0.000，改阈值没有用。"),
        ((0.0, 0.5, 1.0), "验证 Dice 在阈值 0.7 处最高（1.000）；所用的阈值 0.5 是 0.500，低 0.500。"),
    ],
)
def test_the_sentence_says_something_whatever_the_numbers_are(dice, said):
    sweep = pd.DataFrame({"threshold": [0.3, 0.5, 0.7], "dice": dice})
    assert threshold_texts.compared(sweep, 0.5) == said


@pytest.mark.parametrize(
    ("dice", "said"),
    [
        ((0.7, 0.9, 0.8), "The threshold in use, 0.5, is the one with the highest validation Dice (0.900)."),
        ((0.7, 0.9, 0.9003), "as good as the best one, 0.7: both have a validation Dice of 0.900."),
        ((0.95, 0.9, 0.8), "a threshold of 0.3 (0.950); at the threshold in use, 0.5, it is 0.900, which is"),
        ((0.0, 0.0, 0.0), "The validation Dice is 0.000 at every threshold, so changing"),
        ((1.0, 1.0, 1.0), "The validation Dice is 1.000 at every threshold, so changing"),
    ],
)
def test_in_english_too_whatever_the_numbers_are(dice, said, monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")
    sweep = pd.DataFrame({"threshold": [0.3, 0.5, 0.7], "dice": dice})
    told = threshold_texts.compared(sweep, 0.5)
    assert said in told
    assert not english.faults(told)
