"""The folder that a batch writes into: files of every picture, and tables that keep what was written."""

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from cellseg_utils.prediction import exports
from cellseg_utils.prediction.exports import FAILURES, LABELS, NAMES, OBJECTS, SUBMISSION, SUMMARY
from cellseg_utils.run import files

TABLES = {
    SUBMISSION: exports.COLUMNS,
    OBJECTS: exports.OBJECT_COLUMNS,
    SUMMARY: exports.SUMMARY_COLUMNS,
    NAMES: exports.NAME_COLUMNS,
    FAILURES: exports.FAILURE_COLUMNS,
}


@dataclass(frozen=True)
class Results:
    """What is written, and where.

    Attributes
    ----------
    folder : Path
    formats : dict of str to (str, callable)
        From `interchange.chosen`.
    tables : dict of str to file
        Open for writing, keyed as `TABLES`.
    """

    folder: Path
    formats: dict
    tables: dict

    def write(self, name, shown, image, found):
        """Write what is found in a picture.

        Parameters
        ----------
        name : str
            Of the picture among the results.
        shown : str
            Where the picture lies.
        image : (H, W, 3) ndarray of uint8
            RGB (no unit).
        found : segmentation.Segmentation

        Raises
        ------
        interchange.FormatError
            If a format can't hold it; nothing is written then.
        OSError
            If the disk is full.
        """
        made = {
            self.folder / own / f"{name}{end}": encode(image, found)
            for own, (end, encode) in self.formats.items()
        }
        rows = {
            SUBMISSION: exports.submission({name: found.labels}),
            OBJECTS: exports.objects(name, found),
            SUMMARY: exports.summary(name, int(found.labels.max(initial=0)), found.doubt),
        }
        texts = {table: _lines(own) for table, own in rows.items()}
        exports.write_label_tiff(self.folder / LABELS / f"{name}.tif", found.labels)
        for path, data in made.items():
            with files.replacing(path) as temporary:
                temporary.write_bytes(data)
        self.add(name, shown, texts)

    def add(self, name, shown, rows):
        """Note a picture whose files are written.

        Parameters
        ----------
        name, shown : str
            As for `write`.
        rows : dict of str to str
            Its lines by table, keyed as `TABLES`.
        """
        rows = rows | {NAMES: _lines(pd.DataFrame([(name, shown)]))}
        for table, text in rows.items():  # at once: Ctrl-C in between would leave it out of the tables
            self.tables[table].write(text)

    def fail(self, shown, problem):
        """Note a picture that has no results.

        Parameters
        ----------
        shown : str
            Where it lies.
        problem : str
            One line.
        """
        self.tables[FAILURES].write(_lines(pd.DataFrame([(shown, problem)])))


@contextmanager
def opened(folder, formats):
    """Open the tables of a batch; they keep what was written whatever happens.

    Parameters
    ----------
    folder : Path
    formats : dict
        As `Results` has them.

    Yields
    ------
    results : Results
    """
    with ExitStack() as stack:
        tables = {table: stack.enter_context(_kept(folder / table)) for table in TABLES}
        for table, columns in TABLES.items():
            tables[table].write(",".join(columns) + "\n")
        yield Results(folder, formats, tables)


def _lines(table):
    return table.to_csv(index=False, header=False, lineterminator="\n")


@contextmanager
def _kept(path):
    """A text file that replaces `path` at the end, also if the block is interrupted or fails."""
    encoding = "utf-8" if path.name == SUBMISSION else "utf-8-sig"  # Excel needs the mark, Kaggle has none
    failure, form = None, {"encoding": encoding, "errors": "replace", "newline": ""}
    with files.replacing(path) as temporary, temporary.open("w", **form) as file:
        try:
            yield file
        except BaseException as error:  # Ctrl-C is one
            failure = error
    if failure is not None:
        raise failure
