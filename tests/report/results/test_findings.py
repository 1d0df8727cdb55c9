import math

import numpy as np
import pandas as pd
import predicted
import pytest

from cellseg_utils.prediction import exports
from cellseg_utils.report.results import findings

THREE = {
    "none": [],
    "good": [(10, 0.9), (20, 0.9), (90, 0.95)],
    "poor": [(40, 0.3)],
}


@pytest.fixture(params=[1, 2, 100])
def pieces(request, monkeypatch):
    """Whatever the pieces are that the table of nuclei is read in."""
    monkeypatch.setattr(findings, "CHUNK", request.param)


def by_name(found):
    return found.pictures.set_index("image")


def test_numbers_of_every_picture(tmp_path, pieces):
    predicted.write(tmp_path, THREE)
    found = findings.read(tmp_path)
    good, none = by_name(found).loc["good"], by_name(found).loc["none"]
    assert (good.nuclei, good.area, good.density, good.foreground) == (3, 20, 3000, 0.12)
    assert good.certainty == pytest.approx(2.75 / 3)
    assert (none.nuclei, none.density, none.foreground) == (0, 0, 0)
    assert math.isnan(none.area)
    assert math.isnan(none.certainty)
    assert (found.area_unit, found.density_unit, found.notes) == ("像素", "个/百万像素", ())


def test_counts_of_areas_and_certainties(tmp_path, pieces):
    predicted.write(tmp_path, {"a": [(7, 0.5), (9, 0.5)], "b": [(7, 0.8)]})
    found = findings.read(tmp_path)
    assert found.areas.to_dict() == {7: 2, 9: 1}
    assert found.certainties.to_dict() == {0.5: 2, 0.8: 1}
    assert found.areas.index.is_monotonic_increasing


def test_the_doubtful_come_first_and_then_the_least_certain(tmp_path):
    nuclei = {"a": [(5, 0.99)], "b": [(5, 0.8)], "c": [(5, 0.9)], "d": [(5, 0.6)], "e": []}
    predicted.write(
        tmp_path, nuclei, warnings={"c": predicted.DOUBT, "d": predicted.DOUBT, "e": "没有找到细胞核"}
    )
    assert list(findings.read(tmp_path).pictures["image"]) == ["e", "d", "c", "b", "a"]


def test_physical_areas_are_used_where_all_are_known(tmp_path):
    predicted.write(tmp_path, THREE, area_um2={"good": 2.5, "poor": 3.5})
    found = findings.read(tmp_path)
    assert (by_name(found).area["good"], found.area_unit, found.notes) == (2.5, "µm²", ())
    assert found.areas.to_dict() == {2.5: 3, 3.5: 1}
    assert by_name(found).foreground["good"] == 0.12


def test_physical_areas_of_some_pictures_are_told_and_not_mixed(tmp_path):
    predicted.write(tmp_path, THREE, area_um2={"good": 2.5})
    found = findings.read(tmp_path)
    assert (by_name(found).area["good"], found.area_unit) == (20, "像素")
    assert "像素有多大" in found.notes[0]


def test_a_column_of_physical_areas_without_any_is_none(tmp_path):
    predicted.write(tmp_path, THREE, area_um2={})
    assert (findings.read(tmp_path).area_unit, findings.read(tmp_path).notes) == ("像素", ())


def test_density_is_the_one_of_the_table_where_it_has_all(tmp_path):
    predicted.write(tmp_path, THREE)
    summary = pd.read_csv(tmp_path / exports.SUMMARY, keep_default_na=False)
    for densities, unit in (([0, 300, 100], "个/mm²"), ([0, None, 100], "个/百万像素")):
        summary.assign(density_per_mm2=densities).to_csv(tmp_path / exports.SUMMARY, index=False)
        assert findings.read(tmp_path).density_unit == unit


def test_networks_without_certainty_leave_it_empty(tmp_path):
    predicted.write(tmp_path, {"a": [(5, None), (6, None)]})
    found = findings.read(tmp_path)
    assert math.isnan(found.pictures.certainty[0])
    assert not len(found.certainties)


def test_tables_that_disagree_are_told_and_give_no_numbers(tmp_path):
    predicted.write(tmp_path, THREE)
    summary = pd.read_csv(tmp_path / exports.SUMMARY, keep_default_na=False)
    summary.assign(nuclei=[0, 4, 1]).to_csv(tmp_path / exports.SUMMARY, index=False)
    found = findings.read(tmp_path)
    assert by_name(found).loc["good", ["area", "foreground", "certainty"]].isna().all()
    assert by_name(found).area["poor"] == 40
    assert found.notes == ("1 张的核数在 summary.csv 与 objects.csv 里不同，所以它们的面积与把握空着",)


@pytest.mark.parametrize("name", ["NA", "nan", "1", "a,b", 'say "hi"', "<img onerror=alert(1)>", "细胞 1"])
def test_names_stay_texts(tmp_path, name):
    predicted.write(tmp_path, {"x": [(5, 0.5)]}, files={"x": name})
    predicted.rename(tmp_path, "x", name)
    [row] = findings.read(tmp_path).pictures.itertuples()
    assert (row.image, row.file, row.area) == (name, name, 5)


def test_failures_are_kept_and_a_folder_of_them_only_is_read(tmp_path):
    predicted.write(tmp_path, {}, failures=[("a.png", "a.png：文件是空的")])
    found = findings.read(tmp_path)
    assert found.failures.to_numpy().tolist() == [["a.png", "a.png：文件是空的"]]
    assert found.pictures.empty
    assert found.areas.empty


def test_a_missing_label_image_leaves_only_what_needs_its_size(tmp_path):
    predicted.write(tmp_path, THREE)
    (tmp_path / "labels" / "good.tif").unlink()
    good = by_name(findings.read(tmp_path)).loc["good"]
    assert good.area == 20
    assert np.isnan([good.density, good.foreground]).all()


def test_the_whole_table_of_nuclei_is_never_in_memory(tmp_path, monkeypatch):
    predicted.write(tmp_path, {f"p{n}": [(n + 1, 0.5)] * 3 for n in range(50)})
    monkeypatch.setattr(findings, "CHUNK", 10)
    sizes = [
        len(rows)
        for rows in findings._whole_pictures(findings._chunks(tmp_path / exports.OBJECTS, ["image"]))
    ]
    assert sum(sizes) == 150
    assert max(sizes) <= 12
