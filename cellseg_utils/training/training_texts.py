"""What a reader is told about a training: its settings, its course."""

import pandas as pd

from cellseg_utils.preprocessing import augmentation, scale
from cellseg_utils.run.language import say
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
        Two columns of str: the name of a setting (设定 in Chinese) and its value (值).
    """
    rows = {
        say("方案"): settings.recipe,
        say("训练图像"): say("{n} 张", n=int((~validation).sum())),
        say("验证图像"): say("{n} 张", n=int(validation.sum())),
        say("轮数上限"): say("{n} 轮", n=settings.epochs),
        say("批大小"): say("{n} 张", n=settings.batch_size),
        say("学习率"): f"{settings.learning_rate:g}",
        say("提前停止"): say("验证损失连续 {n} 轮不下降", n=settings.patience),
        say("计算精度"): settings.precision,
        **_own_rows(settings),
        say("随机种子"): settings.seed,
    }
    return pd.DataFrame({say("设定"): rows.keys(), say("值"): [str(value) for value in rows.values()]})


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
        What is counted, as a reader is told.
    """
    if recipes.RECIPES[settings.recipe].crops:
        return settings.steps * settings.batch_size, say("个裁块")
    return int((~validation).sum()), say("张图")


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
    sentences = [_stop(len(history), best_epoch, limit), _best(best, best_epoch)]
    if quick < best_epoch:
        sentences.append(
            say("早在第 {quick} 轮，验证 Dice 就已达到第 {best} 轮的 95%", quick=quick, best=best_epoch)
        )
    return say("{sentences}。", sentences=say("。").join(sentences))


def _best(best, epoch):
    """What the best epoch scored."""
    return say(
        "第 {epoch} 轮的验证损失最低（{loss:.3f}），那一轮的验证准确率为 {accuracy:.3f}，"
        "验证 Dice 系数为 {dice:.3f}，{beside}（训练 {training:.3f}）",
        epoch=epoch,
        loss=best["val_loss"],
        accuracy=best["val_accuracy"],
        dice=best["val_dice_coef"],
        beside=_beside_training(best["val_dice_coef"] - best["dice_coef"]),
        training=best["dice_coef"],
    )


def _stop(count, best_epoch, limit):
    if count < limit:
        return say("共训练 {n} 轮，提前停止", n=count)
    if count == best_epoch:
        return say("共训练 {n} 轮，到达轮数上限时验证损失仍在下降", n=count)
    return say("共训练 {n} 轮，到达轮数上限", n=count)


def _beside_training(gap):
    """How the Dice coefficient of validation compares with that of training."""
    if abs(gap) <= 0.005:
        return say("与训练集相近")
    if gap > 0:
        return say("高于训练集")
    return say("略低于训练集") if gap > -0.03 else say("明显低于训练集，有过拟合的迹象")


def _own_rows(settings):
    """What only a recipe with crops has, or only one without."""
    if not recipes.RECIPES[settings.recipe].crops:
        return {say("数据增强（随机翻转、旋转）"): say("是") if settings.symmetries else say("否")}
    low, high = augmentation.SCALES
    return {
        say("一轮"): say(
            "{steps} 批，共 {n} 块", steps=settings.steps, n=settings.steps * settings.batch_size
        ),
        say("裁块"): say("{side}×{side} 像素", side=settings.crop_side),
        say("核的典型直径"): say(
            "缩放到 {diameter:g} 像素，再随机缩放（多数在 {low:g} 到 {high:g} 倍之间）",
            diameter=scale.DIAMETER,
            low=low,
            high=high,
        ),
    }
