"""The summary box on top of the report: what was run, on what, and how it came out."""

import importlib.metadata
import platform
import subprocess

from cellseg_utils.evaluation import score_texts
from cellseg_utils.run import parameters, places, runs

PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy", "scikit-image", "opencv-python-headless")


def describe(directory, manifest):
    """Title, summary and notices of a finished run.

    Parameters
    ----------
    directory : Path
        The run directory.
    manifest : dict
        From `runner.read_manifest`.

    Returns
    -------
    texts : dict
        `title`, `subtitle`, `summary` (pairs of label and text) and `notices`, all Chinese.
    """
    read = {name: runs.read_json(directory / "artifacts" / f"{name}.json") for name in _NEEDED}
    source, prepared, model = read["source"], read["preprocessing"], read["model"]
    training, scores = read["training"], read["scores"]
    summary = [
        ("数据", _data_text(source, prepared)),
        ("配置", f"{_profile_text(manifest)}，随机种子 {source['seed']}"),
        (
            "模型",
            f"{model['title']}，{model['parameters']:,} 个参数，{_input_text(model['arguments'])}",
        ),
        ("训练", _training_text(training)),
        ("验证集得分", _scores_text(scores)),
        ("用时", _time_text(manifest["notebooks"], training)),
        ("版本", f"Python {platform.python_version()}，{'，'.join(versions())}"),
        ("代码", _commit()),
    ]
    problems = prepared["problems"]
    notices = [f"跳过了 {len(problems)} 张坏图：", *problems] if problems else []
    subtitle = "从一张显微图像到每个像素的标签：数据、U-Net、训练、结果与改进"
    return {"title": "细胞图像分割报告", "subtitle": subtitle, "summary": summary, "notices": notices}


def versions():
    """The libraries that numbers of the report depend on.

    Returns
    -------
    versions : list of str
        Name and version of those of `PACKAGES` that are installed.
    """
    installed = []
    for name in PACKAGES:
        try:
            installed.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


_NEEDED = ("source", "preprocessing", "model", "training", "scores")


def _input_text(arguments):
    side = arguments["image_size"]
    return "输入任意大小" if side is None else f"输入边长 {side} 像素"


def _data_text(source, prepared):
    images = f"带标注的图像 {prepared['images']} 张（含验证集）"
    return f"{source['title']}：{images}，细胞核 {prepared['nuclei']:,} 个"


def _profile_text(manifest):
    overrides = parameters.shown(manifest["overrides"])
    return manifest["profile"] + (f"（{'，'.join(overrides)}）" if overrides else "")


def _time_text(notebooks, training):
    minutes = sum(entry["seconds"] for entry in notebooks.values()) / 60
    trained = training["seconds"] / 60
    if notebooks["06_training"]["seconds"] >= training["seconds"]:
        return f"{minutes:.1f} 分钟，其中第 6 节的训练 {trained:.1f} 分钟"
    return f"{minutes:.1f} 分钟；第 6 节的训练全部或部分取自先前的运行，共 {trained:.1f} 分钟"


def _training_text(training):
    return (
        f"{training['epochs']} 轮，第 {training['best_epoch']} 轮最好；"
        f"每秒 {training['images_per_second']:.1f} {training['unit']}，计算精度 {training['precision']}"
    )


def _scores_text(scores):
    names = {"dice": "Dice", "iou": "IoU", "ap50": "AP@.5", "kaggle": "Kaggle 得分"}
    parts = [f"{label} {score_texts.with_interval(scores, name)}" for name, label in names.items()]
    return f"{'，'.join(parts)}；{scores['images']} 张图的平均，原始尺寸，括号里是 95% 区间"


def _commit():
    git = ["git", "-C", str(places.ROOT)]
    try:
        commit = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
        changes = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "不在 git 仓库里"
    return f"提交 {commit.stdout.strip()}" + ("（有未提交的改动）" if changes.stdout.strip() else "")
