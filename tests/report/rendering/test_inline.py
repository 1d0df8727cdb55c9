import base64
import hashlib
import json
import re

from cellseg_utils.report.rendering import inline


def test_a_script_is_known_by_the_digest_of_its_text():
    digest = base64.b64encode(hashlib.sha256(b"alert(1)").digest()).decode()
    assert inline.source("alert(1)") == f"'sha256-{digest}'"


def test_templates_can_put_files_of_ours_inside_and_escape_all_else():
    made = inline.environment().from_string('{{ text("page.js") }}{{ own }}').render(own="<b>")
    assert made == f"{inline.text('page.js')}&lt;b&gt;"


def test_a_script_brings_the_english_of_its_own_texts_and_nothing_in_chinese(monkeypatch):
    assert "const ENGLISH = {};" in inline.script("page.js")
    monkeypatch.setenv("CELLSEG_LANG", "en")
    [table] = re.findall("const ENGLISH = (.*);", inline.script("page.js"))
    assert set(json.loads(table)) == set(inline.SAID.findall(inline.text("page.js")))
    assert json.loads(table)["原图"] == "Image"
    assert inline.script("page.js").startswith('"use strict";')


def test_html_names_the_language(monkeypatch):
    assert inline.html_language() == "zh-CN"
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert inline.html_language() == "en"
