"""Pages of what `cellseg predict` and `cellseg evaluate` write.

May import `report.rendering`.
"""
