"""Which part of a picture of several channels or planes is looked at."""

from dataclasses import dataclass

import numpy as np

from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import PlainError

PROJECTIONS = {"max": np.max, "mean": np.mean}
CHANNELS = "CS"  # axes, as tifffile names them: channels, samples of a pixel
SEEN = "YX" + CHANNELS
UNSAID = "QI"  # axes of which the file does not say what they are


class SelectionError(PlainError, ValueError):
    """A part that a picture lacks, or that must be named; the message does not name the file."""


@dataclass(frozen=True)
class Selection:
    """What a user chose.

    Attributes
    ----------
    channel : str
        Its name, or its number counted from 1; empty to let the picture decide.
    plane : int
        Of a stack or a series in time, counted from 1; 0 chooses none.
    project : str
        A key of `PROJECTIONS`: all planes as one; empty for none.
    pixel_size : float
        Side of a pixel (µm) in place of what the files say; 0 to believe them.
    each_plane : bool
        Whether every plane of a file is a picture of its own; whoever lists the pictures sees to it.
    at : tuple of (str, int)
        Axes and numbers, counted from 1, of one plane among those of several axes.
    """

    channel: str = ""
    plane: int = 0
    project: str = ""
    pixel_size: float = 0
    each_plane: bool = False
    at: tuple = ()

    def __post_init__(self):
        """Refuse what can't be chosen."""
        object.__setattr__(self, "channel", str(self.channel).strip())
        if self.project and self.project not in PROJECTIONS:
            raise SelectionError(
                say("project={project}：应为 {known} 之一", project=self.project, known=listing(PROJECTIONS))
            )
        if self.project and self.plane:
            raise SelectionError(say("project 与 plane 只能选一个：要么合成一层，要么取其中一层"))
        if self.each_plane and (self.plane or self.project):
            raise SelectionError(say("each_plane 是每一层都要，不能再用 plane 或 project"))
        if self.plane < 0 or self.channel.startswith("-") or self.channel == "0":
            raise SelectionError(say("channel 与 plane 从 1 数起"))
        if not 0 <= self.pixel_size < float("inf"):
            raise SelectionError(say("pixel_size={pixel_size}：应为正数（微米）", pixel_size=self.pixel_size))

    def plane_of(self, pixels):
        """The plane that is looked at, with all of its channels.

        Parameters
        ----------
        pixels : image.Pixels

        Returns
        -------
        channels : (H, W, C) ndarray

        Raises
        ------
        SelectionError
            If there are several planes and none is chosen, or there is no such plane, or the picture has
            channels that have colours.
        """
        array, axes = pixels.array, self._with_channels(pixels.axes)
        for axis in [axis for axis in axes if axis not in SEEN]:
            array = self._flat(array, axes.index(axis), axis)
            axes = axes.replace(axis, "")
        channels = [axis for axis in axes if axis in CHANNELS]
        if len(channels) > 1:
            raise SelectionError(say("轴 {axes} 里既有通道又有颜色，请先导出其中一个通道", axes=axes))
        array = np.moveaxis(array, [axes.index(axis) for axis in ["Y", "X", *channels]], range(len(axes)))
        return array if channels else array[..., None]

    def _with_channels(self, axes):
        """The axes, one that could be anything as channels if a channel is asked for and there are none."""
        unsaid = [axis for axis in axes if axis in UNSAID]
        if self.channel and len(unsaid) == 1 and not set(axes) & set(CHANNELS):
            return axes.replace(unsaid[0], "C")
        return axes

    def number_of(self, names):
        """Number of the chosen channel, from 0.

        Parameters
        ----------
        names : sequence of str
            Of all channels.

        Returns
        -------
        number : int

        Raises
        ------
        SelectionError
            If no channel is called so, or there are fewer.
        """
        known, wanted = [name.casefold() for name in names], self.channel.casefold()
        if wanted in known:
            return known.index(wanted)
        if wanted.isdecimal() and int(wanted) <= len(names):
            return int(wanted) - 1
        alike = [number for number, name in enumerate(known) if wanted in name]
        if len(alike) == 1:
            return alike[0]
        if wanted.isdecimal():
            raise SelectionError(
                say("只有 {n} 个通道，没有第 {channel} 个", n=len(names), channel=self.channel)
            )
        raise SelectionError(
            say("没有叫 {channel} 的通道；有：{names}", channel=self.channel, names=listing(names))
        )

    def _flat(self, array, place, axis):
        count = array.shape[place]
        plane = dict(self.at).get(axis, self.plane)
        if self.project:
            return PROJECTIONS[self.project](array, axis=place)
        if not plane:
            channels = say("；若这些是通道，请用 --channel 选出细胞核的那个") if axis in UNSAID else ""
            raise SelectionError(
                say(
                    "轴 {axis} 上有 {count} 层；请用 --project max 合成一层，"
                    "或用 --plane 取其中一层{channels}",
                    axis=axis,
                    count=count,
                    channels=channels,
                )
            )
        if plane > count:
            raise SelectionError(
                say("轴 {axis} 上只有 {count} 层，没有第 {plane} 层", axis=axis, count=count, plane=plane)
            )
        return np.take(array, plane - 1, axis=place)


ALL = Selection()  # the picture as it is
