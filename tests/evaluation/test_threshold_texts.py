import pandas as pd
import pytest

from cellseg_utils.evaluation import threshold_texts


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
