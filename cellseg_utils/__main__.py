"""`python -m cellseg_utils` is the same as `cellseg`, and so is this file, started by its path."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

if __name__ == "__main__":
    if (
        not __package__
    ):  # started by its path: the package's folder stands on `sys.path`, the one around may not
        sys.path[:] = [*(place for place in sys.path if place != HERE), os.path.dirname(HERE)]
    from cellseg_utils.cli.main import main

    main()
