import numpy as np
import pytest

from cellseg_utils.data.image import Image, Pixels


@pytest.mark.parametrize(("axes", "colours"), [("YX", False), ("CYX", False), ("YXS", True), ("ZYXS", True)])
def test_samples_of_a_pixel_are_colours_and_channels_are_not(axes, colours):
    assert Pixels(np.zeros([3] * len(axes)), axes).colours is colours


def test_only_a_choice_that_is_not_sure_is_a_doubt():
    picture = np.zeros((4, 4, 3), np.uint8)
    assert Image(picture, picture, ("a", "b", "c"), "b", "looks").doubt == ""
    assert "取了 b" in Image(picture, picture, ("a", "b", "c"), "b", "looks", sure=False).doubt


def test_what_was_decided_is_remarked():
    picture = np.zeros((4, 4, 3), np.uint8)
    assert Image(picture, picture, ("a", "b", "c")).remarks == []
    image = Image(picture, picture, ("a", "b", "c"), "b", "name", turned=True)
    assert image.remarks == ["细胞核取通道 b（按名称）", "按文件里的方向标记转正"]


def test_remarks_and_doubts_are_english_too(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    picture = np.zeros((4, 5, 3), np.uint8)
    image = Image(picture, picture, ("a", "b"), "b", "looks", sure=False, turned=True)
    assert image.remarks == [
        "nuclei taken from channel b (by its appearance)",
        "turned upright as the orientation tag of the file says",
    ]
    assert "took b; if that is wrong" in image.doubt
