"""Pictures without truth: the competition's test images, a user's own, and two that scikit-image carries."""

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from cellseg_utils.data import (
    dataset,
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
from cellseg_utils.run import fingerprint


def skimage_pictures():
    """Two real pictures inside scikit-image, which need no download: stained tissue and an unstained cell.

    Returns
    -------
    pictures : dict of str to (H, W, 3) ndarray of uint8
        RGB (no unit), keyed by name.

    References
    ----------
    https://scikit-image.org/docs/stable/api/skimage.data.html
    """
    from skimage import data  # takes half a second to import

    pictures = {"skimage-immunohistochemistry": data.immunohistochemistry(), "skimage-cell": data.cell()}
    return {name: imagefile.to_rgb(image, name) for name, image in pictures.items()}


def from_layout(path, skip_bad=False):
    """Read the pictures of a zip file, or of a folder in the competition's layout.

    Parameters
    ----------
    path : path-like
        `stage1_test.zip`, the folder that it extracts to, or a zip file of one's own.
    skip_bad : bool
        Leave bad pictures out instead of raising.

    Returns
    -------
    pictures : dict of str to (H, W, 3) ndarray of uint8
        RGB (no unit), keyed by ImageId or by the member's name, made `picture_names.distinct`.
    problems : list of str
        One Chinese line for each bad picture; empty unless `skip_bad`.

    Raises
    ------
    layout.DataError
        If pictures are bad and `skip_bad` is false (all of them are named), or none is good.
    """
    source = layout.open_pictures(path, imagefile.SUFFIXES)
    samples, problems = dataset.map_samples(
        source, lambda sample: sample, skip_bad=skip_bad, description="读取测试图像", with_masks=False
    )
    names = _names_in(source)
    return {names[sample.id]: sample.image for sample in samples}, problems


def from_pattern(pattern, root, skip_bad=False):
    """Read the pictures that a user names.

    Parameters
    ----------
    pattern, root : str, path-like
        As `image_paths.matched` takes them.
    skip_bad : bool
        Leave bad pictures out instead of raising.

    Returns
    -------
    pictures : dict of str to (H, W, 3) ndarray of uint8
        RGB (no unit), keyed by ImageId, or as `picture_names.of_files` does.
    problems : list of str
        One Chinese line for each bad picture; empty unless `skip_bad`.

    Raises
    ------
    layout.DataError
        If nothing matches, a zip file is one of several matches, a folder in the competition's layout also
        holds pictures directly, or pictures are bad as in `from_layout`.
    """
    paths = _matched([pattern], root)
    if image_paths.is_layout(paths[0]):
        return from_layout(paths[0], skip_bad)
    pictures, problems = {}, []
    for name, picture in _readers(paths).items():
        try:
            pictures[name] = picture.read().rgb
        except imagefile.ImageFileError as error:
            problems.append(str(error))
    dataset.check_problems(pattern, problems, len(paths), skip_bad)
    return pictures, problems


class Picture(NamedTuple):
    """A picture to be read, also in another process that sees the same files.

    Attributes
    ----------
    shown : str
        Where it lies, below what the user names.
    read : callable
        Gives an `image.Image`, or raises `ImageFileError` or `DataError`, one Chinese line.
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
        Keyed as `from_pattern` does.

    Raises
    ------
    layout.DataError
        If nothing matches, a zip file is one of several matches or holds no picture, a folder in the
        competition's layout also holds pictures directly, a picture lies in one of `written`, or every plane
        is asked for of a zip file or such a folder.
    """
    paths = _matched(patterns, root)
    if image_paths.is_layout(paths[0]):
        if chosen.each_plane:
            raise layout.DataError(
                f"{paths[0]}：--each-plane 不读压缩包与竞赛的布局，请先解压，给出图像的文件夹"
            )
        source = layout.open_pictures(paths[0], imagefile.SUFFIXES)
        names, readable = _names_in(source), sources.readable(source.path)
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
        raise layout.DataError(f"{place}：结果要写到这里，可这里有要分割的图像，请换一个文件夹放结果")
    yield _readers(paths, chosen)


def _holder(folder, places):
    """Which of some places a folder lies in."""
    folder = folder.resolve()
    return next((place for place in places if folder.is_relative_to(Path(place).resolve())), None)


def _matched(patterns, root):
    """The files that match, or one zip file or folder in the competition's layout."""
    pattern, paths = "、".join(patterns), []
    for own in patterns:
        matches = image_paths.matched(own, root)
        if not matches:
            kinds = "、".join(imagefile.SUFFIXES)
            there = "".join(f"；没有读{phrase}" for phrase in unread.kinds(own))
            raise layout.DataError(f"{own}：没有找到图像（{kinds}），请检查路径或通配符{there}")
        paths += matches
    labels = image_paths.labels_beside(paths)
    paths = list(dict.fromkeys(path for path in paths if path not in labels))
    if len(paths) > 1 and any(image_paths.is_layout(path) for path in paths):
        raise layout.DataError(f"{pattern}：压缩包只能单独给出，请只写一个 zip 文件的路径")
    if paths[0].is_dir() and (loose := image_paths.loose_pictures(paths[0])):
        raise layout.DataError(
            f"{pattern}：既有竞赛布局的 <ImageId>/images 文件夹，又直接放着图像（如 {loose[0].name}），"
            '请写明要哪些，例如 "文件夹/*.png"'
        )
    return paths


def _names_in(source):
    """Names that differ on any file system, by the key of the picture in its source."""
    readable = sources.readable(source.path)
    own = all(key == name for key, name in source.images.items())  # no ImageIds: a zip file of one's own
    keys = [readable.get(key, key) for key in source.images]
    names = picture_names.of_relative(map(PurePosixPath, keys)) if own else picture_names.distinct(keys)
    return dict(zip(source.images, names, strict=True))


def _readers(paths, chosen=ALL):
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
        raise imagefile.ImageFileError(f"{shown}：无法读取（{error.strerror}），请检查路径和权限") from error


def _member(path, name, shown, chosen):
    read, digest = partial(_read_member, path, name, shown, chosen), partial(members.digest, path, name)
    return Picture(shown, read, digest, called=PurePosixPath(shown).stem)


def _read_member(path, name, shown, chosen):
    return imagefile.decode(members.read(path, name), shown, chosen)


def spread(count, shown, last=0):
    """Choose which pictures to show, evenly over all of them.

    Parameters
    ----------
    count : int
        Number of pictures.
    shown : int
        How many to show at most.
    last : int
        How many at the end to show in any case, as long as they are no more than half of what is shown.

    Returns
    -------
    picks : list of int
        Positions, ascending.

    Raises
    ------
    ValueError
        If `shown` is less than one.
    """
    if shown < 1:
        raise ValueError("shown_images 至少应为 1")
    last = min(last, shown // 2, count)
    rest = count - last
    evenly = np.linspace(0, rest - 1, min(rest, shown - last)).astype(int)
    return [*evenly.tolist(), *range(rest, count)]
