import datetime
import subprocess

from cellseg_utils.report import provenance
from cellseg_utils.run import places


def test_what_is_noted_says_who_computed_when(monkeypatch):
    noted = provenance.here_and_now()
    assert set(noted) == {"commit", "machine", "versions", "when"}
    age = datetime.datetime.now().astimezone() - datetime.datetime.fromisoformat(noted["when"])
    assert datetime.timedelta(0) <= age < datetime.timedelta(minutes=1)
    assert "keras" in noted["versions"]
    assert noted["versions"].startswith("Python 3.")
    assert provenance.text("machine", noted["machine"]).endswith(" 核")
    assert provenance.text("versions", noted["versions"]).startswith("Python 3.")


def test_code_outside_a_repository_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "PACKAGE", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert provenance.here_and_now()["commit"] == ""


def test_code_inside_a_repository_that_does_not_track_it_is_in_none(tmp_path, monkeypatch):
    installed = tmp_path / ".venv" / "cellseg_utils"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text("")
    as_somebody = ["git", "-C", tmp_path, "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run([*as_somebody, "init", "-q"], check=True)
    subprocess.run([*as_somebody, "commit", "-q", "--allow-empty", "-m", "theirs"], check=True)
    monkeypatch.setattr(places, "PACKAGE", installed)
    assert provenance.here_and_now()["commit"] == ""


def test_what_is_noted_is_said_in_either_language(monkeypatch):
    noted = {"commit": "5b9c70f*", "machine": "Linux x86_64, 1", "versions": "Python 3.11, keras 3"}
    texts = [provenance.text(what, value) for what, value in noted.items()]
    assert texts == ["提交 5b9c70f（有未提交的改动）", "Linux x86_64，1 核", "Python 3.11，keras 3"]
    assert provenance.text("commit", "") == "不在 git 仓库里"
    monkeypatch.setenv("CELLSEG_LANG", "en")
    texts = [provenance.text(what, value) for what, value in noted.items()]
    assert texts[1:] == ["Linux x86_64, 1 core", "Python 3.11, keras 3"]
    assert "5b9c70f" in texts[0]
    assert provenance.text("commit", "as an earlier version noted it") == "as an earlier version noted it"
