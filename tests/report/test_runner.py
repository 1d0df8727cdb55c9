"""The runner, on notebooks of a few lines."""

import ast
import errno
import os
import tempfile

import pytest
from house import FIRST, SECOND, build, ran, write

from cellseg_utils.report import execution, manifest, provenance, runner, sections
from cellseg_utils.report.rendering import section_html
from cellseg_utils.run import artifacts, files, libraries, parameter_values, runs


@pytest.fixture
def house(tmp_path, monkeypatch):
    return build(tmp_path, monkeypatch)


def test_notebooks_run_in_order_then_only_what_changed(house):
    assert ran(house()) == ["1", "2"]
    assert (house.run / "index.html").exists()
    assert artifacts.read_json(house.run / "artifacts" / "source.json") == {"value": 2}

    assert ran(house()) == []
    assert ran(house({"number": 3})) == ["1", "2"]

    extra = "# a remark, and the same artifact"
    write(house.folder, "01_segmentation", FIRST.format(name="number", extra=extra))
    assert ran(house({"number": 3})) == ["1"]
    assert ran(house({"number": 3}, force=True)) == ["1", "2"]


def test_changed_data_is_noticed(house, tmp_path):
    data = tmp_path / "data.txt"
    data.write_text("old")
    write(house.folder, "01_segmentation", FIRST.format(name="number", extra=f"run.use_data({str(data)!r})"))
    house()
    assert ran(house()) == []
    data.write_text("new")
    assert ran(house()) == ["1"]


def test_artifact_that_somebody_else_replaced_is_made_again(house):
    house()
    (house.run / "artifacts" / "source.json").write_text('{"value": 9}')
    told = house()
    assert ran(told) == ["1"]
    assert told[0] == f"{house.run / 'artifacts' / 'source.json'}：已损坏、被改动或删除，重新运行第 1 节"
    assert artifacts.read_json(house.run / "artifacts" / "source.json") == {"value": 2}


def test_an_executed_notebook_that_was_altered_is_not_published(house):
    house()
    page = (house.run / "index.html").read_text(encoding="utf-8")
    path = house.run / "notebooks" / "02_segmentation_kinds.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("第二节", "别的"), encoding="utf-8")
    told = house()
    assert ran(told) == ["2"]
    assert told[1] == f"{path}：已损坏、被改动或删除，重新运行第 2 节"
    assert (house.run / "index.html").read_text(encoding="utf-8") == page


def test_a_damaged_manifest_runs_everything_again_and_says_so(house):
    house()
    (house.run / "manifest.json").write_text("[]")
    told = house()
    assert told[0] == f"{house.run / 'manifest.json'}：已损坏，全部重新运行"
    assert ran(told) == ["1", "2"]


def test_what_is_noted_of_a_run_stays_as_long_as_the_run_counts(house, monkeypatch):
    house()
    before = artifacts.read_json(house.run / "manifest.json")["notebooks"]
    monkeypatch.setattr(provenance, "here_and_now", lambda: {"commit": "another"})
    write(house.folder, "02_segmentation_kinds", SECOND + "# changed\n")
    assert ran(house()) == ["2"]
    after = artifacts.read_json(house.run / "manifest.json")["notebooks"]
    assert after["01_segmentation"] == before["01_segmentation"]
    assert after["02_segmentation_kinds"]["provenance"] == {"commit": "another"}


def test_copies_are_left_out_magics_are_run_and_what_a_notebook_tells_is_told_again(house):
    write(house.folder, "02_segmentation_kinds-Copy1", SECOND)
    write(
        house.folder,
        "01_segmentation",
        FIRST.format(name="number", extra="%matplotlib inline\nrun.tell('缓存已损坏')"),
    )
    told = house()
    assert told[2] == "缓存已损坏"
    assert told[0] == "02_segmentation_kinds-Copy1.ipynb：文件名不是报告的一节，不运行"
    assert [line[:6] for line in told if line.endswith(" 秒") and line.startswith("[")] == [
        "[ 1/2]",
        "[ 2/2]",
    ]


def test_notebook_that_fails_after_writing_is_not_taken_for_finished(house):
    house()
    good = FIRST.format(name="number", extra="")
    write(house.folder, "01_segmentation", good + "\nraise ValueError('坏了')\n")
    with pytest.raises(runner.ReportError):
        house({"number": 5})
    write(house.folder, "01_segmentation", good)
    assert ran(house()) == ["1"]
    assert artifacts.read_json(house.run / "artifacts" / "source.json") == {"value": 2}


def test_place_to_which_auto_leads_is_part_of_the_key(house, tmp_path, monkeypatch):
    text = FIRST.format(name="number", extra="").replace(
        "number: int", 'data: str = "auto"  # 数据\nnumber: int'
    )
    write(house.folder, "01_segmentation", text)
    for name in ("a", "b"):
        (tmp_path / name / "stage1_train").mkdir(parents=True)
    monkeypatch.setenv("CELLSEG_DATA", str(tmp_path / "a"))
    house({"data": "auto"})
    assert ran(house({"data": "auto"})) == []
    monkeypatch.setenv("CELLSEG_DATA", str(tmp_path / "b"))
    assert ran(house({"data": "auto"})) == ["1"]


def test_another_version_of_a_library_runs_the_notebooks_again(house, monkeypatch):
    house()
    monkeypatch.setattr(libraries, "versions", lambda: ["keras 99"])
    assert ran(house()) == ["1", "2"]


def test_a_run_folder_may_be_a_link(house, tmp_path):
    (tmp_path / "large disk").mkdir()
    house.run.parent.mkdir()
    house.run.symlink_to(tmp_path / "large disk")
    assert ran(house()) == ["1", "2"]
    assert (tmp_path / "large disk" / "index.html").exists()


def test_a_temporary_folder_with_a_long_path_is_no_matter(house, tmp_path, monkeypatch):
    deep = tmp_path / ("x" * execution.LONGEST_SOCKET)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert ran(house()) == ["1", "2"]


def test_two_processes_do_not_write_one_report(house):
    mine = files.locked(house.run, pytest.fail)
    with mine, pytest.raises(runner.ReportError, match="另一个进程正在写这份报告"):
        house()
    assert ran(house()) == ["1", "2"]


def test_a_folder_of_reports_that_can_not_be_written_is_told_with_a_way_out(house, monkeypatch):
    def denied(*_):
        raise PermissionError(errno.EACCES, "Permission denied", str(house.run))

    monkeypatch.setattr(files, "locked", denied)
    with pytest.raises(runner.ReportError, match=r"不能写入（没有权限）.*--run") as refused:
        house()
    assert str(house.run) in str(refused.value)


@pytest.mark.parametrize("name", ["..", "a/b", ".", ""])
def test_run_name_stays_below_reports(name):
    with pytest.raises(runner.ReportError, match="文件夹名"):
        runner.make(name, "demo", {})


def test_failure_names_section_and_log_and_keeps_the_last_good_page(house):
    house()
    before = (house.run / "index.html").read_bytes()
    executed = (house.run / "notebooks" / "01_segmentation.ipynb").read_bytes()
    extra = "from cellseg_utils.data.sources import DataError\nraise DataError('x.png：文件是空的，请删除它')"
    write(house.folder, "01_segmentation", FIRST.format(name="number", extra=extra))
    with pytest.raises(runner.ReportError) as failure:
        house()
    assert str(failure.value).startswith("x.png：文件是空的，请删除它\n第 1 节“第一节”没有完成")
    assert "01_segmentation.log" in str(failure.value)
    assert (house.run / "index.html").read_bytes() == before
    assert (house.run / "notebooks" / "01_segmentation.ipynb").read_bytes() == executed


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("import os; os._exit(1)", "没有完成"),
        (
            "import os, signal; os.kill(os.getpid(), getattr(signal, 'SIGKILL', 15))",
            "内存不够.*减小 image_size",
        ),
        ("import sys; sys.exit(0)", "没有完成"),
        ("raise OSError(28, 'No space left on device', 'dataset.npz')", "磁盘已满"),
        ("raise MemoryError()", "内存不够"),
        ("raise KeyError('x')", "KeyError：'x'"),
    ],
)
def test_kernel_that_dies_or_stops_early_is_a_failure(house, code, text):
    write(house.folder, "01_segmentation", FIRST.format(name="number", extra=code + "\nnumber"))
    with pytest.raises(runner.ReportError, match=text):
        house()
    assert not (house.run / "notebooks" / "01_segmentation.ipynb").exists()


def test_wrong_parameter_stops_before_any_kernel_starts(house, monkeypatch):
    monkeypatch.setattr(execution, "execute", lambda *_: pytest.fail("a notebook ran"))
    for overrides in ({"numbr": 3}, {"number": "three"}, {"number": 1.5}, {"number": True}):
        with pytest.raises(parameter_values.ParameterError):
            house(overrides)
    with pytest.raises(parameter_values.ParameterError, match="demo"):
        runner.make(str(house.run), "no-such-profile", {})


def test_a_notebook_knows_the_command_that_runs_it(house):
    extra = "import os\nrun.save('source.json', os.environ[runs.COMMAND])"
    write(house.folder, "01_segmentation", FIRST.format(name="number", extra=extra))
    house({"number": 3})
    told = artifacts.read_json(house.run / "artifacts" / "source.json")
    assert told == "cellseg report --profile demo --set number=3"
    assert runs.COMMAND not in os.environ


def test_page_that_can_not_be_rendered_leaves_the_last_one(house, monkeypatch):
    house()
    before = (house.run / "index.html").read_bytes()
    monkeypatch.setattr(
        section_html, "section", lambda *_: (_ for _ in ()).throw(section_html.PageError("公式写错了"))
    )
    with pytest.raises(section_html.PageError):
        house()
    assert (house.run / "index.html").read_bytes() == before


@pytest.mark.parametrize("where", ["notebook", "helper"])
def test_code_that_is_no_python_is_named_in_one_line(house, where, monkeypatch):
    if where == "notebook":
        write(house.folder, "01_segmentation", FIRST.format(name="number", extra="x = ("))
        expected = "01_segmentation.ipynb：有一格代码语法有误"
    else:
        broken = SyntaxError("bad")
        broken.lineno = 3
        monkeypatch.setattr(ast, "parse", lambda *_: (_ for _ in ()).throw(broken))
        expected = "语法有误"
    with pytest.raises((ValueError, RuntimeError), match=expected):
        house()


def test_a_path_that_is_no_utf8_is_named_in_one_line(house):
    with pytest.raises(runner.ReportError, match=r"data=x\?：路径的编码不是 UTF-8"):
        runner._check_encoding({"data": "x\udcff"})


def test_a_finished_run_is_rendered_again_without_running_a_notebook(house):
    house()
    page = house.run / "index.html"
    before, executed = (
        page.read_bytes(),
        (house.run / "notebooks" / "01_segmentation.ipynb").stat().st_mtime_ns,
    )
    page.unlink()
    assert runner.render(str(house.run)) == page
    assert page.read_bytes() == before
    assert (house.run / "notebooks" / "01_segmentation.ipynb").stat().st_mtime_ns == executed


def test_a_run_that_is_not_finished_or_not_there_is_not_rendered(house):
    with pytest.raises(sections.ReportError, match="没有这份报告"):
        runner.render(str(house.run))
    house()
    noted = manifest.whole(house.run)
    noted.notebooks["02_segmentation_kinds"] = None
    noted.note(sections.sections()[0], noted.notebooks["01_segmentation"])
    with pytest.raises(sections.ReportError, match="第 2 节还没有跑完"):
        runner.render(str(house.run))
    (house.run / manifest.NAME).write_text("{}")
    with pytest.raises(sections.ReportError, match="已损坏"):
        runner.render(str(house.run))


def test_a_run_whose_files_are_gone_is_told_how_to_be_made_again(house):
    house()
    (house.run / "notebooks" / "01_segmentation.ipynb").unlink()
    with pytest.raises(sections.ReportError, match=r"01_segmentation\.ipynb：不在了.*重新生成"):
        runner.render(str(house.run))


def test_an_english_report_is_english_in_kernel_page_and_manifest_whatever_its_maker_speaks(
    house, monkeypatch
):
    extra = "from cellseg_utils.run import language\nrun.save('source.json', language.current())"
    write(house.folder, "01_segmentation", FIRST.format(name="number", extra=extra))
    told = []
    page = runner.make(str(house.run), "demo", {}, tell=told.append, spoken="en")
    assert ran(told) == ["1", "2"]
    assert artifacts.read_json(house.run / "artifacts" / "source.json") == "en"
    assert '<html lang="en">' in page.read_text(encoding="utf-8")
    noted = manifest.whole(house.run)
    assert noted.language == "en"
    assert '<html lang="en">' in runner.render(str(house.run)).read_text(encoding="utf-8")
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert '<html lang="zh-CN">' in (runner.make(str(house.run), "demo", {}, tell=told.append)).read_text(
        "utf-8"
    )
    assert artifacts.read_json(house.run / "artifacts" / "source.json") == "zh"
    assert told[-1].startswith("Finished: ")
