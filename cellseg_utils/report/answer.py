"""The answer on top of the report: how good, measured by what, and what to beware of."""

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import number_texts

SHOWN = {"kaggle": "Kaggle 得分", "ap50": "AP@.5", "dice": "Dice", "iou": "IoU", "accuracy": "准确率"}
ORIGINAL = {"dice": "0.88", "accuracy": "0.97"}  # of the report that this one goes back to
WINNER = {"kaggle": "0.631"}  # first place of the 2018 Data Science Bowl
ERRORS = {
    "missed": "漏掉了 {:,.0f} 个核",
    "merged": "{:,.0f} 个核与邻居粘连，分不开",
    "split": "{:,.0f} 个核被拆成几块",
    "invented": "多出 {:,.0f} 个误检",
}
SHORT = 600  # seconds; a training from nothing that took less is short


def sentences(scores, synthetic):
    """How good the network is, and its main weakness.

    Parameters
    ----------
    scores : dict
        `scores.json`.
    synthetic : bool
        Whether the pictures were drawn.

    Returns
    -------
    sentences : list of str
    """
    pooled, pictures = scores["pooled"], "合成图像" if synthetic else "图像"
    named = "，".join(
        f"{SHOWN[name]} {number_texts.with_interval(scores, name)}" for name in ("kaggle", "dice")
    )
    first = f"在 {scores['images']} 张没有用来训练的{pictures}上：{named}，括号里是 95% 区间。"
    if not pooled["nuclei"]:
        return [first, f"这些图像里没有一个核，找到了 {pooled['predicted']:,.0f} 个。"]
    share = pooled["tp_50"] / pooled["nuclei"]
    return [
        first,
        f"{pooled['nuclei']:,.0f} 个真实的核找到了 {pooled['tp_50']:,.0f} 个（{share:.0%}）。",
        _weakness(pooled) + _hardest(scores["kinds"]),
    ]


def _weakness(pooled):
    worst = max(ERRORS, key=pooled.get)
    if pooled[worst]:
        return f"主要的弱点：{ERRORS[worst].format(pooled[worst])}。"
    if lacking := pooled["nuclei"] - pooled["tp_50"]:
        return f"主要的弱点：{lacking:,.0f} 个核的轮廓不够准。"
    return "没有漏检、粘连、分裂或误检。"


def _hardest(kinds):
    if len(kinds) < 2:
        return ""
    kind = min(kinds, key=lambda name: kinds[name]["kaggle"])
    own = kinds[kind]
    return f"最难的是{image_kinds.KINDS[kind]}：{own['images']} 张的 Kaggle 得分平均 {own['kaggle']:.3f}。"


def yardstick(scores, synthetic, shipped):
    """What the scores can be compared with.

    Parameters
    ----------
    scores : dict
        `scores.json`.
    synthetic : bool
    shipped : dict
        Scores in the bundle of the package: on real pictures.

    Returns
    -------
    table : list of list of str
        Heading first; a dash where there is nothing to compare.
    note : str
        What differs between the columns.
    """
    ours = {name: number_texts.with_interval(scores, name) for name in SHOWN}
    simple = {name: f"{scores['simple'][name]:.3f}" for name in SHOWN}
    if synthetic:
        columns = {"附带的模型（真实图像）": {n: number_texts.with_interval(shipped, n) for n in SHOWN}}
        note = "这份报告的图像是画出来的；同样的方案在真实数据上能到哪里，看最后一列（训练得久得多）。"
    else:
        columns = {"早先的报告": ORIGINAL, "竞赛第一名": WINNER}
        note = (
            "图像与划分各不相同，只能大致比较：早先的报告逐张随机划分，在缩放过的图像上打分；"
            "竞赛第一名的得分出自第二阶段的测试图像"
            "（Caicedo 等 2019，doi:10.1038/s41592-019-0612-7）。"
        )
    columns = {"得分": SHOWN, "这份报告": ours, "只用一个阈值": simple, **columns}
    rows = [[column.get(name, "—") for column in columns.values()] for name in SHOWN]
    return [list(columns), *rows], note


def warnings(source, training, prepared, predictions):
    """What a reader must know before believing a number.

    Parameters
    ----------
    source, training, prepared : dict
        `source.json`, `training.json`, `preprocessing.json`.
    predictions : DataFrame
        `test_predictions.csv`.

    Returns
    -------
    lines : list of str
    """
    lines = []
    if source["synthetic"]:
        lines.append("这份报告里训练与验证的图像都是电脑画的，得分不代表真实的显微图像。")
    if training["seconds"] < SHORT and not training["init_bundle"]:
        minutes = training["seconds"] / 60
        lines.append(f"训练只用了 {minutes:.1f} 分钟，模型还远没有到它的最好水平。")
    warned = predictions["warning"].notna() & (predictions["nuclei"] > 0)
    if doubtful := int(warned.sum()):
        lines.append(
            f"{len(predictions)} 张测试图像里有 {doubtful} 张与训练图像很不一样，结果不可靠（第 9 节）。"
        )
    if problems := prepared["problems"]:
        lines += [f"跳过了 {len(problems)} 张坏图：", *problems]
    return lines
