import numpy as np
import pytest

from cellseg_utils.data.selection import ALL, Selection, SelectionError

STACK = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)


def test_a_plane_stays_as_it_is_and_channels_go_last():
    np.testing.assert_array_equal(ALL.of(STACK[0, 0], "YX"), STACK[0, 0])
    np.testing.assert_array_equal(ALL.of(STACK[0], "CYX"), np.moveaxis(STACK[0], 0, -1))
    np.testing.assert_array_equal(ALL.of(STACK[0, 0], "XY"), STACK[0, 0].T)


def test_planes_of_two_axes_are_made_one():
    found = Selection(project="mean").of(STACK, "TZYX")
    np.testing.assert_allclose(found, STACK.mean((0, 1)))
    np.testing.assert_array_equal(Selection(plane=2).of(STACK, "TZYX"), STACK[1, 1])


@pytest.mark.parametrize(
    ("chosen", "axes", "said"),
    [
        (ALL, "ZCYX", "轴 Z 上有 2 层；请用 --project max 合成一层，或用 --plane 取其中一层"),
        (Selection(plane=3), "ZCYX", "轴 Z 上只有 2 层，没有第 3 层"),
        (Selection(plane=1, channel=4), "ZCYX", "只有 3 个通道，没有第 4 个"),
        (ALL, "CYXS", "轴 CYXS 里既有通道又有颜色"),
    ],
)
def test_what_is_not_there_or_must_be_named_is_said(chosen, axes, said):
    with pytest.raises(SelectionError, match=said):
        chosen.of(STACK, axes)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"project": "min"}, "project=min：应为 max、mean 之一"),
        ({"project": "max", "plane": 1}, "project 与 plane 只能选一个"),
        ({"channel": -1}, "从 1 数起"),
        ({"plane": -2}, "从 1 数起"),
    ],
)
def test_what_can_not_be_chosen_is_refused(values, said):
    with pytest.raises(SelectionError, match=said):
        Selection(**values)


def test_a_grey_picture_has_one_channel():
    np.testing.assert_array_equal(Selection(channel=1).of(STACK[0, 0], "YX"), STACK[0, 0])
    with pytest.raises(SelectionError, match="只有 1 个通道，没有第 2 个"):
        Selection(channel=2).of(STACK[0, 0], "YX")
