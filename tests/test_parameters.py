import contextlib
import math
from pathlib import Path

import nbformat
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils import parameters
from cellseg_utils.parameters import Parameter, ParameterError

EPOCHS = Parameter("epochs", "int", "30", "训练轮数上限（epoch）", "06_training")
RATE = Parameter("learning_rate", "float", "1e-3", "学习率（无单位）", "06_training")
SYMMETRIES = Parameter("symmetries", "bool", "False", "随机翻转", "06_training")
DATA = Parameter("data", "str", '"auto"', "数据", "01_segmentation")
RUN_DIRS = [Parameter("run_dir", "str", '"reports/demo"', "", n) for n in ("01_segmentation", "06_training")]
ALL = [EPOCHS, RATE, SYMMETRIES, DATA, *RUN_DIRS]
BY_TYPE = {"int": EPOCHS, "float": RATE, "bool": SYMMETRIES, "str": DATA}
EXAMPLES = settings(max_examples=50, deadline=None)


def message_of(function, *arguments):
    with pytest.raises(ParameterError) as caught:
        function(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    assert any("\u4e00" <= character <= "\u9fff" for character in message)
    return message


def assigned(parameter, value):
    return parameters.assign(ALL, {parameter.name: value})[parameter.notebook][parameter.name]


def write_notebook(path, source):
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)
    return path


def test_declared_reads_name_type_default_comment_and_notebook(tmp_path):
    source = 'epochs: int = 30  # 训练轮数上限（epoch）\nrun_dir: str = "reports/demo"'
    first = write_notebook(tmp_path / "06_training.ipynb", source)
    second = write_notebook(tmp_path / "07_analysis.ipynb", 'run_dir: str = "reports/demo"')
    assert parameters.declared([first, second]) == [
        EPOCHS,
        Parameter("run_dir", "str", '"reports/demo"', "", "06_training"),
        Parameter("run_dir", "str", '"reports/demo"', "", "07_analysis"),
    ]


def test_a_profile_is_read_by_its_name(tmp_path):
    (tmp_path / "seed.yaml").write_text("# 种子的做法\nepochs: 30\ndata: 数据\n", encoding="utf-8")
    assert parameters.read_profile(tmp_path, "seed") == {"epochs": 30, "data": "数据"}


@pytest.mark.parametrize("text", ["", "# 只有注释\n", "{}"])
def test_an_empty_profile_overrides_nothing(tmp_path, text):
    (tmp_path / "demo.yaml").write_text(text, encoding="utf-8")
    assert parameters.read_profile(tmp_path, "demo") == {}


@pytest.mark.parametrize("name", ["fast", "", "../seed", "seed.yaml", "/etc/passwd"])
def test_an_unknown_profile_lists_the_known_ones(tmp_path, name):
    for known in ("seed", "demo"):
        (tmp_path / f"{known}.yaml").write_text("epochs: 1\n")
    message = message_of(parameters.read_profile, tmp_path, name)
    assert "demo、seed" in message
    assert name in message


@pytest.mark.parametrize(
    "data",
    [b"epochs: [1", b"- epochs", b"epochs", b"a: 1\n b: 2\n", "轮数: 3".encode("gbk"), b"day: 2018-13-45"],
)
def test_a_profile_that_is_no_list_of_names_and_values_is_named(tmp_path, data):
    (tmp_path / "bad.yaml").write_bytes(data)
    assert str(tmp_path / "bad.yaml") in message_of(parameters.read_profile, tmp_path, "bad")


def test_a_profile_cannot_run_code(tmp_path):
    (tmp_path / "bad.yaml").write_text(f"a: !!python/object/apply:pathlib.Path.touch [{tmp_path}/ran]\n")
    message_of(parameters.read_profile, tmp_path, "bad")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("epochs=5", {"epochs": 5}),
        ("learning_rate=0.01", {"learning_rate": 0.01}),
        ("learning_rate=1e-3", {"learning_rate": "1e-3"}),
        ("symmetries=true", {"symmetries": True}),
        ("data=", {"data": ""}),
        ("data=a=b", {"data": "a=b"}),
        (" epochs = 5 ", {"epochs": 5}),
        ("data='5'", {"data": "5"}),
    ],
)
def test_a_setting_is_a_name_and_a_yaml_value(setting, expected):
    assert parameters.parse_settings([setting]) == expected


def test_the_last_of_two_settings_counts():
    assert parameters.parse_settings(["epochs=5", "epochs=6"]) == {"epochs": 6}


@pytest.mark.parametrize(
    "setting", ["epochs", "", "=5", " =5", "epochs:5", "data=[1", "data=2018-13-45", "a={"]
)
def test_a_setting_that_cannot_be_read_is_shown_with_the_fix(setting):
    assert f"--set {setting}" in message_of(parameters.parse_settings, ["epochs=1", setting])


@EXAMPLES
@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="!"), max_size=12))
def test_any_text_is_either_a_setting_or_a_parameter_error(text):
    with contextlib.suppress(ParameterError):
        assert parameters.parse_settings([f"data={text}"]).keys() == {"data"}


@pytest.mark.parametrize("name", ["epoch", "Epochs", "", "06_training"])
def test_an_unknown_name_lists_the_known_ones_without_run_dir(name):
    message = message_of(parameters.assign, ALL, {"epochs": 1, name: 1})
    assert "data、epochs、learning_rate、symmetries" in message
    assert "run_dir" not in message


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("int", 5, 5),
        ("int", -1, -1),
        ("float", 0.5, 0.5),
        ("float", 1, 1.0),
        ("float", "1e-3", 0.001),
        ("bool", True, True),
        ("bool", False, False),
        ("str", "a b", "a b"),
        ("str", "", ""),
        ("str", 2018, "2018"),
        ("str", 0.5, "0.5"),
    ],
)
def test_a_value_becomes_one_of_the_declared_type(kind, value, expected):
    got = assigned(BY_TYPE[kind], value)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", True),
        ("int", 5.0),
        ("int", "5"),
        ("int", None),
        ("int", [5]),
        ("float", True),
        ("float", "fast"),
        ("float", None),
        ("float", [0.1]),
        ("float", 10**400),
        ("bool", 1),
        ("bool", 0),
        ("bool", "true"),
        ("bool", None),
        ("str", True),
        ("str", None),
        ("str", ["a"]),
        ("str", {"a": 1}),
    ],
)
def test_a_value_of_another_type_names_parameter_type_default_and_value(kind, value):
    parameter = BY_TYPE[kind]
    message = message_of(parameters.assign, ALL, {parameter.name: value})
    for part in (parameter.name, parameters.TYPE_NAMES[kind], parameter.default, repr(value)):
        assert part in message


@pytest.mark.parametrize("kind", ["None", "list"])
def test_a_parameter_declared_without_a_usable_type_names_its_notebook(kind):
    untyped = Parameter("filters", kind, "16", "", "05_model")
    message = message_of(parameters.assign, [untyped], {"filters": 8})
    assert "05_model" in message
    assert "filters" in message


@EXAMPLES
@given(st.floats(allow_nan=False))
def test_every_float_survives_being_written_as_yaml(value):
    text = yaml.safe_dump(value).removesuffix("...\n").strip()
    assert assigned(RATE, parameters.parse_settings([f"learning_rate={text}"])["learning_rate"]) == value


@EXAMPLES
@given(st.integers(-(10**12), 10**12))
def test_every_integer_survives_being_written_on_the_command_line(value):
    assert assigned(EPOCHS, parameters.parse_settings([f"epochs={value}"])["epochs"]) == value
    assert math.isclose(assigned(RATE, value), value)


def test_every_notebook_gets_only_its_own_values_and_run_dir_goes_to_all():
    values = {"run_dir": "reports/x", "epochs": 5, "data": "/d"}
    assert parameters.assign(ALL, values) == {
        "06_training": {"run_dir": "reports/x", "epochs": 5},
        "01_segmentation": {"run_dir": "reports/x", "data": "/d"},
    }


def test_without_values_no_notebook_gets_any():
    assert parameters.assign(ALL, {}) == {"06_training": {}, "01_segmentation": {}}


def test_assigning_changes_neither_parameters_nor_values():
    given_parameters, values = list(ALL), {"learning_rate": "1e-3"}
    parameters.assign(given_parameters, values)
    assert given_parameters == ALL
    assert values == {"learning_rate": "1e-3"}


@pytest.mark.parametrize("profile", ["demo", "smoke", "seed", "full"])
def test_the_profiles_of_the_project_fit_the_notebooks(profile):
    notebooks = Path(parameters.__file__).parent.parent / "notebooks"
    values = parameters.read_profile(notebooks / "profiles", profile)
    parameters.assign(parameters.declared(sorted(notebooks.glob("*.ipynb"))), values)


def test_table_lists_every_parameter_but_run_dir_and_goes_between_the_marks(tmp_path):
    found = [
        parameters.Parameter("run_dir", "str", '"reports/lab"', "文件夹", "06_training"),
        parameters.Parameter("epochs", "int", "30", "训练轮数", "06_training"),
    ]
    document = tmp_path / "README.md"
    document.write_text(f"前\n{parameters.TABLE_BEGIN}\n旧\n{parameters.TABLE_END}\n后\n", encoding="utf-8")
    parameters.update_table(document, found)
    text = document.read_text(encoding="utf-8")
    assert "| 06_training | `epochs` | int | `30` | 训练轮数 |" in text
    assert "run_dir" not in text
    assert "旧" not in text
    assert text.startswith("前\n")
    assert text.endswith("后\n")
    document.write_text("没有标记", encoding="utf-8")
    with pytest.raises(parameters.ParameterError, match="缺少"):
        parameters.update_table(document, found)
