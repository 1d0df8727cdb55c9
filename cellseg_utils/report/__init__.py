"""From notebooks to a page: run them, skip what is current, render one offline HTML file.

Knows the notebooks by their files alone. May import every folder; only the command line imports it.
"""
