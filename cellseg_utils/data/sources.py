"""What a labelled data set consists of, and how its files are read, zipped or not."""

import threading
import zipfile
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cellseg_utils.run import files, reading, system_errors
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import PlainError, one_line

LARGEST_MEMBER = 1 << 29  # bytes; a PNG of the competition's layout has some thousands
_ENCRYPTED, _UTF8 = (
    0x1,
    0x800,
)  # bits of a member's flags; APPNOTE.TXT 4.4.4, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT


class DataError(PlainError, ValueError):
    """Data that can't be used; the message is one line a fault, each with file and fix."""


@dataclass(frozen=True)
class Source:
    """Where the files of each picture are: a zip file or a folder, and its index.

    Attributes
    ----------
    path : Path
        The zip file or the folder.
    images : dict of str to str
        ImageId to the name of the picture's file inside `path`, sorted by ImageId.
    masks : dict of str to list of str
        ImageId to the sorted names of the files that hold its nuclei; an ImageId without any labels is not in
        it.
    draw : callable, optional
        Takes an ImageId, the names and bytes of those files, and `(H, W)` of the picture (pixels) or None;
        returns a `label_images.Truth`. When left out, each file is the mask of one nucleus.
    lacking : dict of str to str
        Pictures without labels and labels without a picture, by their names: one line for each.
    notes : tuple of str
        What a reader must know about the labels; Chinese, one line each.
    """

    path: Path
    images: dict
    masks: dict
    draw: Callable | None = None
    lacking: dict = field(default_factory=dict)
    notes: tuple = ()


def names(path):
    """What a zip file or a folder holds.

    Parameters
    ----------
    path : Path

    Yields
    ------
    name : str
        Relative, with slashes; that of a folder ends in one.

    Raises
    ------
    DataError
        If it is neither, or a member of a zip file is too large.
    """
    if path.is_dir():
        for entry in files.entries(path):
            yield Path(entry.path).relative_to(path).as_posix() + ("/" if entry.is_dir() else "")
        return
    try:
        with reading.opened(path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except Exception as error:  # what a damaged directory makes zipfile raise
        about = {"path": path, "error": one_line(error)}
        raise DataError(say("{path}：不是完整的 zip 文件（{error}），请重新下载", **about)) from error
    if sum(member.compress_size for member in members) > path.stat().st_size:
        raise DataError(say("{path}：压缩包里的文件互相重叠，拒绝打开，请重新下载", path=path))
    for member in members:
        if member.file_size > LARGEST_MEMBER:
            raise DataError(
                say(
                    "{path}：{filename} 解压后有 {file_size} 字节，太大了，请先解压，给出图像的文件夹",
                    path=path,
                    filename=member.filename,
                    file_size=member.file_size,
                )
            )
        yield member.filename


def readable(path):
    """How people read the names of a zip file's members: Windows in China writes GBK and does not say so.

    Parameters
    ----------
    path : Path
        Anything but a zip file has no such names.

    Returns
    -------
    names : dict of str to str
        Keyed by the names of the members as `names` gives them; those that differ.
    """
    if not path.is_file():
        return {}
    with reading.opened(path) as file, zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    decoded = {member.filename: _decoded(member) for member in members}
    return {name: own for name, own in decoded.items() if own != name}


def _decoded(member):
    if member.flag_bits & _UTF8:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return member.filename.encode("cp437").decode(encoding)  # as what zipfile takes it
        except UnicodeError:
            continue
    return member.filename


@contextmanager
def reader(source):
    """Open a source for reading.

    Parameters
    ----------
    source : Source
        From `layout.open_source`.

    Yields
    ------
    read : callable
        From the names of members to a list of their bytes; may be called from several threads; raises
        `DataError`.
    """
    if source.path.is_dir():
        yield lambda names: _read(lambda name: reading.whole(source.path / name, LARGEST_MEMBER), names)
    else:
        turn = threading.Lock()  # taken once for all names: a zip file's own is taken at every step of each
        with reading.opened(source.path) as file, zipfile.ZipFile(file) as archive:

            def read(names):
                with turn:
                    return _read(partial(_inflated, archive), names)

            yield read


def _inflated(archive, name):
    """A member of a zip file, as long as the directory says and no longer.

    Other methods than the usual ones inflate without a bound, and so does all that is read at once.
    """
    about = archive.getinfo(name)
    if about.flag_bits & _ENCRYPTED:
        raise DataError(say("{name}：压缩包加了密码，请先解压，给出解压出来的文件夹", name=name))
    if about.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(
            say("{name}：压缩包里用了少见的压缩方法，请用普通的 zip（deflate）重新压缩", name=name)
        )
    if about.file_size > LARGEST_MEMBER:
        limit = LARGEST_MEMBER >> 20
        raise DataError(say("{name}：解压后超过 {limit} MiB，请先解压", name=name, limit=limit))
    with archive.open(about) as member:
        return member.read(max(1, about.file_size))


def _read(read_one, names):
    contents = []
    for name in names:
        try:
            contents.append(read_one(name))
        except (DataError, MemoryError):
            raise
        except Exception as error:  # what damaged bytes make zipfile raise
            known = isinstance(error, OSError)  # all that str adds is the folder
            reason = system_errors.reason(error) if known else one_line(error)
            raise DataError(
                say("{name}：读不出来（{reason}），请重新下载", name=name, reason=reason)
            ) from error
    return contents
