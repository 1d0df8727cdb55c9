import subprocess
import sys

import pytest

from cellseg_utils.data import sources
from cellseg_utils.prediction import bundle_files
from cellseg_utils.run import artifacts, parameter_values, plain_error


@pytest.mark.parametrize(
    "error",
    [artifacts.RunError, parameter_values.ParameterError, sources.DataError, bundle_files.BundleError],
)
def test_errors_that_notebooks_meet_are_plain_and_what_they_were(error):
    assert issubclass(error, plain_error.PlainError)
    assert issubclass(error, ValueError | RuntimeError)


def test_ipython_shows_the_message_alone():
    code = (
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "shell.run_cell('from cellseg_utils.run.artifacts import RunError')\n"
        "shell.run_cell('def deep(): raise RunError(\"one\\\\ntwo\")\\ndeep()')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip().splitlines() == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\nb\x1b[31m，核", "a\ufffdb\ufffd[31m，核"),
        ("图\u3000一\u00a0二 三.png", "图\u3000一\u00a0二 三.png"),
        ("a\u202egnp\x0b\u2028\udcd6.png", "a\ufffdgnp\ufffd\ufffd\ufffd.png"),
    ],
)
def test_a_name_becomes_a_part_of_one_line(text, line):
    assert plain_error.printable(text) == line


def test_the_message_of_a_library_becomes_a_part_of_one_line():
    assert plain_error.one_line(ValueError("bad\n  name\x1b]0;owned\x07")) == "bad name\ufffd]0;owned\ufffd"
    assert plain_error.one_line(KeyError()) == "KeyError"
