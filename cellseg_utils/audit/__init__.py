"""What the pictures are: kinds of microscopy, tiles of one mosaic, faults of labels; and how to split them.

Works on arrays and tables and opens no file. May import `run`.
"""
