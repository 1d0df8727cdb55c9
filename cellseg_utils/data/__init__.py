"""Find and read: the competition's layout, a user's own files, downloads; and draw synthetic pictures.

What leaves this folder is RGB of 8 bit and label images. May import `run` and `audit`.
"""
