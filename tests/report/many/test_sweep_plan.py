"""What a sweep's file becomes: names, values, and refusals before anything starts."""

import pytest
from house import build

from cellseg_utils.report.many import sweep_plan
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import parameter_values, parameters


@pytest.fixture
def planned(tmp_path, monkeypatch):
    build(tmp_path, monkeypatch)

    def read(text):
        path = tmp_path / "格 子.yaml"
        path.write_text(text, encoding="utf-8")
        return sweep_plan.read(path)

    return read


@pytest.fixture
def anything(monkeypatch):
    """Notebooks that declare a number, a share, a word and a choice."""
    kinds = {
        "number": ("int", "1"),
        "share": ("float", "0.5"),
        "word": ("str", '""'),
        "choice": ("bool", "False"),
    }
    declared = [parameters.Parameter(name, *kind, "", "01_segmentation") for name, kind in kinds.items()]
    monkeypatch.setattr(parameters, "declared", lambda _: declared)


def test_all_combinations_and_explicit_ones_are_runs_named_by_their_values(planned, anything):
    plan = planned("grid: {number: [1, 2], choice: [true, false]}\nruns: [{share: 0.25}]\nset: {word: a}\n")
    assert list(plan.runs) == [
        "格_子-number1-choicetrue",
        "格_子-number1-choicefalse",
        "格_子-number2-choicetrue",
        "格_子-number2-choicefalse",
        "格_子-share0.25",
    ]
    assert plan.runs["格_子-number2-choicefalse"] == {"word": "a", "number": 2, "choice": False}
    assert plan.assigned["格_子-share0.25"] == {"01_segmentation": {"number": 2, "word": "a", "share": 0.25}}
    assert plan.profile == "demo"


def test_a_grid_that_grows_keeps_the_names_of_what_was_run(planned, anything):
    before = planned("grid: {number: [1]}").runs
    assert set(before) < set(planned("grid: {number: [1, 3]}\nruns: [{share: 0.1}]").runs)


def test_names_stay_short_and_apart_where_something_of_a_value_is_left_out(planned, anything):
    plan = planned(f"grid: {{word: [/a/x, /b/x, '?', '*', {'w' * 200}]}}")
    assert len(set(plan.runs)) == 5
    assert all("/" not in name and len(name) < 100 for name in plan.runs)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- 1", "里面应写 profile、set、grid、runs"),
        ("", "里面应写 profile、set、grid、runs"),
        ("grid: {number: [1], number: [2]}", "number 写了两次"),
        ("profile: demo\nprofile: full\nruns: [{number: 1}]", "profile 写了两次"),
        ("set: {number: 1}\ngrid: {number: [1, 2]}", "number 在 set 与 grid 里都有"),
        ("grids: {number: [1]}", "多出的是：grids"),
        ("grid: [1]", "grid 的写法不对"),
        ("grid: {number: 1}", "number 的写法不对"),
        ("grid: {number: []}", "number 的写法不对"),
        ("runs: [1]", "runs 的写法不对"),
        ("runs: {number: 1}", "runs 的写法不对"),
        ("set: [number]\nruns: [{number: 1}]", "set 的写法不对"),
        ("set: {number: 1}", "没有要跑的组合"),
        ("grid: {numbr: [1]}", "没有参数 numbr"),
        ("grid: {number: [1, two]}", "应是整数"),
        ("grid: {run_dir: [a]}", "run_dir"),
        ("grid: {number: [1, 1]}", "参数相同"),
        ("runs: [{number: 1}, {number: 1, share: 0.5}]\nset: {share: 0.5}", "参数相同"),
        ("grid: {number: [1}", "不是有效的 YAML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_that_names_the_file(planned, anything, text, fault):
    with pytest.raises(ReportError) as refused:
        planned(text)
    assert fault in str(refused.value)
    assert "格 子.yaml" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("write", "fault"),
    [
        (lambda path: None, "读不出来（找不到）"),
        (lambda path: path.mkdir(), "读不出来（是文件夹，不是文件）"),
        (lambda path: path.write_bytes("profile: 甲".encode("gbk")), "不是 UTF-8 编码"),
        (lambda path: path.write_bytes("profile: 甲".encode("utf-16")), "不是 UTF-8 编码"),
    ],
)
def test_a_file_that_can_not_be_read_is_one_line_that_names_it(tmp_path, write, fault):
    write(tmp_path / "a.yaml")
    with pytest.raises(ReportError, match=r"a\.yaml：") as refused:
        sweep_plan.read(tmp_path / "a.yaml")
    assert fault in str(refused.value)


def test_an_unknown_profile_is_refused(planned):
    with pytest.raises(parameter_values.ParameterError, match="没有名为 demi 的配置"):
        planned("profile: demi\nruns: [{number: 1}]")


@pytest.mark.parametrize(
    "value", [1, -2, 0.001, 1e-7, True, False, "a", "a b", " a ", "true", '"', "'a'", "1", "", "a=b"]
)
def test_a_value_comes_back_from_the_command_line_as_it_was(value):
    words = sweep_plan.arguments("demo", {"name": value}, "/x")
    read = parameters.parse_settings([words[-1]])["name"]
    assert parameter_values.convert(read, type(value)) == value


def test_what_is_wrong_is_said_in_english_too(planned, anything, monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    with pytest.raises(ReportError) as refused:
        planned("grids: {number: [1]}")
    assert str(refused.value).endswith("only profile, set, grid, runs are allowed, found also: grids")


def test_a_grid_of_millions_is_refused_at_once(planned, anything):
    values = list(range(300))
    with pytest.raises(ReportError, match="一共 27,000,000 种组合，至多 10,000 种"):
        planned(f"grid: {{number: {values}, share: {values}, word: {values}}}\n")
