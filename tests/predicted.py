"""Folders as `cellseg predict` leaves them, made of known numbers without a network."""

import io

import cv2
import numpy as np
import pandas as pd
import tifffile

from cellseg_utils.prediction import exports

SHAPE = (20, 50)  # pixels: 1,000 a picture
DOUBT = "这张图的结果不可靠，可能与训练图像很不一样：候选的核平均只有 41% 的把握"


def write(folder, nuclei, warnings=None, files=None, failures=(), **columns):
    """Write tables, overlays and label images.

    Parameters
    ----------
    folder : Path
    nuclei : dict of str to list of (int, float)
        Area (pixels) and certainty of every nucleus, by the picture's name.
    warnings, files : dict of str to str, optional
        By the picture's name; the file is otherwise `<name>.png`.
    failures : sequence of (str, str)
        File and problem.
    **columns : dict of str to value
        More columns of the table of nuclei: from a picture's name to the value of all its nuclei.
    """
    warnings, files = warnings or {}, files or {}
    summary = [(name, len(own), warnings.get(name, "")) for name, own in nuclei.items()]
    few = ("image", "nuclei", "warning")
    objects = [
        (name, number, area, sure, *(values.get(name) for values in columns.values()))
        for name, own in nuclei.items()
        for number, (area, sure) in enumerate(own, 1)
    ]
    _table(folder / exports.SUMMARY, summary, few)
    _table(folder / exports.OBJECTS, objects, ["image", "label", "area", "certainty", *columns])
    _table(
        folder / exports.NAMES,
        [(name, files.get(name, f"{name}.png")) for name in nuclei],
        exports.NAME_COLUMNS,
    )
    _table(folder / exports.FAILURES, failures, exports.FAILURE_COLUMNS)
    picture = cv2.imencode(".jpg", np.full((*SHAPE, 3), 90, np.uint8))[1].tobytes()
    labels = io.BytesIO()
    tifffile.imwrite(labels, np.zeros(SHAPE, np.uint16), photometric="minisblack")
    for place, end, data in (("overlays", ".jpg", picture), (exports.LABELS, ".tif", labels.getvalue())):
        (folder / place).mkdir(exist_ok=True)
        for name in nuclei:
            (folder / place / f"{name}{end}").write_bytes(data)


def rename(folder, old, new):
    """Give a picture another name in the tables, whatever a file may be called.

    Parameters
    ----------
    folder : Path
    old, new : str
    """
    for name in (exports.SUMMARY, exports.OBJECTS, exports.NAMES):
        table = pd.read_csv(folder / name, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        _table(folder / name, table.replace({"image": {old: new}}), table.columns)


def _table(path, rows, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=list(columns)).to_csv(path, index=False, encoding="utf-8-sig")
