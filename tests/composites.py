"""Fluorescence of several dyes: nuclei in cell bodies, whose places are known."""

import cv2
import numpy as np
from discs import discs

NUCLEI = [
    (y + 5 * (x % 3), x + 4 * (y % 5), 8 + (x + y) % 4)
    for y in range(25, 220, 48)
    for x in range(25, 260, 50)
]
SIZE = (240, 280)


def dna(seed=0):
    """Camera picture of the nuclei, 0..1."""
    return recorded(discs(SIZE, NUCLEI) > 0, seed)


def bodies(seed=1):
    """Cell bodies around the nuclei; some touch each other."""
    rng = np.random.default_rng(seed)
    body = np.zeros(SIZE, np.uint8)
    for y, x, radius in NUCLEI:
        axes = (radius * rng.uniform(1.8, 3.2, 2)).astype(int).tolist()
        cv2.ellipse(body, (x + 3, y - 2), axes, rng.uniform(0, 180), 0, 360, 1, -1)
        tip = (np.array([x, y]) + rng.uniform(-45, 45, 2)).astype(int).tolist()
        cv2.line(body, (x, y), tip, 1, 4)
    return recorded(body, seed)


def rims(seed=2):
    """Membranes: the edges of the bodies."""
    body = np.uint8(bodies(seed) > 0.4)
    return recorded(body - cv2.erode(body, np.ones((5, 5))), seed)


def recorded(shape, seed):
    """What a camera makes of a shape: blurred, on a ground that is not black, with noise."""
    light = cv2.GaussianBlur(0.8 * shape.astype(np.float32), (0, 0), 1.2) + 0.05
    return np.clip(light + np.random.default_rng(seed).normal(0, 0.02, shape.shape), 0, 1)
