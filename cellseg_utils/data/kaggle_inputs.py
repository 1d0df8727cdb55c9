"""Where Kaggle puts the data that are attached to a notebook.

A competition is at `/kaggle/input/competitions/<slug>`, in older notebooks at `/kaggle/input/<slug>`; data
sets of users are at `/kaggle/input/<slug>` or `/kaggle/input/datasets/<owner>/<slug>`.
"""

from pathlib import Path

FOLDER = "/kaggle/input"
COMPETITION = "data-science-bowl-2018"
COMPETITION_FOLDERS = (
    f"{FOLDER}/competitions/{COMPETITION}",
    f"{FOLDER}/{COMPETITION}",
    f"../input/{COMPETITION}",
)
DEPTH = 4  # folders below each other, as many as `/kaggle/input/datasets/<owner>/<slug>/<folder>` needs


def holding(name, folder=FOLDER, depth=DEPTH):
    """Folders of attached data that hold something of a name, as it is or as a zip file.

    Parameters
    ----------
    name : str
        Such as `stage1_train`.
    folder : path-like
        Where to look.
    depth : int
        How many folders below each other are looked into.

    Returns
    -------
    folders : list of str
        The least deep first; empty where there is no such folder, as everywhere but on Kaggle.
    """
    level, found = [Path(folder)], []
    for _ in range(depth + 1):
        here = [place for place in level if (place / name).exists() or (place / f"{name}.zip").exists()]
        found += map(str, here)
        level = [inside for place in level if place not in here for inside in _folders_in(place)]
    return found


def _folders_in(place):
    try:
        return sorted(path for path in place.iterdir() if path.is_dir())
    except OSError:  # not there, or not ours to read
        return []
