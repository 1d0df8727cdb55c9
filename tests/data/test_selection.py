import numpy as np
import pytest

from cellseg_utils.data.image import Pixels
from cellseg_utils.data.selection import ALL, Selection, SelectionError

STACK = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5)


def plane(array, axes, chosen=ALL):
    return chosen.plane_of(Pixels(array, axes))


def test_channels_go_last():
    np.testing.assert_array_equal(plane(STACK[0, 0], "YX"), STACK[0, 0, ..., None])
    np.testing.assert_array_equal(plane(STACK[0], "CYX"), np.moveaxis(STACK[0], 0, -1))
    np.testing.assert_array_equal(plane(STACK[0, 0], "XY")[..., 0], STACK[0, 0].T)


def test_planes_of_two_axes_are_made_one():
    found = plane(STACK, "TZYX", Selection(project="mean"))
    np.testing.assert_allclose(found[..., 0], STACK.mean((0, 1)))
    np.testing.assert_array_equal(plane(STACK, "TZYX", Selection(plane=2))[..., 0], STACK[1, 1])


@pytest.mark.parametrize(
    ("chosen", "axes", "said"),
    [
        (ALL, "ZCYX", "轴 Z 上有 2 层；请用 --project max 合成一层，或用 --plane 取其中一层"),
        (ALL, "QCYX", "轴 Q 上有 2 层；.+若这些是通道，请用 --channel"),
        (Selection(plane=3), "ZCYX", "轴 Z 上只有 2 层，没有第 3 层"),
        (ALL, "CYXS", "轴 CYXS 里既有通道又有颜色"),
    ],
)
def test_what_is_not_there_or_must_be_named_is_said(chosen, axes, said):
    with pytest.raises(SelectionError, match=said):
        plane(STACK, axes, chosen)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"project": "min"}, "project=min：应为 max、mean 之一"),
        ({"project": "max", "plane": 1}, "project 与 plane 只能选一个"),
        ({"channel": "-1"}, "从 1 数起"),
        ({"channel": "0"}, "从 1 数起"),
        ({"pixel_size": -1}, "pixel_size=-1：应为正数"),
        ({"pixel_size": float("nan")}, "pixel_size=nan：应为正数"),
        ({"plane": -2}, "从 1 数起"),
    ],
)
def test_what_can_not_be_chosen_is_refused(values, said):
    with pytest.raises(SelectionError, match=said):
        Selection(**values)


@pytest.mark.parametrize(
    ("asked", "number"),
    [("2", 1), ("488", 0), ("dapi", 2), ("DAPI 405", 2), ("4", 3), ("gfp", 1)],
)
def test_a_channel_is_found_by_its_name_or_number(asked, number):
    assert Selection(asked).number_of(["488", "GFP", "DAPI 405", "x"]) == number


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("3", "只有 2 个通道，没有第 3 个"),
        ("dapi", "没有叫 dapi 的通道；有：a1、a2"),
        ("a", "没有叫 a 的通道"),
    ],
)
def test_a_channel_that_is_not_there_or_not_the_only_one_is_said(asked, said):
    with pytest.raises(SelectionError, match=said):
        Selection(asked).number_of(["a1", "a2"])


@pytest.mark.parametrize("axis", ["Q", "I"])
def test_an_axis_that_could_be_anything_is_that_of_channels_if_one_is_asked_for(axis):
    found = plane(STACK[0], f"{axis}YX", Selection("2"))
    np.testing.assert_array_equal(found, np.moveaxis(STACK[0], 0, -1))
    with pytest.raises(SelectionError, match="上有 2 层"):
        plane(STACK, f"{axis}CYX", Selection("2"))
