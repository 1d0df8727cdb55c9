import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cellseg_utils.report.results import histogram


def counted(values):
    return pd.Series(values).value_counts().sort_index()


@given(st.lists(st.integers(0, 50), min_size=1), st.floats(0, 1))
def test_quantiles_are_those_of_all_values(values, share):
    assert histogram.quantile(counted(values), share) == pytest.approx(np.quantile(values, share))


@given(st.lists(st.integers(0, 3000), min_size=2).filter(lambda values: len(set(values)) > 1))
def test_bars_hold_all_values_inside_the_drawing(values):
    drawn = histogram.of(counted(values), "{} 个核".format)
    assert sum(int(text.split("：")[1].split()[0].replace(",", "")) for *_, text in drawn.bars) == len(values)
    for left, top, width, height, _ in drawn.bars:
        assert left >= histogram.LEFT
        assert left + width <= histogram.WIDTH
        assert top + height == pytest.approx(histogram.HEIGHT - histogram.BOTTOM)
        assert top >= histogram.TOP
    assert histogram.LEFT <= drawn.middle <= histogram.WIDTH


def test_heights_are_in_proportion():
    drawn = histogram.of(counted([0, 0, 0, 1]), "{} 张图".format)
    assert [bar[4] for bar in drawn.bars] == ["0：3 张图", "1：1 张图"]
    assert drawn.bars[0][3] == pytest.approx(3 * drawn.bars[1][3], abs=0.3)
    assert [text for _, text in drawn.ticks] == ["0", "1"]
    assert [text for _, text in drawn.lines] == ["0", "1", "2", "3"]


def test_numbers_stand_below_the_middle_of_their_bar():
    drawn = histogram.of(counted([0, 1, 1, 2]), "{} 张图".format)
    for bar, (place, _) in zip(drawn.bars, drawn.ticks, strict=True):
        assert place == pytest.approx(bar[0] + bar[2] / 2, abs=0.2)


def test_the_last_bar_holds_what_is_far_above_the_others():
    drawn = histogram.of(counted([*range(100, 200), *range(100, 200), 9000]), "{} 个核".format)
    assert drawn.beyond == 1
    assert histogram.of(counted([*range(100, 200), 9000]), "{} 个核".format, upper=9000).beyond == 0


def test_the_median_is_where_it_belongs():
    drawn = histogram.of(counted([10, 20, 30]), "{} 个核".format)
    [place] = [place for place, text in drawn.ticks if text == "20"]
    assert drawn.middle == pytest.approx(place, abs=0.2)
