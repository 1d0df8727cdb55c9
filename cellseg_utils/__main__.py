"""`python -m cellseg_utils` is the same as `cellseg`."""

from cellseg_utils.cli.main import main

main()
