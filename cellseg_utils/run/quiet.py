"""Libraries are imported without lines about themselves, which `TF_CPP_MIN_LOG_LEVEL` does not stop."""

import logging
import os
import re
import sys
import tempfile
from contextlib import contextmanager

from cellseg_utils.run import imports

LIBRARY = "tensorflow"
ABOUT_ITSELF = re.compile(
    rb"^(I\d{4} .*|WARNING: All log messages before absl::InitializeLog.*)\n?", re.MULTILINE
)
WITHOUT_A_HOME = ("mkdir -p failed for path", "Matplotlib created a temporary cache directory")


def install():
    """Import TensorFlow and Matplotlib quietly from here on, whoever asks for them first."""
    imports.within(LIBRARY, without_words_about_itself)
    logging.getLogger("matplotlib").addFilter(_says_something)


def _says_something(record):
    """False for what Matplotlib says at every start where it can't write into the user's home."""
    return not str(record.msg).startswith(WITHOUT_A_HOME)


@contextmanager
def without_words_about_itself():
    """Hold back what is written to stderr, by C++ too; afterwards only what warns is written there.

    Yields
    ------
    None
    """
    _flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            _flush()
            os.dup2(saved, 2)
            os.close(saved)
            held.seek(0)
            if rest := ABOUT_ITSELF.sub(b"", held.read()):
                os.write(2, rest)


def _flush():
    if sys.stderr:  # None where there is no console
        sys.stderr.flush()
