"""What a reader is told about the settings of a training."""

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
