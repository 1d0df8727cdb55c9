"""`python -m cellseg_utils` is the same as `cellseg`."""

from cellseg_utils.cli import main

main()
