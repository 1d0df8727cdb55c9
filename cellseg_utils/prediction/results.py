"""What a batch writes: the files of a picture, the tables of all."""

import io
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pandas as pd

from cellseg_utils.prediction import exports, interchange
from cellseg_utils.prediction.exports import FAILURES, LABELS, NAMES, OBJECTS, SUBMISSION, SUMMARY, TABLES
from cellseg_utils.run import files
from cellseg_utils.run.plain_error import PlainError


class LargeError(PlainError, ValueError):
    """A picture that can't be segmented in pieces; the message goes without its name."""


@dataclass(frozen=True)
class Written:
    """What was written of a picture.

    Attributes
    ----------
    paths : list of Path
    rows : dict of str to str
        Its lines of CSV by the name of the table.
    columns : list of str
        Of its lines in the table of nuclei, which depend on the picture's channels.
    remarks : list of str
        As `image.Image` has them.
    doubt : str
        Why it can't be trusted; empty where nothing speaks against it.
    note : str
        How it was segmented; empty for the usual way.
    """

    paths: list
    rows: dict
    columns: list
    remarks: list
    doubt: str
    note: str = ""


def write(out, formats, name, image, found, file=""):
    """Write what is found in a picture.

    Parameters
    ----------
    out : Path
    formats : dict of str to (str, callable)
        From `interchange.chosen`.
    name : str
        Of the picture among the results.
    image : image.Image
    found : segmentation.Segmentation
    file : str
        Where the picture lies, below what the user named; its name among the results when left out.

    Returns
    -------
    written : Written

    Raises
    ------
    interchange.FormatError
        If a format can't hold it; nothing is written then.
    OSError
        If the disk is full.
    """
    about = interchange.About(file or name, image.pixel_size)
    made = {
        out / own / f"{name}{end}": encode(image.rgb, found, about) for own, (end, encode) in formats.items()
    }
    labels = out / LABELS / f"{name}.tif"
    exports.write_label_tiff(labels, found.labels, image.pixel_size)
    for path, data in made.items():
        files.write_bytes(path, data)
    objects = exports.objects(name, image, found)
    areas, shape = objects["area"].to_numpy(), found.labels.shape
    rows = {
        SUBMISSION: lines(exports.submission({name: found.labels})),
        OBJECTS: lines(objects),
        SUMMARY: lines(exports.summary(name, image, shape, areas, found.doubt)),
    }
    return Written([labels, *made], rows, list(objects.columns), image.remarks, found.doubt)


def write_tables(out, finished):
    """Put the tables together, one picture at a time; each replaces the earlier one whole.

    Parameters
    ----------
    out : Path
    finished : callable
        Gives anew, each time, an iterable of (str, str, Record): name among the results, where the picture
        lies, and its record; in the order of the tables.

    Raises
    ------
    OSError
        If the disk is full; the earlier tables stay.
    """
    columns = dict.fromkeys(TABLES[OBJECTS])
    for *_, record in finished():
        columns |= dict.fromkeys(record.columns)
    with ExitStack() as stack:
        tables = {table: stack.enter_context(_replacing(out / table)) for table in TABLES}
        for table, file in tables.items():
            file.write(
                lines(pd.DataFrame([list(columns)])) if table == OBJECTS else exports.first_line(table) + "\n"
            )
        for name, shown, record in finished():
            if record.problem:
                tables[FAILURES].write(lines(pd.DataFrame([(shown, record.problem)])))
                continue
            tables[NAMES].write(lines(pd.DataFrame([(name, shown)])))
            for table, text in record.rows.items():
                tables[table].write(_widened(text, record.columns, columns) if table == OBJECTS else text)


def lines(table):
    """A table as lines of CSV, without the names of its columns.

    Parameters
    ----------
    table : DataFrame

    Returns
    -------
    text : str
    """
    return table.to_csv(index=False, header=False, lineterminator="\n")


def _widened(text, own, columns):
    """Lines of some columns as lines of all."""
    if not text or list(own) == list(columns):
        return text
    return lines(
        pd.read_csv(io.StringIO(text), names=own, dtype=str, keep_default_na=False).reindex(columns=columns)
    )


@contextmanager
def _replacing(path):
    encoding = "utf-8" if path.name == SUBMISSION else "utf-8-sig"  # Excel needs the mark, Kaggle has none
    form = {"encoding": encoding, "errors": "replace", "newline": ""}
    with files.replacing(path) as temporary, temporary.open("w", **form) as file:
        yield file
