"""Executed notebooks become a page: sections, what stands around them, formulas, fonts, templates, PDF.

May import the notebooks' own places in `report` and everything below; knows nothing of other pages.
"""
