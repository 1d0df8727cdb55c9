"""U-Net, Attention U-Net and U-Net++ out of the same few blocks, in Keras 3 layers only."""

from contextlib import contextmanager

import keras
from keras import Input, Model, layers

from cellseg_utils.models.blocks import Blocks
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import ArgumentError

CHANNELS = 3


def unet(image_size, filters=16, depth=4, stride=1, standardised=False, maps="probability"):
    """U-Net: an encoder, a bottom and a decoder, joined by skip connections.

    Parameters
    ----------
    image_size : int or None
        Side of the square input (pixels), a multiple of `stride * 2 ** depth`; None for any such height and
        width.
    filters : int
        Filters of the first block (no unit); every level below has twice as many.
    depth : int
        How often the encoder halves the side (no unit).
    stride : int
        1, or 2: a first convolution halves the side before all blocks, and the last one doubles it again.
    standardised : bool
        Whether kernels are standardised (`blocks.StandardisedConv2D`).
    maps : str
        What comes out: `"probability"`, or `"separating"` (`targets.MAPS`).

    Returns
    -------
    model : keras.Model
        `(N, S, S, 3)` values 0..255 to float32 maps: `(N, S, S, 1)` probabilities of nucleus, or
        `(N, S, S, 5)` maps as in `targets.MAPS`.

    Raises
    ------
    ValueError
        If `image_size` can't be halved so often.

    References
    ----------
    Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28.
    """
    blocks = Blocks(filters, stride, standardised, maps)
    inputs, skips, x = _encoder(image_size, depth, blocks)
    for level in reversed(range(depth)):
        name = f"decoder{level}"
        x = blocks.block(blocks.join([blocks.up(x, level, name), skips[level]], name), level, name)
    return Model(inputs, blocks.heads([x]), name="unet")


def attention_unet(image_size, filters=16, depth=4, stride=1, standardised=False, maps="probability"):
    """Attention U-Net: a U-Net whose skip connections pass through additive attention gates.

    Parameters
    ----------
    image_size, filters, depth, stride, standardised, maps
        As for `unet`.

    Returns
    -------
    model : keras.Model
        As for `unet`.

    Raises
    ------
    ValueError
        As for `unet`.

    References
    ----------
    Oktay et al. 2018, https://arxiv.org/abs/1804.03999.
    """
    blocks = Blocks(filters, stride, standardised, maps)
    inputs, skips, x = _encoder(image_size, depth, blocks)
    for level in reversed(range(depth)):
        name = f"decoder{level}"
        gated = blocks.attention_gate(skips[level], x, level, f"gate{level}")
        x = blocks.block(blocks.join([blocks.up(x, level, name), gated], name), level, name)
    return Model(inputs, blocks.heads([x]), name="attention_unet")


def unet_plus_plus(image_size, filters=16, depth=4, stride=1, standardised=False, maps="probability"):
    """U-Net++: nested U-Nets of every depth, whose skip connections are densely connected blocks.

    Every depth has a head of its own and learns by it (deep supervision).

    Parameters
    ----------
    image_size, filters, depth, stride, standardised, maps
        As for `unet`.

    Returns
    -------
    model : keras.Model
        As for `unet`; if `depth` is above 1, the mean of all heads' maps, then the maps of each head.

    Raises
    ------
    ValueError
        As for `unet`.

    References
    ----------
    Zhou et al. 2018, https://arxiv.org/abs/1807.10165.
    """
    blocks = Blocks(filters, stride, standardised, maps)
    inputs, skips, bottom = _encoder(image_size, depth, blocks)
    rows = [[x] for x in [*skips, bottom]]
    for column in range(1, depth + 1):
        for level in range(depth + 1 - column):
            name = f"node{level}_{column}"
            up = blocks.up(rows[level + 1][column - 1], level, name)
            rows[level].append(blocks.block(blocks.join([*rows[level], up], name), level, name))
    return Model(inputs, blocks.heads(rows[0][1:]), name="unet_plus_plus")


ARCHITECTURES = {"unet": unet, "attention_unet": attention_unet, "unet_plus_plus": unet_plus_plus}
TITLES = {"unet": "U-Net", "attention_unet": "Attention U-Net", "unet_plus_plus": "U-Net++"}


def build(architecture, arguments):
    """Build one of the architectures by its name.

    Parameters
    ----------
    architecture : str
        A key of `ARCHITECTURES`.
    arguments : dict
        Its arguments: `image_size`, `filters`, `depth`, and what else `unet` takes.

    Returns
    -------
    model : keras.Model

    Raises
    ------
    ValueError
        If the name is unknown or the arguments do not fit.
    """
    if architecture not in ARCHITECTURES:
        raise ArgumentError(
            say(
                "不认识的模型 {architecture!r}，可选：{known}",
                architecture=architecture,
                known=listing(ARCHITECTURES),
            )
        )
    with _channels_last():
        return ARCHITECTURES[architecture](**arguments)


@contextmanager
def _channels_last():
    """The order of axes that the networks are written for, whatever the user's `keras.json` says."""
    usual = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_last")
    try:
        yield
    finally:
        keras.config.set_image_data_format(usual)


def side_multiple(arguments):
    """What the sides of a network's pictures are multiples of.

    Parameters
    ----------
    arguments : dict
        Of `architectures.build`.

    Returns
    -------
    multiple : int
        Pixels.
    """
    return arguments.get("stride", 1) << arguments["depth"]


def _encoder(image_size, depth, blocks):
    factor = blocks.stride << depth
    if image_size is not None and image_size % factor:
        raise ArgumentError(
            say(
                "image_size={image_size} 必须是 {factor} 的倍数（depth={depth}），请改其中一个",
                image_size=image_size,
                factor=factor,
                depth=depth,
            )
        )
    inputs = Input((image_size, image_size, CHANNELS), name="image")
    x, skips = blocks.stem(layers.Rescaling(1 / 255, name="rescale")(inputs)), []
    for level in range(depth):
        x = blocks.block(x, level, f"encoder{level}")
        skips.append(x)
        x = layers.MaxPooling2D(name=f"encoder{level}_pool")(x)
    return inputs, skips, blocks.block(x, depth, "bottom")
