"""Scores of label images as a folder: tables, and one page that opens offline."""

import tempfile
from pathlib import Path

import jinja2
import markupsafe

from cellseg_utils.data.sources import shown
from cellseg_utils.evaluation import evaluate, evaluate_texts, score_texts
from cellseg_utils.plots import output
from cellseg_utils.report import page, webfont
from cellseg_utils.run import artifacts, files

SCORES, AVERAGES, PAGE = "scores.csv", "averages.csv", "index.html"
MAKER = "cellseg evaluate"
MOST = 200  # rows of the table of pictures, and lines about them; the tables on disk have all
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
            raise evaluate.EvaluateError(f"{path}：已有别的文件，不覆盖，请用 --out 换一个文件夹")


def write(folder, scored, predictions, truth):
    """Write the tables and the page.

    Parameters
    ----------
    folder : path-like
        From `prepare`; gets `scores.csv` (one row a picture), `averages.csv` and `index.html`.
    scored : evaluate.Scored
    predictions, truth : str
        What was compared, as the user named it.

    Raises
    ------
    OSError
        If the disk is full; earlier files stay as they were.
    """
    folder = Path(folder).expanduser()
    for name, table in ((SCORES, scored.rows), (AVERAGES, evaluate.table(scored.rows))):
        # Excel needs the mark to see UTF-8
        files.write_bytes(folder / name, b"\xef\xbb\xbf" + artifacts.csv_bytes(table, digits=6))
    files.write_bytes(folder / PAGE, _page(scored, predictions, truth).encode(errors="replace"))


def _page(scored, predictions, truth):
    rows = scored.rows
    means, pooled = evaluate.summary(rows)
    summary = [
        (evaluate_texts.TITLES[name], score_texts.with_interval(means, name))
        for name in ("f1", "kaggle", "ap50", "dice", "iou")
    ]
    summary += [
        ("核", f"真值 {pooled['nuclei']:,.0f}，预测 {pooled['predicted']:,.0f}"),
        ("图像", f"打了分 {len(rows)} 张；没有打分的标签 {len(scored.problems)} 份"),
        ("预测", shown(Path(predictions).name)),
        ("真值", shown(Path(truth).name)),
    ]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(page.TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html.j2").render(
        title="标签图的得分",
        subtitle=evaluate_texts.answer(rows),
        summary=summary,
        notices=_shortened([*scored.problems, *scored.remarks]),
        sections=_sections(rows),
        font_faces=webfont.faces,
        maker=MAKER,
    )


def _sections(rows):
    more = f"，这里是最差的 {MOST} 张，其余见 {SCORES}" if len(rows) > MOST else ""
    pictures = output.table(
        evaluate_texts.picture_table(rows, MOST), caption=f"每张图像的得分，最差的在前{more}。"
    )
    averages = output.table(
        evaluate_texts.averages_table(rows),
        caption="全部图像的得分。“逐张平均”里每张图像同样重要；“合计”把全部图像当作一张大图，每个核同样重要。",
    )
    meanings = "".join(f"<li>{markupsafe.escape(line)}</li>" for line in evaluate_texts.MEANINGS)
    bodies = {
        "最差的图像": pictures.data,
        "全部图像": averages.data,
        "得分的含义": f"<ul>{meanings}</ul>",
    }
    return [
        page.PageSection(f"s{number:02d}", title, (), markupsafe.Markup(f"<h2>{title}</h2>{body}"))
        for number, (title, body) in enumerate(bodies.items(), 1)
    ]


def _shortened(lines):
    rest = len(lines) - MOST
    return [*lines[:MOST], *([f"另有 {rest} 条，见命令行的输出"] if rest > 0 else [])]


def _head(path):
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return file.read(_HEAD)
