"""The commands for many reports hand on what they are told, and end with the right status."""

import subprocess
import sys

import pytest

from cellseg_utils.cli import main
from cellseg_utils.report import adoption, runner, verification
from cellseg_utils.report.many import compare_page, compare_runs, side_by_side_texts, sweep, sweep_plan
from cellseg_utils.run import places


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["cellseg", *arguments])
        with pytest.raises(SystemExit) as end:
            main.main()
        return end.value.code, capsys.readouterr().out

    return call


def test_sweep_reads_the_file_and_hands_on_the_processes(run, monkeypatch):
    monkeypatch.setattr(sweep_plan, "read", lambda path: f"plan of {path}")
    monkeypatch.setattr(sweep, "run", lambda *arguments, tell: tell(str(arguments)) or "page")
    assert run("sweep", "g.yaml", "--jobs", "3") == (0, "('plan of g.yaml', 3, '')\npage\n")
    assert run("sweep", "g.yaml", "--scheduler", "tcp://a:1") == (
        0,
        "('plan of g.yaml', 1, 'tcp://a:1')\npage\n",
    )


def test_a_sweep_without_a_file_is_one_line(run, tmp_path):
    assert run("sweep", str(tmp_path / "none.yaml"))[0] == 1


def test_compare_prints_and_writes(run, monkeypatch):
    monkeypatch.setattr(compare_runs, "read", lambda *directories: [path.name for path in directories])
    monkeypatch.setattr(side_by_side_texts, "lines", lambda pair: pair)
    monkeypatch.setattr(compare_page, "write", lambda pair, folder: folder)
    assert run("compare", "a", "b") == (0, f"a\nb\n{places.REPORTS}\n")


def test_verify_ends_with_1_and_a_line_for_each_change(run, monkeypatch):
    changes = [
        verification.Change(verification.FILE, "甲改了"),
        verification.Change(verification.AROUND, "乙改了"),
    ]
    monkeypatch.setattr(verification, "verify", lambda directory: changes)
    assert run("verify", "a") == (1, "甲改了\n乙改了\n")
    monkeypatch.setattr(verification, "verify", lambda directory: [])
    assert run("verify", "a") == (0, f"{places.REPORTS / 'a'}：与做好时一样\n")


def test_render_takes_notebooks_of_others_where_they_are_named_or_nobody_else_made_the_report(
    run, monkeypatch
):
    monkeypatch.setattr(runner, "render", lambda name: f"report {name}")
    monkeypatch.setattr(adoption, "render", lambda name, folder: f"adopted {name} {folder}")
    monkeypatch.setattr(adoption, "is_needed", lambda name: name == "lab")
    assert run("render", "a")[1] == "report a\n"
    assert run("render", "a", "--notebooks", "x")[1] == "adopted a x\n"
    assert run("render", "lab")[1] == "adopted lab \n"


def test_help_imports_nothing_heavy():
    heavy = {"tensorflow", "keras", "pandas", "papermill", "cv2", "distributed"}
    code = f"import sys; import cellseg_utils.cli.many_runs; print({heavy} & {{*sys.modules}})"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh", "按一个 YAML 文件跑许多份报告"), ("en", "Run many reports as a YAML file says")],
)
def test_help_speaks_both_languages(language, text):
    call = [sys.executable, "-m", "cellseg_utils", "sweep", "--help", "--lang", language]
    assert text in subprocess.run(call, capture_output=True, text=True).stdout
