"""The checker of links finds what is dead, and only that."""

import http.server
import importlib.util
import threading

import pytest

from cellseg_utils.run import places

SPEC = importlib.util.spec_from_file_location("check_links", places.ROOT / ".github" / "check_links.py")
check_links = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(check_links)

GOOD = """<!doctype html><h1 id="one">x</h1><a name="old"></a><a href="#one">1</a><a href="#old">2</a>
<a href="#top">3</a><a href="#">4</a><a href="sub%20folder/page.html#%E6%A0%B8">5</a>
<a href="sub folder/">6</a>
<img src="data:image/webp;base64,AA"><a href="mailto:a@example.org">7</a><a href="https://example.org/a#b">8</a>"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "sub folder").mkdir()
    (tmp_path / "index.html").write_text(GOOD, encoding="utf-8")
    (tmp_path / "sub folder" / "index.html").write_text(
        '<a href="../index.html#one">back</a>', encoding="utf-8"
    )
    (tmp_path / "sub folder" / "page.html").write_text('<p id="核"><a href="..">up</a>', encoding="utf-8")
    return tmp_path


def dead(site):
    return check_links.dead_inside(site, check_links.read(site))


def test_a_site_without_a_dead_link_passes(site, capsys):
    assert dead(site) == []
    with pytest.raises(SystemExit, match="False"):
        check_links.main([str(site)])
    assert "3 pages, 0 addresses, 0 dead" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("#two", "no anchor for #two"),
        ("sub%20folder/page.html#x", "no anchor for sub%20folder/page.html#x"),
        ("gone.html", "no file for gone.html"),
        ("sub%20folder/gone.webp", "no file for sub%20folder/gone.webp"),
        ("../beside.html", "no file for ../beside.html"),
    ],
)
def test_a_dead_link_is_named_with_its_page(site, link, problem, capsys):
    (site.parent / "beside.html").write_text("")
    (site / "bad.html").write_text(f'<a href="{link}">x</a>', encoding="utf-8")
    assert dead(site) == [f"bad.html: {problem}"]
    with pytest.raises(SystemExit, match="True"):
        check_links.main([str(site)])


def test_a_folder_without_pages_is_no_site(tmp_path):
    with pytest.raises(SystemExit, match="no page"):
        check_links.main([str(tmp_path)])


def test_addresses_of_others_are_listed_once_without_anchors(site):
    (site / "other.html").write_text('<a href="https://example.org/a#c">x</a><img src="http://b.org/">')
    assert check_links.external(check_links.read(site)) == ["http://b.org/", "https://example.org/a"]


@pytest.fixture
def server():
    """A server on this machine, and what it was asked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        asked = ()

        def _answer(self):
            Handler.asked += ((self.command, self.path),)
            times = Handler.asked.count((self.command, self.path))
            code = {
                "/there": 200,
                "/moved": 302,
                "/gone": 404,
                "/no-head": 405 if self.command == "HEAD" else 200,
                "/head-lies": 404 if self.command == "HEAD" else 200,
                "/refused": 403,
                "/restarting": 503 if times < 2 else 200,
            }[self.path]
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/gone")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET = _answer

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}", Handler
        running.shutdown()


@pytest.mark.parametrize(
    ("path", "answer", "asked"),
    [
        ("/there", 200, ["HEAD"]),
        ("/moved", 302, ["HEAD"]),
        ("/no-head", 200, ["HEAD", "GET"]),
        ("/head-lies", 200, ["HEAD", "GET"]),
        ("/restarting", 200, ["HEAD", "HEAD"]),
        ("/refused", 403, ["HEAD", "GET"] * check_links.TRIES),
        ("/gone", 404, ["HEAD", "GET"] * check_links.TRIES),
    ],
)
def test_an_address_is_asked_until_it_answers(server, path, answer, asked):
    address, handler = server
    assert check_links.asked(address + path, pause=0) == answer
    assert [method for method, _ in handler.asked] == asked


def test_an_address_without_a_server_is_dead_and_a_refusal_is_not(server, site, monkeypatch, capsys):
    address, _ = server
    monkeypatch.setattr(check_links, "asked", lambda name: check_links.status(name))
    links = (f"{address}/there", f"{address}/refused", f"{address}/gone", "http://127.0.0.1:1/")
    (site / "index.html").write_text("".join(f'<a href="{link}">x</a>' for link in links), encoding="utf-8")
    (site / "sub folder" / "index.html").write_text("")
    with pytest.raises(SystemExit, match="True"):
        check_links.main([str(site), "--external"])
    said = capsys.readouterr().out
    assert f"not checked, 403: {address}/refused" in said
    assert f"{address}/gone: 404" in said
    assert "http://127.0.0.1:1/: " in said
    assert said.endswith("3 pages, 4 addresses, 2 dead\n")
