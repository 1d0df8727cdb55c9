"""Many reports: sweeps over parameters, all reports on one page, two of them compared.

May import `report` and `report.rendering`.
"""
