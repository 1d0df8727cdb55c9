"""The package as a wheel, and the report as a notebook for Kaggle.

May import `report`.
"""
