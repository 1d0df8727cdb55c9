"""Finished reports of two tiny notebooks, written down without running anything."""

import base64
import io
import json

import nbformat
import numpy as np
import pandas as pd
from nbformat import v4
from PIL import Image

from cellseg_utils.report import manifest, sections
from cellseg_utils.run import artifacts, fingerprint

HERE = {
    "commit": "提交 abc1234",
    "machine": "Linux",
    "versions": "keras 3",
    "when": "2026-11-26T09:58:00+00:00",
}
SCORES = ("kaggle", "ap50", "dice", "iou")
PARAMETERS = 'run_dir: str = "reports/lab"  # 文件夹\nnumber: int = 1  # 一个数'


def executed(path, title, injected="", extra=()):
    """An executed notebook with a parameters cell, as papermill leaves it."""
    cells = [v4.new_markdown_cell(title)]
    cells += [v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}, execution_count=1)]
    if injected:
        cells += [v4.new_code_cell(injected, metadata={"tags": ["injected-parameters"]}, execution_count=2)]
    notebook = v4.new_notebook(cells=[*cells, *extra])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)


def picture(side=64):
    """A page with one picture, as bytes."""
    data = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), 99, np.uint8)).save(data, format="PNG")
    return b'<img alt="a" src="data:image/png;base64,%s">' % base64.b64encode(data.getvalue())


def add(folder, name, scores=(), number=1, data="d" * 64, families=None, here=HERE):
    """A finished report with a score for each of its validation pictures; returns its directory."""
    directory = folder / name
    rows = pd.DataFrame(
        {"id": [f"i{n}" for n in range(len(scores))], **{key: list(scores) for key in SCORES}}
    )
    rows["family"] = families or range(len(scores))
    means = {key: float(np.mean(scores)) if len(scores) else None for key in SCORES}
    means |= {f"{key}_interval": [0.1, 0.9] for key in SCORES} | {"images": len(scores)}
    (directory / "artifacts").mkdir(parents=True)
    (directory / "artifacts" / "scores.csv").write_bytes(artifacts.csv_bytes(rows))
    (directory / "artifacts" / "scores.json").write_text(json.dumps(means))
    source = {"train": "/data/train.zip", "title": "图", "images": 9, "synthetic": True}
    (directory / "artifacts" / "source.json").write_text(json.dumps(source))
    (directory / "index.html").write_bytes(picture())
    made = manifest.Manifest(directory, "demo", {"number": number}, {})
    for section in sections.sections():
        path = manifest.executed_path(directory, section)
        executed(path, f"# {section.number}. {section.title}", f"# Parameters\nnumber = {number}\n")
        journal = {"reads": {}, "writes": {}, "data": {"/data/train.zip": data}, "told": {}}
        entry = {"key": {}, "seconds": 60.0, "journal": journal, "executed": fingerprint.of_file(path)}
        made.note(section, {**entry, "contents": {}, "provenance": here})
    return directory


def section(folder):
    """A section, whose notebook is in a folder of its own."""
    cells = [v4.new_code_cell("from cellseg_utils.run import files")]
    path = folder / "source" / "01_segmentation.ipynb"
    path.parent.mkdir()
    nbformat.write(v4.new_notebook(cells=cells), path)
    return sections.Section(1, "甲", path)
