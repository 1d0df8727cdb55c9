"""Commands that fetch data and list parameters: what they hand on, what they say."""

from pathlib import Path

import pytest
from commands import run

from cellseg_utils.data import download
from cellseg_utils.run import places


def test_download_hands_on_where_from_where_to_and_what_is_accepted(monkeypatch, capsys, tmp_path):
    calls = []
    monkeypatch.setattr(download, "fetch", lambda *args: calls.append(args) or [Path("a.zip")])
    assert not run(monkeypatch, "download")
    assert not run(
        monkeypatch, "download", "--folder", str(tmp_path), "--base-url", "u", "--accept-sha256", "ab"
    )
    assert calls == [(places.DATA, download.BASE_URL, ()), (str(tmp_path), "u", ("ab",))]
    assert capsys.readouterr().out == "a.zip\na.zip\n"


@pytest.mark.parametrize("has_marks", [True, False])
def test_the_table_of_parameters_is_printed_or_written_between_its_marks(
    monkeypatch, capsys, tmp_path, has_marks
):
    assert not run(monkeypatch, "parameters")
    table = capsys.readouterr().out
    assert "`epochs`" in table
    document = tmp_path / "a.md"
    document.write_text("<!-- parameters: begin --><!-- parameters: end -->" if has_marks else "")
    assert run(monkeypatch, "parameters", "--update", str(document)) == (0 if has_marks else 1)
    assert (table in document.read_text(encoding="utf-8")) == has_marks
