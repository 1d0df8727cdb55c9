"""A record of every picture of a batch: what it was made from, its files, its lines of the tables.

It is written last of all, so that a picture whose record is there and holds is finished; whatever else lies
in the folder of results, the tables are put together from records alone.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path

from cellseg_utils.run import artifacts, files, fingerprint

FOLDER = ".cellseg"  # below the results
_RECORDS, _ENDING = "records", ".json"


@dataclass(frozen=True)
class Record:
    """What became of a picture.

    Attributes
    ----------
    settings : str
        Digest of what its results depend on besides the picture.
    picture : str
        SHA-256 of its bytes; empty where they could not be read.
    call : str
        Of `cellseg predict`, in which it was made.
    files : dict of str to list
        Size (bytes) and SHA-256 of every file, by its path below the results.
    rows : dict of str to str
        Its lines of CSV by the name of the table.
    columns : list of str
        Of its lines in the table of nuclei.
    remarks : list of str
        As `image.Image` has them.
    doubt : str
        Why it can't be trusted; empty where nothing speaks against it.
    problem : str
        Why there are no results, one line; empty where there are.
    language : str
        Of remarks and doubt.
    """

    settings: str
    picture: str
    call: str
    files: dict = field(default_factory=dict)
    rows: dict = field(default_factory=dict)
    columns: list = field(default_factory=list)
    remarks: list = field(default_factory=list)
    doubt: str = ""
    problem: str = ""
    language: str = ""


def write(out, name, record):
    """Write the record of a picture, whole or not at all.

    Parameters
    ----------
    out : Path
        Folder of the results.
    name : str
        Of the picture among them.
    record : Record

    Raises
    ------
    OSError
        If the disk is full.
    """
    files.write_bytes(_path(out, name), artifacts.signed_bytes(asdict(record)))


def read(out, name):
    """The record of a picture.

    Parameters
    ----------
    out, name
        As for `write`.

    Returns
    -------
    record : Record or None
        None where there is none, or it is not as it was written.
    """
    try:
        return Record(**artifacts.read_signed(_path(out, name)))
    except (OSError, ValueError, TypeError):
        return None


def known(out):
    """Names of the pictures that have a record, whether or not it holds.

    Parameters
    ----------
    out : Path

    Returns
    -------
    names : set of str
    """
    folder = out / FOLDER / _RECORDS
    if not folder.is_dir():
        return set()
    return {path.name.removesuffix(_ENDING) for path in folder.iterdir()}


def described(out, paths):
    """Size and SHA-256 of files.

    Parameters
    ----------
    out : Path
    paths : iterable of Path
        Below it.

    Returns
    -------
    files : dict of str to list
        As `Record` has them.
    """
    return {
        path.relative_to(out).as_posix(): [path.stat().st_size, fingerprint.of_file(path)] for path in paths
    }


def intact(out, record):
    """Whether all files of a picture are there and as they were written.

    Parameters
    ----------
    out : Path
    record : Record

    Returns
    -------
    answer : bool
    """
    try:
        sizes = all((out / path).stat().st_size == size for path, (size, _) in record.files.items())
        return sizes and described(out, map(Path(out).joinpath, record.files)) == record.files
    except OSError:
        return False


def _path(out, name):
    return Path(out) / FOLDER / _RECORDS / f"{name}{_ENDING}"
