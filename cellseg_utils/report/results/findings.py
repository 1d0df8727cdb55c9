"""What a folder of `cellseg predict` holds, in numbers of every picture."""

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import tifffile

from cellseg_utils.prediction.exports import FAILURES, LABELS, NAMES, OBJECTS, SUMMARY
from cellseg_utils.run.language import say

TABLES = (SUMMARY, OBJECTS, NAMES, FAILURES)  # that are read
CHUNK = 100_000  # rows of the table of nuclei in memory at a time
AREA, PHYSICAL_AREA, CERTAINTY = "area", "area_um2", "certainty"  # columns of the table of nuclei
DENSITY = "density_per_mm2"  # column of the table of pictures, where the size of a pixel is known
MEGAPIXEL = 1e6  # pixels
FORM = {"encoding": "utf-8-sig", "keep_default_na": False}  # a picture may be called NA


@dataclass(frozen=True)
class Findings:
    """All pictures of a folder.

    Attributes
    ----------
    pictures : DataFrame
        One row a picture that has results, the doubtful ones first, then by certainty, lowest first:
        `image` (name of its results), `file`, `nuclei`, `area` (their median, `area_unit`), `density`
        (`density_unit`), `foreground` and `certainty` (mean of the nuclei) 0..1 (no unit), `channel` and
        `warning` (texts, empty where there is none). What is not known is NaN.
    failures : DataFrame
        `file` and `problem` of every file without results.
    areas, certainties : Series of int
        How many nuclei have the value that is the index, ascending.
    area_unit, density_unit : str
        As a reader sees them.
    notes : tuple of str
        What a reader must know of these numbers, sentences without full stop.
    """

    pictures: pd.DataFrame
    failures: pd.DataFrame
    areas: pd.Series
    certainties: pd.Series
    area_unit: str
    density_unit: str
    notes: tuple[str, ...]


def read(folder):
    """Read the tables that `cellseg predict` left in a folder; that of the nuclei piece by piece.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    findings : Findings

    Raises
    ------
    OSError, ValueError, KeyError
        If a table is missing or is not what `cellseg predict` writes.
    """
    folder = Path(folder)
    pictures, (area, mixed) = _pictures(folder), _area_column(folder / OBJECTS)
    measured, areas, certainties = _nuclei(folder / OBJECTS, area)
    pictures = pictures.join(measured, on="image")
    agrees = pictures["rows"].fillna(0) == pictures["nuclei"]
    pictures.loc[~agrees, ["area", "covered", "certainty"]] = math.nan
    pictures.loc[pictures["nuclei"] == 0, "covered"] = 0
    density_unit = _add_shares(pictures, folder)
    area_unit = say("像素") if area == AREA else "µm²"
    notes = tuple(_notes(int((~agrees).sum()), mixed))
    failures = pd.read_csv(folder / FAILURES, dtype=str, **FORM)
    return Findings(_ordered(pictures), failures, areas, certainties, area_unit, density_unit, notes)


def _pictures(folder):
    texts = dict.fromkeys(["image", "channel", "warning"], str)
    pictures = pd.read_csv(folder / SUMMARY, dtype=texts, na_values={DENSITY: [""]}, **FORM)
    files = pd.read_csv(folder / NAMES, dtype=str, **FORM).drop_duplicates("image", keep="last")
    named = pictures["image"].map(files.set_index("image")["file"])
    return pictures.assign(file=named.fillna(pictures["image"]), channel=pictures.get("channel", ""))


def _chunks(path, columns):
    """Parts of the table of nuclei, with those of some columns that it has."""
    numbers = [column for column in columns if column != "image"]
    return pd.read_csv(
        path,
        usecols=lambda column: column in columns,
        dtype={"image": str} | dict.fromkeys(numbers, float),
        na_values={column: [""] for column in numbers},
        chunksize=CHUNK,
        **FORM,
    )


def _area_column(path):
    """The column that all nuclei have, physical if possible, and whether only some have physical areas."""
    known = rows = 0
    if PHYSICAL_AREA in pd.read_csv(path, nrows=0, **FORM):
        for chunk in _chunks(path, [PHYSICAL_AREA]):
            known, rows = known + chunk[PHYSICAL_AREA].count(), rows + len(chunk)
    return PHYSICAL_AREA if known and known == rows else AREA, 0 < known < rows


def _nuclei(path, area):
    """Measures of every picture, and how often each area and each certainty occurs."""
    parts, areas, certainties = [], pd.Series(dtype=int), pd.Series(dtype=int)
    for rows in _whole_pictures(_chunks(path, ["image", AREA, area, CERTAINTY])):
        by_picture = rows.groupby("image", sort=False)
        parts.append(
            by_picture.agg(
                rows=(area, "size"),
                area=(area, "median"),
                covered=(AREA, "sum"),
                certainty=(CERTAINTY, "mean"),
            )
        )
        areas = areas.add(rows[area].value_counts(), fill_value=0)
        certainties = certainties.add(rows[CERTAINTY].value_counts(), fill_value=0)
    measured = pd.concat(parts)
    return measured[~measured.index.duplicated(keep="last")], areas.astype(int), certainties.astype(int)


def _whole_pictures(chunks):
    """The same rows, cut where a picture ends: those of one stand together."""
    rest = None
    for chunk in chunks:
        rows = chunk if rest is None else pd.concat([rest, chunk], ignore_index=True)
        unfinished = rows["image"].isin(rows["image"].tail(1))
        yield rows[~unfinished]
        rest = rows[unfinished]
    if rest is not None:
        yield rest


def _add_shares(pictures, folder):
    """Add density and share of foreground; the unit of the density."""
    sizes = [_pixels(folder / LABELS / f"{name}.tif") for name in pictures["image"]]
    pictures["foreground"] = pictures["covered"] / sizes
    if DENSITY in pictures and pictures[DENSITY].notna().all():
        pictures["density"] = pictures[DENSITY]
        return say("个/mm²")
    pictures["density"] = pictures["nuclei"] / sizes * MEGAPIXEL
    return say("个/百万像素")


def _pixels(path):
    """Pixels of a label image, from its first bytes."""
    try:
        with tifffile.TiffFile(path) as file:
            return math.prod(file.series[0].shape)
    except (OSError, ValueError, IndexError):
        return math.nan


def _ordered(pictures):
    columns = ["image", "file", "nuclei", "area", "density", "foreground", "certainty", "channel", "warning"]
    trusted = pictures["warning"] == ""
    order = {"by": ["trusted", "certainty"], "na_position": "first", "kind": "stable", "ignore_index": True}
    return pictures.assign(trusted=trusted).sort_values(**order)[columns]


def _notes(lost, mixed):
    if mixed:
        yield say("有的图像不知道像素有多大，所以面积都以像素计")
    if lost:
        yield say(
            "{n} 张的核数在 {summary} 与 {objects} 里不同，所以它们的面积与把握空着",
            n=lost,
            summary=SUMMARY,
            objects=OBJECTS,
        )
