"""Figures and tables for the notebooks: one look, labels in the reader's language, self-contained HTML.

Nothing is computed here that a number of the report depends on. May import `evaluation` and what is below it.
"""
