"""Where the project's folders are."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def project(package, here):
    """The folder of the project; relative paths of users start there where they lead nowhere from theirs.

    Parameters
    ----------
    package : Path
        Where the code is.
    here : Path
        The current folder.

    Returns
    -------
    folder : Path
        The folder that the package lies in beside its notebooks; the current one, if the package was
        installed, with its notebooks inside or without them.
    """
    beside = (package.parent / "notebooks").is_dir() and not (package / "notebooks").is_dir()
    return package.parent if beside else here


def notebooks(package):
    """The folder of the notebooks.

    Parameters
    ----------
    package : Path
        Where the code is.

    Returns
    -------
    folder : Path
        Inside an installed package, or beside the package in a clone.
    """
    inside = package / "notebooks"
    return inside if inside.is_dir() else package.parent / "notebooks"


ROOT = project(PACKAGE, Path.cwd())
NOTEBOOKS = notebooks(PACKAGE)
PROFILES = NOTEBOOKS / "profiles"
REPORTS = ROOT / "reports"
DATA = ROOT / "data"
