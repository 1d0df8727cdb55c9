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
