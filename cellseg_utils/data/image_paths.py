"""Which picture files a user means by a file, a folder or a wildcard."""

import glob
import itertools
import os
import re
from pathlib import Path

from cellseg_utils.data import imagefile, microscopes

ANY = (*imagefile.SUFFIXES, *microscopes.FOLDERS)
PICKLED = "_seg.npy"  # what Cellpose calls its own files, which hold objects: to open them runs code
LABEL_ENDINGS = ("_cp_masks", "_masks")  # of the names of label images, before the suffix
_ALL_BELOW = os.path.join("**", "*")
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
    return os.path.join(glob.escape(str(folder)), _ALL_BELOW)


def labels_beside(paths):
    """Label images that lie beside the picture that they belong to.

    Parameters
    ----------
    paths : sequence of Path
        Of pictures by their names.

    Returns
    -------
    labels : set of Path
        As `cell_masks.tif` beside `cell.tif`; `cell_img.tif` and `cell_masks.tif`, too.
    """
    stems = {path.parent / path.stem for path in paths}

    def belongs(path):
        bare = [path.stem.removesuffix(end) for end in LABEL_ENDINGS if path.stem.endswith(end)]
        return any(path.parent / own in stems for name in bare for own in (name, f"{name}_img"))

    return {path for path in paths if belongs(path)}


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
    archives = () if pattern.endswith(_ALL_BELOW) else (".zip",)
    return _pictures(outside, (*imagefile.SUFFIXES, *archives)), _fixed_part(pattern)


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
