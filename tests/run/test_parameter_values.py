import math

import pytest

from cellseg_utils.run import parameter_values
from cellseg_utils.run.parameter_values import ParameterError


@pytest.mark.parametrize(
    ("value", "bounds"),
    [(1, (1,)), (10**6, (1,)), (0, (0, 1)), (1.0, (0, 1)), (0.5, (0, 1, False)), (1e-9, (0, 1, False))],
)
def test_a_value_in_range_passes(value, bounds):
    parameter_values.within("name", value, *bounds)


@pytest.mark.parametrize(
    ("value", "bounds", "wanted"),
    [
        (0, (1,), "至少应为 1"),
        (-5, (1,), "至少应为 1"),
        (math.inf, (1,), "至少应为 1"),
        ("8", (1,), "至少应为 1"),
        (None, (0,), "至少应为 0"),
        (1.01, (0, 1), "应在 0 到 1 之间"),
        (-0.01, (0, 1), "应在 0 到 1 之间"),
        (math.nan, (0, 1), "应在 0 到 1 之间"),
        (0, (0, 1, False), "应大于 0、小于 1"),
        (1, (0, 1, False), "应大于 0、小于 1"),
        (math.nan, (0, 1, False), "应大于 0、小于 1"),
    ],
)
def test_a_value_out_of_range_names_parameter_range_and_value(value, bounds, wanted):
    with pytest.raises(ParameterError) as caught:
        parameter_values.within("name", value, *bounds)
    assert str(caught.value) == f"参数 name {wanted}，得到的是 {value!r}"


def test_a_multiple_passes_and_anything_else_is_told_what_it_should_be():
    parameter_values.multiple("crop_side", 192, 16)
    with pytest.raises(ParameterError, match="参数 crop_side 须是 16 的倍数，得到的是 200"):
        parameter_values.multiple("crop_side", 200, 16)


@pytest.mark.parametrize(
    ("bounds", "wanted"),
    [
        ((1,), "must be at least 1"),
        ((0, 1), "must lie between 0 and 1"),
        ((0, 1, False), "must be greater than 0 and less than 1"),
    ],
)
def test_ranges_are_english_too(bounds, wanted, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    with pytest.raises(ParameterError) as caught:
        parameter_values.within("name", math.nan, *bounds)
    assert str(caught.value) == f"parameter name {wanted}, not nan"
    with pytest.raises(ParameterError) as caught:
        parameter_values.checked("name", "no", bool, " (default: True)")
    assert str(caught.value) == "parameter name must be true or false (default: True), not 'no'"


def notebook(**values):
    declared = {"epochs": int, "rate": float, "turned": bool, "data": str}
    return {"__annotations__": declared, **{"epochs": 1, "rate": 0.1, "turned": True, "data": ""}, **values}


def test_all_parameters_of_a_notebook_become_what_they_are_declared_as():
    found = parameter_values.as_declared(notebook(rate=1, turned="false", data=2018, other="x"))
    assert found == {"epochs": 1, "rate": 1.0, "turned": False, "data": "2018"}
    assert type(found["rate"]) is float


def test_every_parameter_of_a_wrong_type_is_named_at_once():
    with pytest.raises(parameter_values.ParameterError) as error:
        parameter_values.as_declared(notebook(epochs="many", turned="perhaps"))
    assert str(error.value).splitlines() == [
        "参数 epochs 应是整数，得到的是 'many'",
        "参数 turned 应是true 或 false，得到的是 'perhaps'",
    ]
