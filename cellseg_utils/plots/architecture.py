"""The drawing of a functional Keras model, made from the model itself."""

from collections import Counter

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle

from cellseg_utils.models import layer_graph
from cellseg_utils.plots import style
from cellseg_utils.run.language import later, say

KINDS = {  # part of a class name: colour and text in the legend; the first part that fits counts
    "Input": ("#AAAAAA", later("输入、归一化 {n} 层")),
    "Rescaling": ("#AAAAAA", later("输入、归一化 {n} 层")),
    "Transpose": (style.GREEN, later("上采样 {n} 层")),
    "UpSampling": (style.GREEN, later("上采样 {n} 层")),
    "Conv": (style.BLUE, later("卷积 {n} 层")),
    "Pool": (style.VERMILLION, later("池化 {n} 层")),
    "Concat": (style.PURPLE, later("拼接 {n} 层")),
    "Add": (style.YELLOW, later("相加、相乘 {n} 层")),
    "Multiply": (style.YELLOW, later("相加、相乘 {n} 层")),
    "Average": ("#444444", later("平均 {n} 层")),
    "": ("#DDDDDD", later("其他 {n} 层")),
}
SKIP, DOWN, UP = "#555555", style.VERMILLION, style.GREEN
BAR = 0.13  # inches; width of one layer, at most
GAP = 0.2  # inches between two columns, at least, unless layers get narrower too
WIDEST = 9.6  # inches that the drawing of a large model takes
ROW = 1.0  # inches from one resolution to the next
TALLEST, SHRINK = (
    0.56,
    0.9,
)  # height of a layer (inches), and its share that is left at the next lower resolution
LEFT, RIGHT, FOOT = 0.9, 0.2, 0.2  # inches for the resolutions, at the right edge, above the legend
ARC = 0.13  # inches; how much higher an arrow rises for each block that it passes
TEXT = 11  # points
LEGEND_COLUMNS, LINE = 4, 0.24  # inches that a line of the legend takes
BLANK = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}


def _kind(layer):
    return next(kind for part, kind in KINDS.items() if part in type(layer).__name__)


def architecture(model):
    """Draw a model: a bar for each layer, depth to the right, resolution downwards, connections as arrows.

    Parameters
    ----------
    model : keras.Model
        As for `layer_graph.blocks`.

    Returns
    -------
    fig : matplotlib.figure.Figure
        Below each block stands the number of its output channels; the resolutions stand at the left.

    Raises
    ------
    ValueError
        As for `layer_graph.blocks`.
    """
    placed = layer_graph.blocks(model)
    bar, middles = _columns(placed)
    boxes = [_box(block, middles[block.column], bar) for block in placed]
    arcs = [_passed(placed, start, block) for block in placed for start, _ in block.inputs if block.row == 0]
    top = ARC * max(arcs, default=0) + TALLEST
    handles = _legend(model)
    foot = FOOT + LINE * -(-len(handles) // LEGEND_COLUMNS)
    bottom = -ROW * max(block.row for block in placed) - TALLEST - foot
    last = max(len(block.layers) for block in placed if middles[block.column] == middles[-1])
    width = middles[-1] + bar * last / 2 + RIGHT
    fig = plt.figure(figsize=(width, top - bottom))
    fig.set_layout_engine("none")
    ax = fig.add_axes((0, 0, 1, 1), xlim=(0, fig.get_figwidth()), ylim=(bottom, top))
    ax.axis("off")
    for block, box in zip(placed, boxes, strict=True):
        _draw_block(ax, block, box)
        for start, position in block.inputs:
            _draw_arrow(ax, placed[start], block, boxes[start], box, position, _passed(placed, start, block))
    for row, shape in {block.row: block.layers[-1].output.shape for block in placed}.items():
        ax.text(0.1, -ROW * row, f"{shape[1]}×{shape[2]}", va="center", size=TEXT)
    ax.legend(handles=handles, loc="lower center", ncols=LEGEND_COLUMNS, fontsize=TEXT, columnspacing=1)
    return fig


def _columns(placed):
    """Width of a layer, and the middle of each column (inches); large models get narrower layers."""
    count = 1 + max(block.column for block in placed)
    layers = [
        max((len(block.layers) for block in placed if block.column == c), default=1) for c in range(count)
    ]
    fits = BAR * sum(layers) + GAP * (count - 1) <= style.GRID_WIDTH - LEFT - RIGHT
    room = (style.GRID_WIDTH if fits else WIDEST) - LEFT - RIGHT
    bar = min(BAR, room / (sum(layers) + (count - 1) * GAP / BAR))
    gap = (room - bar * sum(layers)) / max(count - 1, 1)
    return bar, [LEFT + bar * (sum(layers[:c]) + layers[c] / 2) + gap * c for c in range(count)]


def _box(block, middle, bar):
    """Left, bottom, width and height of a block (inches)."""
    width, height = bar * len(block.layers), TALLEST * SHRINK**block.row
    return middle - width / 2, -ROW * block.row - height / 2, width, height


def _passed(placed, start, block):
    """Count the blocks that a straight line along a row would cross."""
    first = placed[start]
    crossed = [
        b for b in placed if b.row == block.row == first.row and first.column < b.column < block.column
    ]
    return len(crossed)


def _draw_block(ax, block, box):
    left, bottom, width, height = box
    bar = width / len(block.layers)
    for position, layer in enumerate(block.layers):
        corner = (left + bar * position, bottom)
        ax.add_patch(
            Rectangle(
                corner, bar, height, facecolor=_kind(layer)[0], edgecolor="white", linewidth=1, zorder=2
            )
        )
    channels = block.layers[-1].output.shape[-1]
    ax.text(left + width / 2, bottom - 0.05, str(channels), ha="center", va="top", size=TEXT, bbox=BLANK)


def _draw_arrow(ax, first, second, start, end, position, passed):
    tail, head = (start[0] + start[2], start[1] + start[3] / 2), (end[0], end[1] + end[3] / 2)
    colour, bend = SKIP, 0.0
    if first.row != second.row:
        colour = DOWN if first.row < second.row else UP
    elif passed:
        tail = (start[0] + start[2] * (1 - 0.5 / len(first.layers)), start[1] + start[3])
        head = (end[0] + end[2] * (position + 0.5) / len(second.layers), end[1] + end[3])
        bend = -2 * ARC * (passed + 0.5) / (head[0] - tail[0])
    arrow = FancyArrowPatch(
        tail, head, arrowstyle="-|>", connectionstyle=f"arc3,rad={bend}", shrinkA=0, shrinkB=0
    )
    arrow.set(mutation_scale=9, color=colour, linewidth=1.2)
    ax.add_patch(arrow)


def _legend(model):
    counts = Counter(_kind(layer) for layer in model.operations)
    bars = [Patch(color=colour, label=say(text, n=n)) for (colour, text), n in counts.items()]
    arrows = [
        Line2D([], [], color=colour, label=label)
        for colour, label in ((SKIP, say("同一分辨率")), (DOWN, say("降低分辨率")), (UP, say("提高分辨率")))
    ]
    return bars + arrows
