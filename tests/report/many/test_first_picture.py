import base64
import io

import pytest
from made_runs import picture
from PIL import Image

from cellseg_utils.report.many import first_picture


def test_the_first_picture_of_a_page_is_made_small(tmp_path):
    (tmp_path / "index.html").write_bytes(b"<svg></svg>" + picture(1000) + picture(10))
    head, data = first_picture.of(tmp_path, 50).split(",")
    assert head == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as small:
        assert small.size == (50, 50)


@pytest.mark.parametrize(
    "page",
    [None, b"no picture", b'<img src="data:image/png;base64,AAAA">', b'<img src="data:image/png;base64,A">'],
)
def test_where_there_is_none_there_is_none(tmp_path, page):
    if page is not None:
        (tmp_path / "index.html").write_bytes(page)
    assert first_picture.of(tmp_path) == ""
