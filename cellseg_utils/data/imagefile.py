"""Read one picture file, whatever its format, size, depth or channel count."""

from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from cellseg_utils.data import channels, mask_png, microscopes, npy, raster, tiff
from cellseg_utils.data.eight_bit import to_rgb
from cellseg_utils.data.image import ImageFileError
from cellseg_utils.data.selection import ALL, SelectionError
from cellseg_utils.run import reading, system_errors
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError, one_line

SUFFIXES = (*raster.SUFFIXES, *tiff.SUFFIXES, *npy.SUFFIXES, *microscopes.SUFFIXES)


def open_image(path, name=None, chosen=ALL):
    """Read a picture that a user named.

    Parameters
    ----------
    path : path-like
        PNG, JPEG, BMP, WebP, GIF, TIFF or NPY, or with the extra `bio` CZI, ND2, LIF, DICOM or the folder of
        an OME-Zarr; grey, colour or channels; 8 or 16 bit or floating point.
    name : str, optional
        What to call the file in a message; its name when left out.
    chosen : selection.Selection
        Which plane and channel of several.

    Returns
    -------
    image : image.Image

    Raises
    ------
    ImageFileError
        If the file is missing, empty, truncated, not a picture, a stack of several planes of which none is
        chosen, or in colours that are neither grey, RGB nor a palette.
    """
    path = Path(path)
    if microscopes.is_read(path) and (path.is_file() or path.is_dir()):
        own = name or path.name
        with _told(own):
            return _looked_at(microscopes.read(path, own), own, chosen)
    try:
        data = reading.whole(path)
    except OSError as error:
        raise ImageFileError(
            say(
                "{name}：无法读取（{reason}），请检查路径和权限",
                name=name or path,
                reason=system_errors.reason(error),
            )
        ) from error
    return decode(data, name or path.name, chosen)


def read_image(path, name=None, chosen=ALL):
    """The colours that `open_image` gives: (H, W, 3) ndarray of uint8, RGB (no unit)."""
    return open_image(path, name, chosen).rgb


def decode(data, name, chosen=ALL):
    """Decode the bytes of any picture file.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message; its ending tells the format.
    chosen : selection.Selection
        Which plane and channel of several.

    Returns
    -------
    image : image.Image

    Raises
    ------
    ImageFileError
        As `open_image`.
    """
    with _told(name):
        return _looked_at(_pixels(data, name), name, chosen)


def decode_rgb(data, name):
    """Decode the colours of a picture alone, which is faster than `decode`.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message; its ending tells the format.

    Returns
    -------
    image : (H, W, 3) ndarray of uint8
        RGB, 0..255 (no unit). An alpha channel is dropped.

    Raises
    ------
    ImageFileError
        As `open_image`.
    """
    if name.lower().endswith((*tiff.SUFFIXES, *npy.SUFFIXES, *microscopes.SUFFIXES)):
        return decode(data, name).rgb
    with _told(name):
        return to_rgb(raster.decode(data, name).array, name)


def decode_mask(data, name):
    """Decode the mask of one nucleus.

    Parameters
    ----------
    data : bytes
        The whole PNG file.
    name : str
        What to call the file in a message.

    Returns
    -------
    mask : mask_png.Mask

    Raises
    ------
    ImageFileError
        If the bytes are not a complete picture.
    """
    with _told(name):
        mask = mask_png.decode(data)
        if mask is None:
            rows = raster.decoded(data, name, cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
            mask = mask_png.Mask((rows > 0).astype(np.uint8), 0, rows.shape)
        return mask


def lacks_memory(error):
    """Whether an error of NumPy, OpenCV or TensorFlow says that the memory does not suffice.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    answer : bool
    """
    if isinstance(error, cv2.error):
        return error.code == cv2.Error.StsNoMem
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"


@contextmanager
def _told(name):
    """Whatever a decoder makes of a damaged file, as one line with its name."""
    try:
        yield
    except (PlainError, MemoryError):
        raise
    except Exception as error:
        if lacks_memory(error):
            raise
        reason = one_line(error)
        raise ImageFileError(
            say("{name}：读不出来（{reason}），请重新下载或重新导出", name=name, reason=reason)
        ) from error


def _pixels(data, name):
    if name.lower().endswith(tiff.SUFFIXES):
        return tiff.decode(data, name)
    if name.lower().endswith(npy.SUFFIXES):
        return npy.decode(data, name)
    if name.lower().endswith(microscopes.SUFFIXES):
        return microscopes.decode(data, name)
    return raster.decode(data, name)


def _looked_at(pixels, name, chosen):
    try:
        return channels.looked_at(pixels, name, chosen)
    except SelectionError as error:
        raise ImageFileError(say("{name}：{error}", name=name, error=error)) from error
