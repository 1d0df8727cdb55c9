"""The answer on top of the report: how good, measured by what, and what to beware of."""

from cellseg_utils.audit import image_kinds
from cellseg_utils.evaluation import number_texts
from cellseg_utils.run import language
from cellseg_utils.run.language import later, say

SHOWN = {
    "kaggle": later("Kaggle 得分"),
    "ap50": "AP@.5",
    "dice": "Dice",
    "iou": "IoU",
    "accuracy": later("准确率"),
}
ORIGINAL = {"dice": "0.88", "accuracy": "0.97"}  # of the report that this one goes back to
WINNER = {"kaggle": "0.631"}  # first place of the 2018 Data Science Bowl
ERRORS = {
    "missed": later("漏掉了 {n:,.0f} 个核"),
    "merged": later("{n:,.0f} 个核与邻居粘连，分不开"),
    "split": later("{n:,.0f} 个核被拆成几块"),
    "invented": later("多出 {n:,.0f} 个误检"),
}
FEWEST = 5  # pictures of a kind; the mean of fewer says little
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
    pooled = scores["pooled"]
    held_out = (
        say(
            "在 {images} 张没有用来训练的合成图像上：{kaggle}，{dice}，括号里是 95% 区间。", **_values(scores)
        )
        if synthetic
        else say(
            "在 {images} 张没有用来训练的图像上：{kaggle}，{dice}，括号里是 95% 区间。", **_values(scores)
        )
    )
    if not pooled["nuclei"]:
        return [held_out, say("这些图像里没有一个核，找到了 {n:,.0f} 个。", n=pooled["predicted"])]
    return [
        held_out,
        say(
            "{nuclei:,.0f} 个真实的核找到了 {found:,.0f} 个（{share:.0%}）。",
            nuclei=pooled["nuclei"],
            found=pooled["tp_50"],
            share=pooled["tp_50"] / pooled["nuclei"],
        ),
        language.sentences([_weakness(pooled), _hardest(scores["kinds"])]),
    ]


def _values(scores):
    named = {
        name: f"{say(SHOWN[name])} {number_texts.with_interval(scores, name)}" for name in ("kaggle", "dice")
    }
    return named | {"images": scores["images"]}


def _weakness(pooled):
    worst = max(ERRORS, key=pooled.get)
    if pooled[worst]:
        return say("主要的弱点：{weakness}。", weakness=say(ERRORS[worst], n=pooled[worst]))
    if lacking := pooled["nuclei"] - pooled["tp_50"]:
        return say("主要的弱点：{n:,.0f} 个核的轮廓不够准。", n=lacking)
    return say("没有漏检、粘连、分裂或误检。")


def _hardest(kinds):
    kinds = {name: own for name, own in kinds.items() if own["images"] >= FEWEST}
    if len(kinds) < 2:
        return ""
    kind = min(kinds, key=lambda name: kinds[name]["kaggle"])
    own = kinds[kind]
    return say(
        "最难的是{kind}：{images} 张的 Kaggle 得分平均 {score:.3f}。",
        kind=say(image_kinds.KINDS[kind]),
        images=own["images"],
        score=own["kaggle"],
    )


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
        columns = {say("附带的模型（真实图像）"): {n: number_texts.with_interval(shipped, n) for n in SHOWN}}
        note = say("这份报告的图像是画出来的；同样的方案在真实数据上能到哪里，看最后一列（训练得久得多）。")
    else:
        columns = {say("早先的报告"): ORIGINAL, say("竞赛第一名"): WINNER}
        note = say(
            "图像与划分各不相同，只能大致比较：早先的报告逐张随机划分，在缩放过的图像上打分；"
            "竞赛第一名的得分出自第二阶段的测试图像"
            "（Caicedo 等 2019，doi:10.1038/s41592-019-0612-7）。"
        )
    titles = {name: say(title) for name, title in SHOWN.items()}
    columns = {say("得分"): titles, say("这份报告"): ours, say("只用一个阈值"): simple, **columns}
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
        lines.append(say("这份报告里训练与验证的图像都是电脑画的，得分不代表真实的显微图像。"))
    if training["seconds"] < SHORT and not training["init_bundle"]:
        minutes = training["seconds"] / 60
        lines.append(say("训练只用了 {minutes:.1f} 分钟，模型还远没有到它的最好水平。", minutes=minutes))
    warned = predictions["warning"].notna() & (predictions["nuclei"] > 0)
    if doubtful := int(warned.sum()):
        lines.append(
            say(
                "{images} 张测试图像里有 {doubtful} 张的结果不可靠，可能与训练图像很不一样（第 9 节）。",
                images=len(predictions),
                doubtful=doubtful,
            )
        )
    if problems := prepared["problems"]:
        lines += [say("跳过了 {n} 张坏图：", n=len(problems)), *problems]
    return lines
