"""Figures and tables for the notebooks: one look, Chinese labels, HTML that needs nothing else.

Nothing is computed here that a number of the report depends on. May import `evaluation` and what is below it.
"""
