"""The model card of a bundle: what the network is for, how it was trained, how good it is, where it fails."""

import pandas as pd

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import download
from cellseg_utils.evaluation import intervals, left_out_texts, number_texts
from cellseg_utils.training import recipes

SCORES = {"dice": "Dice", "iou": "IoU", "ap50": "AP@.5", "kaggle": "Kaggle 得分"}
HOW_SCORED = (
    "验证图像，原始尺寸，先给每张打分再取平均；"
    "括号里是 95% 自助法区间，同一张大图的小块与重复的图像是一组，一起抽取；"
    f"不足 {intervals.FEWEST_FAMILIES} 组时没有区间。"
)
HOW_SCORED_ELSEWHERE = (
    "没有一张参与训练，不出自训练数据的实验室；用 `--speed best` 分割，先给每张打分再取平均。"
    "F1 是 2×找到的核数 ÷（真实的核数＋预测的核数），交并比高于 0.5 算找到；“提醒”是软件自己说不可信的张数。"
)
HOW_LEFT_OUT = (
    "同样的方案每次留出一种图像，只训练 {steps} 批（这份权重训练得久得多），再看这一种：第 10 节的表 10.3。"
)
HOW_FAST = (
    "默认的 `--speed balanced`，{machine}：竞赛的 65 张测试图像平均每张 {small:.2f} 秒；"
    "一张 {megapixels:.0f} 百万像素的图 {large:.0f} 秒，内存最多 {memory:.1f} GB。"
    "同一次运行里 StarDist {rival_small:.2f} 秒、{rival_large:.0f} 秒、{rival_memory:.1f} GB"
    "（`make bench STARDIST=...`）。"
)
FAILURES = {
    "probability": "粘连的核不会分开；与训练数据不同的染色、放大倍数可能出错。",
    "separating": (
        "没有见过的染色与成像方式可能出错；一张图里核的大小相差很多倍时，特别大或特别小的核容易出错；"
        "细长的、重叠的核可能被拆开或漏掉。"
    ),
}


def text(about):
    """Model card, Markdown in Chinese.

    Parameters
    ----------
    about : dict
        Contents of `bundle.json`.

    Returns
    -------
    text : str
    """
    training, arguments = about["training"], about["arguments"]
    maps = arguments.get("maps", "probability")
    settings = _settings(training["settings"])
    return f"""# {about["title"]}

- 用途：找出显微图像里的细胞核。不可用于诊断。
- 结构：{about["architecture"]}（{_listed(arguments)}）
- 训练数据：{about["data"]}{_licence(about)}
- 训练：{training["epochs"]} 轮，取第 {training["best_epoch"]} 轮的权重；{settings}
{_start(about)}{_command(about)}- 权重的 sha256：`{about["weights_sha256"]}`
- 局限：{FAILURES[maps]}

{_scores(about["scores"])}
{_elsewhere(about)}{_left_out(about)}{_speed(about)}"""


def _licence(about):
    """Of the data, where they are known to be the competition's."""
    known = download.is_registered(about.get("training_data_sha256") or "")
    return "；2018 Data Science Bowl 的数据（BBBC038v1）许可为 CC0 1.0" if known else ""


def _start(about):
    """The line of the weights that the training began with."""
    if "start" not in about:
        return ""
    return (
        f"- 从这份权重开始训练：{about['start']['bundle']}（sha256 `{about['start']['weights_sha256']}`）\n"
    )


def _command(about):
    """The line of the command; notebooks that people run by hand have none."""
    return f"- 命令：`{about['command']}`\n" if "command" in about else ""


def _settings(settings):
    """Those settings that the recipe uses."""
    if recipes.RECIPES[settings.get("recipe", "seed")].crops:
        return _listed({name: value for name, value in settings.items() if name != "symmetries"})
    return _listed({name: value for name, value in settings.items() if name not in ("crop_side", "steps")})


def _elsewhere(about):
    """Scores on pictures of other laboratories, where somebody measured them."""
    if "elsewhere" not in about:
        return ""
    rows = [
        f"| {own['name']} | {own['images']} | {own['nuclei']:,} | {own['f1']:.3f} | {own['kaggle']:.3f} "
        f"| {own['warned']} |"
        for own in about["elsewhere"]
    ]
    head = "| 图像 | 张数 | 核数 | F1 | Kaggle 得分 | 提醒（张） |\n|---|---|---|---|---|---|\n"
    return f"\n## 别的实验室的图像\n\n{HOW_SCORED_ELSEWHERE}\n\n{head}" + "\n".join(rows) + "\n"


def _left_out(about):
    """Scores on kinds of picture that a short training left out, where somebody measured them."""
    if "left_out" not in about:
        return ""
    readable = left_out_texts.readable(pd.DataFrame(about["left_out"]["kinds"]))
    lines = [readable.columns, ["---"] * readable.shape[1], *readable.astype(str).to_numpy()]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"\n## 没有见过的种类\n\n{HOW_LEFT_OUT.format(**about['left_out'])}\n\n{table}\n"


def _speed(about):
    """Time against a rival in the same run, where somebody measured it."""
    if "speed" not in about:
        return ""
    return f"\n## 速度\n\n{HOW_FAST.format(**about['speed'])}\n"


def _listed(values):
    return "，".join(f"{name}={value}" for name, value in values.items())


def _scores(scores):
    if "kinds" not in scores:
        pixels = f"Dice {scores['val_dice_coef']:.3f}，准确率 {scores['val_accuracy']:.3f}"
        return f"验证集（整批像素合算）：{pixels}。"
    rows = [("全部", scores), *((image_kinds.KINDS[kind], own) for kind, own in scores["kinds"].items())]
    head = " | ".join(["验证图像", "张数", "组数", *SCORES.values()])
    lines = [f"| {head} |", "|" + "---|" * (3 + len(SCORES))]
    for name, own in rows:
        cells = [number_texts.with_interval(own, score) for score in SCORES]
        lines.append(f"| {' | '.join([name, str(own['images']), str(own['families']), *cells])} |")
    table = "\n".join(lines)
    return f"## 得分\n\n{HOW_SCORED}\n\n{table}"
