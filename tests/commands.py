"""The command line, run inside the process of the tests."""

import sys

from cellseg_utils.cli import main as cli


def run(monkeypatch, *arguments):
    """Run `cellseg` with arguments; its exit status."""
    monkeypatch.setattr(sys, "argv", ["cellseg", *arguments])
    try:
        cli.main()
    except SystemExit as end:
        return end.code
    return 0
