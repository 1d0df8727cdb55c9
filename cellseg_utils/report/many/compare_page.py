"""Two reports side by side on one page that opens offline."""

import markupsafe

from cellseg_utils.report.many import first_picture, side_by_side_texts
from cellseg_utils.report.rendering import inline, section_html
from cellseg_utils.report.sections import ReportError
from cellseg_utils.run import files
from cellseg_utils.run.language import say

MAKER = "cellseg compare"  # noted in the page: what lacks it is not ours to replace
SIDE = 900  # pixels of the first pictures


def name_of(first, second):
    """What the page of two reports is called.

    Parameters
    ----------
    first, second : str
        Their names.

    Returns
    -------
    name : str
    """
    return f"compare-{first}-{second}.html"


def write(pair, folder):
    """Write the page of two reports.

    Parameters
    ----------
    pair : compare_runs.Pair
    folder : Path
        Of all reports.

    Returns
    -------
    page : Path

    Raises
    ------
    ReportError
        If somebody else's page is there.
    OSError
        If it can't be written.
    """
    out = folder / name_of(pair.first.name, pair.second.name)
    if out.is_file() and f'content="{MAKER}"' not in out.read_text(encoding="utf-8", errors="replace")[:2000]:
        raise ReportError(say("{out}：不是 {maker} 写的网页，没有覆盖它；请移走它再试", out=out, maker=MAKER))
    environment = inline.environment()
    environment.globals["say"] = say
    body = environment.get_template("compare.html.j2").render(
        sides=[(own.name, first_picture.of(own.directory, SIDE)) for own in (pair.first, pair.second)],
        tables=side_by_side_texts.tables(pair),
        scores=[
            (row["name"], row["first"], row["second"], side_by_side_texts.difference(row))
            for _, row in pair.scores.iterrows()
        ],
    )
    title = say("{first} 与 {second}", first=pair.first.name, second=pair.second.name)
    page = environment.get_template("page.html.j2").render(
        title=title,
        subtitle=say("两份报告并排：什么不同，谁更好"),
        answer=[side_by_side_texts.verdict(pair)],
        facts=[(say("{score} 得分：{name}", **fact), value) for fact, value in _main_scores(pair)],
        sections=[section_html.PageSection("pair", say("并排"), (), markupsafe.Markup(body))],
        maker=MAKER,
    )
    files.write_bytes(out, page.encode(errors="replace"))
    return out


def _main_scores(pair):
    row = pair.scores.iloc[0]
    for own, value in ((pair.first, row["first"]), (pair.second, row["second"])):
        yield {"score": row["name"], "name": own.name}, value
