import pytest

from cellseg_utils.run import language, parameter_table, parameter_values, parameters


def test_table_lists_every_parameter_but_run_dir_and_goes_between_the_marks(tmp_path):
    found = [
        parameters.Parameter("run_dir", "str", '"reports/lab"', "文件夹", "06_training"),
        parameters.Parameter("epochs", "int", "30", "训练轮数", "06_training"),
    ]
    document = tmp_path / "README.md"
    document.write_text(
        f"前\n{parameter_table.TABLE_BEGIN}\n旧\n{parameter_table.TABLE_END}\n后\n", encoding="utf-8"
    )
    parameter_table.update(document, found)
    text = document.read_text(encoding="utf-8")
    assert "| 06_training | `epochs` | int | `30` | 训练轮数 |" in text
    assert "run_dir" not in text
    assert "旧" not in text
    assert text.startswith("前\n")
    assert text.endswith("后\n")
    document.write_text("没有标记", encoding="utf-8")
    with pytest.raises(parameter_values.ParameterError, match="缺少"):
        parameter_table.update(document, found)


def test_headings_and_comments_are_english_where_english_is_spoken(monkeypatch):
    monkeypatch.setenv(language.VARIABLE, "en")
    comments = {"训练轮数": "number of epochs"}
    known = language.english()
    monkeypatch.setattr(language, "english", lambda: known | comments)
    text = parameter_table.table([parameters.Parameter("epochs", "int", "30", "训练轮数", "06_training")])
    heading, _, row = text.splitlines()
    assert heading == "| Notebook | Parameter | Type | Default | Meaning |"
    assert row == "| 06_training | `epochs` | int | `30` | number of epochs |"
