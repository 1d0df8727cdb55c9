import base64
import hashlib

from cellseg_utils.report import inline


def test_a_script_is_known_by_the_digest_of_its_text():
    digest = base64.b64encode(hashlib.sha256(b"alert(1)").digest()).decode()
    assert inline.source("alert(1)") == f"'sha256-{digest}'"


def test_templates_can_put_files_of_ours_inside_and_escape_all_else():
    made = inline.environment().from_string('{{ text("page.js") }}{{ own }}').render(own="<b>")
    assert made == f"{inline.text('page.js')}&lt;b&gt;"
