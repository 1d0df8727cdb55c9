"""The ten notebooks: their form, and one tiny run of them all that is killed in the middle and goes on."""

import ast
import itertools
import json
import numbers
import re
import shutil
import signal
import subprocess
import sys
import time

import english
import english_run
import jupytext
import nbformat
import numpy as np
import page_numbers
import pandas as pd
import pytest
import texts

from cellseg_utils.evaluation import ablation, compare, left_out, model_card
from cellseg_utils.report import runner, sections
from cellseg_utils.run import artifacts, parameter_table, parameters, places, runs

SCRIPTS = sorted(places.NOTEBOOKS.glob("[0-9][0-9]_*.py"))
NOTEBOOKS = [script.with_suffix(".ipynb") for script in SCRIPTS]
ENGLISH = "lang-en"  # tag of a text in English, beside the Chinese one that it follows
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]


def test_there_are_ten_pairs_in_the_order_of_the_report():
    titles = [section.title for section in sections.sections()]
    assert titles == [
        "什么是图像分割",
        "图像分割的种类",
        "图像分割与物体检测的区别",
        "数据的预处理",
        "模型建造",
        "模型训练",
        "模型结果分析",
        "在训练数据上的预测",
        "在测试图像上的预测",
        "模型的未来以及改进",
    ]
    assert [section.number for section in sections.sections()] == list(range(1, 11))


@each_notebook
def test_both_halves_of_a_pair_have_the_same_cells(path):
    def contents(file):
        cells = jupytext.read(file).cells
        return [(cell.cell_type, cell.source, cell.metadata.get("tags", [])) for cell in cells]

    assert contents(path) == contents(path.with_suffix(".py"))


@each_notebook
def test_notebook_is_valid_has_no_outputs_and_names_its_kernel(path):
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(path))


@each_notebook
def test_notebook_opens_with_its_number_and_closes_with_a_computed_summary(path):
    cells = nbformat.read(path, 4).cells
    assert all(re.match(rf"# {int(path.stem[:2])}\. \S", cell.source) for cell in cells[:2])
    assert [cell.source for cell in cells[-3:-1]] == ["## 小结", "## Summary"]
    assert "output.text(" in cells[-1].source


def signs(text):
    """What a text and its translation have in common: formulas, headings, links, list items, folds."""
    links = sorted(re.findall(r"\]\((\S+?)\)", text))
    headings = re.findall(r"(?m)^(#+) ", text)
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$]+\$", text)
    return sorted(formulas), headings, links, len(re.findall(r"(?m)^- ", text)), "<details" in text


@each_notebook
def test_a_chinese_text_is_followed_by_the_same_in_english(path):
    cells = nbformat.read(path, 4).cells
    for cell, twin in itertools.pairwise([*cells, None]):
        if cell.cell_type == "markdown" and texts.CHINESE.search(cell.source):
            assert twin is not None, cell.source
            assert twin.metadata.get("tags", []) == [ENGLISH, *cell.metadata.get("tags", [])], cell.source
            assert signs(twin.source) == signs(cell.source), twin.source
            assert twin.source.count("\n") == cell.source.count("\n"), twin.source


@each_notebook
def test_an_english_text_follows_a_chinese_one(path):
    cells = nbformat.read(path, 4).cells
    for before, cell in itertools.pairwise([None, *cells]):
        if ENGLISH in cell.metadata.get("tags", []):
            assert before is not None, cell.source
            assert texts.CHINESE.search(before.source), cell.source
            assert not texts.CHINESE.search(cell.source), cell.source


@each_notebook
def test_notebook_has_one_parameters_cell_and_run_dir_in_it(path):
    tagged = [cell for cell in code_cells(path) if "parameters" in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
    lines = tagged[0].source.splitlines()
    assert all(re.fullmatch(r"\w+: (int|float|bool|str) = .+  # \S.+", line) for line in lines)
    assert lines[0].startswith("run_dir: str")


def test_no_parameter_is_declared_twice():
    names = [p.name for p in parameters.declared(NOTEBOOKS) if p.name != parameters.RUN_DIR]
    assert len(names) == len(set(names))


@each_notebook
def test_code_defines_nothing_and_nests_no_loop(path):
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.While)
            if isinstance(node, ast.For):
                assert not any(isinstance(inner, ast.For) for inner in ast.walk(node) if inner is not node)


@each_notebook
def test_a_code_cell_is_short(path):
    for cell in code_cells(path):
        if "parameters" not in cell.metadata.get("tags", []):
            lines = [line for line in cell.source.splitlines() if line.strip()]
            assert (
                sum(not re.match(r"(from|import|\)| +(caption|alt)=|    \w+,$)", line) for line in lines)
                <= 11
            )


@each_notebook
def test_a_paragraph_is_one_line_and_states_no_result(path):
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "markdown":
            blocks = [
                block for block in cell.source.split("\n\n") if not block.startswith(("#", "- ", "$$", "|"))
            ]
            assert all("\n" not in block for block in blocks)
            prose = re.sub(r"\[[^]]*\]\([^)]*\)|`[^`]*`", "", cell.source)
            assert not re.search(r"\d\.\d{2}|\d%", prose)


@pytest.mark.parametrize("profile", sorted(path.stem for path in places.PROFILES.glob("*.yaml")))
def test_profile_sets_only_declared_parameters_of_the_declared_types(profile):
    parameters.assign(parameters.declared(NOTEBOOKS), parameters.read_profile(places.PROFILES, profile))


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory):
    """Run the smoke profile, kill it with SIGKILL in notebook 06, run it again."""
    folder = tmp_path_factory.mktemp("reports") / "tiny"
    command = [sys.executable, "-m", "cellseg_utils", "report", "--profile", "smoke", "--run", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    for line in process.stdout:
        if line.startswith("[ 6/10]"):
            break
    time.sleep(2)
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.wait()
    told = []
    page = runner.make(str(folder), "smoke", {}, tell=told.append)
    return page, told


def test_killed_run_goes_on_after_the_last_finished_notebook(tiny_run):
    _, told = tiny_run
    skipped = [line for line in told if "没有变化，跳过" in line]
    assert [line[:7] for line in skipped] == [f"[{n:2d}/10]" for n in range(1, 6)]
    assert told[-1].startswith("完成：")


def test_tiny_run_writes_every_artifact(tiny_run):
    page, _ = tiny_run
    present = {path.name for path in (page.parent / "artifacts").iterdir()}
    assert present == set(runs.WRITERS)


def test_tiny_run_leaves_executed_notebooks_logs_and_a_manifest(tiny_run):
    folder = tiny_run[0].parent
    assert {path.name for path in (folder / "notebooks").iterdir()} == {path.name for path in NOTEBOOKS}
    assert all((folder / "logs" / f"{path.stem}.log").exists() for path in NOTEBOOKS)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["notebooks"]) == {path.stem for path in NOTEBOOKS}
    assert manifest["profile"] == "smoke"


def test_page_has_ten_sections_and_every_figure_has_alternative_text(tiny_run):
    html = tiny_run[0].read_text(encoding="utf-8")
    assert len(re.findall(r"<section[^>]* id=\"s\d\d\"", html)) == 10
    pictures = re.findall(r"<img [^>]*src=[^>]*>", html)
    assert len(pictures) >= 15
    assert all(re.search(r'alt="[^"]{6,}"', picture) for picture in pictures)


def test_the_page_in_english_has_no_chinese_outside_of_code(tiny_run, monkeypatch):
    """Neither has what was kept of the Chinese run, such as the title of the data in the model bundle."""
    folder = tiny_run[0].parent
    page, labels = english_run.make(folder, folder.with_name("tiny-en"), monkeypatch)
    for code in page(["script", "style", "pre"]):
        code.decompose()
    said = [*page.stripped_strings, *labels]
    said += [value for tag in page(True) for value in tag.attrs.values() if isinstance(value, str)]
    assert len(said) > 1000
    assert [text for text in said if texts.CHINESE.search(text)] == []
    for name in page(["code", "a"]):
        name.replace_with("name")
    paragraphs = [tag.get_text().strip() for tag in page(["figcaption", "td", "p"]) if not tag.math]
    assert [
        fault for text in paragraphs for line in text.splitlines() for fault in english.faults(line)
    ] == []
    card = (folder.with_name("tiny-en") / "artifacts" / "scored_bundle" / "README.md").read_text("utf-8")
    assert not texts.CHINESE.search(card.split(model_card.SEPARATOR)[1])
    assert "训练数据：内置的合成细胞核图像\n" in card


def test_second_run_without_changes_skips_everything(tiny_run):
    told = []
    runner.make(str(tiny_run[0].parent), "smoke", {}, tell=told.append)
    assert sum("没有变化，跳过" in line for line in told) == 10


def test_changed_parameter_runs_only_what_depends_on_it(tiny_run):
    told = []
    runner.make(str(tiny_run[0].parent), "smoke", {"train_examples": 1}, tell=told.append)
    ran = [line[:7] for line in told if line.endswith(" 秒")]
    assert ran == ["[ 8/10]"]


def test_readme_shows_the_parameters_as_the_notebooks_declare_them():
    assert parameter_table.table(parameters.declared(NOTEBOOKS)) in (places.ROOT / "README.md").read_text(
        encoding="utf-8"
    )


def test_bare_papermill_runs_one_notebook_on_the_artifacts_of_a_run(tiny_run, tmp_path):
    shutil.copytree(tiny_run[0].parent / "artifacts", tmp_path / "lab" / "artifacts")
    arguments = ["-p", "run_dir", str(tmp_path / "lab"), "-p", "epochs", "2", "-p", "symmetries", "false"]
    command = [sys.executable, "-m", "papermill", str(places.NOTEBOOKS / "06_training.ipynb"), "out.ipynb"]
    done = subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    used = artifacts.read_json(tmp_path / "lab" / "artifacts" / "training.json")["settings"]
    assert (used["epochs"], used["symmetries"]) == (2, False)


def family(value):
    """What kind of thing a value is, as a reader of the notebook would say."""
    if isinstance(value, bool | numbers.Number | np.generic):
        return "number"
    if isinstance(value, list | tuple | dict):
        return "collection"
    return type(value).__name__


def run_cell(source, namespace, families):
    """Run a cell; a name that stood for another kind of thing before is named."""
    exec(compile(source, "cell", "exec"), namespace)
    for name, value in namespace.items():
        if not name.startswith("_") and value is not None:
            assert families.setdefault(name, family(value)) == family(value), name


@each_notebook
def test_every_cell_can_be_run_again_at_any_time_and_no_name_stands_for_two_things(
    tiny_run, path, monkeypatch
):
    """First all cells in order, then each again, the last one first."""
    monkeypatch.setenv(runs.COMMAND, "cellseg report")
    folder = tiny_run[0].parent
    values = parameters.assign(
        parameters.declared(NOTEBOOKS), parameters.read_profile(places.PROFILES, "smoke")
    )[path.stem]
    first, *cells = [cell.source for cell in code_cells(path)]
    namespace, families = {"__name__": "__main__"}, {}
    run_cell(first, namespace, families)
    namespace |= {**values, "run_dir": str(folder)}
    for source in [*cells, *reversed(cells)]:
        run_cell(source, namespace, families)


@pytest.fixture(scope="module")
def best_run(tiny_run):
    """The best recipe, with all that section 10 compares, in a few steps; the tiny run's page before it."""
    before = tiny_run[0].read_text(encoding="utf-8")
    chosen = {"recipe": "best", "crop_side": 32, "steps": 2, "ablation_steps": 2, "left_out_steps": 2}
    return runner.make(str(tiny_run[0].parent), "smoke", chosen, tell=lambda line: None), before


def test_every_rung_from_the_seed_recipe_to_the_best_is_trained_and_compared(best_run):
    table = pd.read_csv(best_run[0].parent / "artifacts" / "ablation.csv")
    assert table["model"].tolist() == list(ablation.RUNGS.values())
    assert table["rival"].tolist()[1:] == table["model"].tolist()[:-1]
    assert (table["epochs"] == 1).all()


def test_where_no_kind_is_frequent_enough_to_be_left_out_section_10_says_so(best_run):
    table = pd.read_csv(best_run[0].parent / "artifacts" / "left_out.csv")
    assert table.columns.tolist() == left_out.COLUMNS
    assert table.empty
    assert "没有哪一种图像多到可以留出" in best_run[0].read_text(encoding="utf-8")


def test_numbers_of_the_page_are_those_of_the_artifacts(best_run):
    numbers = page_numbers.pairs(best_run[0].parent)
    assert len(numbers) >= 50
    assert [(where, shown) for where, shown, expected in numbers if shown != expected] == []


def test_section_7_checks_how_sure_nuclei_are(best_run):
    curve = pd.read_csv(best_run[0].parent / "artifacts" / "certainty.csv")
    assert len(curve) == 10
    for html, shown in ((best_run[0].read_text(encoding="utf-8"), True), (best_run[1], False)):
        captions = "".join(re.findall(r"<figcaption.*?</figcaption>", html, re.DOTALL))
        assert ("把握的校准" in captions) == (re.search(r"\d 张里提醒了 \d", html) is not None) == shown


def test_both_recipes_have_scores_over_time(best_run):
    table = pd.read_csv(best_run[0].parent / "artifacts" / "curve.csv")
    assert set(table["recipe"]) == {"seed 方案", "best 方案"}
    assert (table["minutes"] > 0).all()
    assert table[list(compare.SCORES)].map(lambda score: 0 <= score <= 1).all(axis=None)


def test_section_10_shows_the_ladder_and_the_curve(best_run):
    for html, shown in ((best_run[0].read_text(encoding="utf-8"), True), (best_run[1], False)):
        captions = "".join(re.findall(r"<(?:fig)?caption.*?</(?:fig)?caption>", html, re.DOTALL))
        assert ("图 10.6" in captions) == ("图 10.7" in captions) == ("表 10.2" in captions) == shown
        assert ("每项改动值多少<" in html) == shown
