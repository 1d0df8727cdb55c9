"""What a training minimises, in Keras operations only."""

from keras import ops

SMOOTH = 1.0  # of the Dice coefficient (pixels): two empty masks score 1
BORDER_WEIGHT = 3.0  # extra weight of the cross-entropy where two nuclei come near (no unit)
EPSILON = 1e-6  # probabilities keep this distance from 0 and 1


def dice_coef(y_true, y_pred):
    """Dice coefficient of a whole batch, on probabilities, smoothed.

    Parameters
    ----------
    y_true, y_pred : (N, H, W, C) tensor
        Masks and probabilities, 0..1 (no unit); of several maps the first counts.

    Returns
    -------
    dice : scalar tensor of float32
        `(2 * overlap + 1) / (sum of both + 1)`, 0..1 (no unit).

    References
    ----------
    Milletari et al. 2016, doi:10.1109/3DV.2016.79.
    """
    y_true = ops.cast(y_true[..., :1], "float32")
    y_pred = ops.cast(y_pred[..., :1], "float32")
    overlap = ops.sum(y_true * y_pred)
    return (2 * overlap + SMOOTH) / (ops.sum(y_true) + ops.sum(y_pred) + SMOOTH)


def accuracy(y_true, y_pred):
    """Share of the pixels that are on the right side of one half, by the first map.

    Parameters
    ----------
    y_true, y_pred : (N, H, W, C) tensor
        Masks and probabilities, 0..1 (no unit).

    Returns
    -------
    accuracy : (N, H, W) tensor of float32
        1 where it is (no unit).
    """
    return ops.cast(ops.equal(y_true[..., 0] > 0.5, y_pred[..., 0] > 0.5), "float32")


def separating(y_true, y_pred):
    """Loss of all maps of `targets.MAPS`: cross-entropy, Dice and distances that leave no nucleus out.

    Parameters
    ----------
    y_true, y_pred : (N, H, W, 5) tensor
        As `targets.target_maps` makes them.

    Returns
    -------
    loss : scalar tensor of float32
    """
    y_true, y_pred = ops.cast(y_true, "float32"), ops.cast(y_pred, "float32")
    foreground, border = y_true[..., 0], y_true[..., 1]
    weight = 1 + BORDER_WEIGHT * border
    pixels = ops.mean(weight * _cross_entropy(foreground, y_pred[..., 0])) + 1 - dice_coef(y_true, y_pred)
    borders = ops.mean(weight * _cross_entropy(border, y_pred[..., 1]))
    share = foreground / (ops.mean(foreground) + 1e-2)
    distance = ops.mean((0.2 + share) * ops.square(y_true[..., 2] - y_pred[..., 2]))
    offsets = ops.mean(share[..., None] * _smooth_l1(y_true[..., 3:] - y_pred[..., 3:]))
    return pixels + 2 * borders + 2 * distance + 2 * offsets


def on_every_head(loss):
    """Make a loss that trains every head of a network with several (deep supervision).

    Parameters
    ----------
    loss : callable
        Of `(N, H, W, C)` truth and prediction.

    Returns
    -------
    on_every_head : callable
        Of `(N, H, W, C)` truth and a prediction as `architectures.build` makes it: C channels that are the
        answer, then, if there are several heads, C channels a head. The mean of the heads' losses.

    References
    ----------
    Lee et al. 2015, https://arxiv.org/abs/1409.5185.
    """

    def mean_loss(y_true, y_pred):
        channels = y_true.shape[-1]
        parts = [y_pred[..., at : at + channels] for at in range(0, y_pred.shape[-1], channels)]
        heads = parts[1:] or parts
        return sum(loss(y_true, head) for head in heads) / len(heads)

    return mean_loss


def _cross_entropy(truth, probability):
    probability = ops.clip(probability, EPSILON, 1 - EPSILON)
    return -(truth * ops.log(probability) + (1 - truth) * ops.log(1 - probability))


def _smooth_l1(difference):
    size = ops.abs(difference)
    return ops.where(size < 0.5, ops.square(size), size - 0.25)
