"""From notebooks, or the folder of a prediction, to a page: one offline HTML file.

Knows the notebooks by their files alone. May import every folder; only the command line imports it.
"""
