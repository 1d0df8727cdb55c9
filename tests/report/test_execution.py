import pytest

from cellseg_utils.report import execution


@pytest.mark.parametrize("name", execution.OURS)
def test_our_own_errors_are_shown_as_they_are(name):
    assert execution.explain(name, "x.png：文件是空的，请删除它") == "x.png：文件是空的，请删除它"


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
