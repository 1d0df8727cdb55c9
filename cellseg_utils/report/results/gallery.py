"""The page of a `cellseg predict` folder: what was found, what to look at first, all pictures to sort."""

import os
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from cellseg_utils.prediction import exports, origin
from cellseg_utils.report.rendering import inline
from cellseg_utils.report.results import findings, gallery_texts, histogram, thumbnails
from cellseg_utils.run import files
from cellseg_utils.run.language import later, say

PAGE = "index.html"
GENERATOR = "cellseg predict"  # noted in the page: what lacks it is not ours to replace
OVERLAYS = "overlays"
SHOWN = 5_000  # pictures on the page; the table of pictures has all
NAMED = 20  # doubtful pictures and failures that are listed unfolded
CONTENTS = {  # of the folder: what a reader finds there
    exports.OBJECTS: later("每个核一行：位置、大小、形状、把握"),
    exports.SUMMARY: later("每张图一行：核数与提醒"),
    exports.NAMES: later("哪个结果出自哪个文件"),
    exports.FAILURES: later("没有结果的文件与原因"),
    exports.SUBMISSION: later("Kaggle 的提交文件"),
    exports.LABELS: later("标签图（TIFF）：0 是背景，每个核一个编号；Fiji、QuPath、napari 都能打开"),
    OVERLAYS: later("画了轮廓的图（JPEG），就是点开的大图"),
    "png": later("标签图（16 位 PNG）"),
    "qupath": later("轮廓（GeoJSON），给 QuPath"),
    "imagej": later("轮廓（RoiSet.zip），给 ImageJ、Fiji"),
    "coco": later("标注（COCO JSON），逐像素"),
    "probability": later("每个像素是核的概率（16 位 TIFF，65535 是 1）"),
}


class GalleryError(ValueError):
    """A page that can't be written; the message is one line with the fix."""


@dataclass(frozen=True)
class Card:
    """A picture on the page.

    Attributes
    ----------
    row : pandas row
        Of `Findings.pictures`.
    overlay, labels : str
        Addresses of its files from the page's folder; empty where there is none.
    small : str
        Address of what is shown before the overlay is asked for.
    """

    row: tuple
    overlay: str
    labels: str
    small: str


def check(folder):
    """Refuse a folder with another page that this one would replace.

    Parameters
    ----------
    folder : path-like
        Where `cellseg predict` writes its results.

    Returns
    -------
    earlier : bytes or None
        An earlier page of its own.

    Raises
    ------
    GalleryError
        If there is another `index.html`, which no `cellseg predict` made.
    """
    out = Path(folder).expanduser() / PAGE
    earlier = out.read_bytes() if out.is_file() else None
    if earlier is not None and f'content="{GENERATOR}"'.encode() not in earlier[:2000]:
        raise GalleryError(
            say(
                "{path}：不是 {maker} 写的网页，没有覆盖它；请移走它，或换一个文件夹放结果",
                path=out,
                maker=GENERATOR,
            )
        )
    return earlier


def write(folder):
    """Write the page of a folder; it depends on nothing but what the folder holds.

    Parameters
    ----------
    folder : path-like
        Where `cellseg predict` wrote its results.

    Returns
    -------
    page : Path or None
        `index.html`; None where there are no tables of results, or they did not change.

    Raises
    ------
    GalleryError
        If there is another `index.html`, which no `cellseg predict` made, or a table is damaged.
    OSError
        If a table can't be read, or the page can't be written.
    """
    folder = Path(folder).expanduser()
    out = folder / PAGE
    if not all((folder / name).is_file() for name in findings.TABLES):
        return None
    earlier = check(folder)
    try:
        data = _render(folder).encode(errors="replace")
    except (ValueError, KeyError) as error:
        raise GalleryError(
            say("{path}：表格不完整，没有写 {page}，请重新运行 cellseg predict", path=folder, page=PAGE)
        ) from error
    if data == earlier:
        return None
    files.write_bytes(out, data)
    return out


def _render(folder):
    found, noted = findings.read(folder), origin.read(folder)
    warned = found.pictures[found.pictures["warning"] != ""]
    environment = inline.environment()
    environment.filters |= {"number": gallery_texts.number, "percent": gallery_texts.percent}
    return environment.get_template("gallery.html.j2").render(
        generator=GENERATOR,
        headline=gallery_texts.headline(found),
        answers=gallery_texts.answers(found),
        box=gallery_texts.box(found),
        found=found,
        warned=list(warned.itertuples()),
        failures=list(found.failures.itertuples()),
        named=NAMED,
        cards=list(_cards(found.pictures[:SHOWN], folder)),
        charts=list(_charts(found)),
        contents=[(name, say(text)) for name, text in CONTENTS.items() if (folder / name).exists()],
        noted=noted,
    )


def _cards(pictures, folder):
    overlays, labels = _names_in(folder / OVERLAYS), _names_in(folder / exports.LABELS)
    paths = [
        folder / OVERLAYS / name for row in pictures.itertuples() if (name := f"{row.image}.jpg") in overlays
    ]
    small = thumbnails.embedded(paths)
    for row in pictures.itertuples():
        overlay, tiff = f"{row.image}.jpg", f"{row.image}.tif"
        address = _address(OVERLAYS, overlay) if overlay in overlays else ""
        yield Card(
            row,
            address,
            _address(exports.LABELS, tiff) if tiff in labels else "",
            small.get(folder / OVERLAYS / overlay, address),
        )


def _names_in(folder):
    return set(os.listdir(folder)) if folder.is_dir() else set()


def _address(folder, name):
    return f"{folder}/{urllib.parse.quote(name, safe='')}"


def _charts(found):
    """Histograms with their captions, of what has at least two different values."""
    percents = found.certainties.set_axis(found.certainties.index * 100)
    counts = found.pictures["nuclei"].value_counts().sort_index()
    if len(found.areas) > 1:
        drawn = histogram.of(found.areas, _nuclei)
        yield drawn, gallery_texts.of_areas(found.areas, found.area_unit, drawn)
    if len(percents) > 1:
        yield histogram.of(percents, _nuclei, upper=100), gallery_texts.of_certainties(found.certainties)
    if len(counts) > 1:
        yield histogram.of(counts, _pictures, counts.index[-1]), gallery_texts.of_counts(found.pictures)


def _nuclei(count):
    return say("{n:,.0f} 个核", n=count)


def _pictures(count):
    return say("{n:,.0f} 张图", n=count)
