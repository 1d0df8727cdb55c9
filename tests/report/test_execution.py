import ast

import pytest

from cellseg_utils.report import execution
from cellseg_utils.run import places


@pytest.mark.parametrize("text", ["x.png：文件是空的，请删除它", "x.png: empty\ny.png: delete it"])
def test_our_own_errors_are_shown_as_they_are(text):
    assert execution.explain("DataError", text, text.splitlines()) == text


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("OSError", "[Errno 28] No space left on device: 'x'", "磁盘已满"),
        ("MemoryError", "", "内存不够"),
        ("ResourceExhaustedError", "OOM when allocating tensor", "内存不够"),
        ("KeyError", "'x'\nsecond line", "没有预料到的错误 KeyError：'x'"),
        ("ValueError", "expected (H, W, 3)", "没有预料到的错误 ValueError"),
        ("RuntimeError", "中文", "没有预料到的错误 RuntimeError"),
        ("DeadKernelError", "Kernel died", "减小 image_size"),
        ("RuntimeError", "Kernel died before replying to kernel_info", "内存不够"),
        ("TypeError", "  ", "没有说明"),
    ],
)
def test_other_errors_are_one_chinese_line(name, text, words):
    explained = execution.explain(name, text)
    assert words in explained
    assert "\n" not in explained


def test_every_error_for_readers_that_a_notebook_can_raise_is_plain():
    rooms = ("run", "audit", "models", "data", "prediction", "training", "preprocessing", "evaluation")
    for path in (path for room in rooms for path in (places.PACKAGE / room).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any("Error" in ast.unparse(base) for base in node.bases):
                bases = {ast.unparse(base) for base in node.bases}
                assert bases & {"PlainError", "ArgumentError", "DataError"} or node.name == "PlainError", (
                    node.name
                )
            if (
                isinstance(node, ast.Raise)
                and node.exc
                and ast.unparse(node.exc).startswith("ValueError(say(")
            ):
                raise AssertionError(f"{path}:{node.lineno}: ArgumentError")


def test_errors_are_explained_in_english(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert execution.explain("KeyError", "'x'\nmore") == "Unexpected error KeyError: 'x'"
    assert execution.explain("TypeError", " ") == "Unexpected error TypeError: no message"
    died = execution.explain("DeadKernelError", "Kernel died")
    assert died.startswith("The kernel stopped early, most likely because memory ran out")
    assert "lower image_size" in died
