"""A project of two tiny notebooks, and what its runner told."""

import jupytext
import nbformat

from cellseg_utils.report import runner
from cellseg_utils.report.rendering import summary
from cellseg_utils.run import places

FIRST = """# %% [markdown]
# # 1. 第一节

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 文件夹
{name}: int = 1  # 一个数

# %%
from cellseg_utils.run import runs
run = runs.open_run(run_dir, "01_segmentation")
run.save("source.json", {{"value": {name}}})
{extra}
"""
SECOND = """# %% [markdown]
# # 2. 第二节

# %% tags=["parameters"]
run_dir: str = "reports/lab"  # 文件夹

# %%
from cellseg_utils.run import runs
run = runs.open_run(run_dir, "02_segmentation_kinds")
run.load("source.json")
"""


def build(folder, monkeypatch):
    """A project of two tiny notebooks; returns a function that runs it and gives what it told."""
    notebooks = folder / "notebooks"
    (notebooks / "profiles").mkdir(parents=True)
    (notebooks / "profiles" / "demo.yaml").write_text("number: 2\n")
    monkeypatch.setattr(places, "NOTEBOOKS", notebooks)
    monkeypatch.setattr(places, "PROFILES", notebooks / "profiles")
    monkeypatch.setattr(places, "REPORTS", folder / "reports")
    monkeypatch.setattr(summary, "describe", lambda *_: {"title": "题", "subtitle": "副"})
    write(notebooks, "01_segmentation", FIRST.format(name="number", extra=""))
    write(notebooks, "02_segmentation_kinds", SECOND)

    def make(overrides=None, force=False):
        told = []
        runner.make(str(make.run), "demo", overrides or {}, force, tell=told.append)
        return told

    make.folder, make.run = notebooks, folder / "reports" / "demo"
    return make


def write(folder, name, text):
    notebook = jupytext.reads(text, "py:percent")
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / f"{name}.ipynb")


def ran(told):
    return [line[1:3].strip() for line in told if line.endswith(" 秒") and line.startswith("[")]
