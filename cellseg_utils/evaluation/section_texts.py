"""What a reader is told in sections 6 to 10 in sentences that are made of several values."""

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import compare_texts, number_texts
from cellseg_utils.run import language
from cellseg_utils.run.language import say

NOTICED = 0.03  # Dice (no unit) from which on training and validation pictures are told to differ
LEARNT = 0.5  # Dice (no unit) below which a network has learnt nothing yet


def training(history, facts, unit, reused):
    """How a training ended.

    Parameters
    ----------
    history : DataFrame
        One row an epoch: val_loss, val_accuracy and val_dice_coef.
    facts : dict
        From `fit.facts`.
    unit : str
        What passes through the network, from `training_texts.an_epoch`.
    reused : bool
        Whether the same training had been done before.

    Returns
    -------
    sentences : str
    """
    best = history.iloc[facts["best_epoch"] - 1]
    return say(
        "训练了 {n} 轮，共 {minutes:.1f} 分钟{again}，每秒处理 {rate:.1f} {unit}。"
        "第 **{epoch}** 轮最好：验证损失 {loss:.3f}，验证准确率 {accuracy:.3f}，验证 Dice 系数 {dice:.3f}。",
        n=len(history),
        minutes=facts["seconds"] / 60,
        again=say("（同样的训练先前已经完成，这里直接取用）") if reused else "",
        rate=facts["images_per_second"],
        unit=say(unit),
        epoch=facts["best_epoch"],
        loss=best["val_loss"],
        accuracy=best["val_accuracy"],
        dice=best["val_dice_coef"],
    )


def validation(rows, means, side):
    """Scores of the validation pictures, and the worst of them.

    Parameters
    ----------
    rows : DataFrame
        One row a picture: kind and kaggle.
    means : dict
        From `averages.means`.
    side : int
        Of the square that two of the scores were counted on (pixels).

    Returns
    -------
    sentences : str
    """
    worst = rows.loc[rows["kaggle"].idxmin()]
    names = ("dice", "ap50", "kaggle")
    return say(
        "{n} 张验证图像，原始尺寸，逐张平均：Dice **{dice}**，IoU {iou:.3f}，AP@.5 **{ap50}**，"
        "Kaggle 得分 **{kaggle}**，括号里是 95% 区间。缩放到 {side}×{side} 之后，逐张平均的 Dice 为 "
        "{square_dice:.3f}，IoU 为 {square_iou:.3f}。最差的一张是{kind}，Kaggle 得分只有 {lowest:.3f}。",
        n=len(rows),
        **{name: number_texts.with_interval(means, name) for name in names},
        **{name: means[name] for name in ("iou", "square_dice", "square_iou")},
        side=side,
        kind=image_kinds.named(worst["kind"]),
        lowest=worst["kaggle"],
    )


def beside_validation(rows, scores):
    """Scores of some training pictures beside those of the validation pictures.

    Parameters
    ----------
    rows : DataFrame
        One row a training picture: dice and kaggle.
    scores : dict of str to float
        Means over the validation pictures: dice and kaggle.

    Returns
    -------
    sentences : str
    """
    return say(
        "这 {n} 张训练图像的平均 Dice 为 {dice:.3f}，验证集的平均为 {other_dice:.3f}：{verdict}。"
        "Kaggle 得分分别为 {kaggle:.3f} 与 {other_kaggle:.3f}。这些得分都在原始尺寸上算，"
        "先给每张图像打分再取平均。只有 {n} 张图，不足以判断有没有过拟合。",
        n=len(rows),
        dice=rows["dice"].mean(),
        other_dice=scores["dice"],
        verdict=_overfits(rows["dice"].mean(), scores["dice"]),
        kaggle=rows["kaggle"].mean(),
        other_kaggle=scores["kaggle"],
    )


def _overfits(trained, held_out):
    if max(trained, held_out) < LEARNT:
        return say("两者都低，模型还没有学会")
    if trained - held_out < -NOTICED:
        return say("反而更低，多半是恰好取到了较难的图像")
    if trained - held_out > NOTICED:
        return say("单看 Dice 高出不少，可能有过拟合")
    return say("单看 Dice 相差不大")


def learnt(rows):
    """How well the pictures are segmented that were trained on.

    Parameters
    ----------
    rows : DataFrame
        One row a training picture: dice, nuclei and tp_50.

    Returns
    -------
    sentences : str
    """
    return say(
        "在学过的图像上，{n} 张里 Dice 最低 {low:.3f}，最高 {high:.3f}；"
        "{nuclei:.0f} 个真实的核里找到了 {found:.0f} 个。下一节换成没有见过的图像。",
        n=len(rows),
        low=rows["dice"].min(),
        high=rows["dice"].max(),
        nuclei=rows["nuclei"].sum(),
        found=rows["tp_50"].sum(),
    )


def numbers(rows):
    """How many nuclei were found in some test pictures.

    Parameters
    ----------
    rows : DataFrame
        One row a picture: id and nuclei (count).

    Returns
    -------
    sentence : str
    """
    low, high = rows["nuclei"].min(), rows["nuclei"].max()
    if len(rows) == 1:
        return say("图中的一张找到了 {n:,} 个核。", n=high)
    if low == high:
        return say("图中每张都找到了 {n:,} 个核。", n=high) if high else say("图中没有一张找到了核。")
    return say(
        "图中找到的核，最少的一张有 {low:,} 个，最多的一张有 {high:,} 个，{n} 张合计 {total:,} 个。",
        low=low,
        high=high,
        n=len(rows),
        total=rows["nuclei"].sum(),
    )


def tested(rows, trusted):
    """What was found in the test pictures.

    Parameters
    ----------
    rows, trusted : DataFrame
        One row a picture: nuclei (count) and foreground (0..1, no unit); all, and those to be trusted.

    Returns
    -------
    sentences : str
    """
    share, doubtful = "", ""
    if len(trusted):
        share = say("，平均 {share:.1%} 的像素被判为核", share=trusted["foreground"].mean())
    if len(trusted) < len(rows):
        doubtful = say("；另有 {n} 张的结果不可靠，见上", n=len(rows) - len(trusted))
    return say(
        "{n} 张可信的测试图像里共找到 {nuclei:,} 个细胞核{share}{doubtful}。没有真值，就算不出这里的得分。",
        n=len(trusted),
        nuclei=trusted["nuclei"].sum(),
        share=share,
        doubtful=doubtful,
    )


def cautions(epochs, usual, init_bundle):
    """What the comparison of networks cannot tell.

    Parameters
    ----------
    epochs, usual : int
        Most epochs of each network here, and in section 6.
    init_bundle : str
        The weights that section 6 started from; empty for none.

    Returns
    -------
    sentences : str
    """
    short = say(
        "这里每个模型至多训练 {n} 轮，少于第 6 节的 {usual} 轮，可能还没有收敛："
        "比较的是同样短的训练，不是各自的最好成绩。",
        n=epochs,
        usual=usual,
    )
    always = say(
        "每个模型只训练了一次，区间只反映图像之间的差异，不包含训练本身的随机性；"
        "而且三个模型都用这批验证图像挑选权重。所以小的差别不足以断定哪个模型更好。"
    )
    own_start = say(compare_texts.FROM_SCRATCH)
    return language.sentences([short if epochs < usual else "", own_start if init_bundle else "", always])


def compared(table, recipe):
    """Which network is better, which is slowest, and what could be tried next.

    Parameters
    ----------
    table : DataFrame
        From `compare.table`, the first row without a rival.
    recipe : str
        A key of `recipes.RECIPES`.

    Returns
    -------
    sentences : str
    """
    slowest = table.loc[table["seconds_per_epoch"].idxmax()]
    times = slowest["seconds_per_epoch"] / table["seconds_per_epoch"].iloc[0]
    verdicts = say("；").join(compare_texts.verdict(row) for row in table.iloc[1:].itertuples())
    longest = say("{slowest} 每轮用时最长", slowest=slowest["model"])
    if slowest.name != table.index[0]:
        longest = language.clauses([longest, say("是 U-Net 的 {times:.1f} 倍", times=times)])
    return language.sentences(
        [
            say("在同样的轮数上限下，{verdicts}。", verdicts=verdicts),
            say("{sentence}。", sentence=longest),
            say(compare_texts.NEXT[recipe == "best"]),
        ]
    )


def of_the_shipped_model(table):
    """What the shipped model found in pictures without a ground truth, and that silence is no proof.

    Parameters
    ----------
    table : DataFrame
        `test_predictions.csv`: id, nuclei and warning of these pictures.

    Returns
    -------
    text : str
    """
    told = [
        say("{name} 上 {n} 个核（提醒了）", name=row.id, n=row.nuclei)
        if row.warning
        else say("{name} 上 {n} 个核（没有提醒）", name=row.id, n=row.nuclei)
        for row in table.itertuples()
    ]
    return say(
        "附带的模型找到：{listed}。这些图没有真值，没有提醒不等于可信，请对照图 9.1 自己判断。",
        listed=language.listing(told),
    )
