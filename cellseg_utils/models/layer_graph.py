"""What a functional Keras model consists of, read from the model itself: layers, and the blocks they form."""

from collections import Counter
from dataclasses import dataclass
from graphlib import TopologicalSorter

import pandas as pd

from cellseg_utils.run.language import say


@dataclass(frozen=True)
class Block:
    """Layers that follow each other at one resolution without a branch.

    Attributes
    ----------
    layers : tuple of keras.layers.Layer
        In order.
    inputs : tuple of (int, int)
        Connections from earlier blocks: position of the block, position of the own layer that reads it.
    column, row : int
        Depth in the graph of blocks; rank of the resolution, 0 the finest.
    """

    layers: tuple
    inputs: tuple
    column: int
    row: int


def layer_table(model):
    """List the layers of a model.

    Parameters
    ----------
    model : keras.Model
        Functional model.

    Returns
    -------
    table : pandas.DataFrame
        层 (name), 类型 (class), 输出形状 (height x width x channels), 参数 (number of parameters).
    """
    rows = [
        (layer.name, type(layer).__name__, "×".join(map(str, layer.output.shape[1:])), layer.count_params())
        for layer in model.layers
    ]
    return pd.DataFrame(rows, columns=[say("层"), say("类型"), say("输出形状"), say("参数")])


def blocks(model):
    """Group the layers of a model into blocks and place these in columns and rows.

    A layer joins the block before it if no other layer reads that block's end and the resolution stays the
    same; layers with kernels keep away from the input, and the last layer of the model stands alone.

    Parameters
    ----------
    model : keras.Model
        Functional model whose layers all have outputs `(N, H, W, C)` of known size.

    Returns
    -------
    blocks : list of Block
        In topological order.

    Raises
    ------
    ValueError
        If the output of a layer is not `(N, H, W, C)` with known height and width.
    """
    sources = {id(layer): _sources(layer) for layer in model.operations}
    readers = Counter(id(source) for own_sources in sources.values() for source in own_sources)
    groups, home = [], {}
    for layer in model.operations:
        before = [home[id(source)] for source in sources[id(layer)] if readers[id(source)] == 1]
        joined = [index for index in before if _continues(groups[index], layer, model)]
        home[id(layer)] = max(joined, default=len(groups))
        if joined:
            groups[max(joined)].append(layer)
        else:
            groups.append([layer])
    return _place(groups, sources, home)


def _sources(layer):
    tensors = layer.input if isinstance(layer.input, list | tuple) else [layer.input]
    operations = [tensor._keras_history.operation for tensor in tensors]
    return [source for source in operations if source is not layer]


def _continues(group, layer, model):
    starts_anew = "Input" in type(group[0]).__name__ and hasattr(layer, "kernel_size")
    ends = any(layer is output._keras_history.operation for output in model.outputs)
    return _height(group[-1]) == _height(layer) and not starts_anew and not ends


def _height(layer):
    shape = layer.output.shape
    if len(shape) != 4 or None in shape[1:3]:
        raise ValueError(f"expected (N, H, W, C) of known size from layer {layer.name}, got {shape}")
    return shape[1]


def _place(groups, sources, home):
    heights = sorted({_height(layer) for group in groups for layer in group}, reverse=True)
    links = {
        index: [
            (home[id(source)], position)
            for position, layer in enumerate(group)
            for source in sources[id(layer)]
            if home[id(source)] != index
        ]
        for index, group in enumerate(groups)
    }
    starts = {index: [start for start, _ in own_links] for index, own_links in links.items()}
    order = list(TopologicalSorter(starts).static_order())
    placed = []
    for index in order:
        inputs = tuple((order.index(start), position) for start, position in links[index])
        row = heights.index(_height(groups[index][-1]))
        column = 1 + max((placed[start].column for start, _ in inputs), default=-1)
        while any((block.column, block.row) == (column, row) for block in placed):
            column += 1
        placed.append(Block(tuple(groups[index]), inputs, column, row))
    return placed
