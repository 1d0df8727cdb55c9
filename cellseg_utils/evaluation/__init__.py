"""How good a network is: scores, intervals, errors, calibration, comparisons, and the sentences about them.

Networks that are compared are trained from here. May import `training`, `prediction` and what is below them.
"""
