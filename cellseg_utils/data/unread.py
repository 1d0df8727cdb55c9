"""What lies where a user points and is not read: nothing is left out without a word."""

import glob
import itertools
import os
import zipfile
from collections import Counter
from pathlib import Path

from cellseg_utils.data import image_paths, microscopes
from cellseg_utils.run import reading
from cellseg_utils.run.language import later, listing, say
from cellseg_utils.run.plain_error import printable

MOST_LOOKED_AT = 20_000  # files: somebody may name the root of a disk
KINDS_NAMED = 5
ALL, MORE = later("另外 {n} 个文件（{named}）"), later("另外 {n} 个文件（{named}……）")
_OWN_TABLES = (".csv", ".html")  # of results, where they lie beside pictures
_DESKTOP = ("thumbs.db", "desktop.ini")  # what Windows leaves in folders


def kinds(pattern, written=()):
    """What a user's file, folder or wildcard holds besides the pictures that are read.

    Parameters
    ----------
    pattern : str
        As `image_paths.matched` takes it.
    written : sequence of path-like
        Folders that results go into.

    Returns
    -------
    kinds : list of str
        A Chinese phrase for each kind, with what to do about it where something can be done.
    """
    path, places = Path(pattern).expanduser(), [Path(place).resolve() for place in written]
    if path.is_file():
        return _in_zip(path) if path.suffix.lower() == ".zip" else []
    if microscopes.is_folder(path) or image_paths.is_layout(path):
        return []
    phrases = []
    if path.is_dir() and (count := below(path, places)):
        phrases.append(say("子文件夹里的 {count} 张图像，要读请加 --recursive", count=count))
    return phrases + _phrases(_others(path, pattern, places))


def below(folder, places=()):
    """Count the pictures in the folders below one, among the first `MOST_LOOKED_AT` files there.

    Parameters
    ----------
    folder : Path
    places : sequence of Path
        Resolved folders that do not count.

    Returns
    -------
    count : int
    """
    deeper = itertools.islice(folder.glob("*/**/*"), MOST_LOOKED_AT)
    found = (path for path in deeper if image_paths.is_picture(path.name, image_paths.ANY))
    return sum(not any(_resolved(path).is_relative_to(place) for place in places) for path in found)


def _resolved(path):
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that leads back to itself
        return path


def _others(path, pattern, places):
    """Files that are no pictures by their names or can't be read as files."""
    met = (
        path.iterdir()
        if path.is_dir()
        else map(Path, glob.iglob(os.path.expanduser(pattern), recursive=True))
    )
    tables = {place.parent for place in places}
    for file in itertools.islice(met, MOST_LOOKED_AT):
        own = file.suffix.lower() in _OWN_TABLES and file.parent.resolve() in tables
        inside = any(microscopes.is_folder(parent) for parent in file.parents)
        if not (file.is_dir() or file.name.startswith(".") or file.name.lower() in _DESKTOP or own or inside):
            yield file


def _phrases(files):
    archives, special, counts = 0, [], Counter()
    for file in files:
        if not file.is_file():
            special.append(file.name)
        elif not image_paths.is_picture(file.name, image_paths.ANY):
            archives += file.suffix.lower() == ".zip"
            counts.update([_kind(file.name)] if file.suffix.lower() != ".zip" else [])
    phrases = [say("里面的 {archives} 个 zip，请单独给出", archives=archives)] if archives else []
    if special:
        phrases.append(
            say(
                "不是普通文件的 {n} 个（如 {first}：管道、设备或断开的链接）",
                n=len(special),
                first=min(special),
            )
        )
    return phrases + _named(counts)


def _named(counts):
    if not counts:
        return []
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    named = [say("{kind} {count} 个", kind=kind, count=count) for kind, count in ranked[:KINDS_NAMED]]
    form = MORE if len(ranked) > KINDS_NAMED else ALL
    return [say(form, n=counts.total(), named=listing(named))]


def _kind(name):
    if name.lower().endswith(image_paths.PICKLED):
        return image_paths.PICKLED
    return printable(Path(name).suffix.lower()) or say("没有后缀的")


def _in_zip(path):
    try:
        with reading.opened(path) as file, zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except Exception:
        return []  # reading it tells why
    names = [name for name in names if not (name.endswith("/") or name.startswith("__MACOSX/"))]
    names = [name.rsplit("/", 1)[-1] for name in names]
    others = [name for name in names if not name.startswith(".") and not image_paths.is_picture(name)]
    nested = sum(name.lower().endswith(".zip") for name in others)
    phrases = [say("里面的 {nested} 个 zip，请先解压", nested=nested)] if nested else []
    return phrases + _named(Counter(_kind(name) for name in others if not name.lower().endswith(".zip")))
