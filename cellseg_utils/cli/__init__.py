"""The `cellseg` command: thin, no logic. A module for each group of commands; `main` starts them.

May import all other folders, and does so inside the commands: `cellseg --help` answers at once.
"""
