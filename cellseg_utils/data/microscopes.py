"""Decode a microscope's own format, with a library of the extra `bio`."""

from pathlib import Path

from cellseg_utils.data import microscope_files, ome_zarr
from cellseg_utils.data.image import ImageFileError, Pixels
from cellseg_utils.run import temporary
from cellseg_utils.run.language import say

_READERS = {
    ".czi": microscope_files.czi,
    ".nd2": microscope_files.nd2,
    ".lif": microscope_files.lif,
    ".dcm": microscope_files.dicom,
    ".dicom": microscope_files.dicom,
    ".zarr": ome_zarr.read,
}
FOLDERS = (".zarr",)  # a folder that is one picture
SUFFIXES = tuple(suffix for suffix in _READERS if suffix not in FOLDERS)


def is_folder(path):
    """Whether a folder is one picture.

    Parameters
    ----------
    path : Path

    Returns
    -------
    answer : bool
        True for one with a name in `FOLDERS`, and for what is described in such a one, as a field of a plate.
    """
    if path.suffix.lower() in FOLDERS:
        return path.is_dir()
    inside = any(parent.suffix.lower() in FOLDERS for parent in path.parents)
    return inside and any((path / about).is_file() for about in (".zattrs", "zarr.json"))


def is_read(path):
    """Whether `read` reads a file or folder.

    Parameters
    ----------
    path : Path

    Returns
    -------
    answer : bool
    """
    return path.suffix.lower() in SUFFIXES or is_folder(path)


def read(path, name):
    """Read a microscope's file.

    Parameters
    ----------
    path : Path
        That `is_read`.
    name : str
        What to call it in a message.

    Returns
    -------
    pixels : image.Pixels
        Axes of length 1 are left out but for rows, columns and colours.

    Raises
    ------
    ImageFileError
        If the extra is not installed, the file is missing, damaged or too large, or holds pictures of several
        sizes.
    """
    suffix = FOLDERS[0] if path.is_dir() else path.suffix.lower()
    try:
        return _short(_READERS[suffix](path))
    except microscope_files.MicroscopeError as error:
        raise ImageFileError(say("{name}：{error}", name=name, error=error)) from error
    except ImportError as error:
        fix = say('请先运行 pip install "cellseg-utils[bio]"，或导出为 TIFF')
        raise ImageFileError(
            say("{name}：读 {suffix} 要用另外的库，{fix}", name=name, suffix=suffix, fix=fix)
        ) from error
    except MemoryError:
        raise
    except Exception as error:  # each library raises what it likes
        reason = " ".join(f"{error}".split())[:200] or type(error).__name__
        raise ImageFileError(
            say("{name}：读不出来（{reason}），请重新下载，或导出为 TIFF", name=name, reason=reason)
        ) from error


def decode(data, name):
    """Decode the bytes of a microscope's file: the libraries want a path.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call the file in a message; ends in one of `SUFFIXES`.

    Returns
    -------
    pixels : image.Pixels
        As from `read`.

    Raises
    ------
    ImageFileError
        As `read`.
    """
    with temporary.folder() as folder:
        path = folder / f"picture{Path(name).suffix}"
        path.write_bytes(data)
        return read(path, name)


def _short(pixels):
    pairs = zip(pixels.axes, pixels.array.shape, strict=True)
    kept = [(axis, length) for axis, length in pairs if axis in "YXS" or length > 1]
    axes = "".join(axis for axis, _ in kept)
    if not {"Y", "X"} <= set(axes) or 0 in pixels.array.shape:
        raise microscope_files.MicroscopeError(
            say("轴 {axes}，形状 {shape}：不是图像", axes=pixels.axes, shape=pixels.array.shape)
        )
    array = pixels.array.reshape([length for _, length in kept])
    return Pixels(array[..., :3] if axes.endswith("S") else array, axes, pixels.names, pixels.pixel_size)
