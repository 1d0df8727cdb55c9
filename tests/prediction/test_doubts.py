import numpy as np
import pytest

from cellseg_utils.prediction import certainty, doubts

RIGHT = (0.95, 0.92, 0.98)


def told(*nuclei):
    return doubts.of_picture(np.array(nuclei, float).reshape(-1, 3))


def test_nothing_speaks_against_right_nuclei():
    assert told(*[RIGHT] * 10) == ""


def test_a_picture_in_which_nothing_was_found_is_told():
    assert told() == "没有找到细胞核"


def test_a_picture_in_which_all_is_dropped_is_one_in_which_nothing_was_found():
    assert told((0, 0, 0.5), (0.1, 0, 0.6)) == "没有找到细胞核"


def test_one_wrong_nucleus_among_many_is_no_doubt_about_the_picture():
    assert told(*[RIGHT] * 15, (0, 0.2, 0.6)) == ""


@pytest.mark.parametrize(
    ("nucleus", "reasons"),
    [
        ((0.1, 0.7, 0.95), ["放大倍数略变，找到的核就不同"]),
        ((0.9, 0.4, 0.96), ["核的边界含糊"]),
        ((0.5, 0.4, 0.96), ["放大倍数略变，找到的核就不同", "核的边界含糊"]),
        ((1.0, 1.0, 0.89), ["100% 的形状不像细胞核"]),
    ],
)
def test_what_speaks_against_a_picture_is_named(nucleus, reasons):
    doubt = told(*[nucleus] * 5)
    assert doubt.startswith("这张图的结果不可靠，可能与训练图像很不一样：")
    for reason in ("放大倍数略变，找到的核就不同", "核的边界含糊", "100% 的形状不像细胞核"):
        assert (reason in doubt) == (reason in reasons)
    mean = certainty.of_nuclei(np.array([nucleus])).mean()
    assert (f"候选的核平均只有 {mean:.0%} 的把握" in doubt) == (mean < doubts.LEAST)


@pytest.mark.parametrize(
    ("count", "odd", "doubtful"), [(20, 3, False), (20, 4, True), (3, 1, False), (4, 2, False), (4, 3, True)]
)
def test_a_fifth_of_odd_shapes_is_too_many_if_it_is_several(count, odd, doubtful):
    assert bool(told(*[RIGHT] * (count - odd), *[(1, 1, 0.85)] * odd)) == doubtful


def test_a_nucleus_that_fills_the_picture_is_doubtful_or_none():
    right = np.array([RIGHT])
    assert doubts.of_picture(right, 0.6) == ""
    assert doubts.of_picture(right, 0.7).endswith("可能与训练图像很不一样：一个核就占了整张图的 70%")
    assert doubts.of_picture(right, 0.9).startswith("没有找到细胞核：图的 90% 连成一片")


def test_doubts_in_english(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert told() == "no nuclei found"
    assert doubts.of_picture(np.array([RIGHT]), 1.0).startswith("no nuclei found: 100% of the image is one")
    assert told(*[(0.5, 0.4, 0.96)] * 5).endswith(
        "it may be very unlike the training images: candidate nuclei have a mean certainty of only "
        f"{certainty.of_nuclei(np.array([(0.5, 0.4, 0.96)]))[0]:.0%}, "
        "a slightly different magnification gives other nuclei, the borders of nuclei are vague"
    )
