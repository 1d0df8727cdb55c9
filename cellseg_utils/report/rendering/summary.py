"""What stands around the sections of the report: the answer, what was run on what, and how to do it again."""

import datetime
import itertools

from cellseg_utils.prediction import bundle_files
from cellseg_utils.report import provenance
from cellseg_utils.report.rendering import answer, reproduction
from cellseg_utils.run import artifacts
from cellseg_utils.run.language import say

_NEEDED = ("source", "preprocessing", "model", "training", "scores")


def describe(manifest, declared, assigned):
    """What stands above and below the sections of a finished run.

    Parameters
    ----------
    manifest : manifest.Manifest
        Of a run whose notebooks have all run.
    declared, assigned
        As `reproduction.box` takes them.

    Returns
    -------
    texts : dict
        Keyword arguments of `page.render`. Commit, machine, versions and time are those of the
        notebooks' own runs.
    """
    notebooks, folder = manifest.notebooks, manifest.directory / "artifacts"
    read = {name: artifacts.read_json(folder / f"{name}.json") for name in _NEEDED}
    source, prepared, model = read["source"], read["preprocessing"], read["model"]
    training, scores = read["training"], read["scores"]
    shipped = bundle_files.read(bundle_files.SHIPPED)["scores"]
    predictions = artifacts.read_csv(folder / "test_predictions.csv")
    facts = [
        (say("数据"), _data_text(source, prepared)),
        (
            say("模型"),
            say(
                "{title}，{parameters:,} 个参数，{takes}",
                title=say(model["title"]),
                parameters=model["parameters"],
                takes=_input_text(model["arguments"]),
            ),
        ),
        (say("训练"), _training_text(training)),
        (say("用时"), _time_text(notebooks, training)),
    ]
    again = reproduction.box(manifest, declared, assigned) | {
        "facts": [
            (say("随机种子"), f"{source['seed']}"),
            (
                say("运行"),
                say(
                    "{when}；{machine}", when=_when_text(notebooks), machine=_by_section(notebooks, "machine")
                ),
            ),
            (say("代码"), _by_section(notebooks, "commit")),
            (say("版本"), _by_section(notebooks, "versions")),
        ]
    }
    return {
        "title": say("细胞图像分割报告"),
        "subtitle": say("从一张显微图像到每个像素的标签：数据、U-Net、训练、结果与改进"),
        "answer": answer.sentences(scores, source["synthetic"]),
        "facts": facts,
        "yardstick": answer.yardstick(scores, source["synthetic"], shipped),
        "notices": answer.warnings(source, training, prepared, predictions),
        "again": again,
    }


def _input_text(arguments):
    side = arguments["image_size"]
    return say("输入任意大小") if side is None else say("输入边长 {side} 像素", side=side)


def _data_text(source, prepared):
    return say(
        "{title}：带标注的图像 {images} 张（含验证集），细胞核 {nuclei:,} 个",
        title=say(source["title"]),
        images=prepared["images"],
        nuclei=prepared["nuclei"],
    )


def _time_text(notebooks, training):
    minutes, trained = sum(entry["seconds"] for entry in notebooks.values()) / 60, training["seconds"] / 60
    earlier, epochs = training["earlier_epochs"], training["epochs"]
    if not earlier:
        return say(
            "{minutes:.1f} 分钟，其中第 6 节的训练 {trained:.1f} 分钟", minutes=minutes, trained=trained
        )
    if earlier == epochs:
        return say(
            "{minutes:.1f} 分钟；第 6 节的训练取自先前的运行，训练一共用了 {trained:.1f} 分钟",
            minutes=minutes,
            trained=trained,
        )
    return say(
        "{minutes:.1f} 分钟；第 6 节的训练的前 {earlier} 轮（共 {epochs} 轮）取自先前的运行，"
        "训练一共用了 {trained:.1f} 分钟",
        minutes=minutes,
        earlier=earlier,
        epochs=epochs,
        trained=trained,
    )


def _when_text(notebooks):
    """Day and time of the first and of the last run of a notebook."""
    moments = sorted(
        datetime.datetime.fromisoformat(entry["provenance"]["when"]) for entry in notebooks.values()
    )
    first, last = moments[0], moments[-1]
    end = f"{last:%H:%M}" if last.date() == first.date() else f"{last:%Y-%m-%d %H:%M}"
    return say("{first:%Y-%m-%d %H:%M} 到 {end}", first=first, end=end)


def _by_section(notebooks, what):
    """What is noted of the notebooks' runs: once if it is the same for all, else for each stretch of them."""
    numbered = [
        (number, provenance.text(what, entry["provenance"][what]))
        for number, entry in enumerate(notebooks.values(), 1)
    ]
    stretches = [
        (value, [number for number, _ in group])
        for value, group in itertools.groupby(numbered, lambda n: n[1])
    ]
    if len(stretches) == 1:
        return stretches[0][0]
    told = [say("第 {span} 节：{value}", span=_span(numbers), value=value) for value, numbers in stretches]
    return say("；").join(told)


def _span(numbers):
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"


def _training_text(training):
    return say(
        "{epochs} 轮，第 {best} 轮最好；每秒 {speed:.1f} {unit}，计算精度 {precision}",
        epochs=training["epochs"],
        best=training["best_epoch"],
        speed=training["images_per_second"],
        unit=say(training["unit"]),
        precision=training["precision"],
    )
