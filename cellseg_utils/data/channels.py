"""What the channels of a picture mean: colours, dyes or opacity, and which of them shows the nuclei."""

from dataclasses import dataclass, replace

import numpy as np

from cellseg_utils.audit import dna_channel, image_kinds
from cellseg_utils.data import scale_bar
from cellseg_utils.data.eight_bit import stretch, to_rgb
from cellseg_utils.data.image import COLOURS, Image
from cellseg_utils.data.selection import ALL, SelectionError
from cellseg_utils.run.language import say


@dataclass(frozen=True)
class Decision:
    """What is looked at of a file's pixels.

    Attributes
    ----------
    names : tuple of str
        Of all channels, as `image.Image` has them.
    number : int, or None
        Of the channel that is looked at, from 0; None for the colours as they are.
    channel, by, sure
        As `image.Image` has them.
    limits : tuple of float, or None
        Of the contrast, as `eight_bit.to_rgb` takes them.
    """

    names: tuple
    number: int | None = None
    channel: str = ""
    by: str = ""
    sure: bool = True
    limits: tuple | None = None


def looked_at(pixels, name, chosen=ALL):
    """Choose what is looked at of a file's pixels, and paint over a scale bar.

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
    plane = chosen.plane_of(pixels)
    image = as_decided(plane, pixels, name, chosen, decided(plane, pixels, name, chosen))
    rgb, drawn = scale_bar.painted_over(image.rgb)
    return replace(image, rgb=rgb, drawn=drawn)


def decided(plane, pixels, name, chosen=ALL):
    """Decide what is looked at.

    Colours stay as they are, unless a channel is asked for: of colours that shine, whoever segments them
    takes the same channel as is named here. Of other channels the one that shows the DNA is taken.

    Parameters
    ----------
    plane : (H, W, C) ndarray
        From `Selection.plane_of`; of a large picture every n-th pixel along rows and columns will do.
    pixels, name, chosen
        As for `looked_at`.

    Returns
    -------
    decision : Decision

    Raises
    ------
    selection.SelectionError, ImageFileError
        As `looked_at`.
    """
    names = _names(pixels, plane.shape[2])
    if pixels.colours and len(names) != len(COLOURS) and not chosen.channel and len(names) > 1:
        raise SelectionError(
            say(
                "有 {n} 个通道，第 {n} 个没有写明是不透明度还是一种染料，"
                "请用 --channel 选出细胞核（DNA）的那个",
                n=len(names),
            )
        )
    if chosen.channel:
        number = chosen.number_of(names)
        decision = Decision(names, number, names[number], "asked")
    elif len(names) == 1 or pixels.colours or _is_stain(plane):
        decision = Decision(names)
    else:
        choice = dna_channel.choose(plane, names)
        decision = Decision(names, choice.channel, names[choice.channel], choice.by, choice.sure)
    shown = _shown(plane, decision)
    if shown.dtype not in (bool, np.uint8):
        decision = replace(decision, limits=stretch(shown, name))
    return _of_colours(plane, name, decision) if pixels.colours and decision.number is None else decision


def as_decided(plane, pixels, name, chosen, decision):
    """Look at a file's pixels, or at a part of them.

    Parameters
    ----------
    plane : (H, W, C) ndarray
        From `Selection.plane_of`.
    pixels, name, chosen
        As for `looked_at`.
    decision : Decision
        From `decided`.

    Returns
    -------
    image : image.Image

    Raises
    ------
    ImageFileError
        As `looked_at`.
    """
    return Image(
        to_rgb(_shown(plane, decision), name, decision.limits),
        plane,
        decision.names,
        decision.channel,
        decision.by,
        decision.sure,
        (chosen.pixel_size,) * 2 if chosen.pixel_size else pixels.pixel_size,
        pixels.turned,
    )


def _shown(plane, decision):
    return plane if decision.number is None else plane[..., decision.number]


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


def _of_colours(plane, name, decision):
    """Name the colour that shows the DNA, if colours shine at all."""
    if plane.shape[2] != len(COLOURS):
        return decision
    rgb = to_rgb(plane, name, decision.limits)
    if not _shines(rgb) or (rgb == rgb[..., :1]).all():
        return decision
    choice = dna_channel.choose(rgb, colours=True)
    return replace(decision, channel=decision.names[choice.channel], by=choice.by, sure=choice.sure)


def _is_stain(plane):
    """Whether three channels that are not called so are the colours of a stained picture."""
    return plane.shape[2] == len(COLOURS) and plane.dtype == np.uint8 and not _shines(plane)


def _shines(channels):
    return image_kinds.image_kind(np.ascontiguousarray(channels)) == "fluorescence"
