"""Commands that make reports: what they hand on, what they say."""

from pathlib import Path

import pytest
from commands import run

from cellseg_utils.report import runner
from cellseg_utils.run import language, places


@pytest.fixture
def calls(monkeypatch):
    made = []
    monkeypatch.setattr(runner, "make", lambda *args, **_: made.append(args))
    return made


def test_report_hands_on_profile_parameters_and_flags(monkeypatch, calls, tmp_path):
    arguments = ["report", "--profile", "full", "--set", "epochs=5", "--set", "learning_rate=1e-4", "--force"]
    assert not run(monkeypatch, *arguments, "--data", str(tmp_path), "--test", "a/*.png", "--skip-bad")
    [(name, profile, values, force)] = calls
    assert (name, profile, force) == ("full", "full", True)
    assert values == {
        "epochs": "5",
        "learning_rate": "1e-4",
        "data": str(tmp_path.absolute()),
        "test_images": str(Path("a/*.png").absolute()),
        "skip_bad": True,
    }


def test_run_names_the_folder_and_words_for_data_stay_words(monkeypatch, calls):
    assert not run(monkeypatch, "report", "--run", "mine", "--data", "auto")
    [(name, profile, values, force)] = calls
    assert (name, profile, values, force) == ("mine", "demo", {"data": "auto"}, False)


def test_a_list_of_pictures_to_leave_out_is_named_from_the_folder_of_the_user(monkeypatch, calls, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("bad.txt").write_text("x")
    for name in ("bad.txt", "none.txt"):
        assert not run(monkeypatch, "report", "--set", f"exclude={name}")
    assert [values["exclude"] for _, _, values, _ in calls] == [str(tmp_path / "bad.txt"), "none.txt"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["report", "--profile", "nope"], "没有名为 nope 的配置"),
        (["report", "--set", "epoks=5"], "没有参数 epoks"),
        (["report", "--set", "epochs=many"], "参数 epochs 应是整数"),
        (["report", "--set", "epochs"], "应写成 参数名=值"),
    ],
)
def test_bad_input_is_one_line_and_a_non_zero_exit(monkeypatch, capsys, arguments, text):
    assert run(monkeypatch, *arguments) == 1
    error = capsys.readouterr().err
    assert text in error
    assert error.count("\n") == 1


def test_missing_data_names_the_places_and_the_fix(monkeypatch, capsys, tmp_path):
    code = run(
        monkeypatch, "report", "--profile", "smoke", "--data", str(tmp_path), "--run", str(tmp_path / "run")
    )
    assert code == 1
    error = capsys.readouterr().err
    assert str(tmp_path) in error
    assert "cellseg download" in error


@pytest.mark.parametrize(
    ("arguments", "name", "spoken"),
    [
        ([], "demo", "zh"),
        (["--lang", "en"], "demo-en", "en"),
        (["--lang=en", "--profile", "full"], "full-en", "en"),
        (["--lang", "en", "--run", "mine"], "mine", "en"),
        (["--lang", "zh"], "demo", "zh"),
    ],
)
def test_a_report_is_chinese_whatever_the_system_speaks_unless_asked(
    monkeypatch, capsys, arguments, name, spoken
):
    made = []
    monkeypatch.setattr(runner, "make", lambda *args, **options: made.append((args[0], options["spoken"])))
    monkeypatch.setenv(language.VARIABLE, "")  # is put back, whatever the command chooses
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    assert not run(monkeypatch, "report", *arguments)
    assert made == [(name, spoken)]
    assert ("add --lang en for English" in capsys.readouterr().out) == (not arguments)


def test_render_and_list_hand_on_and_say_what_they_wrote(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(runner, "render", lambda name: f"{name}/index.html")
    assert not run(monkeypatch, "render", "mine")
    assert capsys.readouterr().out == "mine/index.html\n"
    monkeypatch.setattr(places, "REPORTS", tmp_path)
    assert not run(monkeypatch, "list")
    assert capsys.readouterr().out == f"{tmp_path}：还没有报告；先运行 cellseg report\n"
