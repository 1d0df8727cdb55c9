"""Numbers of a report's page beside the same ones, computed from its artifacts without the report's code.

`python tests/page_numbers.py reports/demo` prints all of them; the exit status says whether they agree.
"""

import json
import re
import sys
from pathlib import Path

import bs4
import pandas as pd

SHOWN = ("kaggle", "ap50", "dice", "iou", "accuracy")  # rows of the table on top
PER_PICTURE = [  # rows of table 7.1 and how many decimals they are shown with
    *("dice", "iou", "accuracy", "square_dice", "square_iou"),
    *("kaggle", "f1", "ap50", "ap75", "pq", "aji", "count_error_relative"),
]
NUMBER = re.compile(r"[+-]?\d[\d,]*(?:\.\d+)?%?")
TENTHS = [f"tp_{percent}" for percent in range(50, 100, 5)]


def pairs(run):
    """Every number twice.

    Parameters
    ----------
    run : Path
        Folder of a finished report.

    Returns
    -------
    pairs : list of (str, str, str)
        Where it stands, as the page shows it, as the artifacts have it.
    """
    artifacts, page = run / "artifacts", _page(run / "index.html")
    tables = {name: pd.read_csv(artifacts / f"{name}.csv") for name in ("scores", "samples", "comparison")}
    tested = pd.read_csv(artifacts / "test_predictions.csv")
    means = _json(artifacts / "scores.json")
    return [
        *_on_top(page, tables["scores"], means),
        *_table_7_1(page, tables["scores"], means),
        *_kinds(page, tables["scores"]),
        *_samples(page, tables["samples"]),
        *_comparison(page, tables["comparison"]),
        *_tested(page, tested[tested.warning.isna()]),
        *_training(page, pd.read_csv(artifacts / "history.csv")),
    ]


def _page(path):
    page = bs4.BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    for tag in page(["script", "style", "pre"]):
        tag.extract()
    return page


def _json(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    return content.get("value", content)


def _table(page, number):
    """Rows of a table as lists of the numbers in their cells, without the heading."""
    for figure in page("figure"):
        if figure.figcaption and re.match(rf"(表|Table) {number}\D", figure.figcaption.get_text()):
            rows = figure.table("tr")[1:]
            return [[NUMBER.findall(cell.get_text()) for cell in row(["th", "td"])] for row in rows]
    raise LookupError(number)


def _shown(value, form):
    """As a reader sees it; what rounds to zero has no minus."""
    text = format(value, form)
    return text if re.search("[1-9]", text) else format(0.0, form)


def _same(where, cell, *expected):
    cell = [*cell, *["none"] * (len(expected) - len(cell))]
    return [(f"{where} ({place})", *both) for place, both in enumerate(zip(cell, expected, strict=False), 1)]


def _on_top(page, scores, means):
    figure = next(own for own in page.select(".overview figure") if own.table)
    for row, name in zip(figure.table("tr")[1:], SHOWN, strict=True):
        cells = [NUMBER.findall(cell.get_text()) for cell in row(["th", "td"])]
        ends = means[f"{name}_interval"] or []
        yield from _same(f"top {name}", cells[1], *(f"{v:.3f}" for v in (scores[name].mean(), *ends)))
        yield from _same(f"top {name}, simple", cells[2], f"{means['simple'][name]:.3f}")
    answer = NUMBER.findall(page.select_one(".overview").get_text())
    for name in ("nuclei", "tp_50"):
        expected = f"{scores[name].sum():,}"
        yield f"answer {name}", next((text for text in answer if text == expected), "none"), expected


def _table_7_1(page, scores, means):
    pooled = {
        "dice": 2 * scores.shared_pixels.sum() / (scores.true_pixels + scores.predicted_pixels).sum(),
        "iou": scores.shared_pixels.sum()
        / (scores.true_pixels + scores.predicted_pixels - scores.shared_pixels).sum(),
        "count_error_relative": scores.count_error.sum() / scores.nuclei.sum(),
        "kaggle": sum(_precision(scores, name) for name in TENTHS) / len(TENTHS),
        "f1": 2 * scores.tp_50.sum() / (scores.nuclei.sum() + scores.predicted.sum()),
        "ap50": _precision(scores, "tp_50"),
        "ap75": _precision(scores, "tp_75"),
    }
    for row, name in zip(_table(page, "7.1"), PER_PICTURE, strict=True):
        form = "+.1%" if name == "count_error_relative" else ".3f"
        values = (scores[name].mean(), *(means[f"{name}_interval"] or []))
        yield from _same(f"7.1 {name}", row[2], *(_shown(value, form) for value in values))
        if name in pooled:
            yield from _same(f"7.1 {name}, pooled", row[3], _shown(pooled[name], form))


def _precision(scores, name):
    found = scores[name].sum()
    return found / (scores.nuclei.sum() + scores.predicted.sum() - found)


def _kinds(page, scores):
    rows = {tuple(row[1] + row[3]): row for row in _table(page, "7.2")}
    for kind, own in scores.groupby("kind"):
        row = rows[str(len(own)), f"{own.nuclei.sum():,}"]
        yield from _same(f"7.2 {kind} kaggle", row[4], f"{own.kaggle.mean():.3f}")
        for place, name in ((5, "ap50"), (6, "dice"), (7, "iou")):
            yield from _same(f"7.2 {kind} {name}", row[place], f"{own[name].mean():.3f}")


def _samples(page, samples):
    rows = {tuple(row[1] + row[2]): row for row in _table(page, "4.1")}
    for kind, own in samples.groupby("kind"):
        row = rows[f"{len(own):,}", f"{own.nuclei.sum():,}"]
        yield from _same(f"4.1 {kind} median", row[3], f"{own.nuclei.median():g}")
        yield from _same(f"4.1 {kind} foreground", row[4], f"{own.foreground.mean():.1%}")


def _comparison(page, comparison):
    for row, own in zip(_table(page, "10.1"), comparison.itertuples(), strict=True):
        yield from _same(f"10.1 {own.model} kaggle", row[1], f"{own.kaggle:.3f}")
        for place, value in ((3, own.ap50), (4, own.dice), (5, own.iou)):
            yield from _same(f"10.1 {own.model} {place}", row[place], f"{value:.3f}")
        yield from _same(f"10.1 {own.model} parameters", row[8], f"{own.parameters:,}")


def _tested(page, trusted):
    if trusted.empty:
        return
    rows = {tuple(row[1] + row[2]): row for row in _table(page, "9.1")}
    for kind, own in trusted.groupby("kind"):
        row = rows[f"{len(own):,}", f"{own.nuclei.sum():,}"]
        yield from _same(f"9.1 {kind} foreground", row[3], f"{own.foreground.mean():.1%}")


def _training(page, history):
    best = history.loc[history.val_loss.idxmin()]
    text = page.find(id="s06").parent.get_text() if page.find(id="s06") else page.get_text()
    for name in ("val_loss", "val_accuracy", "val_dice_coef"):
        expected = f"{best[name]:.3f}"
        yield f"6 {name}", expected if expected in text else "none", expected


if __name__ == "__main__":
    found = pairs(Path(sys.argv[1]))
    for line in found:
        print(*line, "" if line[1] == line[2] else "<<<", sep="\t")
    wrong = sum(shown != expected for _, shown, expected in found)
    print(f"{len(found)} numbers, {wrong} differ")
    sys.exit(bool(wrong) or len(found) < 50)
