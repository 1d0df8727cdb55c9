"""The help of all commands."""

import importlib.metadata
import subprocess
import sys

import pytest
import texts
import typer
from typer.testing import CliRunner

from cellseg_utils.cli import data, reporting, segmenting  # noqa: F401  each adds its commands
from cellseg_utils.cli.app import app


def test_help_imports_nothing_heavy():
    heavy = ("tensorflow", "keras", "pandas", "papermill", "cv2")
    code = f"""
import sys
from cellseg_utils.cli import data, main, reporting, segmenting
print([m for m in {heavy} if m in sys.modules])
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["report", "predict", "evaluate", "download", "parameters"])
def test_no_text_of_the_help_is_cut_off(command):
    known = typer.main.get_command(app).commands[command]
    shown = "".join(CliRunner().invoke(app, [command, "--help"], terminal_width=80).output.split())
    for text in [known.help, *(parameter.help for parameter in known.params if parameter.help)]:
        assert "".join(text.split()) in shown


@pytest.mark.parametrize(
    "command", ["", "report", "predict", "evaluate", "download", "parameters", "render", "list"]
)
def test_help_is_english_on_request(command):
    words = [sys.executable, "-m", "cellseg_utils", *filter(None, [command]), "--help", "--lang", "en"]
    shown = subprocess.run(words, capture_output=True, text=True, encoding="utf-8").stdout
    assert "Usage: cellseg" in shown
    assert not texts.CHINESE.search(shown)
    assert command or "--lang" in shown


def test_the_version_is_that_of_the_installed_package():
    shown = CliRunner().invoke(app, ["--version"])
    assert (shown.exit_code, shown.output.strip()) == (0, importlib.metadata.version("cellseg-utils"))
