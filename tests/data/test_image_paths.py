import glob
import os
import zipfile

import pytest

from cellseg_utils.data import image_paths
from cellseg_utils.run import fingerprint


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def found(pattern, root):
    return [path.relative_to(root).as_posix() for path in image_paths.matched(str(pattern), root)]


def test_a_folder_or_wildcard_gives_pictures_only(tmp_path):
    put(tmp_path, "b.PNG", "a.tif", "notes.txt", "deeper/c.png")
    (tmp_path / "folder.png").mkdir()
    assert found(tmp_path, tmp_path) == found(tmp_path / "*", tmp_path) == ["a.tif", "b.PNG"]
    assert found(tmp_path / "notes.txt", tmp_path) == ["notes.txt"]


def test_names_with_a_dot_in_front_are_left_out_unless_named(tmp_path):
    put(tmp_path, "._a.png", "a.png", ".hidden.png")
    for pattern in (".", "*.png", "*a.png"):
        assert found(tmp_path / pattern, tmp_path) == ["a.png"]
    assert found(tmp_path / ".*.png", tmp_path) == []
    assert found(tmp_path / "._a.png", tmp_path) == ["._a.png"]


def test_relative_patterns_are_tried_from_here_first(tmp_path, monkeypatch):
    put(tmp_path, "here/a.png", "root/a.png", "root/only/b.png")
    monkeypatch.chdir(tmp_path / "here")
    root = tmp_path / "root"
    assert image_paths.matched("*.png", root) == [tmp_path / "here" / "a.png"]
    assert image_paths.matched("only", root) == [root / "only" / "b.png"]
    assert image_paths.matched("no*.png", root) == []


def test_a_tilde_is_the_users_home(tmp_path, monkeypatch):
    put(tmp_path, "home/a.png")
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    for pattern in ("~", "~/a.png", "~/*.png"):
        assert found(pattern, tmp_path) == ["home/a.png"]


@pytest.mark.parametrize("folder", ["slides [1]", "s[ab]", "[", "a]b[!c]"])
def test_brackets_in_folders_are_no_wildcards_where_they_exist_or_are_escaped(tmp_path, folder, monkeypatch):
    put(tmp_path, f"{folder}/a[1].png", f"{folder}/b.png", "sa/c.png")
    place = tmp_path / folder
    both = [f"{folder}/a[1].png", f"{folder}/b.png"]
    escaped = glob.escape(str(place))
    assert found(place, tmp_path) == found(escaped, tmp_path) == found(f"{escaped}/*.png", tmp_path) == both
    assert found(place / "a[1].png", tmp_path) == both[:1]
    monkeypatch.chdir(place)
    assert found("*.png", tmp_path) == both
    assert image_paths.watched(f"{escaped}/*.png", tmp_path, tmp_path / "run") == [place]


def test_a_wildcard_for_one_folder_is_that_folder(tmp_path):
    put(tmp_path, "slides/a.png", "slides/b.txt")
    assert found("sli*", tmp_path) == ["slides/a.png"]


def test_a_zip_or_a_folder_in_the_layout_is_one_path(tmp_path, layout_zip):
    with zipfile.ZipFile(layout_zip) as archive:
        archive.extractall(tmp_path / "data" / "stage1_test")
    for place in (layout_zip, tmp_path / "data" / "stage1_test", tmp_path / "data"):
        assert image_paths.is_layout(place)
        assert image_paths.matched(str(place), tmp_path) == [place]
        assert image_paths.watched(str(place), tmp_path, tmp_path / "run") == [place]


@pytest.mark.parametrize(
    "names",
    [
        ["scan1/images/a.tif"],
        ["scan1/images/a.png", "scan1/images/b.png"],
        ["day1/scan1/images/a.tif", "day1/scan2/images/a.tif"],
        ["images/a.png"],
        ["scan1/images.png"],
    ],
)
def test_a_folder_called_images_makes_no_layout(tmp_path, names):
    put(tmp_path, *names)
    assert not image_paths.is_layout(tmp_path)
    put(tmp_path, "loose.png")
    assert found(".", tmp_path) == ["loose.png"]


@pytest.mark.parametrize(
    "names", [["x/images/x.png"], ["in/x/images/x.png"], ["x/images/1.png", "x/masks/1.png"]]
)
def test_a_folder_of_the_competition_is_known_by_its_picture_or_its_masks(tmp_path, names):
    put(tmp_path, *names)
    assert image_paths.is_layout(tmp_path)


@pytest.mark.parametrize("pattern", ["slides", "slides/*.png", "slides/**/*.png", "slides/*/a.png"])
def test_new_and_changed_pictures_change_what_is_watched(tmp_path, pattern):
    put(tmp_path, "slides/a.png", "slides/one/a.png")

    def state():
        watched = image_paths.watched(pattern, tmp_path, tmp_path / "run")
        return [(path, fingerprint.of_path(path)) for path in watched]

    before = state()
    assert [path for path, _ in before] == [tmp_path / "slides"]
    put(tmp_path, "run/page.html")
    assert state() == before
    put(tmp_path, "slides/two/a.png")
    added = state()
    assert added != before
    os.utime(tmp_path / "slides" / "a.png", (1, 1))
    assert state() != added


def test_a_file_named_by_itself_is_watched_by_itself(tmp_path):
    put(tmp_path, "a.png", "b.png")
    assert image_paths.watched("a.png", tmp_path, tmp_path) == [tmp_path / "a.png"]


@pytest.mark.parametrize("pattern", ["*.png", "."])
def test_a_folder_that_every_report_changes_is_not_watched_but_its_pictures_are(
    tmp_path, pattern, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "a.png", "b.png", "reports/lab/index.html")
    watched = image_paths.watched(pattern, tmp_path, tmp_path / "reports" / "lab")
    assert watched == [tmp_path / "a.png", tmp_path / "b.png"]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("a.png", True),
        ("b/A.TIF", True),
        ("a.npy", True),
        ("a_seg.npy", False),
        (".a.png", False),
        ("a.txt", False),
    ],
)
def test_a_picture_is_known_by_its_name(name, answer):
    assert image_paths.is_picture(name) is answer
