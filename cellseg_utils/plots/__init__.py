"""Every figure and table of the report: arrays, drawings and their HTML in separate modules."""
