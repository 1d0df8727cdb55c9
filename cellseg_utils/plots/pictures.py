"""Arrays of pictures for showing: checked, brightened, greyed, tinted."""

import cv2
import numpy as np
from matplotlib.colors import to_rgb

WHITE_POINT = 99.8  # percentile of the brightness that is shown as white


def plane(values):
    """Drop the channel axis that masks and probabilities have in training arrays.

    Parameters
    ----------
    values : (H, W) or (H, W, 1) ndarray

    Returns
    -------
    values : (H, W) ndarray

    Raises
    ------
    ValueError
        If the shape is another one.
    """
    values = np.asarray(values)
    if values.ndim == 3 and values.shape[2] == 1:
        return values[:, :, 0]
    if values.ndim != 2:
        raise ValueError(f"expected (H, W) or (H, W, 1), got {values.shape}")
    return values


def check_same_size(image, *layers):
    """Refuse layers that do not lie on the pixels of the image.

    Parameters
    ----------
    image : (H, W, ...) ndarray
    *layers : (H, W) or (H, W, 1) ndarray

    Raises
    ------
    ValueError
        If the height or width of a layer differs from that of the image.
    """
    for layer in layers:
        if plane(layer).shape != image.shape[:2]:
            raise ValueError(f"image {image.shape} and layer {layer.shape} differ in height or width")


def check_same_length(**sequences):
    """Refuse sequences that do not belong together.

    Parameters
    ----------
    **sequences : sequence

    Raises
    ------
    ValueError
        If their lengths differ.
    """
    lengths = {name: len(sequence) for name, sequence in sequences.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"expected one entry for each picture, got {lengths}")


def brighten(image):
    """Scale the brightness so that its 99.8th percentile is white; fluorescence is too dark to see otherwise.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) ndarray of uint8
        0..255 (no unit).

    Returns
    -------
    bright : (H, W, 3) ndarray of uint8

    Raises
    ------
    ValueError
        If the shape is another one.
    """
    image = np.asarray(image)
    if image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 1):
        image = np.repeat(plane(image)[:, :, None], 3, axis=2)
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected an (H, W, 3) or (H, W) image, got {image.shape}")
    white = max(np.percentile(image.max(axis=2), WHITE_POINT), 1)
    return np.clip(image * (255 / white), 0, 255).astype(np.uint8)


def backdrop(image, black=0, white=200):
    """Grey version of an image for colours to lie on.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) ndarray of uint8
    black, white : int
        Darkest and brightest grey value of the result, 0..255 (no unit).

    Returns
    -------
    grey : (H, W, 3) ndarray of uint8
    """
    grey = cv2.cvtColor(brighten(image), cv2.COLOR_RGB2GRAY)
    scaled = (black + grey * ((white - black) / 255)).astype(np.uint8)
    return np.repeat(scaled[:, :, None], 3, axis=2)


def tint(picture, region, colour, opacity=0.65):
    """Lay a colour over a region.

    Parameters
    ----------
    picture : (H, W, 3) ndarray of uint8
    region : (H, W) ndarray of bool
    colour : str
        Any matplotlib colour.
    opacity : float
        0..1 (no unit).

    Returns
    -------
    tinted : (H, W, 3) ndarray of uint8
        A new array.
    """
    tinted = picture.copy()
    mixed = (1 - opacity) * picture[region] + opacity * 255 * np.array(to_rgb(colour))
    tinted[region] = mixed.round().astype(np.uint8)
    return tinted


def densest_window(weights, height, width):
    """Find the part of a picture with the largest sum of weights.

    Parameters
    ----------
    weights : (H, W) ndarray of bool, int or float
        Any measure of how much there is to see at a pixel (no unit).
    height, width : int
        Size of the part (pixels).

    Returns
    -------
    top, left : int
        First row and column of the part.

    Raises
    ------
    ValueError
        If the part is larger than the picture.
    """
    if height > weights.shape[0] or width > weights.shape[1]:
        raise ValueError(f"a part of {height} x {width} pixels does not fit into {weights.shape}")
    totals = cv2.integral(weights.astype(np.float32))
    rows = totals[height:] - totals[:-height]
    top, left = np.unravel_index((rows[:, width:] - rows[:, :-width]).argmax(), rows[:, width:].shape)
    return int(top), int(left)
