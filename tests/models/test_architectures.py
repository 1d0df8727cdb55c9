import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from itertools import pairwise

import keras
import numpy as np
import pytest
from keras import layers

from cellseg_utils.models import architectures, losses

SMALL = {"image_size": 16, "filters": 2, "depth": 2}
BLOCKS = {"unet": 9, "attention_unet": 9, "unet_plus_plus": 15}
HEADS = {"unet": 1, "attention_unet": 1, "unet_plus_plus": 3}  # of a depth of 2, the mean counted


@pytest.fixture(autouse=True)
def float32():
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="module")
def full_size():
    arguments = {"image_size": 256, "filters": 16, "depth": 4}
    return {name: architectures.build(name, arguments) for name in architectures.ARCHITECTURES}


@pytest.fixture(scope="module")
def small():
    return {name: architectures.build(name, SMALL) for name in architectures.ARCHITECTURES}


def conv(inputs, outputs, side=3, bias=True):
    return (side * side * inputs + bias) * outputs


def blocks(model):
    return [layer.name.removesuffix("_conv1") for layer in model.layers if layer.name.endswith("_conv1")]


@pytest.mark.parametrize(
    ("architecture", "parameters"),
    [("unet", 1_941_105), ("attention_unet", 2_072_149), ("unet_plus_plus", 2_261_889 + 3 * 17)],
)
def test_parameters_are_those_of_the_published_sizes(full_size, architecture, parameters):
    assert full_size[architecture].count_params() == parameters


def test_parameters_of_the_unet_add_up_block_by_block(full_size):
    widths = [3, 16, 32, 64, 128, 256]
    expected = sum(conv(a, b) + conv(b, b) for a, b in pairwise(widths))
    expected += sum(conv(2 * n, n, 2) + conv(2 * n, n) + conv(n, n) for n in (128, 64, 32, 16))
    expected += conv(16, 1, 1)
    assert full_size["unet"].count_params() == expected


def test_the_attention_gates_are_all_that_the_attention_unet_adds(full_size):
    gates = sum(conv(n, n, 2, bias=False) + conv(2 * n, n, 1) + conv(n, 1, 1) for n in (16, 32, 64, 128))
    assert full_size["attention_unet"].count_params() == full_size["unet"].count_params() + gates


@pytest.mark.parametrize(("architecture", "count"), BLOCKS.items())
def test_number_of_blocks(full_size, architecture, count):
    found = blocks(full_size[architecture])
    assert len(set(found)) == len(found) == count


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_every_block_is_two_convolutions_of_the_same_width_and_levels_double_it(full_size, architecture):
    model = full_size[architecture]
    for name in blocks(model):
        one, two = model.get_layer(f"{name}_conv1"), model.get_layer(f"{name}_conv2")
        level = (
            4
            if name == "bottom"
            else int(name.removeprefix("encoder").removeprefix("decoder").removeprefix("node")[0])
        )
        assert one.filters == two.filters == 16 << level
        assert two.output.shape == (None, 256 >> level, 256 >> level, 16 << level)


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_only_layers_of_keras_and_of_blocks_are_used_so_that_no_file_can_bring_code(full_size, architecture):
    for layer in full_size[architecture].layers:
        assert not isinstance(layer, layers.Lambda)
        assert type(layer).__module__.startswith(("keras.src.layers", "cellseg_utils.models.blocks"))


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_takes_bytes_and_gives_probabilities_of_the_same_size(small, architecture):
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16, 3), np.uint8)
    assert small[architecture].input_shape == (None, 16, 16, 3)
    probability = keras.ops.convert_to_numpy(small[architecture](images))
    assert probability.shape == (3, 16, 16, HEADS[architecture])
    assert probability.dtype == np.float32
    assert probability.min() >= 0
    assert probability.max() <= 1
    assert probability.std() > 0


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_pictures_of_a_batch_do_not_influence_each_other(small, architecture):
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    together, alone = small[architecture](images)[1:], small[architecture](images[1:])
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_one_step_changes_every_weight(architecture):
    model = architectures.build(architecture, SMALL)
    loss = losses.on_every_head(keras.losses.binary_crossentropy)
    model.compile(keras.optimizers.SGD(1.0), loss, run_eagerly=True)
    rng = np.random.default_rng(0)
    before = model.get_weights()
    model.train_on_batch(
        rng.integers(0, 256, (4, 16, 16, 3), np.uint8), rng.integers(0, 2, (4, 16, 16, 1)).astype(np.float32)
    )
    changed = {
        weight.path: not np.array_equal(old, weight)
        for weight, old in zip(model.weights, before, strict=True)
    }
    assert [path for path, moved in changed.items() if not moved] == []


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_probabilities_are_float32_under_mixed_precision(architecture):
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = architectures.build(architecture, SMALL)
    assert model.get_layer("encoder0_conv1").compute_dtype == "bfloat16"
    assert keras.ops.dtype(model(np.zeros((1, 16, 16, 3), np.uint8))) == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}


def test_the_attention_gate_scales_every_pixel_of_the_skip_by_a_weight_between_0_and_1(small):
    model = small["attention_unet"]
    probe = keras.Model(
        model.inputs, [model.get_layer("gate0_upsample").output, *model.get_layer("gate0_multiply").input]
    )
    images = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 3), np.uint8)
    upsampled, skip, weight = map(np.asarray, probe(images))
    assert upsampled.shape == weight.shape == (1, 16, 16, 1)
    assert skip.shape == (1, 16, 16, 2)
    assert weight.min() >= 0
    assert weight.max() <= 1


def test_each_node_of_the_unet_plus_plus_sees_all_earlier_nodes_of_its_level(full_size):
    for level in range(4):
        for column in range(1, 5 - level):
            joined = full_size["unet_plus_plus"].get_layer(f"node{level}_{column}_concat").input
            assert len(joined) == column + 1


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
@pytest.mark.parametrize(("size", "depth"), [(250, 4), (24, 4), (15, 1), (8, 4)])
def test_a_side_that_cannot_be_halved_so_often_is_refused(architecture, size, depth):
    with pytest.raises(ValueError, match=rf"image_size={size}.*{2**depth}.*depth={depth}"):
        architectures.build(architecture, {"image_size": size, "filters": 2, "depth": depth})


def test_an_unknown_architecture_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"resnet.*unet、attention_unet、unet_plus_plus"):
        architectures.build("resnet", SMALL)


def test_every_architecture_has_a_title():
    assert architectures.TITLES.keys() == architectures.ARCHITECTURES.keys()


def test_the_same_seed_gives_the_same_initial_weights(small):
    one, two, other = (
        (keras.utils.set_random_seed(seed), architectures.build("unet", SMALL).get_weights())[1]
        for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


SEPARATING = {
    "image_size": None,
    "filters": 2,
    "depth": 2,
    "stride": 2,
    "standardised": True,
    "maps": "separating",
}


@pytest.fixture(scope="module")
def separating():
    return {name: architectures.build(name, SEPARATING) for name in architectures.ARCHITECTURES}


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
@pytest.mark.parametrize("size", [(8, 8), (24, 8), (16, 40)])
def test_a_network_for_any_size_takes_multiples_of_stride_times_2_to_the_depth(
    separating, architecture, size
):
    model = separating[architecture]
    images = np.random.default_rng(0).integers(0, 256, (2, *size, 3), np.uint8)
    maps = keras.ops.convert_to_numpy(model(images))
    assert model.input_shape == (None, None, None, 3)
    assert maps.shape == (2, *size, 5 * HEADS[architecture])
    assert maps.dtype == np.float32
    assert 0 <= maps[..., :3].min() < maps[..., :3].max() <= 1
    assert np.isfinite(maps).all()


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_a_network_for_one_size_and_one_for_any_have_the_same_weights_and_maps(separating, architecture):
    fixed = architectures.build(architecture, {**SEPARATING, "image_size": 16})
    fixed.set_weights(separating[architecture].get_weights())
    images = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), np.uint8)
    np.testing.assert_allclose(fixed(images), separating[architecture](images), atol=1e-6)


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_with_stride_2_every_level_works_at_half_the_side(architecture):
    usual = architectures.build(architecture, {**SEPARATING, "image_size": 16, "stride": 1})
    halved = architectures.build(architecture, {**SEPARATING, "image_size": 16})
    for name in blocks(usual):
        one, other = (model.get_layer(f"{name}_conv2").output.shape for model in (usual, halved))
        assert one[1:3] == (2 * other[1], 2 * other[2])
        assert one[3] == other[3]
    assert usual.output.shape == halved.output.shape == (None, 16, 16, 5 * HEADS[architecture])


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_all_convolutions_of_blocks_are_standardised_or_none(separating, small, architecture):
    kinds = [
        {type(layer).__name__ for layer in model.layers if layer.name.endswith(("_conv1", "_conv2"))}
        for model in (separating[architecture], small[architecture])
    ]
    assert kinds == [{"StandardisedConv2D"}, {"Conv2D"}]


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("maps", ["probability", "separating"])
def test_stride_and_maps_go_together_in_every_way(stride, maps):
    model = architectures.unet(16, filters=2, depth=1, stride=stride, maps=maps)
    assert model.output.shape == (None, 16, 16, {"probability": 1, "separating": 5}[maps])
    assert model.name == "unet"


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stride": 3}, "^stride=3：应为 1 或 2$"),
        ({"stride": 0}, "^stride=0：应为 1 或 2$"),
        ({"maps": "borders"}, "^maps='borders'：应为 probability、separating 之一$"),
        ({"image_size": 12}, "^image_size=12 必须是 8 的倍数（depth=2），请改其中一个$"),
        (
            {"image_size": 20, "stride": 1, "depth": 3},
            "^image_size=20 必须是 8 的倍数（depth=3），请改其中一个$",
        ),
    ],
    ids=str,
)
def test_arguments_that_do_not_fit_are_refused_in_one_chinese_line(architecture, changes, message):
    with pytest.raises(ValueError, match=message):
        architectures.build(architecture, {**SEPARATING, **changes})


@pytest.mark.parametrize("architecture", architectures.ARCHITECTURES)
def test_separating_maps_are_float32_under_mixed_precision(architecture):
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = architectures.build(architecture, SEPARATING)
    assert model.get_layer("encoder0_conv1").compute_dtype == "bfloat16"
    assert keras.ops.dtype(model(np.zeros((1, 8, 8, 3), np.uint8))) == "float32"
    assert {weight.dtype for weight in model.weights} == {"float32"}


@pytest.mark.parametrize("architecture", BLOCKS)
def test_the_users_order_of_axes_changes_nothing_and_stays(architecture):
    expected = architectures.build(architecture, SMALL).output_shape
    keras.config.set_image_data_format("channels_first")
    try:
        model = architectures.build(architecture, SMALL)
        assert keras.config.image_data_format() == "channels_first"
    finally:
        keras.config.set_image_data_format("channels_last")
    assert model.output_shape == expected
    assert model.predict_on_batch(np.zeros((1, 16, 16, 3), np.uint8)) is not None
