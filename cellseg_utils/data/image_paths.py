"""Which picture files a user means by a file, a folder or a wildcard, and how the pictures are called."""

import glob
import itertools
import os
import re
from collections import Counter
from pathlib import Path

from cellseg_utils.data import imagefile, microscopes

LONGEST_NAME = 80  # characters; with the ending of a mask it must fit into the 255 bytes of a file name
ANY = (*imagefile.SUFFIXES, *microscopes.FOLDERS)
PICKLED = "_seg.npy"  # what Cellpose calls its own files, which hold objects: to open them runs code
MOST_LOOKED_AT = 20_000  # files: somebody may name the root of a disk
_UNDECODED = re.compile("[\ud800-\udfff]")  # what Python makes of a file name that is not UTF-8
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')  # by Windows, in the name of a file
_WILDCARD = re.compile(r"[*?[]")
_ESCAPED = re.compile(r"\[([*?[])\]")  # what glob.escape makes of a character


def matched(pattern, root):
    """Find the files that a user names.

    Parameters
    ----------
    pattern : str
        A file, a folder, a wildcard such as `slides/*.tif` or `slides/**/*.tif`, or a zip file or folder in
        the competition's layout. What exists under exactly this name is no wildcard. A leading `~` is the
        user's home.
    root : path-like
        Where relative patterns start if they match nothing from here.

    Returns
    -------
    paths : list of Path
        Absolute and sorted; a zip file or folder in the competition's layout is one path. Files that are no
        pictures by their ending, or start with a dot, only if named themselves. Empty if nothing matches.
    """
    return _search(pattern, root)[0]


def watched(pattern, root, written):
    """What decides about the pictures that a user names: a change of it can mean other pictures.

    Parameters
    ----------
    pattern, root : str, path-like
        As `matched` takes them.
    written : Path
        Folder that the report itself writes into.

    Returns
    -------
    paths : list of Path
        The folder in which files match. Otherwise the files, if they are named one by one, or if the folder
        changes with every report because `written` is in it.
    """
    paths, folder = _search(pattern, root)
    if folder is None or Path(written).resolve().is_relative_to(folder.resolve()):
        return paths
    return [folder]


def names(paths):
    """Name pictures after their files.

    Parameters
    ----------
    paths : list of Path
        Absolute.

    Returns
    -------
    names : list of str
        Path below the folder that all have in common, `_` between its parts, made `distinct`.
    """
    base = common_folder(paths)
    return named([path.relative_to(base) for path in paths])


def named(paths):
    """Name pictures after relative paths.

    Parameters
    ----------
    paths : list of PurePath

    Returns
    -------
    names : list of str
        `_` between the parts of a path; without its ending, unless another one differs in nothing else;
        made `distinct`.
    """
    stems = ["_".join((*path.parts[:-1], path.stem)) for path in paths]
    whole = ["_".join(path.parts) for path in paths]
    alike, still_alike = (Counter(name.casefold() for name in names) for names in (stems, whole))
    return distinct(
        full if alike[stem.casefold()] > 1 and still_alike[full.casefold()] == 1 else stem
        for stem, full in zip(stems, whole, strict=True)
    )


def distinct(names):
    """Make names that differ on any file system, however alike they are.

    Parameters
    ----------
    names : iterable of str
        Without slashes.

    Returns
    -------
    names : list of str
        A name that is fit for any file system stays as it is, if no earlier one is the same but for case.
        Others become the last 80 characters, with U+FFFD for bytes that are no UTF-8 and `_` for what Windows
        forbids, and get `-2`, `-3` and so on where that is taken.
    """
    names = list(names)
    plain = [_FORBIDDEN.sub("_", _UNDECODED.sub("\ufffd", name))[-LONGEST_NAME:] for name in names]
    kept = {}
    for name, own in zip(names, plain, strict=True):
        if name == own:
            kept.setdefault(own.casefold(), own)
    taken, given = set(kept), []
    for name, own in zip(names, plain, strict=True):
        if kept.get(own.casefold()) == name:
            kept[own.casefold()] = None  # a second one of the same name gets a number
        else:
            own = _numbered(own, taken)
            taken.add(own.casefold())
        given.append(own)
    return given


def _numbered(name, taken):
    if name.casefold() not in taken:
        return name
    return next(f"{name}-{n}" for n in itertools.count(2) if f"{name}-{n}".casefold() not in taken)


def common_folder(paths):
    """The smallest folder that holds all files, at whatever depth.

    Parameters
    ----------
    paths : list of Path
        Absolute.

    Returns
    -------
    folder : Path
    """
    return Path(os.path.commonpath([path.parent for path in paths]))


def is_layout(path):
    """Whether a path looks like a data set in the competition's layout.

    Parameters
    ----------
    path : Path

    Returns
    -------
    answer : bool
        True for a zip file, and for a folder that holds `<ImageId>/images/<ImageId>.png`, or
        `<ImageId>/images` beside `<ImageId>/masks`, one enclosing folder allowed. A folder called images is
        not enough: many people have one.
    """
    if not path.is_dir():
        return path.suffix.lower() == ".zip"
    folders = (folder for places in ("*/images", "*/*/images") for folder in path.glob(places))
    return any(_of_the_competition(folder) for folder in folders)


def _of_the_competition(images):
    masks, picture = images.parent / "masks", images / f"{images.parent.name}.png"
    return images.is_dir() and (masks.is_dir() or picture.is_file())


def loose_pictures(folder):
    """Picture files that lie directly in a folder.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    paths : list of Path
        Sorted; none that start with a dot.
    """
    return _pictures(folder.iterdir(), imagefile.SUFFIXES)


def with_folders_below(pattern):
    """A wildcard for all that lies in a folder and in those below it.

    Parameters
    ----------
    pattern : str
        Anything but a folder is left as it is.

    Returns
    -------
    pattern : str
    """
    folder = Path(pattern).expanduser()
    if not folder.is_dir() or microscopes.is_folder(folder) or is_layout(folder):
        return pattern
    return os.path.join(glob.escape(str(folder)), "**", "*")


def left_out(pattern, written):
    """What lies in a folder that a user names, and is no picture directly in it.

    Parameters
    ----------
    pattern : str
        Of anything but a folder nothing is left out.
    written : sequence of path-like
        Folders that results go into.

    Returns
    -------
    below : int
        Pictures in folders below it, among the first `MOST_LOOKED_AT` files there.
    archives : int
        Zip files in it.
    """
    folder = Path(pattern).expanduser()
    if not folder.is_dir() or microscopes.is_folder(folder) or is_layout(folder):
        return 0, 0
    own = [Path(place).resolve() for place in written]
    deeper = itertools.islice(folder.glob("*/**/*"), MOST_LOOKED_AT)
    found = (path for path in deeper if is_picture(path.name, ANY))
    below = [path for path in found if not any(path.resolve().is_relative_to(place) for place in own)]
    return len(below), sum(path.suffix.lower() == ".zip" for path in folder.iterdir())


def _search(pattern, root):
    """The paths that match, from here or else from the root, and the folder where more could appear."""
    pattern = os.path.expanduser(pattern)
    for start in (Path.cwd(), Path(root).absolute()):
        paths, folder = _search_from(start, pattern)
        if paths:
            return paths, folder
    return [], None


def _search_from(start, pattern):
    path = start / pattern
    if path.is_file() or microscopes.is_folder(path):
        return [path], None
    if path.is_dir():
        return ([path] if is_layout(path) else loose_pictures(path)), path
    pattern = os.path.join(glob.escape(str(start)), pattern)
    matches = [Path(name) for name in glob.glob(pattern, recursive=True)]
    if len(matches) == 1 and matches[0].is_dir():
        return _search_from(start, matches[0])
    outside = [path for path in matches if not any(map(microscopes.is_folder, path.parents))]
    return _pictures(outside, (*imagefile.SUFFIXES, ".zip")), _fixed_part(pattern)


def is_picture(name, suffixes=imagefile.SUFFIXES):
    """Whether a file is a picture by its name.

    Parameters
    ----------
    name : str
    suffixes : tuple of str
        How names of pictures end, in small letters, with the dot.

    Returns
    -------
    answer : bool
        False for hidden files and for those that are `PICKLED`.
    """
    name = name.rsplit("/", 1)[-1].lower()
    return name.endswith(suffixes) and not name.startswith(".") and not name.endswith(PICKLED)


def _pictures(paths, suffixes):
    paths = list(paths)
    files = [path for path in paths if is_picture(path.name, suffixes) and path.is_file()]
    folders = [path for path in paths if is_picture(path.name, microscopes.FOLDERS) and path.is_dir()]
    return sorted(files + folders)


def _fixed_part(pattern):
    """The folder below which a wildcard matches."""
    parts = Path(pattern).parts
    fixed = itertools.takewhile(lambda part: not _WILDCARD.search(_ESCAPED.sub("", part)), parts)
    return Path(*(_ESCAPED.sub(r"\1", part) for part in fixed))
