"""A manifest that anybody signed is read only if it has the form of ours."""

import copy
import json
import math

import pytest
from fuzz import seeds

from cellseg_utils.report import manifest, manifest_form
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import artifacts

GOOD = json.loads(seeds.manifest()[0])
ENTRY = "notebooks", "01_segmentation"


def changed(value, *path):
    whole = copy.deepcopy(GOOD)
    inside = whole
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = value
    return whole


def test_the_form_of_ours_passes():
    manifest_form.check(GOOD)
    manifest_form.check(changed({}, "notebooks"))


@pytest.mark.parametrize(
    "value",
    [
        *(
            [],
            [GOOD],
            {},
            3,
            None,
            "text",
            changed([], "notebooks"),
            changed([], *ENTRY),
            changed({}, *ENTRY),
        ),
        *(changed(value, *ENTRY, "seconds") for value in (math.inf, -1, "1", None, True)),
        *(changed(value, *ENTRY, "journal") for value in ([], {}, {"reads": 3}, None)),
        *(changed([1], *ENTRY, "journal", name) for name in ("reads", "writes", "data", "told")),
        *(changed("no time", *ENTRY, "provenance", "when"), changed(3, *ENTRY, "executed")),
        *(
            changed(3, "profile"),
            changed({"a": [1]}, "overrides"),
            changed("fr", "language"),
            changed([], "pages"),
        ),
    ],
)
def test_any_other_form_is_damage_and_one_line(tmp_path, value):
    with pytest.raises((ValueError, KeyError, TypeError)):
        manifest_form.check(value)
    if isinstance(value, dict):
        (tmp_path / manifest.NAME).write_bytes(artifacts.signed_bytes(value))
        told = []
        assert manifest.read(tmp_path, told.append) == {}
        assert len(told) == 1
        with pytest.raises(ReportError, match="已损坏，请用同样的命令重新生成这份报告"):
            manifest.whole(tmp_path)


def test_nan_is_no_json(tmp_path):
    (tmp_path / manifest.NAME).write_bytes(artifacts.signed_bytes(changed(math.nan, *ENTRY, "seconds")))
    with pytest.raises(ReportError):
        manifest.whole(tmp_path)
