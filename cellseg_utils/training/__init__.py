"""From prepared pictures to weights: recipes, crops, batches, epochs, checkpoints.

Knows nothing of prediction. May import `preprocessing`, `models` and what is below them.
"""
