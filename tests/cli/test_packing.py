import sys

import pytest

from cellseg_utils.cli import main, packing
from cellseg_utils.cli.app import app
from cellseg_utils.report.packing import kaggle_folder


def test_the_command_hands_on_what_it_is_told(monkeypatch, capsys):
    made = []
    monkeypatch.setattr(kaggle_folder, "write", lambda *arguments: made.append(arguments) or ("a", "b"))
    monkeypatch.setenv("KAGGLE_USERNAME", "somebody")
    monkeypatch.setattr(sys, "argv", ["cellseg", "kaggle", "--out", "here", "--set", "epochs=5", "--no-gpu"])
    with pytest.raises(SystemExit, match="0"):
        main.main()
    assert made == [("here", "full", {"epochs": "5"}, "somebody", False)]
    assert capsys.readouterr().out == "a\nb\n"


def test_the_command_is_one_of_those_that_are_listed():
    assert packing.kaggle in [command.callback for command in app.registered_commands]
