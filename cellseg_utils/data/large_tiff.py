"""What is looked at of a TIFF file that is too large for the memory, one region at a time."""

import math
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from cellseg_utils.data import channels, picture_size, tiff, tiff_pages, tiff_regions
from cellseg_utils.data.image import ImageFileError
from cellseg_utils.data.selection import ALL, SelectionError
from cellseg_utils.run.language import say

LARGE = 64_000_000  # pixels: pictures with more are read and segmented in pieces
SAMPLE = 4_000_000  # pixels from which contrast and channel are taken
BAND = 1024  # rows that are read at once for it


class LargeTiff:
    """A picture of which regions are read.

    Parameters
    ----------
    file : tifffile.TiffFile
        Open.
    name : str
        What to call the file in a message.
    chosen : selection.Selection
        Which plane and channel of several.

    Attributes
    ----------
    shape : tuple of int
        Height and width (pixels).
    """

    def __init__(self, file, name, chosen=ALL):
        self._regions, self._name, self._chosen = tiff_regions.Regions(file), name, chosen
        self.shape, self._settled = self._regions.shape, None

    @property
    def about(self):
        """The picture thinned out: every n-th pixel along rows and columns, an `image.Image`.

        Raises
        ------
        ImageFileError
            As `imagefile.read_image`.
        """
        return self._settle()[0]

    def region(self, rows, columns):
        """A region of the picture.

        Parameters
        ----------
        rows, columns : slice
            Within the picture, step 1.

        Returns
        -------
        image : image.Image
            As `imagefile.open_image` gives it, at the contrast of the whole picture.

        Raises
        ------
        ImageFileError
            As `imagefile.read_image`.
        """
        _, decision = self._settle()
        return self._seen(self._pixels(rows, columns), decision)

    def _settle(self):
        """The picture thinned out, and what is looked at."""
        if self._settled is None:
            pixels = self._thinned()
            with self._told():
                plane = self._chosen.plane_of(pixels)
                decision = channels.decided(plane, pixels, self._name, self._chosen)
            self._settled = self._seen(pixels, decision), decision
        return self._settled

    def _seen(self, pixels, decision):
        with self._told():
            plane = self._chosen.plane_of(pixels)
            return channels.as_decided(plane, pixels, self._name, self._chosen, decision)

    def _thinned(self):
        height, width = self.shape
        step = max(1, math.isqrt(height * width // SAMPLE))
        high = max(step, min(self._regions.height, BAND) // step * step)
        bands = []
        for top in range(0, height, high):
            band = self._pixels(slice(top, min(top + high, height)), slice(0, width))
            y, x = band.axes.index("Y"), band.axes.index("X")
            every = [
                slice(None, None, step) if axis in (y, x) else slice(None) for axis in range(len(band.axes))
            ]
            bands.append(band.array[tuple(every)].copy())
        return replace(band, array=np.concatenate(bands, axis=y))

    def _pixels(self, rows, columns):
        with self._told():
            return self._regions.pixels(rows, columns)

    @contextmanager
    def _told(self):
        """Errors as one line with the name of the file."""
        try:
            yield
        except (ImageFileError, MemoryError):
            raise
        except (tiff.TiffError, SelectionError) as error:
            raise ImageFileError(say("{name}：{error}", name=self._name, error=error)) from error
        except Exception as error:  # a damaged TIFF makes tifffile raise almost anything
            raise ImageFileError(
                say(
                    "{name}：这个 TIFF 读不出来（{error}），请重新导出为分块（tiled）的 TIFF",
                    name=self._name,
                    error=error,
                )
            ) from error


@contextmanager
def opened(path, name, chosen=ALL):
    """Open a TIFF file that is to be read in pieces.

    Parameters
    ----------
    path : path-like
    name : str
        What to call the file in a message.
    chosen : selection.Selection
        Which plane and channel of several.

    Yields
    ------
    picture : LargeTiff or None
        None for a file that is no TIFF, has at most `LARGE` pixels, or can't be read in pieces.

    Raises
    ------
    ImageFileError
        If the picture is too large (`picture_size.check`).
    """
    try:
        regular = str(path).lower().endswith(tiff.SUFFIXES) and Path(path).is_file()
        file = tiff_pages.opened(path) if regular else None
    except Exception:  # whoever reads it whole says what is wrong
        file = None
    if file is None:
        yield None
        return
    with file:
        yield _opened(file, name, chosen) if _in_pieces(file, name) else None


def _opened(file, name, chosen):
    try:
        return LargeTiff(file, name, chosen)
    except Exception:  # damaged metadata raise almost anything; whoever reads it whole says what is wrong
        return None


def _in_pieces(file, name):
    try:
        size = tiff_regions.size(file.series[0])
        possible = tiff_regions.readable(file.series) and picture_size.holds(
            file.filehandle.size, file.series[0].nbytes
        )
    except Exception:
        return False
    large = math.prod(size) > LARGE and possible
    if large:
        picture_size.check(size, name, factor=picture_size.IN_PIECES)
    return large
