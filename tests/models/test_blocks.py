import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest
from keras import layers
from scipy import signal

from cellseg_utils.models import blocks
from cellseg_utils.preprocessing import targets


@pytest.fixture(autouse=True)
def float32():
    keras.config.set_dtype_policy("float32")
    keras.utils.set_random_seed(0)
    yield
    keras.config.set_dtype_policy("float32")


def standardised(channels=3, filters=4, **options):
    """A layer with weights that are not the initial ones, and a model of this layer alone."""
    layer = blocks.StandardisedConv2D(filters, 3, padding="same", name="conv", **options)
    model = keras.Sequential([keras.Input((7, 9, channels)), layer])
    rng = np.random.default_rng(1)
    layer.kernel.assign(rng.normal(0.3, 0.5, layer.kernel.shape))
    layer.bias.assign(rng.normal(size=filters))
    layer.gain.assign(rng.uniform(0.5, 2, filters))
    return layer, model


def inputs(channels=3):
    return np.random.default_rng(2).normal(size=(2, 7, 9, channels)).astype(np.float32)


def output(model, x):
    return keras.ops.convert_to_numpy(model(x)).astype(np.float32)


def expected(layer, x):
    """The same by numpy and scipy."""
    kernel = layer.kernel.numpy().astype(float)
    centred = kernel - kernel.mean(axis=(0, 1, 2))
    variance = (centred**2).mean(axis=(0, 1, 2))
    kernel = centred / np.sqrt(variance * kernel[..., 0].size / 2 + 1e-4) * layer.gain.numpy()
    result = np.zeros((*x.shape[:3], kernel.shape[-1]))
    for n, c, f in np.ndindex(len(x), x.shape[3], kernel.shape[3]):
        result[n, ..., f] += signal.correlate2d(x[n, ..., c], kernel[..., c, f], "same")
    return result + layer.bias.numpy()


def test_a_kernel_of_two_values_is_brought_to_mean_0_and_variance_2_over_fan_in():
    layer = blocks.StandardisedConv2D(1, (1, 2), padding="valid")
    model = keras.Sequential([keras.Input((1, 2, 1)), layer])
    layer.kernel.assign(np.array([3, 5], np.float32).reshape(1, 2, 1, 1))
    first, second = output(model, np.array([[[[1], [0]]], [[[0], [1]]]], np.float32)).ravel()
    assert first == pytest.approx(-1, abs=1e-4)
    assert second == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_output_is_that_of_numpy(channels):
    layer, model = standardised(channels)
    x = inputs(channels)
    np.testing.assert_allclose(output(model, x), expected(layer, x), atol=1e-4)


@pytest.mark.parametrize(("scale", "shift"), [(1, 2), (3, 0), (0.5, -1), (20, 7)])
def test_scaling_and_shifting_the_kernel_does_not_change_the_output(scale, shift):
    layer, model = standardised()
    x = inputs()
    before = output(model, x)
    layer.kernel.assign(scale * layer.kernel.numpy() + shift)
    np.testing.assert_allclose(output(model, x), before, atol=2e-3)


def test_a_constant_kernel_gives_the_bias():
    layer, model = standardised()
    layer.kernel.assign(np.full(layer.kernel.shape, 0.25))
    np.testing.assert_allclose(
        output(model, inputs()), np.broadcast_to(layer.bias.numpy(), (2, 7, 9, 4)), atol=1e-4
    )


def test_the_gain_scales_its_own_channel():
    layer, model = standardised()
    layer.bias.assign(np.zeros(4))
    before = output(model, inputs())
    layer.gain.assign(layer.gain.numpy() * [1, 2, 0, -1])
    np.testing.assert_allclose(output(model, inputs()), before * [1, 2, 0, -1], atol=1e-5)


def test_all_weights_survive_saving(tmp_path):
    layer, model = standardised()
    model.save_weights(tmp_path / "w.weights.h5")
    keras.utils.set_random_seed(9)
    other = blocks.StandardisedConv2D(4, 3, padding="same", name="conv")
    again = keras.Sequential([keras.Input((7, 9, 3)), other])
    assert (output(again, inputs()) != output(model, inputs())).any()
    again.load_weights(tmp_path / "w.weights.h5")
    for loaded, saved in zip(other.get_weights(), layer.get_weights(), strict=True):
        np.testing.assert_array_equal(loaded, saved)
    np.testing.assert_array_equal(output(again, inputs()), output(model, inputs()))


@pytest.mark.filterwarnings("ignore:Skipping")
@pytest.mark.parametrize(("channels", "filters"), [(2, 4), (3, 5)])
def test_weights_of_another_shape_are_refused(tmp_path, channels, filters):
    standardised()[1].save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(ValueError, match="hape"):
        standardised(channels, filters)[1].load_weights(tmp_path / "w.weights.h5")


def test_kernel_bias_and_gain_are_all_that_is_trained():
    layer, _ = standardised()
    assert [weight.name for weight in layer.trainable_weights] == ["kernel", "bias", "gain"]
    assert layer.count_params() == 3 * 3 * 3 * 4 + 4 + 4


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_mixed_precision_gives_nearly_the_same_and_keeps_its_weights_in_float32(policy):
    keras.config.set_dtype_policy(policy)
    layer, model = standardised()
    x = inputs()
    assert keras.ops.dtype(model(x)) == layer.compute_dtype == policy.removeprefix("mixed_")
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    np.testing.assert_allclose(output(model, x), expected(layer, x), atol=0.15)


def made(**changes):
    return blocks.Blocks(
        **{"filters": 2, "stride": 1, "standardised": False, "maps": "probability"} | changes
    )


@pytest.mark.parametrize(
    ("name", "value"), [("stride", 0), ("stride", 3), ("stride", "2"), ("maps", "borders")]
)
def test_what_can_not_be_built_is_refused_in_one_chinese_line(name, value):
    with pytest.raises(ValueError, match=f"^{name}=") as refusal:
        made(**{name: value})
    assert "应为" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_heads_make_the_maps_that_are_trained():
    widths = {name: sum(channels for _, channels, _ in head) for name, head in blocks.HEADS.items()}
    assert widths == {"probability": 1, "separating": len(targets.MAPS)}


@pytest.mark.parametrize(
    ("is_standardised", "kind"), [(False, layers.Conv2D), (True, blocks.StandardisedConv2D)]
)
def test_a_block_is_two_convolutions_of_the_chosen_kind(is_standardised, kind):
    x = keras.Input((8, 8, 3))
    model = keras.Model(x, made(standardised=is_standardised).block(x, 2, "b"))
    assert [type(layer) for layer in model.layers[1:]] == [kind, kind]
    assert model.output.shape == (None, 8, 8, 2 << 2)


@pytest.mark.parametrize(("stride", "side"), [(1, 8), (2, 4)])
def test_the_stem_halves_the_side_only_with_stride_2(stride, side):
    x = keras.Input((8, 8, 3))
    assert made(stride=stride).stem(x).shape[1:3] == (side, side)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_three_maps_are_probabilities_and_two_are_not_bounded(stride, policy):
    keras.config.set_dtype_policy(policy)
    x = keras.Input((4, 4, 2))
    model = keras.Model(x, made(stride=stride, maps="separating").heads([x]))
    maps = keras.ops.convert_to_numpy(model(100 * np.random.default_rng(0).normal(size=(3, 4, 4, 2))))
    assert maps.shape == (3, 4 * stride, 4 * stride, 5)
    assert maps.dtype == np.float32
    assert 0 <= maps[..., :3].min() < maps[..., :3].max() <= 1
    assert maps[..., 3:].min() < -1
    assert maps[..., 3:].max() > 1


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (8, 2)])
def test_doubling_is_bilinear(shape):
    x = np.random.default_rng(0).normal(size=(2, *shape, 3)).astype(np.float32)
    own = blocks.BilinearUpSampling2D()
    expected = layers.UpSampling2D(interpolation="bilinear")(x)
    np.testing.assert_allclose(own(x), expected, atol=1e-5)
    assert own.compute_output_shape(x.shape) == expected.shape
    assert own.compute_output_shape((None, None, None, 3)) == (None, None, None, 3)


def test_several_heads_come_after_their_mean():
    keras.config.set_dtype_policy("float32")
    x = keras.Input((4, 4, 2))
    model = keras.Model(x, made(stride=1, maps="separating").heads([x, -x, 2 * x]))
    maps = keras.ops.convert_to_numpy(model(np.random.default_rng(0).normal(size=(3, 4, 4, 2))))
    assert maps.shape == (3, 4, 4, 20)
    heads = np.split(maps[..., 5:], 3, axis=-1)
    np.testing.assert_allclose(maps[..., :5], np.mean(heads, axis=0), atol=1e-6)
    assert not np.allclose(heads[0], heads[1])


@pytest.mark.parametrize(("maps", "count"), [("probability", 1), ("separating", 5)])
def test_maps_have_as_many_channels_as_their_heads(maps, count):
    x = keras.Input((4, 4, 2))
    assert blocks.channels(maps) == made(stride=1, maps=maps).heads([x]).shape[-1] == count
