"""What is done to pictures and labels before a network sees them: contrast, size, augmentation, targets.

Training and prediction share it. May import `run`, `audit` and `data`.
"""
