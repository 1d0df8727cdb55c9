"""Pictures and label files of a folder, paired by their names."""

from pathlib import PurePosixPath

from cellseg_utils.data.image_paths import PICKLED
from cellseg_utils.data.sources import Source
from cellseg_utils.run import language
from cellseg_utils.run.language import say


def listing(folder):
    """What lies directly in a folder and is visible.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    files : list of str
        Names, sorted; no pipes or devices.
    folders : dict of str to str
        Names by their small letters.

    Raises
    ------
    OSError
        If the folder can't be read.
    """
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    folders = {entry.name.lower(): entry.name for entry in entries if entry.is_dir()}
    return [entry.name for entry in entries if entry.is_file()], folders


def files_in(folder, name):
    """Names of the visible files directly in a folder of a folder, from the outer one on.

    Parameters
    ----------
    folder : Path
    name : str

    Returns
    -------
    files : list of str
    """
    return [f"{name}/{file}" for file in listing(folder / name)[0]]


def stem(name):
    """Name of a file without folders and endings, of which `.ome.tif` is one.

    Parameters
    ----------
    name : str

    Returns
    -------
    stem : str
    """
    return PurePosixPath(name).stem.removesuffix(".ome")


def paired(folder, pictures, labels, endings, draw, notes=()):
    """Pictures and label files of the same names.

    Parameters
    ----------
    folder : Path
    pictures, labels : list of str
        Names of files inside it.
    endings : sequence of str
        What the names of label files have after those of their pictures, before the suffix.
    draw, notes
        As `sources.Source` has them.

    Returns
    -------
    source : sources.Source
        Keyed by the names of the pictures without their endings. What has no partner, or more than one, is
        lacking; `masks` has labels without a picture, too.
    """
    images, found, lacking = {}, {}, {}
    for name in pictures:
        images.setdefault(stem(name), []).append(name)
    for name in labels:
        found.setdefault(_owner(stem(name), images, endings), []).append(name)
    for key in sorted({*images, *found}):
        own, its = images.get(key, []), found.get(key, [])
        if len(own) > 1 or len(its) > 1:
            several = language.listing(own if len(own) > 1 else its)
            lacking[key] = say("{several}：名称相同，不知道用哪一个，请只留一个或改名", several=several)
        elif not its:
            there = (folder / f"{key}{PICKLED}").exists()
            pickled = say("（Cellpose 的 *{pickled} 是 pickle，不读）", pickled=PICKLED) if there else ""
            lacking[key] = say(
                "{picture}：没有标注{pickled}，请补上标注，或移走这张图", picture=own[0], pickled=pickled
            )
        elif not own:
            lacking[key] = say("{labels}：没有同名的图像，请补上图像，或移走这份标注", labels=its[0])
    good = {key: own[0] for key, own in sorted(images.items()) if key not in lacking}
    masks = {key: its for key, its in sorted(found.items()) if len(its) == 1}
    return Source(folder, good, masks, draw, lacking, notes)


def _owner(label, images, endings):
    """Name of the picture that a label file belongs to; Cellpose's own data set calls it `_img`."""
    bare = [label.removesuffix(ending) for ending in endings if label.endswith(ending)]
    owners = [owner for own in bare for owner in (own, f"{own}_img") if owner in images]
    return [*owners, *bare, label][0]
