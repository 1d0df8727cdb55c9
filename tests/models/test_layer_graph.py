import keras
import pytest
from keras import layers

from cellseg_utils.models import architectures, layer_graph


@pytest.fixture(scope="module")
def unet():
    return architectures.unet(16, filters=2, depth=2)


def names(block):
    return [type(layer).__name__ for layer in block.layers]


def test_layer_table_lists_shapes_and_parameters(unet):
    table = layer_graph.layer_table(unet)
    assert table.columns.tolist() == ["层", "类型", "输出形状", "参数"]
    assert table["参数"].sum() == unet.count_params()
    first = table[table["类型"] == "Conv2D"].iloc[0]
    assert (first["输出形状"], first["参数"]) == ("16×16×2", 3 * 3 * 3 * 2 + 2)


def test_every_layer_is_in_exactly_one_block(unet):
    found = [layer.name for block in layer_graph.blocks(unet) for layer in block.layers]
    assert sorted(found) == sorted(layer.name for layer in unet.layers)


def test_blocks_of_a_unet(unet):
    blocks = layer_graph.blocks(unet)
    assert [names(block) for block in blocks] == [
        ["InputLayer", "Rescaling"],
        ["Conv2D", "Conv2D"],
        ["MaxPooling2D", "Conv2D", "Conv2D"],
        ["MaxPooling2D", "Conv2D", "Conv2D"],
        ["Conv2DTranspose", "Concatenate", "Conv2D", "Conv2D"],
        ["Conv2DTranspose", "Concatenate", "Conv2D", "Conv2D"],
        ["Conv2D"],
    ]
    assert [block.column for block in blocks] == [0, 1, 2, 3, 4, 5, 6]
    assert [block.row for block in blocks] == [0, 0, 1, 2, 1, 0, 0]


def test_skip_connections_end_at_the_concatenation(unet):
    blocks = layer_graph.blocks(unet)
    assert set(blocks[5].inputs) == {(4, 0), (1, 1)}
    assert set(blocks[4].inputs) == {(3, 0), (2, 1)}


@pytest.mark.parametrize("build", [architectures.attention_unet, architectures.unet_plus_plus])
def test_no_two_blocks_share_a_place_and_arrows_point_to_the_right(build):
    blocks = layer_graph.blocks(build(16, filters=2, depth=3))
    assert len({(block.column, block.row) for block in blocks}) == len(blocks)
    assert all(blocks[start].column < block.column for block in blocks for start, _ in block.inputs)


def test_operations_that_are_no_layers_are_drawn_too():
    image = layers.Input((8, 8, 3))
    model = keras.Model(image, keras.ops.multiply(layers.Conv2D(3, 3, padding="same")(image), image))
    assert "Multiply" in [name for block in layer_graph.blocks(model) for name in names(block)]


def test_a_model_of_unknown_size_is_refused():
    image = layers.Input((None, None, 3))
    model = keras.Model(image, layers.Conv2D(1, 1)(image))
    with pytest.raises(ValueError, match="of known size"):
        layer_graph.blocks(model)
