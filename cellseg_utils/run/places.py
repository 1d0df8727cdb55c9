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
        installed without them.
    """
    return package.parent if (package.parent / "notebooks").is_dir() else here


ROOT = project(PACKAGE, Path.cwd())
NOTEBOOKS = ROOT / "notebooks"
PROFILES = NOTEBOOKS / "profiles"
REPORTS = ROOT / "reports"
DATA = ROOT / "data"
