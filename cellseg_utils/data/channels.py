"""What the channels of a picture mean: colours, dyes or opacity, and which of them shows the nuclei."""

import numpy as np

from cellseg_utils.audit import dna_channel, image_kinds
from cellseg_utils.data.eight_bit import to_rgb
from cellseg_utils.data.image import COLOURS, Image
from cellseg_utils.data.selection import ALL, SelectionError


def looked_at(pixels, name, chosen=ALL):
    """Choose what is looked at of a file's pixels.

    Colours stay as they are, unless a channel is asked for: of colours that shine, whoever segments them
    takes the same channel as is named here. Of other channels the one that shows the DNA is taken.

    Parameters
    ----------
    pixels : image.Pixels
    name : str
        What to call the file in a message.
    chosen : selection.Selection
        Which plane and channel of several.

    Returns
    -------
    image : image.Image

    Raises
    ------
    selection.SelectionError
        If there are several planes and none is chosen, there is no such plane or channel, or a sample beyond
        the colours may be a dye.
    ImageFileError
        As `eight_bit.to_rgb`.
    """
    channels = chosen.plane_of(pixels)
    names = _names(pixels, channels.shape[2])
    size = (chosen.pixel_size,) * 2 if chosen.pixel_size else pixels.pixel_size
    known = {"channels": channels, "names": names, "pixel_size": size, "turned": pixels.turned}
    if chosen.channel:
        number = chosen.number_of(names)
        return Image(to_rgb(channels[..., number], name), channel=names[number], by="asked", **known)
    if len(names) == 1:
        return Image(to_rgb(channels, name), **known)
    if pixels.colours and len(names) != len(COLOURS):
        raise SelectionError(
            f"有 {len(names)} 个通道，第 {len(names)} 个没有写明是不透明度还是一种染料，"
            "请用 --channel 选出细胞核（DNA）的那个"
        )
    if pixels.colours:
        rgb = to_rgb(channels, name)
        return Image(rgb, **known | _shining(rgb, names))
    if len(names) == len(COLOURS) and channels.dtype == np.uint8 and _is_stain(channels):
        return Image(to_rgb(channels, name), **known)
    choice = dna_channel.choose(channels, names)
    return Image(to_rgb(channels[..., choice.channel], name), **known | _said(choice, names))


def _names(pixels, count):
    """Names of all channels, no two the same."""
    numbers = [str(number) for number in range(1, count + 1)]
    if pixels.colours and count >= len(COLOURS):
        return (*COLOURS, *numbers[len(COLOURS) :])
    if count == 1:
        return tuple(pixels.names[:1]) or ("grey",)
    given = [" ".join(own.split()) for own in pixels.names]
    if len(given) != count:
        return tuple(numbers)
    return tuple(
        own if own and given.count(own) == 1 else f"{own} {number}".strip()
        for own, number in zip(given, numbers, strict=True)
    )


def _shining(rgb, names):
    """Which colour shows the DNA, if colours shine at all."""
    if image_kinds.image_kind(rgb) != "fluorescence" or (rgb == rgb[..., :1]).all():
        return {}
    return _said(dna_channel.choose(rgb, colours=True), names)


def _said(choice, names):
    return {"channel": names[choice.channel], "by": choice.by, "sure": choice.sure}


def _is_stain(channels):
    return image_kinds.image_kind(np.ascontiguousarray(channels)) != "fluorescence"
