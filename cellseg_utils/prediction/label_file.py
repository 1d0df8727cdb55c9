"""A label image that is larger than the memory: numbers in a file, drawn and read region by region."""

import numpy as np
import tifffile

from cellseg_utils.prediction import exports

TILE = 512  # pixels of a side: of the tiles of the TIFF file
BIG = 2**32 - 2**25  # bytes from which on a TIFF file needs 64 bit offsets, if nothing were compressed


class LabelFile:
    """A label image in a file.

    Parameters
    ----------
    file : file
        Empty, binary, open for reading and writing; takes 4 bytes a pixel where something is drawn.
    shape : tuple of int
        Height and width (pixels).

    Attributes
    ----------
    count : int
        Nuclei that are drawn.
    """

    def __init__(self, file, shape):
        self._file, self.shape, self.count = file, shape, 0
        file.truncate(4 * shape[0] * shape[1])

    def region(self, rows, columns):
        """A region of the label image.

        Parameters
        ----------
        rows, columns : slice
            Within the image, step 1.

        Returns
        -------
        labels : (h, w) ndarray of int32
            0 is background (no unit).
        """
        labels = np.empty((rows.stop - rows.start, columns.stop - columns.start), np.int32)
        for row, line in zip(range(rows.start, rows.stop), labels, strict=True):
            self._seek(row, columns.start)
            self._file.readinto(line)
        return labels

    def draw(self, rows, columns, labels):
        """Add nuclei, numbered after those that are there.

        Parameters
        ----------
        rows, columns : slice
            Within the image, step 1.
        labels : (h, w) ndarray of int32
            0 leaves what is there, 1..n are the nuclei (no unit).
        """
        drawn = np.where(labels > 0, labels + np.int32(self.count), self.region(rows, columns))
        for row in np.flatnonzero(labels.any(axis=1)).tolist():
            self._seek(rows.start + row, columns.start)
            self._file.write(drawn[row])
        self.count += int(labels.max(initial=0))

    def thinned(self, factor):
        """Of every square of pixels the one in the middle.

        Parameters
        ----------
        factor : int
            Pixels of a side.

        Returns
        -------
        labels : (h, w) ndarray of int32
        """
        rows, columns = (
            np.minimum(np.arange(0, length, factor) + factor // 2, length - 1) for length in self.shape
        )
        all_columns = slice(0, self.shape[1])
        return np.stack([self.region(slice(row, row + 1), all_columns)[0, columns] for row in rows.tolist()])

    def save(self, path, pixel_size=None):
        """Write the label image as a TIFF file in tiles, losslessly compressed (Deflate).

        Parameters
        ----------
        path : path-like
            16 bit, or 32 bit if there are 65536 nuclei or more.
        pixel_size : tuple of float, optional
            Height and width of a pixel (µm), kept in the file.
        """
        depth = np.uint16 if self.count <= np.iinfo(np.uint16).max else np.uint32
        big = self.shape[0] * self.shape[1] * np.dtype(depth).itemsize > BIG
        form = {
            "shape": self.shape,
            "dtype": depth,
            "tile": (TILE, TILE),
            "photometric": "minisblack",
        } | exports.resolution(pixel_size)
        tifffile.imwrite(path, self._tiles(depth), bigtiff=big, compression="zlib", metadata=None, **form)

    def _tiles(self, depth):
        height, width = self.shape
        for top in range(0, height, TILE):
            band = self.region(slice(top, min(top + TILE, height)), slice(0, width)).astype(depth)
            band = np.pad(band, [(0, -length % TILE) for length in band.shape])
            yield from np.split(band, range(TILE, band.shape[1], TILE), axis=1)

    def _seek(self, row, column):
        self._file.seek(4 * (row * self.shape[1] + column))
