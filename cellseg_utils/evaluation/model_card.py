"""The model card of a bundle: what the network is for, how it was trained, how good it is, where it fails."""

import pandas as pd

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import download
from cellseg_utils.evaluation import intervals, left_out_texts, number_texts
from cellseg_utils.run import language
from cellseg_utils.run.language import later, say
from cellseg_utils.training import recipes

SCORES = {"dice": "Dice", "iou": "IoU", "ap50": "AP@.5", "kaggle": later("Kaggle 得分")}  # to be said
FAILURES = {
    "probability": later("粘连的核不会分开；与训练数据不同的染色、放大倍数可能出错。"),
    "separating": later(
        "没有见过的染色与成像方式可能出错；一张图里核的大小相差很多倍时，特别大或特别小的核容易出错；"
        "细长的、重叠的核可能被拆开或漏掉。"
    ),
}
SEPARATOR = "\n---\n\n"  # between the languages


def text(about):
    """Model card in Markdown: in Chinese, then in English.

    Parameters
    ----------
    about : dict
        Contents of `bundle.json`. Names in it (of data, pictures, the machine) may have an English one in
        its own table: `english` (dict of str to str).

    Returns
    -------
    text : str
        The same whatever language is spoken.
    """
    cards = []
    for spoken in (language.CHINESE, language.ENGLISH):
        with language.speaking(spoken):
            cards.append(_card(about))
    return SEPARATOR.join(cards)


def _card(about):
    training, arguments = about["training"], about["arguments"]
    lines = [
        say("用途：找出显微图像里的细胞核。不可用于诊断。"),
        say(
            "结构：{architecture}（{arguments}）",
            architecture=about["architecture"],
            arguments=_listed(arguments),
        ),
        say("训练数据：{data}{licence}", data=_own(about, about["data"]), licence=_licence(about)),
        say(
            "训练：{epochs} 轮，取第 {best} 轮的权重；{settings}",
            epochs=training["epochs"],
            best=training["best_epoch"],
            settings=_settings(training["settings"]),
        ),
        *_start(about),
        *_command(about),
        say("权重的 sha256：`{digest}`", digest=about["weights_sha256"]),
        say("局限：{failures}", failures=say(FAILURES[arguments.get("maps", "probability")])),
    ]
    facts = "\n".join(f"- {line}" for line in lines)
    sections = [_scores(about["scores"]), _elsewhere(about), _left_out(about), _speed(about)]
    return "\n\n".join([f"# {about['title']}", facts, *filter(None, sections)]) + "\n"


def _own(about, name):
    """A name that stands in the bundle, in the language that is spoken."""
    return about.get("english", {}).get(name, name) if language.current() == language.ENGLISH else name


def _licence(about):
    """Of the data, where they are known to be the competition's."""
    known = download.is_registered(about.get("training_data_sha256") or "")
    return say("；2018 Data Science Bowl 的数据（BBBC038v1）许可为 CC0 1.0") if known else ""


def _start(about):
    """The line of the weights that the training began with, if there were any."""
    if "start" not in about:
        return []
    start = about["start"]
    name, digest = _own(about, start["bundle"]), start["weights_sha256"]
    return [say("从这份权重开始训练：{name}（sha256 `{digest}`）", name=name, digest=digest)]


def _command(about):
    """The line of the command; notebooks that people run by hand have none."""
    return [say("命令：`{command}`", command=about["command"])] if "command" in about else []


def _settings(settings):
    """Those settings that the recipe uses."""
    crops = recipes.RECIPES[settings.get("recipe", "seed")].crops
    unused = ("symmetries",) if crops else ("crop_side", "steps")
    return _listed({name: value for name, value in settings.items() if name not in unused})


def _elsewhere(about):
    """Scores on pictures of other laboratories, where somebody measured them."""
    if "elsewhere" not in about:
        return ""
    heading = [say("图像"), say("张数"), say("核数"), "F1", say("Kaggle 得分"), say("提醒（张）")]
    rows = [
        [
            _own(about, own["name"]),
            f"{own['images']}",
            f"{own['nuclei']:,}",
            f"{own['f1']:.3f}",
            f"{own['kaggle']:.3f}",
            f"{own['warned']}",
        ]
        for own in about["elsewhere"]
    ]
    how = say(
        "没有一张参与训练，不出自训练数据的实验室；用 `--speed best` 分割，先给每张打分再取平均。"
        "F1 是 2×找到的核数 ÷（真实的核数＋预测的核数），交并比高于 0.5 算找到；"
        "“提醒”是软件自己说不可信的张数。"
    )
    return "\n\n".join([f"## {say('别的实验室的图像')}", how, _table(heading, rows)])


def _left_out(about):
    """Scores on kinds of picture that a short training left out, where somebody measured them."""
    if "left_out" not in about:
        return ""
    readable = left_out_texts.readable(pd.DataFrame(about["left_out"]["kinds"]))
    how = say(
        "同样的方案每次留出一种图像，只训练 {steps} 批（这份权重训练得久得多），再看这一种："
        "第 10 节的表 10.3。",
        steps=about["left_out"]["steps"],
    )
    table = _table(readable.columns, readable.astype(str).to_numpy())
    return "\n\n".join([f"## {say('没有见过的种类')}", how, table])


def _speed(about):
    """Time against a rival in the same run, where somebody measured it."""
    if "speed" not in about:
        return ""
    speed = about["speed"] | {"machine": _own(about, about["speed"]["machine"])}
    how_fast = say(
        "默认的 `--speed balanced`，{machine}：竞赛的 65 张测试图像平均每张 {small:.2f} 秒；"
        "一张 {megapixels:.0f} 百万像素的图 {large:.0f} 秒，内存最多 {memory:.1f} GB。"
        "同一次运行里 StarDist {rival_small:.2f} 秒、{rival_large:.0f} 秒、{rival_memory:.1f} GB"
        "（`make bench STARDIST=...`）。",
        **speed,
    )
    return f"## {say('速度')}\n\n{how_fast}"


def _scores(scores):
    if "kinds" not in scores:
        dice, accuracy = scores["val_dice_coef"], scores["val_accuracy"]
        return say(
            "验证集（整批像素合算）：Dice {dice:.3f}，准确率 {accuracy:.3f}。", dice=dice, accuracy=accuracy
        )
    kinds = [(say(image_kinds.KINDS[kind]), own) for kind, own in scores["kinds"].items()]
    rows = [
        [
            name,
            str(own["images"]),
            str(own["families"]),
            *(number_texts.with_interval(own, score) for score in SCORES),
        ]
        for name, own in [(say("全部"), scores), *kinds]
    ]
    how = say(
        "验证图像，原始尺寸，先给每张打分再取平均；"
        "括号里是 95% 自助法区间，同一张大图的小块与重复的图像是一组，一起抽取；"
        "不足 {fewest} 组时没有区间。",
        fewest=intervals.FEWEST_FAMILIES,
    )
    heading = [say("验证图像"), say("张数"), say("组数"), *map(say, SCORES.values())]
    return "\n\n".join([f"## {say('得分')}", how, _table(heading, rows)])


def _table(heading, rows):
    head, *body = (f"| {' | '.join(line)} |" for line in (heading, *rows))
    return "\n".join([head, "|" + "---|" * len(heading), *body])


def _listed(values):
    return say("，").join(f"{name}={value}" for name, value in values.items())
