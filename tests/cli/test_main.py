"""How the command ends, and in which language it speaks."""

import codecs
import errno
import io
import os
import sys

import pytest
from commands import run

from cellseg_utils.cli import main as cli
from cellseg_utils.report import runner
from cellseg_utils.run import language


def test_ctrl_c_says_what_stays_and_exits_with_130(monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "make", interrupted)
    assert run(monkeypatch, "report") == 130
    assert "已中断" in capsys.readouterr().err


def test_full_disk_is_said_in_chinese(monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(runner, "make", full)
    assert run(monkeypatch, "report") == 1
    assert "磁盘已满" in capsys.readouterr().err


def test_the_language_is_taken_out_wherever_it_stands(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "zh")
    assert cli.without_language(["--lang", "en", "report", "--set", "a=1"]) == ["report", "--set", "a=1"]
    assert os.environ[language.VARIABLE] == "en"
    assert cli.without_language(["list", "--lang=zh"]) == ["list"]
    assert os.environ[language.VARIABLE] == "zh"


@pytest.mark.parametrize("arguments", [["--lang", "fr", "list"], ["list", "--lang"]])
def test_another_language_is_one_line(monkeypatch, capsys, arguments):
    assert run(monkeypatch, *arguments) == 1
    assert "只有 zh 与 en / there are only zh and en" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            OSError(errno.ENOSPC, "x"),
            "Error: The disk is full; free some space and continue with the same command",
        ),
        (OSError(errno.ENOSPC, "x", "a.csv"), "Error: a.csv: the disk is full and this was not written"),
        (ValueError("wrong"), "Error: wrong"),
        (PermissionError(errno.EACCES, "denied", "a"), "Error: a: permission denied; check the path"),
        (
            FileExistsError(errno.EEXIST, "exists", "a"),
            "Error: a: a folder or file of this name is in the way, move it",
        ),
    ],
)
def test_errors_are_english_on_request(monkeypatch, capsys, error, line):
    def failing(*_, **__):
        raise error

    monkeypatch.setattr(runner, "make", failing)
    monkeypatch.setenv(language.VARIABLE, "zh")
    assert run(monkeypatch, "report", "--lang", "en") == 1
    said = capsys.readouterr().err
    assert line in said
    assert said.count("\n") == 1


def test_children_import_nothing_from_the_current_folder(monkeypatch, capsys):
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    assert run(monkeypatch, "parameters") == 0
    assert os.environ["PYTHONSAFEPATH"] == "1"


@pytest.mark.parametrize(
    ("spoken", "encoding", "expected"),
    [
        ("zh", "utf-8", "utf-8"),
        ("zh", "gbk", "gbk"),
        ("zh", "latin-1", "utf-8"),
        ("en", "latin-1", "iso8859-1"),
        ("en", "ascii", "utf-8"),
    ],
)
def test_a_console_that_lacks_every_word_gets_utf8(monkeypatch, spoken, encoding, expected):
    monkeypatch.setenv(language.VARIABLE, spoken)
    streams = [io.TextIOWrapper(io.BytesIO(), encoding) for _ in "ab"]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    cli._make_speakable()
    assert [codecs.lookup(stream.encoding).name for stream in streams] == [expected] * 2
    assert {stream.errors for stream in streams} == {"replace"}
