"""How good a network is: scores, intervals, errors, calibration, comparisons, and the sentences about them.

May import `training`, `prediction` and what is below them.
"""
