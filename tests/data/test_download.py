import hashlib
import http.server
import threading

import pytest

from cellseg_utils.data import download
from cellseg_utils.data.download import DownloadError

TRAIN, TEST = b"training pictures" * 9999, b"test pictures"
CONTENTS = {"stage1_train.zip": TRAIN, "stage1_test.zip": TEST}


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Loopback:
    """A server on this machine: what it sends, and what it was asked for."""

    def __init__(self):
        self.contents = dict(CONTENTS)
        self.promised = {}  # sizes that it claims instead of the true ones
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/BBBC038/"

    def answer(self, handler):
        self.requests.append(handler.path)
        name = handler.path.removeprefix("/BBBC038/")
        if name not in self.contents:
            handler.send_error(404)
            return
        handler.send_response(200)
        handler.send_header("Content-Length", str(self.promised.get(name, len(self.contents[name]))))
        handler.end_headers()
        handler.wfile.write(self.contents[name])


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    loopback = Loopback()
    thread = threading.Thread(target=loopback.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield loopback
    loopback.server.shutdown()
    loopback.server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def registry(tmp_path, monkeypatch):
    path = tmp_path / "registry.txt"
    lines = [f"{name} {sha256(data)}" for name, data in CONTENTS.items()]
    path.write_text("\n".join(["# name sha256", *lines, ""]))
    monkeypatch.setattr(download, "REGISTRY", path)
    return path


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def left_in(folder):
    """All files below a folder, hidden ones too."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_both_files_arrive_whole_in_a_new_folder_with_a_progress_bar(server, folder, capsys):
    paths = download.fetch(folder, server.url)
    assert paths == [folder / "stage1_train.zip", folder / "stage1_test.zip"]
    assert [path.read_bytes() for path in paths] == [TRAIN, TEST]
    assert server.requests == ["/BBBC038/stage1_train.zip", "/BBBC038/stage1_test.zip"]
    assert "100%" in capsys.readouterr().err


def test_an_address_without_a_slash_at_its_end_will_do(server, folder):
    assert len(download.fetch(str(folder), server.url.rstrip("/"))) == 2


def test_what_is_there_and_right_is_not_downloaded_again(server, folder):
    first = download.fetch(folder, server.url)
    server.requests.clear()
    assert download.fetch(folder, server.url) == first
    assert server.requests == []


def test_only_the_missing_file_is_downloaded(server, folder):
    download.fetch(folder, server.url)
    (folder / "stage1_test.zip").unlink()
    server.requests.clear()
    download.fetch(folder, server.url)
    assert server.requests == ["/BBBC038/stage1_test.zip"]


def test_a_cut_connection_leaves_nothing_of_its_file_and_the_next_try_succeeds(server, folder):
    server.promised["stage1_train.zip"] = len(TRAIN) + 1000
    with pytest.raises(DownloadError, match=r"stage1_train\.zip：下载没有完成（.+），请检查网络") as error:
        download.fetch(folder, server.url)
    assert "\n" not in str(error.value)
    assert left_in(folder) == ["stage1_test.zip"]

    server.promised.clear()
    download.fetch(folder, server.url)
    assert (folder / "stage1_train.zip").read_bytes() == TRAIN


def test_a_wrong_hash_is_named_with_the_expected_one_and_the_file_is_not_kept(server, folder):
    server.contents["stage1_train.zip"] = b"other pictures"
    with pytest.raises(DownloadError) as error:
        download.fetch(folder, server.url)
    message = str(error.value)
    assert f"应为 {sha256(TRAIN)}，实际为 {sha256(b'other pictures')}" in message
    assert f"cellseg download --accept-sha256 {sha256(b'other pictures')}" in message
    assert message.startswith(f"{folder / 'stage1_train.zip'}：")
    assert "\n" not in message
    assert left_in(folder) == ["stage1_test.zip"]


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_a_hash_that_was_accepted_knowingly_is_right_too(server, folder, spelling):
    server.contents["stage1_train.zip"] = b"other pictures"
    accepted = (spelling(sha256(b"other pictures")),)
    train, test = download.fetch(folder, server.url, accepted)
    assert train.read_bytes() == b"other pictures"
    assert test.read_bytes() == TEST

    server.requests.clear()
    download.fetch(folder, server.url, accepted)
    assert server.requests == []


def test_a_file_that_is_there_with_another_hash_is_neither_taken_nor_touched(server, folder):
    folder.mkdir()
    (folder / "stage1_train.zip").write_bytes(b"from elsewhere")
    with pytest.raises(DownloadError, match=f"实际为 {sha256(b'from elsewhere')}；已有的文件没有改动"):
        download.fetch(folder, server.url)
    assert (folder / "stage1_train.zip").read_bytes() == b"from elsewhere"
    assert server.requests == ["/BBBC038/stage1_test.zip"]


def test_a_file_that_the_server_does_not_have_is_named(server, folder):
    del server.contents["stage1_test.zip"]
    with pytest.raises(DownloadError, match=r"stage1_test\.zip：下载没有完成（404 .+），请检查网络和地址"):
        download.fetch(folder, server.url)
    assert left_in(folder) == ["stage1_train.zip"]


def test_all_files_that_failed_are_named_one_line_each(server, folder):
    server.contents.clear()
    with pytest.raises(DownloadError) as error:
        download.fetch(folder, server.url)
    lines = str(error.value).splitlines()
    assert [line.split("：")[0] for line in lines] == [str(folder / name) for name in CONTENTS]


def test_a_server_that_is_not_there_is_one_line_a_file(server, folder):
    url = server.url
    server.server.server_close()
    with pytest.raises(DownloadError, match="下载没有完成") as error:
        download.fetch(folder, url)
    assert len(str(error.value).splitlines()) == 2
    assert left_in(folder) == []


def test_a_full_disk_is_named_and_leaves_nothing(server, folder, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download.pooch, "HTTPDownloader", lambda **_: full)
    with pytest.raises(DownloadError, match=r"无法读写（磁盘已满），请检查磁盘空间和权限"):
        download.fetch(folder, server.url)
    assert left_in(folder) == []


def test_a_folder_that_is_a_file_is_named(server, tmp_path):
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(DownloadError, match="无法读写"):
        download.fetch(tmp_path / "data", server.url)
    assert server.requests == []


def test_the_registry_of_the_project_names_the_two_zips(monkeypatch):
    monkeypatch.undo()
    lines = [line.split() for line in download.REGISTRY.read_text().splitlines() if not line.startswith("#")]
    assert [name for name, _ in lines] == ["stage1_train.zip", "stage1_test.zip"]
    assert all(len(digest) == 64 and set(digest) <= set("0123456789abcdef") for _, digest in lines)


@pytest.mark.real
def test_the_real_zips_are_the_registered_ones(real_data, monkeypatch):
    monkeypatch.undo()
    paths = download.fetch(real_data, "http://127.0.0.1:9/nothing-is-asked-for")
    assert paths == [real_data / "stage1_train.zip", real_data / "stage1_test.zip"]


def test_registered_zips_are_known_by_their_hash():
    [line] = [
        line for line in download.REGISTRY.read_text().splitlines() if line.startswith("stage1_test.zip")
    ]
    assert download.is_registered(line.split()[1])
    assert not download.is_registered("0" * 64)
