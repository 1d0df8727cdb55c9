"""Where the project's folders are."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
ROOT = PACKAGE.parent  # the project: relative paths of users start here where they lead nowhere from theirs
NOTEBOOKS = ROOT / "notebooks"
PROFILES = NOTEBOOKS / "profiles"
REPORTS = ROOT / "reports"
DATA = ROOT / "data"
