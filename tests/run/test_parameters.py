import math

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cellseg_utils.run import parameter_values, parameters, places
from cellseg_utils.run.parameter_values import ParameterError
from cellseg_utils.run.parameters import Parameter

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


def typed(parameter, text):
    """What `--set name=text` gives the notebook."""
    return assigned(parameter, parameters.parse_settings([f"{parameter.name}={text}"])[parameter.name])


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
        ("epochs=5", {"epochs": "5"}),
        ("data=", {"data": ""}),
        ("data=a=b", {"data": "a=b"}),
        (" epochs = 5 ", {"epochs": "5"}),
    ],
)
def test_a_setting_is_a_name_and_a_text(setting, expected):
    assert parameters.parse_settings([setting]) == expected


def test_the_last_of_two_settings_counts():
    assert parameters.parse_settings(["epochs=5", "epochs=6"]) == {"epochs": "6"}


@pytest.mark.parametrize("setting", ["epochs", "", "=5", " =5", "epochs:5"])
def test_a_setting_without_name_or_equals_sign_is_shown_with_the_fix(setting):
    assert f"--set {setting}" in message_of(parameters.parse_settings, ["epochs=1", setting])


@pytest.mark.parametrize("setting", ["run_dir=x", " run_dir = x", "run_dir="])
def test_setting_run_dir_points_to_the_option_that_decides_it(setting):
    assert "--run " in message_of(parameters.parse_settings, ["epochs=1", setting])


@pytest.mark.parametrize(
    ("parameter", "text", "expected"),
    [
        (EPOCHS, "5", 5),
        (EPOCHS, "-1", -1),
        (EPOCHS, "012", 12),
        (RATE, "1e-3", 0.001),
        (RATE, ".5", 0.5),
        (RATE, "1", 1.0),
        (SYMMETRIES, "true", True),
        (SYMMETRIES, "FALSE", False),
        (DATA, "0001", "0001"),
        (DATA, "12:30", "12:30"),
        (DATA, "1_000", "1_000"),
        (DATA, "*.tif", "*.tif"),
        (DATA, "[1", "[1"),
        (DATA, "true", "true"),
        (DATA, "null", "null"),
        (DATA, "2018-13-45", "2018-13-45"),
        (DATA, "a: b # c", "a: b # c"),
        (DATA, r"C:\x\y", r"C:\x\y"),
        (DATA, "", ""),
        (DATA, "''", ""),
        (DATA, "'0001'", "0001"),
        (DATA, '" a b "', " a b "),
        (DATA, "it's", "it's"),
        (DATA, "'", "'"),
        (DATA, "'a' or 'b'", "'a' or 'b'"),
    ],
)
def test_a_typed_text_is_read_as_the_declared_type_and_words_stay_as_typed(parameter, text, expected):
    got = typed(parameter, text)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        *(
            (EPOCHS, text)
            for text in ("", "5.0", "1e3", "1_000", "12:30", "'5'", "0x10", "５", "many", "true")
        ),
        *((RATE, text) for text in ("", "fast", "1_0.5", "nan", "inf", "-inf", ".inf", "1e999", "1e", "'1'")),
        *((SYMMETRIES, text) for text in ("", "1", "yes", "on", "'true'", "no")),
        (EPOCHS, "9" * 5000),
    ],
)
def test_a_typed_text_of_another_type_is_refused(parameter, text):
    message = message_of(typed, parameter, text)
    assert parameter.name in message
    assert repr(text)[: parameter_values.LONGEST] in message
    assert len(message) < 2 * parameter_values.LONGEST


@EXAMPLES
@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="'\""), max_size=12))
def test_any_text_stays_as_typed_bare_or_in_quotes(text):
    assert [typed(DATA, shown) for shown in (text, f"'{text}'", f'"{text}"')] == [text] * 3


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
        ("bool", "true", True),
        ("bool", "False", False),
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
        ("float", math.nan),
        ("float", math.inf),
        ("bool", 1),
        ("bool", 0),
        ("bool", "yes"),
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
    for part in (parameter.name, parameter_values.TYPE_NAMES[kind], parameter.default, repr(value)):
        assert part in message


@pytest.mark.parametrize("kind", ["None", "list"])
def test_a_parameter_declared_without_a_usable_type_names_its_notebook(kind):
    untyped = Parameter("filters", kind, "16", "", "05_model")
    message = message_of(parameters.assign, [untyped], {"filters": 8})
    assert "05_model" in message
    assert "filters" in message


@EXAMPLES
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_survives_being_written_on_the_command_line(value):
    assert typed(RATE, repr(value)) == value


@EXAMPLES
@given(st.integers(-(10**12), 10**12))
def test_every_integer_survives_being_written_on_the_command_line(value):
    assert typed(EPOCHS, str(value)) == value
    assert math.isclose(assigned(RATE, value), value)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("false", bool, False),
        ("TRUE", bool, True),
        (True, bool, True),
        (1, float, 1.0),
        (2018, str, "2018"),
        ("0001", str, "0001"),
        ("'a'", str, "'a'"),
        (3, int, 3),
    ],
)
def test_a_value_inside_a_notebook_becomes_the_declared_type(value, kind, expected):
    got = parameter_values.checked("name", value, kind)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("no", bool),
        (0, bool),
        (1, bool),
        (None, bool),
        ("5", int),
        (5.0, int),
        (True, int),
        (True, str),
        ([], str),
    ],
)
def test_a_value_inside_a_notebook_is_refused_in_the_words_of_assign(value, kind):
    message = message_of(parameter_values.checked, "name", value, kind)
    assert message == f"参数 name 应是{parameter_values.TYPE_NAMES[kind.__name__]}，得到的是 {value!r}"


def set_up(notebook, values):
    """Run what a notebook checks of its parameters before it opens the run; return its variables."""
    cells = nbformat.read(places.NOTEBOOKS / f"{notebook}.ipynb", 4).cells
    declaration, first = [cell.source for cell in cells if cell.cell_type == "code"][:2]
    before, opens, _ = first.partition("run = runs.open_run(")
    assert opens
    variables = {"parameter_values": parameter_values}
    exec(declaration, variables)
    variables.update(values)
    exec(
        "\n".join(line for line in before.splitlines() if "parameter_values." in line),
        variables,
    )
    return variables


@pytest.mark.parametrize(
    ("notebook", "name", "value"),
    [
        ("01_segmentation", "seed", -1),
        ("01_segmentation", "seed", 2**32),
        ("04_preprocessing", "skip_bad", "no"),
        ("04_preprocessing", "split", True),
        ("04_preprocessing", "exclude", None),
        ("04_preprocessing", "image_size", 0),
        ("04_preprocessing", "validation_fraction", 0),
        ("04_preprocessing", "validation_fraction", 1.0),
        ("05_model", "filters", 0),
        ("05_model", "depth", 0),
        ("06_training", "symmetries", "maybe"),
        ("07_analysis", "threshold", 1.5),
        ("07_analysis", "threshold", math.nan),
        ("08_train_predictions", "train_examples", 0),
        ("10_future_work", "comparison_epochs", -1),
    ],
)
def test_a_notebook_refuses_an_impossible_value_before_it_opens_the_run(notebook, name, value):
    assert f"参数 {name} " in message_of(set_up, notebook, {name: value})
    assert set_up(notebook, {})["run_dir"]


@pytest.mark.parametrize(
    ("notebook", "name"), [("04_preprocessing", "skip_bad"), ("06_training", "symmetries")]
)
@pytest.mark.parametrize(("text", "meant"), [("false", False), ("true", True)])
def test_papermill_can_say_false(notebook, name, text, meant):
    assert set_up(notebook, {name: text})[name] is meant


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
    values = parameters.read_profile(places.PROFILES, profile)
    parameters.assign(parameters.declared(sorted(places.NOTEBOOKS.glob("*.ipynb"))), values)


def test_a_command_shows_of_a_path_only_the_last_part_and_quotes_blanks():
    given = {"data": "/home/me/my cells", "filters": 8}
    assert (
        parameters.command("seed", given)
        == "cellseg report --profile seed --set 'data=my cells' --set filters=8"
    )


@pytest.mark.parametrize("text", ["a\nb=1", "epo\x1b[31m=5", "a\u2028b", "\udcff\n", "run_dir=\n\r1\n2"])
def test_a_setting_that_nobody_types_is_one_line(text):
    message = message_of(lambda: parameters.assign(ALL, parameters.parse_settings([text])))
    assert len(message.splitlines()) == 1
    assert all(character.isprintable() for character in message)
