"""Three simulated microscopes: light as it reaches the camera, and the true label of every nucleus.

Fluorescence adds up; stains absorb (Beer-Lambert law); the objective blurs; the camera adds shot and read
noise. Debris and nuclei out of focus are drawn but not labelled. Lengths are in px; amounts of dye have
no unit.
"""

import cv2
import numpy as np

MIN_AREA = 20  # px, smallest labelled nucleus
FEWEST, MOST = 5, 60  # nuclei in one picture

# The two stainings of the real set: RGB of the bare glass, and optical density in R, G, B of one unit of dye.
_WHITE_GLASS = np.array([208, 205, 213], np.float32)
_WHITE_HAEMATOXYLIN = np.array([0.40, 1.05, 0.36], np.float32)
_LAVENDER_GLASS = np.array([178, 158, 205], np.float32)
_LAVENDER_HAEMATOXYLIN = np.array([0.52, 0.98, 0.12], np.float32)
_EOSIN = np.array([0.10, 0.45, 0.22], np.float32)


def fluorescence(size, rng):
    """Nuclei that glow on a dark ground; brightness, size and sharpness differ from picture to picture.

    Parameters
    ----------
    size : (int, int)
        Height and width, px.
    rng : numpy.random.Generator
        Source of everything that varies.

    Returns
    -------
    image : (H, W, 3) ndarray of uint8
        Grey, three equal channels.
    labels : (H, W) ndarray of int32
        0 is background, 1..n the nuclei.
    """
    radius = _log_uniform(4.5, 24, rng, min(size) / 10)
    outlines, labels = _scatter(size, radius, rng.uniform(0.05, 0.3), rng.uniform(0.1, 0.7), rng)
    n = len(outlines)
    amounts = rng.lognormal(0, rng.uniform(0.15, 0.7), n)
    grain = rng.uniform(0.08, 0.3) * _smooth_noise(size, max(0.9, radius * rng.uniform(0.08, 0.2)), rng)
    light = _paint(size, outlines, amounts, rng.uniform(-0.7, 0.1, n), 0.35, 0.25, grain)
    light += rng.uniform(0.3, 1.0) * _out_of_focus(size, radius, rng.integers(0, 3 + n // 3), rng)
    light += rng.uniform(0.2, 1.2) * _specks(size, rng.integers(0, 9), rng)
    light = _blur(light, rng.uniform(0.7, min(3.2, 0.2 * radius + 0.7)))
    light += rng.uniform(0.03, 0.15) * _blur(light, 2 * radius)
    light += rng.uniform(0.03, 0.4) * (1 + 0.15 * _smooth_noise(size, 0.1 * min(size), rng))
    light *= 1 + rng.uniform(0, 0.2) * _smooth_noise(size, 0.4 * min(size), rng)
    light *= _log_uniform(20, 110, rng)
    return _expose(light[..., None], rng.uniform(0.2, 1.4), rng.uniform(0.5, 3.5), rng), labels


def purple_on_white(size, rng):
    """Tissue stained with haematoxylin (purple nuclei) and eosin (pinkish cytoplasm) on bright glass.

    Parameters and results are those of `fluorescence`; the image is in colour.
    """
    radius = _log_uniform(5, 20, rng, min(size) / 10)
    outlines, labels = _scatter(size, radius, rng.uniform(0.12, 0.4), rng.uniform(0.1, 0.6), rng)
    n = len(outlines)
    amounts = rng.lognormal(0, 0.45, n) * rng.uniform(0.85, 1.35)
    rims = np.clip(1.4 - amounts, 0, 1) * rng.uniform(0.2, 1.2)  # pale nuclei show their rim
    clumps = rng.uniform(0.15, 0.35) * _smooth_noise(size, max(1.0, 0.13 * radius), rng)
    nuclei = _paint(size, outlines, amounts, rims, 0.3, 0.3, clumps)
    nuclei += rng.uniform(0.3, 1.0) * _out_of_focus(size, radius, rng.integers(2, 5 + n // 2), rng)
    nuclei += rng.uniform(0.2, 0.8) * _specks(size, rng.integers(0, 9), rng)
    mix = np.float32(rng.choice([rng.uniform(0, 0.25), rng.uniform(0.75, 1)]))
    dye = (1 - mix) * _WHITE_HAEMATOXYLIN + mix * _LAVENDER_HAEMATOXYLIN
    density = _blur(nuclei, rng.uniform(0.7, 2.2))[..., None] * dye
    density += _cytoplasm(size, radius, rng)[..., None] * _EOSIN
    glass = ((1 - mix) * _WHITE_GLASS + mix * _LAVENDER_GLASS) * np.float32(rng.uniform(0.92, 1.08))
    lamp = 1 + rng.uniform(0.01, 0.05) * _smooth_noise(size, 0.4 * min(size), rng)
    return _expose(glass * np.exp(-density) * lamp[..., None], 0.12, rng.uniform(0.5, 2), rng), labels


def grey_tissue(size, rng):
    """Large pale cells with small dark nuclei on a bright ground, in grey.

    Parameters and results are those of `fluorescence`.
    """
    radius = _log_uniform(4, 11, rng, min(size) / 10)
    outlines, labels = _scatter(size, radius, rng.uniform(0.02, 0.08), rng.uniform(0, 0.25), rng)
    n = len(outlines)
    spots = _smooth_noise(size, max(0.8, 0.2 * radius), rng)
    nuclei = _paint(
        size, outlines, rng.uniform(0.35, 1.0, n), rng.uniform(-0.2, 0.4, n), 0.3, 0.3, 0.25 * spots
    )
    cells = [_cell_around(outline, radius, rng) for outline in outlines if rng.random() < 0.8]
    folds = 0.4 * _ridges(size, 3 * radius, rng) + 0.12 * spots + 0.3 * _smooth_noise(size, 2 * radius, rng)
    thickness, edges = rng.uniform(0.06, 0.3, len(cells)), rng.uniform(0, 1.2, len(cells))
    bodies = _paint(size, cells, thickness, edges, 0.1, 0.9, folds)
    density = nuclei + 0.6 * np.tanh(bodies / 0.6)
    density += rng.uniform(0.1, 0.35) * _out_of_focus(size, radius, rng.integers(0, 4 + n // 5), rng)
    density += rng.uniform(0.1, 0.6) * _specks(size, rng.integers(4, 30), rng)
    lamp = rng.uniform(205, 238) * (1 + rng.uniform(0.01, 0.05) * _smooth_noise(size, 0.4 * min(size), rng))
    light = lamp * np.exp(-_blur(density, rng.uniform(0.6, 1.5)))
    return _expose(light[..., None], 0.15, rng.uniform(1, 3.5), rng), labels


def _scatter(size, radius, coverage, crowding, rng):
    """Place nuclei one by one; the share `crowding` of them beside an earlier one: they touch or overlap."""
    count = int(np.clip(coverage * size[0] * size[1] / (np.pi * radius**2), FEWEST, MOST))
    roughness, longest = rng.uniform(0.02, 0.12), rng.uniform(1.3, 2.3)
    corner = np.array([size[1], size[0]]) - 1
    labels, outlines, centres = np.zeros(size, np.int32), [], []
    for _ in range(20 * count):
        centre = rng.uniform(0, corner)
        if centres and rng.random() < crowding:
            angle = rng.uniform(0, 2 * np.pi)
            step = 2 * radius * rng.uniform(0.8, 1.15) * np.array([np.cos(angle), np.sin(angle)])
            centre = np.clip(centres[rng.integers(len(centres))] + step, 0, corner)
        own_radius = radius * np.clip(rng.lognormal(0, 0.2), 0.7, 1.4)
        outline = centre + _outline(own_radius, rng.uniform(1, longest), roughness, rng)
        rows, columns, cover = _stamp(outline, size)
        inside = cover > 0.5
        free = inside & (labels[rows, columns] == 0)
        in_one_piece = cv2.connectedComponents(free.astype(np.uint8), connectivity=4)[0] == 2
        if in_one_piece and free.sum() >= max(MIN_AREA, 0.85 * inside.sum()):
            outlines.append(outline)
            centres.append(centre)
            labels[rows, columns][free] = len(outlines)
        if len(outlines) == count:
            break
    return outlines, labels


def _outline(radius, elongation, roughness, rng):
    """Closed curve around (0, 0): an ellipse whose radius carries a low-order Fourier noise."""
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    orders = np.arange(2, 7)[:, None]
    heights = rng.standard_normal((5, 1)) * (2 / orders) ** 1.5
    waves = heights * np.cos(orders * angles + rng.uniform(0, 2 * np.pi, (5, 1)))
    lengths = radius * np.maximum(0.4, 1 + roughness * waves.sum(0))
    x, y = lengths * np.cos(angles) * np.sqrt(elongation), lengths * np.sin(angles) / np.sqrt(elongation)
    turn = rng.uniform(0, np.pi)
    return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=1)


def _cell_around(outline, radius, rng):
    shift = rng.uniform(-1.5, 1.5, 2) * radius
    smooth = _outline(radius * rng.uniform(3.5, 6.5), rng.uniform(1, 1.8), 0.16, rng)
    return outline.mean(0) + shift + smooth[:: rng.integers(2, 6)]


def _stamp(outline, size):
    """Rows, columns and antialiased cover (0..1) of a closed curve, cut at the borders of the picture."""
    left, top = np.clip(np.floor(outline.min(0)) - 1, 0, (size[1] - 1, size[0] - 1)).astype(int)
    right, bottom = np.clip(np.ceil(outline.max(0)) + 2, (left + 1, top + 1), (size[1], size[0])).astype(int)
    cover = np.zeros((bottom - top, right - left), np.uint8)
    corners = np.rint((outline - (left, top)) * 16).astype(np.int32)
    cv2.fillPoly(cover, [corners], 255, lineType=cv2.LINE_AA, shift=4)
    return slice(top, bottom), slice(left, right), cover.astype(np.float32) / 255


def _paint(size, outlines, amounts, rims, rim_width, overlap, grain):
    """Amount of dye of things side by side; where two overlap, `overlap` (0..1) of the weaker one is added.

    A positive rim makes a thing denser at its edge, a negative one in its middle; `rim_width` is a share of
    its size.
    """
    canvas = np.zeros(size, np.float32)
    for outline, amount, rim in zip(outlines, amounts, rims, strict=True):
        rows, columns, cover = _stamp(outline, size)
        middle = cv2.blur(cover, (1 + int(rim_width * min(cover.shape)),) * 2)
        dye = amount * cover * np.maximum(1 + rim * (0.75 - middle) + grain[rows, columns], 0.1)
        before = canvas[rows, columns]
        canvas[rows, columns] = np.maximum(before, dye) + overlap * np.minimum(before, dye)
    return canvas


def _out_of_focus(size, radius, count, rng):
    """Nuclei far above or below the focal plane."""
    canvas = np.zeros(size, np.float32)
    for centre in rng.uniform(0, (size[1], size[0]), (count, 2)):
        rows, columns, cover = _stamp(centre + _outline(radius * rng.uniform(0.7, 1.2), 1.3, 0.08, rng), size)
        canvas[rows, columns] += rng.uniform(0.3, 1) * cover
    return _blur(canvas, rng.uniform(0.3, 0.6) * radius)


def _specks(size, count, rng):
    """Debris of a few pixels."""
    canvas = np.zeros(size, np.float32)
    for centre in rng.uniform(0, (size[1], size[0]), (count, 2)):
        speck = _outline(rng.uniform(0.6, 2), rng.uniform(1, 3), 0.15, rng)
        rows, columns, cover = _stamp(centre + speck, size)
        canvas[rows, columns] += rng.uniform(0.3, 1) * cover
    return canvas


def _cytoplasm(size, radius, rng):
    """Eosin between the nuclei: patches of tissue with fibres, holes where the glass is bare."""
    patches = 1 / (1 + np.exp(-3 * _smooth_noise(size, 2 * radius, rng) - rng.uniform(-1, 2)))
    fibres = _ridges(size, 0.6 * radius, rng) + 0.5 * _ridges(size, 0.3 * radius, rng)
    fibres += 0.25 * _smooth_noise(size, 1.5, rng)
    return _blur(
        rng.uniform(0.15, 0.7) * patches * np.maximum(0.2, 0.6 + rng.uniform(0.2, 0.6) * fibres), 0.8
    )


def _smooth_noise(size, scale, rng):
    """Gaussian random field with mean 0 and variance 1, smooth over `scale` px."""
    step = max(1.0, scale / 2)
    coarse = rng.standard_normal([int(np.ceil(side / step)) + 1 for side in size], np.float32)
    coarse = cv2.GaussianBlur(coarse, (0, 0), scale / step)
    field = cv2.resize(coarse, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return (field - field.mean()) / field.std()


def _ridges(size, scale, rng):
    """Thin lines where a random field changes its sign; they look like fibres and folds."""
    return np.exp(-((_smooth_noise(size, scale, rng) / 0.2) ** 2)) - 0.2


def _blur(image, sigma):
    """Gaussian blur; a wide one is done on a smaller picture."""
    step = max(1.0, sigma / 3)
    small = cv2.resize(image, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return cv2.resize(small, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)


def _log_uniform(low, high, rng, ceiling=np.inf):
    return min(float(np.exp(rng.uniform(np.log(low), np.log(high)))), ceiling)


def _expose(light, shot, read, rng):
    """What the camera records: shot noise grows with the square root of the light, read noise does not."""
    noise = rng.standard_normal(light.shape, np.float32)
    recorded = light + noise * np.sqrt(shot**2 * np.maximum(light, 0) + read**2)
    image = np.clip(np.rint(recorded), 0, 255).astype(np.uint8)
    return np.repeat(image, 3 // image.shape[2], axis=2)
