import bs4
import pytest

from cellseg_utils.report.rendering import cross_references

FIGURE = "<figure><figcaption>{}</figcaption></figure>"


def soup_of(html):
    soup = bs4.BeautifulSoup(html, "html.parser")
    cross_references.name_captions(soup)
    return soup


def links(*pages, sections=("s04",)):
    soups = [soup_of(page) for page in pages]
    cross_references.link(soups, sections)
    return [(link.get_text(), link["href"]) for soup in soups for link in soup("a", href=True)]


@pytest.mark.parametrize(
    ("caption", "anchor"),
    [
        ("图 7.1：上", "figure-7-1"),
        ("表 10.12：各种", "table-10-12"),
        ("Figure 7.1: top", "figure-7-1"),
        ("Table 4.2: faults", "table-4-2"),
        ("图 7.1 那样", None),
        ("得分", None),
    ],
)
def test_numbered_captions_name_their_figure(caption, anchor):
    assert soup_of(FIGURE.format(caption)).figure.get("id") == anchor


def test_mentions_of_what_is_on_the_page_lead_there_from_any_section():
    text = "<p>画法与图 7.6 相同，见第 4 节的表 4.1；第 11 节、图 7.66 不在这里。</p>"
    captions = FIGURE.format("图 7.6：好") + FIGURE.format("表 4.1：张数，见图 7.6")
    expected = [("图 7.6", "#figure-7-6"), ("第 4 节", "#s04"), ("表 4.1", "#table-4-1")]
    assert links(text, captions) == expected


def test_mentions_in_english():
    text = "<p>As in Figure 7.6 (section 4), but not section 4.1.</p>"
    assert links(text + FIGURE.format("Figure 7.6: a")) == [
        ("Figure 7.6", "#figure-7-6"),
        ("section 4", "#s04"),
    ]


@pytest.mark.parametrize("tag", ["a", "pre", "code", "h3", "math"])
def test_code_headings_and_links_stay_as_they_are(tag):
    soup = soup_of(f"<{tag}>图 7.6</{tag}><!-- 图 7.6 -->" + FIGURE.format("图 7.6：好"))
    before = str(soup)
    cross_references.link([soup], [])
    assert str(soup) == before


def test_text_around_a_mention_stays_as_it_was():
    soup = soup_of("<p>a &lt; 图 7.6 &amp; <b>b</b></p>" + FIGURE.format("图 7.6：好"))
    cross_references.link([soup], [])
    assert str(soup.p) == '<p>a &lt; <a href="#figure-7-6">图 7.6</a> &amp; <b>b</b></p>'
