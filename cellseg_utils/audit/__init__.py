"""What the pictures are: kind, mosaics, faults of the labels; and how to split them.

Works on arrays and tables and opens no file. May import `run`.
"""
