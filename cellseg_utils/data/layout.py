"""Where the files of the Data Science Bowl are: find them, index them, read them, zipped or not.

The layout is `<ImageId>/images/*.png` and `<ImageId>/masks/*.png`; source: BBBC038v1,
https://bbbc.broadinstitute.org/BBBC038, doi:10.1038/s41592-019-0612-7.
"""

import os
import re
import threading
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cellseg_utils.run import files

TRAIN, TEST = "stage1_train", "stage1_test"
KAGGLE_FOLDERS = ("/kaggle/input/data-science-bowl-2018", "../input/data-science-bowl-2018")
LARGEST_MEMBER = 1 << 29  # bytes; a PNG of the layout has some thousands
_MEMBER = re.compile(r"(?:^|/)(?P<id>[^/]+)/(?P<what>images|masks)/(?P<file>[^/]*)$")


class DataError(ValueError):
    """Data that can't be used; the message is Chinese, one line a fault, each with file and fix."""


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
        ImageId to the sorted names of its masks; an ImageId without a masks folder is not in it.
    """

    path: Path
    images: dict
    masks: dict


def find(data, environment_folder, root):
    """Find the zip files or folders of the competition wherever its users have them.

    Parameters
    ----------
    data : str
        What the notebook's parameter says: a folder that holds `stage1_train`, or that itself; or `"auto"`.
        A leading `~` is the user's home, here and in `environment_folder`.
    environment_folder : str or None
        The value of `CELLSEG_DATA`, looked at when `data` is `"auto"`.
    root : path-like
        The project's folder: relative paths are tried from here too, and `data/` is the last place.

    Returns
    -------
    train, test : Path, Path or None
        The training images and, where there are any, the test images.

    Raises
    ------
    DataError
        If no place has the training images; the message names the places.
    """
    if data != "auto":
        places = [data]
    elif environment_folder:
        places = [environment_folder]
    else:
        places = [*KAGGLE_FOLDERS, str(Path(root) / "data")]
    places = [os.path.expanduser(place) for place in places]
    folders = [folder for place in places for folder in (Path(place), Path(root) / place)]
    for folder in folders:
        train = _part(folder, TRAIN)
        if train is not None:
            return train, _part(train.parent, TEST)
    raise DataError(
        f"找不到训练数据 {TRAIN}.zip 或 {TRAIN} 文件夹；找过：{'、'.join(places)}。"
        "请用 --data 指定文件夹，或设置 CELLSEG_DATA，或先运行 cellseg download"
    )


def places_beside(train):
    """Where the test images that belong to training images would be, whether or not they are there.

    Parameters
    ----------
    train : Path
        From `find`.

    Returns
    -------
    places : list of Path
        In the order in which `find` looks at them.
    """
    return _candidates(train.parent, TEST)


def _candidates(folder, name):
    return [folder / f"{name}.zip", folder / name]


def _part(folder, name):
    for path in _candidates(folder, name):
        if path.exists():
            return path.absolute()
    if folder.name in (name, f"{name}.zip") and folder.exists():
        return folder.absolute()
    return None


def describe(train, test, synthetic=False):
    """What the rest of the report must know about the data.

    Parameters
    ----------
    train, test : Path, Path or None
        From `find`.
    synthetic : bool
        Whether the report made them itself.

    Returns
    -------
    about : dict
        `train`, `test` (absolute paths, or None), `synthetic`, and `title`, which names no folder of the
        user's.
    """
    title = (
        "内置的合成细胞核图像" if synthetic else f"按 2018 Data Science Bowl 布局存放的图像（{train.name}）"
    )
    test = None if test is None else str(test)
    return {"train": str(train), "test": test, "synthetic": synthetic, "title": title}


def open_source(path):
    """Index a zip file or a folder in the competition's layout, without extracting anything.

    Parameters
    ----------
    path : path-like
        `stage1_train.zip`, or the folder that it extracts to; one enclosing folder more does no harm.

    Returns
    -------
    source : Source

    Raises
    ------
    DataError
        If there is no such file, it is no zip, nothing in it has the layout, or an ImageId has two folders or
        two pictures.
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"{path}：不存在，请检查路径")
    images, masks, folders = {}, {}, {}
    for name, member in _members(path):
        folder = name[: member.start("what")]
        if folders.setdefault(member["id"], folder) != folder:
            raise DataError(f"{path}：{folders[member['id']]} 与 {folder} 的 ImageId 相同，请删除其中一个")
        if member["what"] == "masks":
            masks.setdefault(member["id"], [])
        if member["file"].lower().endswith(".png"):
            if member["what"] == "masks":
                masks[member["id"]].append(name)
            elif member["id"] in images:
                raise DataError(
                    f"{path}：{folder}images 里不止一张图，不是本竞赛的布局；"
                    '每个 <ImageId>/images 只留一张，自己的图像请写成 "文件夹/*.png"'
                )
            else:
                images[member["id"]] = name
    if not images:
        raise DataError(f"{path}：里面没有 <ImageId>/images/*.png，不是本竞赛的布局，请重新下载")
    return Source(path, dict(sorted(images.items())), masks)


def open_pictures(path, suffixes):
    """Index the pictures of a zip file or folder: those of the competition's layout, or all in a zip file.

    Parameters
    ----------
    path : path-like
    suffixes : tuple of str
        How the names of pictures end, in small letters, with the dot.

    Returns
    -------
    source : Source
        Without the layout, keyed by the names of the members.

    Raises
    ------
    DataError
        As `open_source`, or if a zip file holds no picture.
    """
    path = Path(path)
    if path.is_dir() or not path.exists() or any(True for _ in _members(path)):
        return open_source(path)
    pictures = [
        name for name in sorted(set(_names(path))) if name.lower().endswith(suffixes) and _visible(name)
    ]
    if not pictures:
        raise DataError(f"{path}：压缩包里没有图像（{'、'.join(suffixes)}），请检查")
    return Source(path, {name: name for name in pictures}, {})


def _visible(name):
    return not name.startswith("__MACOSX/") and not name.rsplit("/", 1)[-1].startswith(".")


def _members(path):
    """Names inside a source that belong to the layout, sorted, each with its parts."""
    for name in sorted(set(_names(path))):
        member = _MEMBER.search(name)
        if member and not name.startswith("__MACOSX/") and not member["file"].startswith("._"):
            yield name, member


def _names(path):
    if path.is_dir():
        for entry in files.entries(path):
            yield Path(entry.path).relative_to(path).as_posix() + ("/" if entry.is_dir() else "")
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise DataError(f"{path}：不是完整的 zip 文件（{error}），请重新下载") from error
    for member in members:
        if member.file_size > LARGEST_MEMBER:
            raise DataError(
                f"{path}：{member.filename} 解压后有 {member.file_size} 字节，不像本竞赛的图像，请重新下载"
            )
        yield member.filename


@contextmanager
def reader(source):
    """Open a source for reading.

    Parameters
    ----------
    source : Source
        From `open_source`.

    Yields
    ------
    read : callable
        From the names of members to a list of their bytes; may be called from several threads; raises
        `DataError`.
    """
    if source.path.is_dir():
        yield lambda names: _read(lambda name: (source.path / name).read_bytes(), names)
    else:
        turn = threading.Lock()  # taken once for all names: a zip file's own is taken at every step of each
        with zipfile.ZipFile(source.path) as archive:

            def read(names):
                with turn:
                    return _read(partial(_inflated, archive), names)

            yield read


def _inflated(archive, name):
    """A member of a zip file; other methods than the usual ones inflate without a bound."""
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError(f"{name}：压缩包里用了少见的压缩方法，请用普通的 zip（deflate）重新压缩")
    return archive.read(name)


def _read(read_one, names):
    contents = []
    for name in names:
        try:
            contents.append(read_one(name))
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, KeyError) as error:
            reason = getattr(error, "strerror", None) or error  # all that str adds is the folder
            raise DataError(f"{name}：读不出来（{reason}），请重新下载") from error
    return contents
