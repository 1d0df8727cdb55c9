"""The blocks that all architectures are made of, in Keras 3 layers and operations only."""

import math
from dataclasses import dataclass

from keras import initializers, layers, ops

from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import ArgumentError

HEADS = {  # maps, in the order of `targets.MAPS`: name of the layer, channels, activation
    "probability": (("probability", 1, "sigmoid"),),
    "separating": (("probability", 3, "sigmoid"), ("offset", 2, None)),
}
VARIANCE_EPSILON = 1e-4  # keeps a constant kernel from dividing by zero


def channels(maps):
    """How many channels the maps of a key of `HEADS` have."""
    return sum(count for _, count, _ in HEADS[maps])


class StandardisedConv2D(layers.Conv2D):
    """A convolution whose kernel is brought to mean 0 and variance 2 / fan-in before every use, times a gain.

    It does for the training what normalisation layers do, at the cost of the (small) kernel instead of the
    (large) activations.

    References
    ----------
    Qiao et al. 2019, https://arxiv.org/abs/1903.10520; Brock et al. 2021, https://arxiv.org/abs/2101.08692.
    """

    def build(self, input_shape):
        """Add the gain of every output channel."""
        super().build(input_shape)
        self.gain = self.add_weight(name="gain", shape=(self.filters,), initializer=initializers.Ones())

    def save_own_variables(self, store):
        """Save the gain with the kernel: the parent saves what it knows only."""
        super().save_own_variables(store)
        store["gain"] = self.gain

    def load_own_variables(self, store):
        """Load what `save_own_variables` saved."""
        for variable, name in ((self.kernel, "0"), (self.bias, "1"), (self.gain, "gain")):
            variable.assign(store[name])

    def convolution_op(self, inputs, kernel):
        """Convolve with the standardised kernel."""
        kernel = ops.cast(kernel, "float32")
        mean = ops.mean(kernel, axis=(0, 1, 2), keepdims=True)
        variance = ops.var(kernel, axis=(0, 1, 2), keepdims=True)
        fan_in = math.prod(kernel.shape[:-1])
        scale = ops.cast(self.gain, "float32") * ops.rsqrt(variance * fan_in / 2 + VARIANCE_EPSILON)
        return super().convolution_op(inputs, ops.cast((kernel - mean) * scale, inputs.dtype))


class BilinearUpSampling2D(layers.Layer):
    """Double the sides by bilinear interpolation, also where they are unknown until a picture comes.

    Keras resizes such tensors outside of compiled graphs only (Keras 3.15).
    """

    def compute_output_shape(self, input_shape):
        """Twice the height and the width."""
        batch, *sides, channels = input_shape
        return (batch, *(side and 2 * side for side in sides), channels)

    def call(self, inputs):
        """Repeat every pixel, then weigh it with its neighbours by 1, 2, 1 along both axes."""
        x = ops.repeat(ops.repeat(inputs, 2, axis=1), 2, axis=2)
        x = ops.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="symmetric")
        for _ in range(2):
            x = ops.average_pool(x, 2, strides=1)
        return x


@dataclass(frozen=True)
class Blocks:
    """Makes the blocks of one network.

    Attributes
    ----------
    filters : int
        Of the first level (no unit); level n has `filters * 2 ** n`.
    stride : int
        1, or 2 if the network works at half the picture's side.
    standardised : bool
        Whether kernels are standardised.
    maps : str
        A key of `HEADS`.
    """

    filters: int
    stride: int
    standardised: bool
    maps: str

    def __post_init__(self):
        """Refuse what can't be built, in one line."""
        if self.stride not in (1, 2):
            raise ArgumentError(say("stride={stride!r}：应为 1 或 2", stride=self.stride))
        if self.maps not in HEADS:
            raise ArgumentError(say("maps={maps!r}：应为 {known} 之一", maps=self.maps, known=listing(HEADS)))

    def stem(self, x):
        """Halve the side by a first convolution, if the network works at half the side."""
        if self.stride == 1:
            return x
        return self._convolution(self.filters, 5, "stem_conv", strides=2)(x)

    def block(self, x, level, name):
        """Two convolutions of 3 x 3."""
        for n in (1, 2):
            x = self._convolution(self.filters << level, 3, f"{name}_conv{n}")(x)
        return x

    def up(self, x, level, name):
        """Double the side by a transposed convolution."""
        filters = self.filters << level
        return layers.Conv2DTranspose(filters, 2, strides=2, padding="same", name=f"{name}_up")(x)

    def join(self, tensors, name):
        """Concatenate the channels."""
        return layers.Concatenate(name=f"{name}_concat")(tensors)

    def attention_gate(self, skip, gate, level, name):
        """Weigh the skip connection by what the coarser decoder signal finds relevant (paper, figure 2)."""
        filters = self.filters << level
        theta = layers.Conv2D(filters, 2, strides=2, use_bias=False, name=f"{name}_theta")(skip)
        phi = layers.Conv2D(filters, 1, name=f"{name}_phi")(gate)
        added = layers.Activation("relu", name=f"{name}_relu")(layers.Add(name=f"{name}_add")([theta, phi]))
        weight = layers.Conv2D(1, 1, activation="sigmoid", name=f"{name}_psi")(added)
        weight = BilinearUpSampling2D(name=f"{name}_upsample")(weight)
        return layers.Multiply(name=f"{name}_multiply")([skip, weight])

    def heads(self, tensors):
        """The network's maps, float32, of one tensor; of several the mean, then those of each: all learn."""
        if len(tensors) == 1:
            return self._head(tensors[0], "")
        heads = [self._head(x, f"head{number}_") for number, x in enumerate(tensors, 1)]
        mean = layers.Average(name="mean", dtype="float32")(heads)
        return layers.Concatenate(name="heads", dtype="float32")([mean, *heads])

    def _head(self, x, prefix):
        maps = [self._map(x, f"{prefix}{name}", *form) for name, *form in HEADS[self.maps]]
        return maps[0] if len(maps) == 1 else layers.Concatenate(name=f"{prefix}maps", dtype="float32")(maps)

    def _map(self, x, name, channels, activation):
        if self.stride == 1:
            return layers.Conv2D(channels, 1, activation=activation, dtype="float32", name=name)(x)
        x = layers.Conv2DTranspose(channels, 4, strides=2, padding="same", name=f"{name}_up")(x)
        return layers.Activation(activation or "linear", dtype="float32", name=name)(x)

    def _convolution(self, filters, side, name, strides=1):
        kind = StandardisedConv2D if self.standardised else layers.Conv2D
        return kind(filters, side, strides=strides, padding="same", activation="relu", name=name)
