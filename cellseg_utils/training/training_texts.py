"""What a reader is told about a training: its settings, its course."""

import pandas as pd

from cellseg_utils.preprocessing import augmentation, scale
from cellseg_utils.run import language
from cellseg_utils.run.language import later, say
from cellseg_utils.training import recipes

STOPS = {  # why a training ended
    "early": later("共训练 {count} 轮，提前停止。"),
    "falling": later("共训练 {count} 轮，到达轮数上限时验证损失仍在下降。"),
    "limit": later("共训练 {count} 轮，到达轮数上限。"),
}


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
        Two columns of str: setting and value.
    """
    rows = {
        say("方案"): settings.recipe,
        say("训练图像"): _pictures(int((~validation).sum())),
        say("验证图像"): _pictures(int(validation.sum())),
        say("轮数上限"): say("{epochs} 轮", epochs=settings.epochs),
        say("批大小"): _pictures(settings.batch_size),
        say("学习率"): f"{settings.learning_rate:g}",
        say("提前停止"): say("验证损失连续 {patience} 轮不下降", patience=settings.patience),
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
        What is counted, in words.
    """
    if recipes.RECIPES[settings.recipe].crops:
        return settings.steps * settings.batch_size, say("个裁块")
    return int((~validation).sum()), say("张图")


def batches(settings, validation):
    """How many batches a training has at most.

    Parameters
    ----------
    settings : fit.Settings
    validation : (N,) ndarray of bool
        True where a picture validates.

    Returns
    -------
    sentence : str
    """
    count, unit = an_epoch(settings, validation)
    steps = -(-count // settings.batch_size)
    return say(
        "每轮 {steps:,} 批，共 {count:,} {unit}；{epochs} 轮至多 {most:,} 批。",
        steps=steps,
        count=count,
        unit=unit,
        epochs=settings.epochs,
        most=steps * settings.epochs,
    )


def descent(history, best_epoch):
    """How far the validation loss fell, and what it did afterwards.

    Parameters
    ----------
    history : DataFrame
        One row an epoch: val_loss.
    best_epoch : int
        Counted from 1.

    Returns
    -------
    sentences : str
    """
    losses = history["val_loss"]
    first, lowest, last = losses.iloc[0], losses.iloc[best_epoch - 1], losses.iloc[-1]
    if best_epoch == 1:
        fell = say("第 1 轮的验证损失是 {first:.3f}。", first=first)
    else:
        fell = say(
            "验证损失从第 1 轮的 {first:.3f} 降到第 {epoch} 轮的 {lowest:.3f}，降了 {share:.0%}。",
            first=first,
            epoch=best_epoch,
            lowest=lowest,
            share=1 - lowest / first,
        )
    later = len(losses) - best_epoch
    if not later:
        return language.sentences([fell, "" if best_epoch > 1 else say("只有这一轮，看不出升降。")])
    after = say("此后 {n} 轮没有再低，最后一轮是 {last:.3f}。", n=later, last=last)
    return language.sentences([fell, after])


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
    early = say("早在第 {quick} 轮，验证 Dice 就已达到第 {best} 轮的 95%。", quick=quick, best=best_epoch)
    scored = say(
        "第 {epoch} 轮的验证损失最低（{loss:.3f}），那一轮的验证准确率为 {accuracy:.3f}，"
        "验证 Dice 系数为 {dice:.3f}，{beside}（训练 {trained:.3f}）。",
        epoch=best_epoch,
        loss=best["val_loss"],
        accuracy=best["val_accuracy"],
        dice=best["val_dice_coef"],
        beside=_beside_training(best["val_dice_coef"] - best["dice_coef"]),
        trained=best["dice_coef"],
    )
    stop = say(STOPS[_stop(len(history), best_epoch, limit)], count=len(history))
    return language.sentences([stop, scored, early if quick < best_epoch else ""])


def _stop(count, best_epoch, limit):
    if count < limit:
        return "early"
    return "falling" if count == best_epoch else "limit"


def _beside_training(gap):
    """How the Dice coefficient of validation compares with that of training."""
    if abs(gap) <= 0.005:
        return say("与训练集相近")
    if gap > 0:
        return say("高于训练集")
    return say("略低于训练集") if gap > -0.03 else say("明显低于训练集，有过拟合的迹象")


def _pictures(count):
    return say("{pictures} 张", pictures=count)


def _own_rows(settings):
    """What only a recipe with crops has, or only one without."""
    if not recipes.RECIPES[settings.recipe].crops:
        return {say("数据增强（随机翻转、旋转）"): say("是") if settings.symmetries else say("否")}
    low, high = augmentation.SCALES
    return {
        say("一轮"): say(
            "{steps} 批，共 {crops} 块", steps=settings.steps, crops=settings.steps * settings.batch_size
        ),
        say("裁块"): say("{side}×{side} 像素", side=settings.crop_side),
        say("核的典型直径"): say(
            "缩放到 {diameter:g} 像素，再随机缩放（多数在 {low:g} 到 {high:g} 倍之间）",
            diameter=scale.DIAMETER,
            low=low,
            high=high,
        ),
    }
