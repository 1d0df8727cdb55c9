import os
import subprocess
import sys

import pytest

from cellseg_utils.run import quiet

LINES = b"""WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795747484.625195   14079 port.cc:153] oneDNN custom operations are on.
W0000 00:00:1795747484.625195   14079 port.cc:153] something is wrong
"""


def test_only_warnings_are_written_afterwards(capfd):
    with quiet.without_words_about_itself():
        os.write(2, LINES)
    assert capfd.readouterr().err == "W0000 00:00:1795747484.625195   14079 port.cc:153] something is wrong\n"


def test_what_was_written_before_a_failure_is_shown(capfd):
    def failing():
        with quiet.without_words_about_itself():
            os.write(2, b"libfoo.so is missing\n")
            raise ImportError

    with pytest.raises(ImportError):
        failing()
    assert capfd.readouterr().err == "libfoo.so is missing\n"


@pytest.mark.parametrize("code", ["import cellseg_utils, tensorflow", "import cellseg_utils.models.losses"])
def test_tensorflow_starts_without_a_word_and_is_the_usual_module(code):
    check = "; import sys; module = sys.modules['tensorflow']; print(type(module.__loader__).__name__)"
    done = subprocess.run([sys.executable, "-c", code + check], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("SourceFileLoader", "")


@pytest.mark.skipif(os.name != "posix", reason="homes are found by HOME there")
def test_matplotlib_starts_without_a_word_where_the_home_can_not_be_written():
    code = (
        "import cellseg_utils, matplotlib, logging; logging.getLogger('matplotlib').warning('this matters')"
    )
    environment = {**os.environ, "HOME": os.devnull}
    for name in ("MPLCONFIGDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "this matters\n")
