"""Find and read: the competition's layout, a user's own files, downloads; and draw synthetic pictures.

Pictures leave this folder as RGB of 8 bit, truth as label images. May import `run` and `audit`.
"""
