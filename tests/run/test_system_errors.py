import errno
import os

import pytest

from cellseg_utils.run import system_errors


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "找不到"),
        (errno.EACCES, "没有权限"),
        (errno.EROFS, "那里只能读，不能写"),
        (errno.ENOSPC, "磁盘已满"),
        (errno.EDQUOT, "磁盘已满"),
        (errno.EISDIR, "是文件夹，不是文件"),
    ],
)
def test_what_is_common_is_said_in_chinese(number, words):
    assert system_errors.reason(OSError(number, os.strerror(number), "a")) == words


def test_a_file_that_another_program_has_open_on_windows_is_told_as_such():
    error = PermissionError(errno.EACCES, "x", "a.csv")
    error.winerror = 32
    assert "另一个程序" in system_errors.reason(error)


def test_it_is_english_on_request(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert system_errors.reason(FileNotFoundError(errno.ENOENT, "x")) == "not found"


@pytest.mark.parametrize(
    ("error", "words"),
    [(OSError(errno.EFBIG, "超过上限", "a"), "超过上限"), (OSError("odd"), "odd"), (OSError(), "OSError")],
)
def test_what_is_rare_stays_in_the_words_that_it_has(error, words):
    assert system_errors.reason(error) == words
