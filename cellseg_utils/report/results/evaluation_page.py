"""Scores of label images as a folder: tables, and one page that opens offline."""

import tempfile
from pathlib import Path

import markupsafe

from cellseg_utils.evaluation import error_crops, evaluate, evaluate_texts, number_texts, object_errors
from cellseg_utils.plots import instance_pictures, output
from cellseg_utils.report.rendering import inline, section_html
from cellseg_utils.run import artifacts, files
from cellseg_utils.run.file_names import readable
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import printable

SCORES, AVERAGES, PAGE = "scores.csv", "averages.csv", "index.html"
MAKER = "cellseg evaluate"
MOST = 200  # rows of the table of pictures, and lines about them; the tables on disk have all
LOOKED_AT = 8  # pictures whose errors are drawn
_OURS = {
    SCORES: ",".join(evaluate.COLUMNS),
    AVERAGES: "score,mean,low,high,pooled,images",
    PAGE: f'<meta name="generator" content="{MAKER}">',
}
_HEAD = 1000  # characters of a file that show whose it is


def prepare(folder):
    """Make the folder, unless it can't be written or holds files of others that would be lost.

    Parameters
    ----------
    folder : path-like

    Raises
    ------
    evaluate.EvaluateError
        If it holds a file of one of our names that we did not write.
    OSError
        If it can't be written.
    """
    folder = Path(folder).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    tempfile.TemporaryFile(dir=folder).close()
    for name, mark in _OURS.items():
        path = folder / name
        if path.exists() and not (path.is_file() and mark in _head(path)):
            raise evaluate.EvaluateError(
                say("{path}：已有别的文件，不覆盖，请用 --out 换一个文件夹", path=path)
            )


def write(folder, scored, pairs):
    """Write the tables and the page.

    Parameters
    ----------
    folder : path-like
        From `prepare`; gets `scores.csv` (one row a picture), `averages.csv` and `index.html`.
    scored : evaluate.Scored
    pairs : label_pairs.Pairs
        What was scored.

    Raises
    ------
    OSError
        If the disk is full; earlier files stay as they were.
    """
    folder = Path(folder).expanduser()
    rows = scored.rows.assign(image=scored.rows["image"].map(readable))
    for name, table in ((SCORES, rows), (AVERAGES, evaluate.table(scored.rows))):
        # Excel needs the mark to see UTF-8
        files.write_bytes(folder / name, b"\xef\xbb\xbf" + artifacts.csv_bytes(table, digits=6))
    files.write_bytes(folder / PAGE, _page(scored, pairs).encode(errors="replace"))


def _page(scored, pairs):
    rows = scored.rows
    means, pooled = evaluate.summary(rows)
    facts = [
        (say(evaluate_texts.TITLES[name]), number_texts.with_interval(means, name))
        for name in ("f1", "kaggle", "ap50", "dice", "iou")
    ]
    facts += [
        (
            say("核"),
            say(
                "真值 {nuclei:,.0f}，预测 {predicted:,.0f}",
                nuclei=pooled["nuclei"],
                predicted=pooled["predicted"],
            ),
        ),
        (
            say("图像{n:|}", n=len(rows)),
            say("打了分 {n} 张；没有打分的标签 {unscored} 份", n=len(rows), unscored=len(scored.problems)),
        ),
        (say("预测"), printable(pairs.predicted.path.name)),
        (say("真值"), printable(pairs.true.path.name)),
    ]
    return (
        inline.environment()
        .get_template("page.html.j2")
        .render(
            title=say("标签图的得分"),
            subtitle=evaluate_texts.answer(rows),
            facts=facts,
            notices=_shortened([*scored.problems, *scored.remarks]),
            sections=_sections(rows, pairs),
            maker=MAKER,
        )
    )


def _sections(rows, pairs):
    table = evaluate_texts.picture_table(rows, MOST)
    caption = (
        say("每张图像的得分，最差的在前，这里是最差的 {most} 张，其余见 {file}。", most=MOST, file=SCORES)
        if len(rows) > MOST
        else say("每张图像的得分，最差的在前。")
    )
    names = table.iloc[:, 0]
    pictures = output.table(table.assign(**{names.name: names.map(printable)}), caption=caption)
    averages = output.table(
        evaluate_texts.averages_table(rows),
        caption=say(
            "全部图像的得分。“逐张平均”里每张图像同样重要；“合计”把全部图像当作一张大图，每个核同样重要。"
        ),
    )
    meanings = "".join(f"<li>{markupsafe.escape(say(line))}</li>" for line in evaluate_texts.MEANINGS)
    bodies = {
        say("最差的图像"): pictures.data,
        say("错在哪里"): _errors(names.iloc[:LOOKED_AT], pairs),
        say("全部图像"): averages.data,
        say("得分的含义"): f"<ul>{meanings}</ul>",
    }
    return [
        section_html.PageSection(f"s{number:02d}", title, (), markupsafe.Markup(f"<h2>{title}</h2>{body}"))
        for number, (title, body) in enumerate(bodies.items(), 1)
    ]


def _errors(names, pairs):
    """The largest errors of some pictures, drawn."""
    crops = []
    with pairs.reading() as read:
        for name in names:
            prediction, truth = (own.labels for own in read(name))
            errors, image = object_errors.errors(truth, prediction), pairs.picture(name, truth)
            crops += error_crops.worst_crops(image, truth, prediction, errors, count=1)
    if not crops:
        return f"<p>{say('没有漏检、粘连、分裂或误检。')}</p>"
    return output.figure(
        instance_pictures.error_gallery(crops),
        caption=say(
            "最差的至多 {n} 张图像里，各类错误中面积最大的核，每张图像每类一个。"
            "实线是真值的轮廓，虚线是预测的轮廓，颜色表示错误的种类，绿色细线是没有这四类错误的核。"
            "没有图像可画时，真值的核画成灰色。",
            n=LOOKED_AT,
        ),
        alt=say("成排的小图，每排一类错误，叠加真值与预测的轮廓"),
    ).data


def _shortened(lines):
    rest = len(lines) - MOST
    return [*lines[:MOST], *([say("另有 {n} 条，见命令行的输出", n=rest)] if rest > 0 else [])]


def _head(path):
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.read(_HEAD)
