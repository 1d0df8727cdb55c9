"""Which part of a picture of several channels or planes is looked at."""

from dataclasses import dataclass

import numpy as np

PROJECTIONS = {"max": np.max, "mean": np.mean}
CHANNELS = "CS"  # axes, as tifffile names them: channels, samples of a pixel
SEEN = "YX" + CHANNELS


class SelectionError(ValueError):
    """A part that a picture lacks, or that must be named; the message is Chinese, without the file."""


@dataclass(frozen=True)
class Selection:
    """What a user chose.

    Attributes
    ----------
    channel : int
        Counted from 1; 0 leaves colours as they are.
    plane : int
        Of a stack or a series in time, counted from 1; 0 chooses none.
    project : str
        A key of `PROJECTIONS`: all planes as one; empty for none.
    """

    channel: int = 0
    plane: int = 0
    project: str = ""

    def __post_init__(self):
        """Refuse what can't be chosen."""
        if self.project and self.project not in PROJECTIONS:
            raise SelectionError(f"project={self.project}：应为 {'、'.join(PROJECTIONS)} 之一")
        if self.project and self.plane:
            raise SelectionError("project 与 plane 只能选一个：要么合成一层，要么取其中一层")
        if self.channel < 0 or self.plane < 0:
            raise SelectionError("channel 与 plane 从 1 数起")

    def of(self, array, axes):
        """The plane that is looked at.

        Parameters
        ----------
        array : ndarray
        axes : str
            A letter for each of its axes, as tifffile names them; `Y` and `X` among them.

        Returns
        -------
        plane : (H, W) or (H, W, C) ndarray

        Raises
        ------
        SelectionError
            If there are several planes and none is chosen, or the picture lacks what is chosen.
        """
        for axis in [axis for axis in axes if axis not in SEEN]:
            array = self._flat(array, axes.index(axis), axis)
            axes = axes.replace(axis, "")
        channels = [axis for axis in axes if axis in CHANNELS]
        if len(channels) > 1:
            raise SelectionError(f"轴 {axes} 里既有通道又有颜色，请先导出其中一个通道")
        array = np.moveaxis(array, [axes.index(axis) for axis in ["Y", "X", *channels]], range(len(axes)))
        return self._channel(array) if self.channel else array

    def _flat(self, array, place, axis):
        count = array.shape[place]
        if self.project:
            return PROJECTIONS[self.project](array, axis=place)
        if not self.plane:
            raise SelectionError(
                f"轴 {axis} 上有 {count} 层；请用 --project max 合成一层，或用 --plane 取其中一层"
            )
        if self.plane > count:
            raise SelectionError(f"轴 {axis} 上只有 {count} 层，没有第 {self.plane} 层")
        return np.take(array, self.plane - 1, axis=place)

    def _channel(self, array):
        count = array.shape[2] if array.ndim == 3 else 1
        if self.channel > count:
            raise SelectionError(f"只有 {count} 个通道，没有第 {self.channel} 个")
        return array if array.ndim == 2 else array[..., self.channel - 1]


ALL = Selection()  # the picture as it is
