import os

import pytest

from cellseg_utils.run import file_names


def undecoded(text, encoding="gbk"):
    return os.fsdecode(text.encode(encoding))


@pytest.mark.skipif(os.name == "nt", reason="Windows names files in Unicode")
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("细胞.png", "细胞.png"),
        (undecoded("细胞.png"), "细胞.png"),
        (undecoded("10µm.png", "latin-1"), undecoded("10µm.png", "latin-1")),
        (undecoded("résultats 20°C", "latin-1"), undecoded("résultats 20°C", "latin-1")),
        (f"图像/{undecoded('细胞')}/a.png", "图像/细胞/a.png"),
        ("a\udcff.png", "a\udcff.png"),
        (f"图{undecoded('核')}", "图\udcba\udccb"),
        ("a b.png", "a b.png"),
    ],
)
def test_a_name_is_read_in_the_encoding_that_it_is_in(name, read):
    assert file_names.readable(name) == read
