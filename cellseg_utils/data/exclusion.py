"""Pictures that a user wants to leave out: a text file with one ImageId a line."""

import dataclasses
from pathlib import Path

from cellseg_utils.data.layout import DataError
from cellseg_utils.run import reading
from cellseg_utils.run.language import listing, say


def find(name, root):
    """Find the list that a user names.

    Parameters
    ----------
    name : str
        A file; a leading `~` is the user's home.
    root : path-like
        Where a relative name starts if it leads nowhere from here.

    Returns
    -------
    path : Path
        Absolute.

    Raises
    ------
    DataError
        If there is no such file.
    """
    places = [Path(name).expanduser(), Path(root) / name]
    for path in places:
        if path.is_file():
            return path.absolute()
    raise DataError(say("参数 exclude：找不到文件 {name}，请检查路径，或留空（不排除任何图像）", name=name))


def leave_out(source, path):
    """Leave the listed pictures out of a source, whether or not they are good.

    Parameters
    ----------
    source : sources.Source
        From `layout.open_source`.
    path : Path
        UTF-8 text, one ImageId a line; blank lines do not count.

    Returns
    -------
    rest : sources.Source
        The source without them; labels or pictures that lack the other can be listed, too.

    Raises
    ------
    DataError
        If the file is no such text, names a picture that is not in the source, or names them all.
    """
    try:
        lines = reading.text(path).removeprefix("\ufeff").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            say("{path}：读不出来，应是 UTF-8 文本文件，每行一个 ImageId（{error}）", path=path, error=error)
        ) from error
    names = {line.strip() for line in lines} - {""}
    unknown = sorted(names - set(source.images) - set(source.lacking))
    if unknown:
        first = listing(unknown[:3])
        shown = say("{first}等", first=first) if len(unknown) > 3 else first
        raise DataError(
            say(
                "{path}：{n} 个 ImageId 不在数据里（{shown}），请改正或删去这些行",
                path=path,
                n=len(unknown),
                shown=shown,
            )
        )
    rest = {name: file for name, file in source.images.items() if name not in names}
    if not rest:
        raise DataError(say("{path}：把全部 {n} 张图像都排除了，请至少留下两张", path=path, n=len(names)))
    lacking = {name: line for name, line in source.lacking.items() if name not in names}
    return dataclasses.replace(source, images=rest, lacking=lacking)
