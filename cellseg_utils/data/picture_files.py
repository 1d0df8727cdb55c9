"""The pictures that a user names, each to be read when its turn comes, in whatever process."""

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from cellseg_utils.data import (
    image_paths,
    imagefile,
    large_tiff,
    layout,
    members,
    picture_names,
    planes,
    sources,
    unread,
)
from cellseg_utils.data.selection import ALL
from cellseg_utils.run import fingerprint, system_errors
from cellseg_utils.run.language import listing, say


class Picture(NamedTuple):
    """A picture to be read, also in another process that sees the same files.

    Attributes
    ----------
    shown : str
        Where it lies, below what the user names.
    read : callable
        Gives an `image.Image`, or raises `ImageFileError` or `DataError`, one line.
    digest : callable
        Gives SHA-256 of the bytes of its file, 64 hexadecimal digits, or raises as `read`.
    in_pieces : callable
        Opens the picture to read it in pieces, as `large_tiff.opened` does; None where that is not possible.
    called : str
        What results are called if nothing else wants that name.
    stack : str
        Name of the results of all planes of its file; empty for a file that is one picture.
    at : tuple of (str, int)
        Which of them it is, as `selection.Selection` has it.
    """

    shown: str
    read: Callable
    digest: Callable
    in_pieces: Callable = nullcontext
    called: str = ""
    stack: str = ""
    at: tuple = ()


@contextmanager
def opened(patterns, root, written, chosen=ALL, earlier=False):
    """List the pictures that a user names, to be read one at a time.

    Parameters
    ----------
    patterns : sequence of str
    root : path-like
        As `image_paths.matched` takes a pattern and it.
    written : sequence of path-like
        Folders that results go into; no picture may lie in them, since a result could replace it.
    chosen : selection.Selection
        Which plane and channel of every picture that has several.
    earlier : bool
        Whether `written` hold results of an earlier call; beside other pictures they are passed over.

    Yields
    ------
    pictures : dict of str to Picture
        Keyed by ImageId, or as `picture_names.of_files` names them.

    Raises
    ------
    layout.DataError
        If nothing matches, a zip file is one of several matches or holds no picture, a folder in the
        competition's layout also holds pictures directly, a picture lies in one of `written`, or every plane
        is asked for of a zip file or such a folder.
    """
    paths = found(patterns, root)
    if image_paths.is_layout(paths[0]):
        if chosen.each_plane:
            raise layout.DataError(
                say("{path}：--each-plane 不读压缩包与竞赛的布局，请先解压，给出图像的文件夹", path=paths[0])
            )
        source = layout.open_pictures(paths[0], imagefile.SUFFIXES)
        names, readable = names_in(source), sources.readable(source.path)
        try:
            yield {
                names[key]: _member(source.path, name, readable.get(name, name), chosen)
                for key, name in source.images.items()
            }
        finally:
            members.close()
        return
    folders = sorted({path.parent for path in paths})
    inside = {folder: _holder(folder, written) for folder in folders}
    if earlier and not all(inside.values()):
        paths = [path for path in paths if not inside[path.parent]]
    elif place := next(filter(None, inside.values()), None):
        raise layout.DataError(
            say("{place}：结果要写到这里，可这里有要分割的图像，请换一个文件夹放结果", place=place)
        )
    yield readers(paths, chosen)


def _holder(folder, places):
    """Which of some places a folder lies in."""
    folder = folder.resolve()
    return next((place for place in places if folder.is_relative_to(Path(place).resolve())), None)


def found(patterns, root):
    """The files that a user names.

    Parameters
    ----------
    patterns, root
        As for `opened`.

    Returns
    -------
    paths : list of Path
        Or one zip file or folder in the competition's layout.

    Raises
    ------
    layout.DataError
        As `opened`.
    """
    pattern, paths = listing(patterns), []
    for own in patterns:
        matches = image_paths.matched(own, root)
        if not matches:
            there = "".join(say("；没有读{phrase}", phrase=phrase) for phrase in unread.kinds(own))
            about = {"own": own, "kinds": listing(imagefile.SUFFIXES), "there": there}
            raise layout.DataError(say("{own}：没有找到图像（{kinds}），请检查路径或通配符{there}", **about))
        paths += matches
    labels = image_paths.labels_beside(paths)
    paths = list(dict.fromkeys(path for path in paths if path not in labels))
    if len(paths) > 1 and any(image_paths.is_layout(path) for path in paths):
        raise layout.DataError(
            say("{pattern}：压缩包只能单独给出，请只写一个 zip 文件的路径", pattern=pattern)
        )
    if paths[0].is_dir() and (loose := image_paths.loose_pictures(paths[0])):
        raise layout.DataError(
            say(
                "{pattern}：既有竞赛布局的 <ImageId>/images 文件夹，又直接放着图像（如 {first}），"
                '请写明要哪些，例如 "文件夹/*.png"',
                pattern=pattern,
                first=loose[0].name,
            )
        )
    return paths


def names_in(source):
    """Names that differ on any file system.

    Parameters
    ----------
    source : sources.Source

    Returns
    -------
    names : dict of str to str
        By the key of the picture in its source.
    """
    readable = sources.readable(source.path)
    own = all(key == name for key, name in source.images.items())  # no ImageIds: a zip file of one's own
    keys = [readable.get(key, key) for key in source.images]
    names = picture_names.of_relative(map(PurePosixPath, keys)) if own else picture_names.distinct(keys)
    return dict(zip(source.images, names, strict=True))


def readers(paths, chosen=ALL):
    """The pictures of files, to be read one at a time.

    Parameters
    ----------
    paths : list of Path
        From `found`; no zip file and no folder in the competition's layout.
    chosen : selection.Selection
        As for `opened`.

    Returns
    -------
    pictures : dict of str to Picture
    """
    base, names = picture_names.common_folder(paths), picture_names.of_files(paths)
    pictures = []
    for path, name in zip(paths, names, strict=True):
        every = planes.of_file(path) if chosen.each_plane else [()]
        for plane in every:
            own = replace(chosen, each_plane=False, at=plane)
            suffix, stack = planes.suffix(plane, every), name if plane else ""
            picture = _reader(path, path.relative_to(base).as_posix(), own)
            pictures.append(
                (name + suffix, picture._replace(called=path.stem + suffix, stack=stack, at=plane))
            )
    named = picture_names.distinct(name for name, _ in pictures)
    return dict(zip(named, (picture for _, picture in pictures), strict=True))


def _reader(path, below, chosen):
    return Picture(
        below,
        partial(imagefile.open_image, path, below, chosen),
        partial(_digest, path, below),
        partial(large_tiff.opened, path, below, chosen),
    )


def _digest(path, shown):
    try:
        return fingerprint.of_contents(path) if path.is_dir() else fingerprint.of_file(path)
    except OSError as error:
        raise imagefile.ImageFileError(
            say(
                "{shown}：无法读取（{reason}），请检查路径和权限",
                shown=shown,
                reason=system_errors.reason(error),
            )
        ) from error


def _member(path, name, shown, chosen):
    read, digest = partial(_read_member, path, name, shown, chosen), partial(members.digest, path, name)
    return Picture(shown, read, digest, called=PurePosixPath(shown).stem)


def _read_member(path, name, shown, chosen):
    return imagefile.decode(members.read(path, name), shown, chosen)
