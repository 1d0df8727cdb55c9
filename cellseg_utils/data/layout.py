"""Where labelled pictures are, in the layout of the Data Science Bowl or of a lab: find and index them.

The competition's layout is `<ImageId>/images/*.png` and `<ImageId>/masks/*.png`; source: BBBC038v1,
https://bbbc.broadinstitute.org/BBBC038, doi:10.1038/s41592-019-0612-7.
"""

import os
import re
from pathlib import Path

from cellseg_utils.data import image_paths, kaggle_inputs, labelled, sources, unread
from cellseg_utils.data.sources import DataError, Source
from cellseg_utils.run import language
from cellseg_utils.run.language import listing, say

TRAIN, TEST = "stage1_train", "stage1_test"
KAGGLE_FOLDERS = kaggle_inputs.COMPETITION_FOLDERS
_MEMBER = re.compile(r"(?:^|/)(?P<id>[^/]+)/(?P<what>images|masks)/(?P<file>[^/]*)$")


def find(data, environment_folder, root):
    """Find labelled pictures wherever users have them.

    Parameters
    ----------
    data : str
        What the notebook's parameter says: a folder that holds `stage1_train`, or that itself, or a folder of
        pictures with labels of one's own (`labelled.LAYOUTS`, or the competition's); or `"auto"`. A leading
        `~` is the user's home, here and in `environment_folder`.
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
        If no place has the training images (the message names the places), or a folder that the user names
        has labels of several kinds.
    """
    if data != "auto":
        places = [data]
    elif environment_folder:
        places = [environment_folder]
    else:
        places = [*KAGGLE_FOLDERS, *kaggle_inputs.holding(TRAIN), str(Path(root) / "data")]
    places = [os.path.expanduser(place) for place in places]
    folders = [folder for place in places for folder in (Path(place), Path(root) / place)]
    for folder in folders:
        train = _part(folder, TRAIN)
        if train is not None:
            return train, _part(train.parent, TEST)
        named = data != "auto" or environment_folder
        if named and folder.is_dir() and (labelled.layout(folder) or image_paths.is_layout(folder)):
            return folder.absolute(), None
    layouts = say("；").join(map(say, labelled.LAYOUTS.values()))
    raise DataError(
        say(
            "找不到训练数据 {train}.zip 或 {train} 文件夹；找过：{places}；"
            "也没有自己标注的图像（{layouts}）。请用 --data 指定文件夹，或设置 CELLSEG_DATA，"
            "或先运行 cellseg download",
            **{"train": TRAIN, "places": listing(places), "layouts": layouts},
        )
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
        `train`, `test` (absolute paths, or None), `synthetic`, `title`, which names no folder of the user's,
        and `titles`: the same in every language.
    """
    test, titles = None if test is None else str(test), {}
    for spoken in (language.CHINESE, language.ENGLISH):
        with language.speaking(spoken):
            titles[spoken] = say("内置的合成细胞核图像") if synthetic else _title(train)
    about = {"train": str(train), "test": test, "synthetic": synthetic}
    return about | {"title": titles[language.current()], "titles": titles}


def _title(train):
    own = labelled.layout(train) if train.is_dir() else None
    if own:
        return say("自己标注的图像（{layout}）", layout=say(labelled.LAYOUTS[own]))
    if train.name.startswith(TRAIN):
        return say("按 2018 Data Science Bowl 布局存放的图像（{name}）", name=train.name)
    return say("按 2018 Data Science Bowl 布局存放的图像")


def open_source(path):
    """Index labelled pictures, without extracting anything.

    Parameters
    ----------
    path : path-like
        A folder in one of `labelled.LAYOUTS`; or `stage1_train.zip`, or the folder that it extracts to: one
        enclosing folder more does no harm.

    Returns
    -------
    source : sources.Source

    Raises
    ------
    DataError
        If there is no such file, it is no zip, nothing in it has a layout, labels are of several kinds, none
        belongs to a picture, or an ImageId of the competition has two folders or two pictures.
    """
    path = _there(path)
    own = labelled.layout(path) if path.is_dir() else None
    if own is None:
        return _competition(path)
    source = labelled.index(path, own)
    if not source.images:
        first = next(iter(source.lacking.values()), say("文件夹是空的"))
        about = {"path": path, "layout": say(labelled.LAYOUTS[own]), "first": first}
        raise DataError(say("{path}：没有一张图像有标注（{layout}），例如 {first}", **about))
    return source


def open_labels(path):
    """Index labels of any tool, whether or not the pictures are there.

    Parameters
    ----------
    path : path-like
        What `open_source` takes, a folder of label images, one in whose `labels/` or `masks/` they are, or a
        single file of labels.

    Returns
    -------
    source : sources.Source
        Of which `masks` counts.

    Raises
    ------
    DataError
        If there are none, or as in `open_source`.
    """
    path = _there(path)
    return _competition(path) if image_paths.is_layout(path) else labelled.labels_alone(path)


def _there(path):
    path = Path(path)
    if not path.exists():
        raise DataError(say("{path}：不存在，请检查路径", path=path))
    return path


def _competition(path):
    images, masks, folders = {}, {}, {}
    for name, member in _members(path):
        folder = name[: member.start("what")]
        if folders.setdefault(member["id"], folder) != folder:
            about = {"path": path, "other": folders[member["id"]], "folder": folder}
            raise DataError(say("{path}：{other} 与 {folder} 的 ImageId 相同，请删除其中一个", **about))
        if member["what"] == "masks":
            masks.setdefault(member["id"], [])
        if member["file"].lower().endswith(".png"):
            if member["what"] == "masks":
                masks[member["id"]].append(name)
            elif member["id"] in images:
                raise DataError(
                    say(
                        "{path}：{folder}images 里不止一张图，不是本竞赛的布局；"
                        '每个 <ImageId>/images 只留一张，自己的图像请写成 "文件夹/*.png"',
                        **{"path": path, "folder": folder},
                    )
                )
            else:
                images[member["id"]] = name
    if not images:
        wrong = say("{path}：里面没有 <ImageId>/images/*.png，不是本竞赛的布局，请重新下载", path=path)
        raise DataError(wrong)
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
        name
        for name in sorted(set(sources.names(path)))
        if name.lower().endswith(suffixes) and _visible(name)
    ]
    if not pictures:
        there = "".join(say("；没有读{phrase}", phrase=phrase) for phrase in unread.kinds(path))
        about = {"path": path, "endings": listing(suffixes), "there": there}
        raise DataError(say("{path}：压缩包里没有图像（{endings}），请检查{there}", **about))
    return Source(path, {name: name for name in pictures}, {})


def _visible(name):
    return not name.startswith("__MACOSX/") and not name.rsplit("/", 1)[-1].startswith(".")


def _members(path):
    """Names inside a source that belong to the layout, sorted, each with its parts."""
    for name in sorted(set(sources.names(path))):
        member = _MEMBER.search(name)
        if member and not name.startswith("__MACOSX/") and not member["file"].startswith("._"):
            yield name, member
