"""U-Net, Attention U-Net and U-Net++ out of the same few blocks, in Keras 3 layers only."""

from keras import Input, Model, layers

CHANNELS = 3


def unet(image_size, filters=16, depth=4):
    """U-Net: an encoder, a bottom and a decoder, joined by skip connections.

    Parameters
    ----------
    image_size : int
        Side of the square input (pixels), a multiple of `2 ** depth`.
    filters : int
        Filters of the first block (no unit); every level below has twice as many.
    depth : int
        How often the encoder halves the side (no unit).

    Returns
    -------
    model : keras.Model
        `(N, S, S, 3)` values 0..255 to `(N, S, S, 1)` probabilities of nucleus, float32.

    Raises
    ------
    ValueError
        If `image_size` can't be halved `depth` times.

    References
    ----------
    Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28.
    """
    inputs, skips, bottom = _encoder(image_size, filters, depth)
    x = bottom
    for level in reversed(range(depth)):
        up = _up(x, filters << level, f"decoder{level}")
        x = _block(_join([up, skips[level]], f"decoder{level}"), filters << level, f"decoder{level}")
    return Model(inputs, _head(x), name="unet")


def attention_unet(image_size, filters=16, depth=4):
    """Attention U-Net: a U-Net whose skip connections pass through additive attention gates.

    Parameters
    ----------
    image_size, filters, depth : int
        As for `unet`.

    Returns
    -------
    model : keras.Model
        As for `unet`.

    Raises
    ------
    ValueError
        If `image_size` can't be halved `depth` times.

    References
    ----------
    Oktay et al. 2018, https://arxiv.org/abs/1804.03999.
    """
    inputs, skips, bottom = _encoder(image_size, filters, depth)
    x = bottom
    for level in reversed(range(depth)):
        gated = _attention_gate(skips[level], x, filters << level, f"gate{level}")
        up = _up(x, filters << level, f"decoder{level}")
        x = _block(_join([up, gated], f"decoder{level}"), filters << level, f"decoder{level}")
    return Model(inputs, _head(x), name="attention_unet")


def unet_plus_plus(image_size, filters=16, depth=4):
    """U-Net++: nested U-Nets of every depth, whose skip connections are densely connected blocks.

    Parameters
    ----------
    image_size, filters, depth : int
        As for `unet`.

    Returns
    -------
    model : keras.Model
        As for `unet`.

    Raises
    ------
    ValueError
        If `image_size` can't be halved `depth` times.

    References
    ----------
    Zhou et al. 2018, https://arxiv.org/abs/1807.10165.
    """
    inputs, skips, bottom = _encoder(image_size, filters, depth)
    rows = [[x] for x in [*skips, bottom]]
    for column in range(1, depth + 1):
        for level in range(depth + 1 - column):
            name = f"node{level}_{column}"
            up = _up(rows[level + 1][column - 1], filters << level, name)
            rows[level].append(_block(_join([*rows[level], up], name), filters << level, name))
    return Model(inputs, _head(rows[0][depth]), name="unet_plus_plus")


ARCHITECTURES = {"unet": unet, "attention_unet": attention_unet, "unet_plus_plus": unet_plus_plus}
TITLES = {"unet": "U-Net", "attention_unet": "Attention U-Net", "unet_plus_plus": "U-Net++"}


def build(architecture, arguments):
    """Build one of the architectures by its name.

    Parameters
    ----------
    architecture : str
        A key of `ARCHITECTURES`.
    arguments : dict
        Its arguments: `image_size`, `filters`, `depth`.

    Returns
    -------
    model : keras.Model

    Raises
    ------
    ValueError
        If the name is unknown or the arguments do not fit.
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(f"不认识的模型 {architecture!r}，可选：{'、'.join(ARCHITECTURES)}")
    return ARCHITECTURES[architecture](**arguments)


def _encoder(image_size, filters, depth):
    if image_size % (1 << depth):
        raise ValueError(f"image_size={image_size} 必须是 {1 << depth} 的倍数（depth={depth}），请改其中一个")
    inputs = Input((image_size, image_size, CHANNELS), name="image")
    x, skips = layers.Rescaling(1 / 255, name="rescale")(inputs), []
    for level in range(depth):
        x = _block(x, filters << level, f"encoder{level}")
        skips.append(x)
        x = layers.MaxPooling2D(name=f"encoder{level}_pool")(x)
    return inputs, skips, _block(x, filters << depth, "bottom")


def _block(x, filters, name):
    for n in (1, 2):
        x = layers.Conv2D(filters, 3, activation="relu", padding="same", name=f"{name}_conv{n}")(x)
    return x


def _up(x, filters, name):
    return layers.Conv2DTranspose(filters, 2, strides=2, padding="same", name=f"{name}_up")(x)


def _join(tensors, name):
    return layers.Concatenate(name=f"{name}_concat")(tensors)


def _attention_gate(skip, gate, filters, name):
    """Weigh the skip connection by what the coarser decoder signal finds relevant (paper, figure 2)."""
    theta = layers.Conv2D(filters, 2, strides=2, use_bias=False, name=f"{name}_theta")(skip)
    phi = layers.Conv2D(filters, 1, name=f"{name}_phi")(gate)
    added = layers.Activation("relu", name=f"{name}_relu")(layers.Add(name=f"{name}_add")([theta, phi]))
    weight = layers.Conv2D(1, 1, activation="sigmoid", name=f"{name}_psi")(added)
    weight = layers.UpSampling2D(interpolation="bilinear", name=f"{name}_upsample")(weight)
    return layers.Multiply(name=f"{name}_multiply")([skip, weight])


def _head(x):
    return layers.Conv2D(1, 1, activation="sigmoid", dtype="float32", name="probability")(x)
