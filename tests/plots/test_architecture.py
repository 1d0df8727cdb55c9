from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
from matplotlib.patches import FancyArrowPatch, Rectangle

from cellseg_utils.models import architectures, layer_graph
from cellseg_utils.plots import architecture, style


@pytest.fixture(
    params=[architectures.unet, architectures.attention_unet, architectures.unet_plus_plus], scope="module"
)
def drawing(request):
    model = request.param(32, filters=2, depth=2)
    fig = architecture.architecture(model)
    fig.canvas.draw()  # a missing glyph is an error here
    yield model, fig
    plt.close(fig)


def patches(fig, kind):
    return [patch for patch in fig.axes[0].patches if isinstance(patch, kind)]


def test_every_layer_has_a_bar(drawing):
    model, fig = drawing
    assert len(patches(fig, Rectangle)) == len(model.layers)


def test_every_connection_between_blocks_has_an_arrow(drawing):
    model, fig = drawing
    expected = sum(len(block.inputs) for block in layer_graph.blocks(model))
    assert len(patches(fig, FancyArrowPatch)) == expected


def test_bars_lie_inside_the_figure_and_do_not_overlap(drawing):
    _, fig = drawing
    width, height = fig.get_size_inches()
    left, right = fig.axes[0].get_xlim()
    bottom, top = fig.axes[0].get_ylim()
    assert (right - left, top - bottom) == pytest.approx((width, height))
    bars = sorted(
        (bar.get_y() + bar.get_height() / 2, bar.get_x(), bar.get_width()) for bar in patches(fig, Rectangle)
    )
    for (y, x, wide), (next_y, next_x, _) in pairwise(bars):
        assert next_y > y + 0.1 or next_x >= x + wide - 1e-9
    assert all(left <= x and x + wide <= right for _, x, wide in bars)


def test_resolutions_and_channels_are_written(drawing):
    _, fig = drawing
    texts = [text.get_text() for text in fig.axes[0].texts]
    assert {"32×32", "16×16", "8×8", "2", "4", "8"} <= set(texts)


def test_legend_counts_the_layers():
    model = architectures.unet(16, filters=2, depth=1)
    fig = architecture.architecture(model)
    legend = [text.get_text() for text in fig.axes[0].get_legend().get_texts()]
    assert legend[:5] == ["输入、归一化 2 层", "卷积 7 层", "池化 1 层", "上采样 1 层", "拼接 1 层"]
    plt.close(fig)


def test_a_large_model_gets_a_wider_sheet_with_narrower_bars():
    fig = architecture.architecture(architectures.attention_unet(32, filters=2, depth=4))
    assert fig.get_figwidth() == pytest.approx(architecture.WIDEST)
    assert patches(fig, Rectangle)[0].get_width() < architecture.BAR
    small = architecture.architecture(architectures.unet(16, filters=2, depth=1))
    assert small.get_figwidth() == pytest.approx(style.GRID_WIDTH)
    plt.close("all")
