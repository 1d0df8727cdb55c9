"""Command lines that can't be understood, through the whole command."""

import pytest
from commands import run

LINES = [
    (["predict"], "缺少 images；用法见 cellseg predict --help"),
    (["predict", "a"], "缺少 --out；用法见 cellseg predict --help"),
    (["report", "--profile"], "--profile 后面要写一个值；用法见 cellseg report --help"),
    (["report", "--force=3"], "--force 后面不写值；用法见 cellseg report --help"),
    (["report", "extra"], "多出了 extra；用法见 cellseg report --help"),
    (["report", "one", "two"], "多出了 one two；用法见 cellseg report --help"),
    (["report", "--prof", "smoke"], "没有选项 --prof，最像的是 --pdf、--profile；用法见 cellseg report"),
    (["report", "--zzz"], "没有选项 --zzz；用法见 cellseg report --help"),
    (["frobnicate"], "没有命令 frobnicate；用法见 cellseg --help"),
    (["pred"], "没有命令 pred"),
    (["it's"], "没有命令 it's；用法见 cellseg --help"),
    (["a\nb\x1b[31m"], "没有命令 a"),
    (["predict", "a", "--out", "b", "--plane", "x"], "--plane：应是整数；用法见 cellseg predict --help"),
    (["predict", "a", "--out", "b", "--diameter", "x"], "--diameter：应是数；用法见 cellseg predict --help"),
]


@pytest.mark.parametrize(("words", "line"), LINES)
def test_a_wrong_command_line_is_one_line_and_exit_status_2(monkeypatch, capsys, words, line):
    assert run(monkeypatch, *words) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"错误：{line}")
    assert (said.err.removesuffix("\n").isprintable(), said.out) == (True, "")


def test_it_is_english_on_request(monkeypatch, capsys):
    monkeypatch.setenv("CELLSEG_LANG", "zh")
    assert run(monkeypatch, "predict", "a", "--lang", "en") == 2
    assert capsys.readouterr().err == "Error: --out is missing; see cellseg predict --help\n"


def test_no_command_at_all_is_answered_with_the_help(monkeypatch, capsys):
    assert run(monkeypatch) in (0, 2)  # by the version of click
    said = capsys.readouterr()
    assert "predict" in said.out + said.err
