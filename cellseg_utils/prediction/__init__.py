"""From any picture to a label image: bundles, tiles, views, votes, exports, batches of files.

Knows nothing of training. May import `preprocessing`, `models` and what is below them.
"""
