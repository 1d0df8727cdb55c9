"""A report in English out of the artifacts of one in Chinese: its cells run here, without a kernel."""

import dataclasses
import shutil

import bs4
import matplotlib.text
import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from pages import printed, shown
from traitlets.config import Config

from cellseg_utils.plots import output
from cellseg_utils.report import manifest
from cellseg_utils.report.rendering import page, summary
from cellseg_utils.run import language, parameters, places


def make(run, folder, monkeypatch):
    """Run all notebooks of a finished run again, in English.

    Parameters
    ----------
    run : Path
        Of the Chinese report; it's left as it is.
    folder : Path
        Of the English one, which does not exist yet.
    monkeypatch : pytest.MonkeyPatch

    Returns
    -------
    page : BeautifulSoup
    labels : set of str
        Texts inside the figures.
    """
    labels, figure = set(), output.figure

    def read_figure(fig, caption, alt):
        labels.update(text.get_text() for text in fig.findobj(matplotlib.text.Text))
        return figure(fig, caption, alt)

    monkeypatch.setenv(language.VARIABLE, "en")
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    monkeypatch.setattr(output, "figure", read_figure)
    shutil.copytree(run / "artifacts", folder / "artifacts")
    noted = manifest.whole(run)
    chosen = {**parameters.read_profile(places.PROFILES, noted.profile), **noted.overrides}
    declared = parameters.declared(sorted(places.NOTEBOOKS.glob("[0-9]*.ipynb")))
    assigned = parameters.assign(declared, chosen)
    paths = []
    for stem, values in assigned.items():
        executed = _executed(places.NOTEBOOKS / f"{stem}.ipynb", {**values, "run_dir": str(folder)})
        paths.append(folder / f"{stem}.ipynb")
        nbformat.write(executed, paths[-1])
    english = dataclasses.replace(noted, directory=folder, language=language.ENGLISH)
    page.render(paths, folder / "index.html", **summary.describe(english, declared, assigned))
    return bs4.BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser"), labels


def _executed(path, values):
    """The notebook with its outputs."""
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            with capture_output() as made:
                shell.run_cell(cell.source).raise_error()
            cell.outputs = [shown(own.data, **(own.metadata or {})) for own in made.outputs]
            cell.outputs += [printed(made.stdout)] if made.stdout else []
        if "parameters" in cell.metadata.get("tags", []):
            shell.user_ns.update(values)
    InteractiveShell.clear_instance()
    return notebook
