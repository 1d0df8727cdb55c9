"""From notebooks to a page: run them, skip what is current, render one offline HTML file.

May import every folder; only the command line imports it.
"""
