"""Kaggle's notebook is the ten, one behind the other."""

import ast
import builtins

import nbformat
import pytest

from cellseg_utils.report import sections
from cellseg_utils.report.packing import kaggle_notebook
from cellseg_utils.run import parameters, places


@pytest.fixture(scope="module")
def notebook():
    values = {"06_training": {"epochs": 7, "precision": "float32", "symmetries": True}}
    return kaggle_notebook.assemble(sections.sections(), values, ("cellseg-utils", "isal"))


def sources(notebook, kind="code"):
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def test_all_cells_of_all_sections_are_there_in_order(notebook):
    own = [cell for section in sections.sections() for cell in nbformat.read(section.path, 4).cells]
    inside = notebook.cells[2:-2]
    assert [cell.cell_type for cell in inside] == [cell.cell_type for cell in own]
    changed = [one for one, other in zip(inside, own, strict=True) if one.source != other.source]
    assert {tuple(cell.metadata.tags) for cell in changed} == {("parameters",)}


def test_the_notebook_is_valid_its_ids_are_distinct_and_it_has_no_outputs(notebook):
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert not any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def test_every_section_starts_without_the_names_of_the_one_before_and_in_the_same_run(notebook):
    cells = [source for source in sources(notebook) if "run_dir: str" in source]
    assert len(cells) == 10
    assert {source.splitlines()[0] for source in cells} == {"%reset -f"}
    assert {source.splitlines()[1].split("  #")[0] for source in cells} == {'run_dir: str = "reports/kaggle"'}


def test_no_section_takes_the_name_of_a_builtin(notebook):
    for source in sources(notebook)[1:-1]:
        tree = ast.parse(source.replace("%reset -f\n", ""))
        names = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        assert not names & set(dir(builtins))


def test_parameters_have_the_values_of_the_profile_and_their_comments(notebook):
    [cell] = [source for source in sources(notebook) if "patience: int" in source]
    assert "epochs: int = 7  # 训练轮数的上限（轮）" in cell.splitlines()
    assert "symmetries: bool = True  #" in cell
    assert 'precision: str = "float32"  #' in cell
    assert "patience: int = 5  #" in cell


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('a: str = "x"  # c', 'a: str = "核 \\"b\\""  # c'),
        ("a: str = ''  # c # d", 'a: str = "核 \\"b\\""  # c # d'),
        ('b: str = "x"  # c', 'b: str = "x"  # c'),
    ],
)
def test_a_line_keeps_all_but_its_value(line, expected):
    assert kaggle_notebook.set_parameter(line, {"a": '核 "b"'}) == expected


def test_a_line_that_declares_nothing_is_refused():
    with pytest.raises(parameters.ParameterError, match="应写成 名称: 类型 = 默认值  # 说明"):
        kaggle_notebook.set_parameter("x = 1", {})


def test_code_that_the_page_hides_is_folded_on_kaggle_too(notebook):
    for cell in notebook.cells:
        hides = bool({"hide-input", "remove-input"} & set(cell.metadata.get("tags", [])))
        assert cell.metadata.get("_kg_hide-input", False) == hides


def test_the_first_cell_installs_from_the_attached_data_in_the_language_of_the_text(monkeypatch):
    for spoken, absent in (("zh", "没有添加装着 cellseg-utils 的数据集"), ("en", "No attached dataset")):
        monkeypatch.setenv("CELLSEG_LANG", spoken)
        made = kaggle_notebook.assemble(sections.sections()[:1], {}, ("cellseg-utils", "isal"))
        [install] = [source for source in sources(made) if "%pip" in source]
        assert f"%env CELLSEG_LANG={spoken}\n" in install
        assert '--no-index --no-deps --find-links "$folder" cellseg-utils isal' in install
        assert absent in install
        ast.parse("\n".join(line for line in install.splitlines() if not line.startswith("%")))


def test_the_last_cell_publishes_what_keeps_the_rules(notebook):
    last = sources(notebook)[-1]
    ast.parse(last.replace("%reset -f\n", ""))
    assert "submission_check.publish(made, {**dict.fromkeys(wanted), **sizes}" in last
    assert '"/kaggle/working/submission.csv"' in last


def test_the_notebooks_of_the_project_stay_as_they_are(notebook):
    for section in sections.sections():
        assert "%reset" not in section.path.read_text(encoding="utf-8")
    assert places.NOTEBOOKS.is_dir()
