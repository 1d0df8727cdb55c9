import unicodedata
from pathlib import Path

import pytest

from cellseg_utils.data import picture_names


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["slides/a.png"], ["a"]),
        (["a.bmp", "a.jpg", "a.png"], ["a.bmp", "a.jpg", "a.png"]),
        (["A.png", "a.tif"], ["A.png", "a.tif"]),
        (["one/a.png", "two/a.png", "two/b/a.png"], ["one_a", "two_a", "two_b_a"]),
        (["a/b.png", "a_b.png"], ["a_b", "a_b-2"]),
        (["a-2.png", "a.bmp", "a.png"], ["a-2", "a.bmp", "a.png"]),
        (["a/b.png", "a_b-2.png", "a_b.png"], ["a_b", "a_b-2", "a_b-3"]),
        (["w1:A.png", "w1_A.png"], ["w1_A-2", "w1_A"]),
        (["a.b.png", "a.c.png"], ["a.b", "a.c"]),
        (["slides/..png"], ["_"]),
        (["slides/\udccf\udcb8.png", "slides/\udccf\udcb9.png"], ["细", "瞎"]),
        (["组" * 90 + "/细胞.png", "b.png"], ["组" * 76 + "_细胞", "b"]),
        ([f"{'a' * 230}.png", "b.png"], ["a" * 230, "b"]),
        (["caf\u00e9.png", "cafe\u0301.png"], ["caf\u00e9", "cafe\u0301-2"]),
        (["CON.png", "com1.x.png", "console.png"], ["CON_", "com1_.x", "console"]),
        (["a\u202egnp.png", "a\x9bm.png", "a\u200bb.png"], ["a\ufffdgnp", "a\ufffdm", "a\u200bb"]),
    ],
)
def test_names_are_predictable_and_differ_on_any_file_system(files, names):
    given = picture_names.of_files([Path("/data") / file for file in files])
    assert given == names
    assert len({unicodedata.normalize("NFC", name).casefold() for name in given}) == len(files)
    assert all(len(f"{name}_RoiSet.zip".encode()) <= 255 for name in given)


def test_characters_that_the_systems_encoding_lacks_do_not_get_into_names(monkeypatch):
    monkeypatch.setattr(picture_names.sys, "getfilesystemencoding", lambda: "gbk")
    assert picture_names.distinct(["细胞", "é1", "a\udcff"]) == ["细胞", "é1", "a_"]
    monkeypatch.setattr(picture_names.sys, "getfilesystemencoding", lambda: "ascii")
    assert picture_names.distinct(["细胞", "é1"]) == ["__", "_1"]
