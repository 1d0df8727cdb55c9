"""Random changes of stain, light and sharpness of planes (`stains.PLANES`) that leave the truth true."""

import cv2
import numpy as np

NUCLEAR_ONLY, TOTAL_ONLY = 0.3, 0.12  # how often stained planes are reduced to one of them, 0..1
INVERTED = 0.03  # how often bright and dark are exchanged, 0..1
WORST_JPEG, BEST_JPEG = 35, 95  # range of the quality


def recolour(planes, rng):
    """Change stain, contrast, light, sharpness and noise of a crop at random.

    Parameters
    ----------
    planes : (S, S, 3) ndarray of uint8
        0..255 (no unit).
    rng : numpy.random.Generator

    Returns
    -------
    planes : (S, S, 3) ndarray of uint8
        Without counterstain where there was none.
    """
    result = _mix_stains(planes, rng) if planes[..., 1].any() else planes
    stained = result[..., 1].any()
    sharpness = rng.random()
    if sharpness < 0.22:
        result = cv2.GaussianBlur(result, (0, 0), rng.uniform(0.4, 1.8))
    elif sharpness < 0.37:
        result = _sharpened(result, rng)
    result = _light(result, rng)
    if rng.random() < 0.15:
        quality = int(rng.integers(WORST_JPEG, BEST_JPEG))
        packed = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        result = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return result if stained else result * np.uint8([1, 0, 1])


def _mix_stains(planes, rng):
    """Other stain vectors: of each plane some is in the others; or a single plane, as in a grey picture."""
    choice = rng.random()
    if choice < NUCLEAR_ONLY:
        return planes * np.uint8([1, 0, 0]) + planes[..., :1] * np.uint8([0, 0, 1])
    if choice < NUCLEAR_ONLY + TOTAL_ONLY:
        return planes[..., 2:] * np.uint8([1, 0, 1])
    mixing = np.eye(3)
    mixing[0, 1:] = rng.normal(0, [0.15, 0.2])
    mixing[1] = rng.normal(0, 0.25), rng.uniform(0.4, 1.3), rng.normal(0, 0.15)
    mixing[2, :2] = rng.normal(0, 0.2, 2)
    mixing[[0, 2]] /= mixing[[0, 2]].sum(axis=1, keepdims=True).clip(0.6, 1.6)
    return np.clip(cv2.transform(planes.astype(np.float32), mixing), 0, 255).astype(np.uint8)


def _sharpened(planes, rng):
    """Unsharp masking, as scanners do it: with halos."""
    blurred = cv2.GaussianBlur(planes, (0, 0), rng.uniform(0.7, 2))
    amount = rng.uniform(0.4, 2)
    return cv2.addWeighted(planes, 1 + amount, blurred, -amount, 0)


def _light(planes, rng):
    values = np.linspace(0, 1, 256) ** np.exp(rng.uniform(-0.5, 0.5))
    values = values * rng.uniform(0.65, 1.15) + rng.uniform(-0.08, 0.12)
    if rng.random() < INVERTED:
        values = 1 - values
    result = cv2.LUT(planes, np.round(255 * np.clip(values, 0, 1)).astype(np.uint8))
    uneven, noisy = rng.random() < 0.25, rng.random() < 0.35
    if not (uneven or noisy):
        return result
    result = result.astype(np.float32)
    if uneven:
        coarse = rng.uniform(0.6, 1.2, (3, 3)).astype(np.float32)
        result *= cv2.resize(coarse, planes.shape[1::-1], interpolation=cv2.INTER_CUBIC)[..., None]
    if noisy:
        noise = rng.standard_normal(planes.shape[:2], np.float32) * rng.uniform(1, 16)
        result += cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.3, 1))[..., None]
    return np.clip(result, 0, 255).astype(np.uint8)
