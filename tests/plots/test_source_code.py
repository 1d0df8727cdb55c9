import inspect

import bs4

from cellseg_utils.models import architectures, blocks
from cellseg_utils.plots import source_code


def test_the_very_source_of_helpers_stands_in_folds_named_after_them():
    soup = bs4.BeautifulSoup(source_code.shown(architectures.unet, blocks.Blocks).data, "html.parser")
    names = [summary.get_text() for summary in soup("summary")]
    assert names == [
        "源代码：cellseg_utils.models.architectures.unet",
        "源代码：cellseg_utils.models.blocks.Blocks",
    ]
    assert soup.code.get_text().strip() == inspect.getsource(architectures.unet).strip()
    assert not soup.details.has_attr("open")


def test_code_is_escaped_and_coloured():
    assert source_code.highlighted("a < 1") == (
        '<span class="n">a</span> <span class="o">&lt;</span> <span class="mi">1</span>\n'
    )
