"""What a file holds, as it is, and what of it is looked at."""

from dataclasses import dataclass

import numpy as np

from cellseg_utils.run.language import later, say
from cellseg_utils.run.plain_error import PlainError


class ImageFileError(PlainError, ValueError):
    """A picture that can't be read; the message is one line that names the file and the fix."""


COLOURS = ("red", "green", "blue")
CHOSEN = {
    "asked": later("指定"),
    "name": later("按名称"),
    "looks": later("按外观"),
    "only": later("只有它有内容"),
}


@dataclass(frozen=True)
class Pixels:
    """The pixels of a file and what the file says about them.

    Attributes
    ----------
    array : ndarray
        Of any shape and type.
    axes : str
        A letter for each of its axes, as tifffile names them: `Y` and `X` among them; `C` channels, `S` red,
        green and blue, anything else planes or times.
    names : tuple of str
        Of the channels; empty where the file does not say.
    pixel_size : tuple of float, or None
        Height and width of a pixel (µm); None where the file does not say.
    turned : bool
        Whether the file said that the picture lies on its side or is mirrored; the array stands upright.
    """

    array: np.ndarray
    axes: str
    names: tuple = ()
    pixel_size: tuple | None = None
    turned: bool = False

    @property
    def colours(self):
        """Whether the channels are red, green and blue."""
        return "S" in self.axes


@dataclass(frozen=True)
class Image:
    """One plane of a file: the picture that is segmented, and all channels that are measured.

    Attributes
    ----------
    rgb : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit).
    channels : (H, W, C) ndarray
        As the file holds them (its own unit).
    names : tuple of str
        One for each channel: the file's, `red`, `green` and `blue`, `grey`, or its number from 1.
    channel : str
        Name of the one that shows the DNA; empty where colours are a stain, or there is one only.
    by : str
        How it was chosen: `asked`, or as `dna_channel.Choice` says; empty where `channel` is.
    sure : bool
        Whether hardly another one could be meant.
    pixel_size : tuple of float, or None
        Height and width of a pixel (µm); None where nobody knows.
    turned : bool
        Whether the picture was turned upright as the file says.
    drawn : bool
        Whether a scale bar was painted over in `rgb`.
    """

    rgb: np.ndarray
    channels: np.ndarray
    names: tuple
    channel: str = ""
    by: str = ""
    sure: bool = True
    pixel_size: tuple | None = None
    turned: bool = False
    drawn: bool = False

    @property
    def doubt(self):
        """What the user shall look at, in Chinese; empty where nothing is."""
        if self.sure:
            return ""
        return say(
            "拿不准哪个通道是细胞核，取了 {channel}；若不对，请用 --channel 指定", channel=self.channel
        )

    @property
    def remarks(self):
        """What was decided about the picture, in Chinese."""
        remarks = []
        if self.channel:
            by = say(CHOSEN[self.by])
            remarks.append(say("细胞核取通道 {channel}（{by}）", channel=self.channel, by=by))
        if self.turned:
            remarks.append(say("按文件里的方向标记转正"))
        if self.drawn:
            remarks.append(say("里画着比例尺，抹去再看"))
        return remarks
