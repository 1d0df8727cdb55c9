"""What a reader is told about a training: its settings, its course."""

import pandas as pd

from cellseg_utils.preprocessing import augmentation, scale
from cellseg_utils.training import recipes


def settings_table(settings, validation):
    """The settings of a training, as a reader sees them.

    Parameters
    ----------
    settings : fit.Settings
    validation : (N,) ndarray of bool
        True where a picture validates.

    Returns
    -------
    table : DataFrame
        Columns 设定 and 值.
    """
    rows = {
        "方案": settings.recipe,
        "训练图像": f"{int((~validation).sum())} 张",
        "验证图像": f"{int(validation.sum())} 张",
        "轮数上限": f"{settings.epochs} 轮",
        "批大小": f"{settings.batch_size} 张",
        "学习率": f"{settings.learning_rate:g}",
        "提前停止": f"验证损失连续 {settings.patience} 轮不下降",
        "计算精度": settings.precision,
        **_own_rows(settings),
        "随机种子": settings.seed,
    }
    return pd.DataFrame({"设定": rows.keys(), "值": [str(value) for value in rows.values()]})


def an_epoch(settings, validation):
    """What passes through the network in an epoch.

    Parameters
    ----------
    settings : fit.Settings
    validation : (N,) ndarray of bool
        True where a picture validates.

    Returns
    -------
    count : int
    unit : str
        What is counted, in Chinese.
    """
    if recipes.RECIPES[settings.recipe].crops:
        return settings.steps * settings.batch_size, "个裁块"
    return int((~validation).sum()), "张图"


def course(history, best_epoch, limit):
    """How a training went: why it stopped, what its best epoch scored, whether it overfits.

    Parameters
    ----------
    history : DataFrame
        One row an epoch: epoch, dice_coef, val_loss, val_accuracy and val_dice_coef.
    best_epoch : int
        Counted from 1.
    limit : int
        How many epochs there could have been.

    Returns
    -------
    sentences : str
    """
    best = history.iloc[best_epoch - 1]
    goal = 0.95 * best["val_dice_coef"]
    quick = int(history["epoch"][history["val_dice_coef"] >= goal].iloc[0])
    early = f"早在第 {quick} 轮，验证 Dice 就已达到第 {best_epoch} 轮的 95%。" if quick < best_epoch else ""
    beside = _beside_training(best["val_dice_coef"] - best["dice_coef"])
    return (
        f"共训练 {len(history)} 轮，{_stop(len(history), best_epoch, limit)}。"
        f"第 {best_epoch} 轮的验证损失最低（{best['val_loss']:.3f}），"
        f"那一轮的验证准确率为 {best['val_accuracy']:.3f}，"
        f"验证 Dice 系数为 {best['val_dice_coef']:.3f}，{beside}（训练 {best['dice_coef']:.3f}）。{early}"
    )


def _stop(count, best_epoch, limit):
    if count < limit:
        return "提前停止"
    return "到达轮数上限时验证损失仍在下降" if count == best_epoch else "到达轮数上限"


def _beside_training(gap):
    """How the Dice coefficient of validation compares with that of training."""
    if abs(gap) <= 0.005:
        return "与训练集相近"
    if gap > 0:
        return "高于训练集"
    return "略低于训练集" if gap > -0.03 else "明显低于训练集，有过拟合的迹象"


def _own_rows(settings):
    """What only a recipe with crops has, or only one without."""
    if not recipes.RECIPES[settings.recipe].crops:
        return {"数据增强（随机翻转、旋转）": "是" if settings.symmetries else "否"}
    low, high = augmentation.SCALES
    return {
        "一轮": f"{settings.steps} 批，共 {settings.steps * settings.batch_size} 块",
        "裁块": f"{settings.crop_side}×{settings.crop_side} 像素",
        "核的典型直径": f"缩放到 {scale.DIAMETER:g} 像素，再随机缩放（多数在 {low:g} 到 {high:g} 倍之间）",
    }
