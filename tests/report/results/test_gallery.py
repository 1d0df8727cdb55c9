import base64
import hashlib
import json
import re
import urllib.parse

import bs4
import pandas as pd
import predicted
import pytest

from cellseg_utils.prediction import exports, origin
from cellseg_utils.report.results import gallery, thumbnails

NASTY = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    "../../etc/x",
    "a\nb",
    "长" * 300,
    "%2e#?&'\"",
    "\u202egnp.a",
    "{{ 7 * 7 }}",
]
FEW = {"good": [(10, 0.9), (20, 0.8)], "poor": [(40, 0.3)], "none": []}


@pytest.fixture
def open_page(tmp_path):
    """Write a folder and its page, and return the parsed page."""

    def written(*arguments, **options):
        predicted.write(tmp_path, *arguments, **options)
        assert gallery.write(tmp_path) == tmp_path / "index.html"
        return parsed(tmp_path)

    return written


def parsed(folder):
    return bs4.BeautifulSoup((folder / "index.html").read_text(encoding="utf-8"), "html.parser")


def written_page(folder):
    gallery.write(folder)
    return parsed(folder)


def rows(soup):
    return soup.select(".pictures tbody tr")


def test_the_answer_stands_on_top(open_page):
    soup = open_page(FEW, warnings={"none": "没有找到细胞核"}, failures=[("bad.png", "bad.png：文件是空的")])
    assert soup.h1.get_text() == soup.title.get_text() == "3 张图像里找到 3 个细胞核"
    assert "核的面积中位数是 20 像素" in soup.header.get_text()
    assert [dd.get_text() for dd in soup.select(".summary dd")][:2] == ["3 张", "3 个"]
    assert soup.html["lang"] == "zh-CN"


def test_every_picture_has_its_numbers_and_files_the_doubtful_ones_first(open_page, tmp_path):
    soup = open_page(FEW, warnings={"none": "没有找到细胞核"})
    assert [row.th.get_text() for row in rows(soup)] == ["none.png", "poor.png", "good.png"]
    assert [row.get("class") for row in rows(soup)] == [["warned"], None, None]
    good = rows(soup)[2]
    assert [cell.get_text() for cell in good("td")[1:6]] == ["2", "15", "2,000", "3.0%", "85%"]
    assert [cell["data-value"] for cell in good("td")[1:3]] == ["2", "15.0"]
    for link in good("a"):
        assert (tmp_path / link["href"]).is_file()
    assert good.img["src"].startswith("data:image/webp")
    assert good.img["alt"]


def test_warnings_lead_to_their_picture_and_failures_are_listed(open_page):
    failures = [("bad.png", "bad.png：文件是空的"), ("x/y.tif", "内存不够")]
    soup = open_page(FEW, warnings={"poor": predicted.DOUBT}, failures=failures)
    warned, failed = soup.select("#attention ul")
    assert warned.get_text().strip() == f"poor.png：{predicted.DOUBT}"
    assert soup.find(id=warned.a["href"].removeprefix("#")).th.get_text() == "poor.png"
    assert [item.get_text() for item in failed("li")] == ["bad.png：文件是空的", "x/y.tif：内存不够"]


def test_many_failures_are_all_there_and_folded(open_page):
    failures = [(f"{n}.png", "坏") for n in range(gallery.NAMED + 5)]
    soup = open_page({}, failures=failures)
    assert len(soup.select("#attention li")) == len(failures)
    assert len(soup.select("#attention details li")) == 5


def test_a_folder_of_failures_only_says_so(open_page):
    soup = open_page({}, failures=[("bad.png", "bad.png：文件是空的")])
    assert soup.h1.get_text() == "没有一张图像得到结果"
    assert not soup.select("table, figure")
    assert soup.select_one("#attention li").get_text() == "bad.png：文件是空的"


def test_no_warning_and_no_failure_need_no_section(open_page):
    assert open_page({"a": [(10, 0.9)]}).find(id="attention") is None


@pytest.mark.parametrize("name", NASTY)
def test_files_of_any_name_are_shown_as_they_are(open_page, name):
    pictures = {"x": [(10, 0.9)], "y": []}
    soup = open_page(pictures, files={"x": name}, warnings={"x": name}, failures=[(name, name)])
    assert soup.find(id="p1").th.get_text() == name
    assert soup.find(id="p1").find(class_="warning").get_text() == name
    assert soup.select("#attention bdi")[1].get_text() == name
    assert not [tag for tag in soup(True) if any(key.startswith("on") for key in tag.attrs)]
    assert len(soup("script")) == 1


@pytest.mark.parametrize("name", NASTY)
def test_names_in_tables_lead_nowhere_else(tmp_path, name):
    predicted.write(tmp_path, {"x": [(10, 0.9)]})
    predicted.rename(tmp_path, "x", name)
    [row] = rows(written_page(tmp_path))
    assert row.th.get_text() == "x.png"
    assert not row("a")


def test_no_picture_outside_of_the_folder_gets_into_the_page(tmp_path):
    predicted.write(tmp_path, {"x": [(10, 0.9)]})
    (tmp_path / "overlays" / "x.jpg").rename(tmp_path / "secret.jpg")
    predicted.rename(tmp_path, "x", "../secret")
    assert not rows(written_page(tmp_path))[0]("img")


@pytest.mark.parametrize("name", ["a b", "50%", "a#b", "细胞", "it's", "a&b;c"])
def test_links_lead_to_files_of_any_name(open_page, tmp_path, name):
    [row] = rows(open_page({name: [(10, 0.9)]}))
    for link in row("a"):
        address = urllib.parse.urlsplit(link["href"])
        assert (address.query, address.fragment) == ("", "")
        assert (tmp_path / urllib.parse.unquote(address.path)).is_file()


def test_nothing_comes_from_elsewhere_and_only_our_script_runs(open_page):
    soup = open_page(FEW)
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    digest = base64.b64encode(hashlib.sha256(soup.script.string.encode()).digest()).decode()
    assert policy == (
        "default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'; font-src data:; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    addresses = [tag.get(key, "") for tag in soup(True) for key in ("src", "href", "srcset", "action")]
    assert not [address for address in addresses if re.match(r"(?!data:image/)\w+:|//", address)]
    assert not re.search(r"url\((?!.data:font/)|@import", soup.style.string)


def test_every_inner_link_has_a_target_and_ids_are_unique(open_page):
    soup = open_page(FEW, warnings={"poor": predicted.DOUBT})
    ids = [tag["id"] for tag in soup(id=True)]
    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in soup("a", href=re.compile("^#"))} <= set(ids)


def test_histograms_are_drawn_of_what_differs(open_page, tmp_path):
    assert len(open_page(FEW).select("#charts svg[role=img][aria-label]")) == 3
    predicted.write(tmp_path, {"a": [(10, 0.9)]})
    assert written_page(tmp_path).find(id="charts") is None


def test_what_is_in_the_folder_is_linked(open_page):
    links = [link["href"] for link in open_page(FEW).select("#files a")]
    assert links == ["objects.csv", "summary.csv", "names.csv", "failures.csv", "labels", "overlays"]


def test_units_are_said(open_page):
    soup = open_page(FEW, area_um2={"good": 2.5, "poor": 3.5})
    assert "面积中位数（µm²）" in soup.thead.get_text()
    assert "核的面积中位数是 2.5 µm²" in soup.header.get_text()


def test_channels_are_shown_where_the_table_has_them(open_page, tmp_path):
    assert "通道" not in open_page(FEW).thead.get_text()
    summary = pd.read_csv(tmp_path / exports.SUMMARY, keep_default_na=False)
    summary.assign(channel=["DAPI", "2", ""]).to_csv(tmp_path / exports.SUMMARY, index=False)
    soup = written_page(tmp_path)
    assert "通道" in soup.thead.get_text()
    assert sorted(cell.get_text() for cell in soup.select("td.channel")) == ["", "2", "DAPI"]


def test_how_it_was_computed_is_on_the_page(open_page, tmp_path):
    assert "不知道当时的命令" in open_page(FEW).find(id="how").get_text()
    origin.write(tmp_path, ["<b>.png"], {"speed": "best"}, {"title": "U-Net", "weights_sha256": "5" * 64})
    noted = json.loads((tmp_path / origin.FILE).read_text())
    how = written_page(tmp_path).find(id="how").get_text()
    assert noted["command"] in how
    assert "5" * 64 in how
    assert noted["when"][:10] in how
    assert noted["versions"][0] in how


def test_the_page_depends_on_the_folder_alone(open_page, tmp_path):
    open_page(FEW)
    first = (tmp_path / "index.html").read_bytes()
    (tmp_path / "index.html").unlink()
    gallery.write(tmp_path)
    assert (tmp_path / "index.html").read_bytes() == first


def test_nothing_is_written_where_nothing_changed_or_no_results_are(open_page, tmp_path):
    open_page(FEW)
    assert gallery.write(tmp_path) is None
    (tmp_path / "empty").mkdir()
    assert gallery.write(tmp_path / "empty") is None
    assert gallery.write(tmp_path / "nowhere") is None
    assert list((tmp_path / "empty").iterdir()) == []
    for table in (tmp_path / "index.html", tmp_path / exports.NAMES):
        table.unlink()  # an older version wrote no such table
    assert gallery.write(tmp_path) is None


def test_a_page_of_somebody_else_is_not_replaced(tmp_path):
    predicted.write(tmp_path, FEW)
    (tmp_path / "index.html").write_text("<h1>我的</h1>")
    with pytest.raises(gallery.GalleryError, match=r"index\.html：不是 .* 写的网页.*换一个文件夹"):
        gallery.write(tmp_path)
    assert (tmp_path / "index.html").read_text() == "<h1>我的</h1>"


def test_a_damaged_table_is_one_line_with_the_fix(tmp_path):
    predicted.write(tmp_path, FEW)
    (tmp_path / exports.SUMMARY).write_text("picture,count\na,1\n")
    with pytest.raises(gallery.GalleryError, match=r"表格不完整.*重新运行"):
        gallery.write(tmp_path)


def test_a_missing_overlay_is_said(open_page, tmp_path):
    predicted.write(tmp_path, {"a": [(10, 0.9)]})
    (tmp_path / "overlays" / "a.jpg").unlink()
    [row] = rows(written_page(tmp_path))
    assert row.td.get_text() == "没有叠加图"
    assert not row("img")


def test_a_page_of_five_thousand_pictures_is_light(tmp_path, monkeypatch):
    monkeypatch.setattr(thumbnails, "MOST", 5)
    nuclei = {f"plate_1_well_{n:06d}": [(10 + n % 7, 0.9)] for n in range(gallery.SHOWN + 3)}
    predicted.write(tmp_path, nuclei, warnings=dict.fromkeys(list(nuclei)[:900], predicted.DOUBT))
    gallery.write(tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert len(text.encode()) + thumbnails.BUDGET < 8_000_000
    assert text.count('<tr id="p') == gallery.SHOWN
    assert text.count('<img src="data:') == 5
    lazy = r'<img src="overlays/\w+\.jpg" alt="\w+\.png 的轮廓" loading="lazy"'
    assert len(re.findall(lazy, text)) == gallery.SHOWN - 5
    assert f"这里只有前 {gallery.SHOWN:,} 张" in text
    assert "另外 880 张也排在下面各图的最前面" in text


def test_another_page_is_refused_at_the_start(tmp_path):
    assert gallery.check(tmp_path) is None
    (tmp_path / "index.html").write_text("<html>mine</html>")
    with pytest.raises(gallery.GalleryError, match=r"index\.html：不是 cellseg predict 写的网页"):
        gallery.check(tmp_path)
