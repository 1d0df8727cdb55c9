import ast

import pytest

from cellseg_utils.report import execution
from cellseg_utils.run import places


@pytest.mark.parametrize("name", execution.OURS)
def test_our_own_errors_are_shown_as_they_are(name):
    for text in ("x.png：文件是空的，请删除它", "x.png: the file is empty, delete it"):
        assert execution.explain(name, text) == text


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("OSError", "[Errno 28] No space left on device: 'x'", "磁盘已满"),
        ("MemoryError", "", "内存不够"),
        ("ResourceExhaustedError", "OOM when allocating tensor", "内存不够"),
        ("KeyError", "'x'\nsecond line", "没有预料到的错误 KeyError：'x'"),
        ("ValueError", "expected (H, W, 3)", "没有预料到的错误 ValueError"),
        ("RuntimeError", "中文", "没有预料到的错误 RuntimeError"),
        ("DeadKernelError", "  ", "没有说明"),
    ],
)
def test_other_errors_are_one_chinese_line(name, text, words):
    explained = execution.explain(name, text)
    assert words in explained
    assert "\n" not in explained


def frames(*frames):
    return [
        "\x1b[31mValueError\x1b[39m   Traceback",
        *(f"{head}\n      1 a = 1\n----> 2 {line}" for head, line in frames),
    ]


CELL = ("\x1b[36mCell\x1b[39m\x1b[36m \x1b[39mIn[2], line 2\x1b[0m", "within(threshold)")
OURS = ("File ~/project/cellseg_utils/run/parameter_values.py:2, in within(x)", "    raise ValueError(x)")
NUMPY = ("File /usr/lib/numpy/core.py:2, in asarray(x)", "    raise ValueError(x)")


@pytest.mark.parametrize(
    ("traceback", "ours"),
    [
        (frames(CELL, OURS), True),
        (frames((CELL[0], "raise ValueError(x)")), True),
        (frames(CELL, OURS, NUMPY), False),
        (frames(CELL, (OURS[0], "    int(x)")), False),
        (frames((CELL[0], "int(x)")), False),
        ([], False),
    ],
)
def test_a_plain_error_is_ours_if_our_code_raised_it(traceback, ours):
    explained = execution.explain("ValueError", "threshold 应在 0 与 1 之间", traceback)
    assert (explained == "threshold 应在 0 与 1 之间") == ours


def test_every_error_for_readers_that_a_notebook_can_raise_is_known():
    rooms = ("run", "data", "prediction", "training", "preprocessing")
    defined = {
        node.name
        for room in rooms
        for path in (places.PACKAGE / room).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any("Error" in ast.unparse(base) for base in node.bases)
    }
    assert defined <= set(execution.OURS)


def test_errors_are_explained_in_english(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert execution.explain("KeyError", "'x'\nmore") == "Unexpected error KeyError: 'x'"
    assert execution.explain("DeadKernelError", " ") == "Unexpected error DeadKernelError: no message"
