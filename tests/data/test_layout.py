import contextlib
import zipfile

import pytest
import texts
from hypothesis import given
from hypothesis import strategies as st

from cellseg_utils.data import dataset, imagefile, layout, sources
from cellseg_utils.data.layout import DataError

TWO_PICTURES = {
    "b/images/b.png": b"picture b",
    "b/masks/2.png": b"mask 2",
    "b/masks/1.png": b"mask 1",
    "a/images/a.png": b"picture a",
    "a/masks/": b"",
}


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Folders of every kind of place, none of them with data yet, and the project's root."""
    folders = {name: tmp_path / name for name in ("parameter", "environment", "kaggle", "kaggle_input")}
    folders["data"] = tmp_path / "project" / "data"
    for folder in folders.values():
        folder.mkdir(parents=True)
    kaggle = (str(folders["kaggle"]), str(folders["kaggle_input"]))
    monkeypatch.setattr(layout, "KAGGLE_FOLDERS", kaggle)
    return folders


def put(folder, *names):
    for name in names:
        (folder / name).touch()


def test_pictures_and_masks_are_indexed_in_the_order_of_their_names(make_zip):
    path = make_zip(TWO_PICTURES)
    source = layout.open_source(path)
    assert source.path == path
    assert list(source.images.items()) == [("a", "a/images/a.png"), ("b", "b/images/b.png")]
    assert source.masks == {"a": [], "b": ["b/masks/1.png", "b/masks/2.png"]}


def test_a_missing_masks_folder_differs_from_an_empty_one(make_zip):
    source = layout.open_source(make_zip({"a/images/a.png": b"", "b/images/b.png": b"", "b/masks/": b""}))
    assert source.masks == {"b": []}


def test_an_enclosing_folder_does_no_harm(make_zip):
    source = layout.open_source(
        make_zip({f"stage1_train/{name}": data for name, data in TWO_PICTURES.items()})
    )
    assert source.images["b"] == "stage1_train/b/images/b.png"
    assert source.masks["b"] == ["stage1_train/b/masks/1.png", "stage1_train/b/masks/2.png"]


def test_what_is_no_picture_of_the_layout_is_ignored(make_zip):
    strangers = (
        "__MACOSX/a/images/._a.png",
        "__MACOSX/a/masks/._x.png",
        "a/masks/._x.png",
        "a/images/._a.png",
    )
    others = (
        "a/images/notes.txt",
        "a/masks/Thumbs.db",
        "stage1_train_labels.csv",
        "c/pictures/c.png",
        "d.png",
    )
    source = layout.open_source(make_zip({**TWO_PICTURES, **dict.fromkeys(strangers + others, b"x")}))
    assert source == layout.open_source(make_zip(TWO_PICTURES))


def test_a_name_in_capitals_is_a_picture_too(make_zip):
    assert layout.open_source(make_zip({"a/images/A.PNG": b""})).images == {"a": "a/images/A.PNG"}


def test_an_extracted_folder_reads_like_its_zip(layout_zip, layout_folder):
    zipped, extracted = layout.open_source(layout_zip), layout.open_source(layout_folder)
    assert list(zipped.images) == list(extracted.images)
    assert {name: len(masks) for name, masks in zipped.masks.items()} == {
        name: len(masks) for name, masks in extracted.masks.items()
    }
    with sources.reader(zipped) as read_zip, sources.reader(extracted) as read_folder:
        for name in zipped.images:
            assert read_zip([zipped.images[name]]) == read_folder([extracted.images[name]])
            assert read_zip(zipped.masks[name]) == read_folder(extracted.masks[name])


def test_an_empty_masks_folder_counts_in_an_extracted_folder_too(make_zip, tmp_path):
    with zipfile.ZipFile(make_zip(TWO_PICTURES)) as archive:
        archive.extractall(tmp_path / "stage1_train")
    assert layout.open_source(tmp_path / "stage1_train").masks["a"] == []


def test_a_path_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nothing\.zip：不存在"):
        layout.open_source(tmp_path / "nothing.zip")


@pytest.mark.parametrize("members", [{}, {"readme.txt": b"hello"}, {"a/masks/1.png": b""}])
def test_a_zip_without_the_layout_is_refused(make_zip, members):
    with pytest.raises(DataError, match=r"stage1_train\.zip：里面没有 <ImageId>/images/\*\.png"):
        layout.open_source(make_zip(members))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="里面没有"):
        layout.open_source(tmp_path)


@given(data=st.data())
def test_random_damage_never_raises_anything_but_the_two_errors(layout_zip, tmp_path_factory, data):
    damaged = bytearray(layout_zip.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[-data.draw(st.integers(1, 3000))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "stage1_train.zip"
    path.write_bytes(damaged)
    with contextlib.suppress(DataError, imagefile.ImageFileError):
        dataset.read_samples(layout.open_source(path))


def test_places_are_tried_in_the_promised_order(places):
    root = places["data"].parent
    parameter, environment = str(places["parameter"]), str(places["environment"])
    for name in ("parameter", "environment", "kaggle", "kaggle_input", "data"):
        put(places[name], "stage1_train.zip")

    assert layout.find(parameter, environment, root)[0].parent == places["parameter"]
    assert layout.find("auto", environment, root)[0].parent == places["environment"]
    for name in ("kaggle", "kaggle_input", "data"):
        assert layout.find("auto", None, root)[0].parent == places[name]
        (places[name] / "stage1_train.zip").unlink()


def test_a_named_place_without_data_is_an_error_and_no_other_place_is_taken(places):
    put(places["data"], "stage1_train.zip")
    for data, environment in ((str(places["parameter"]), None), ("auto", str(places["environment"]))):
        with pytest.raises(DataError, match="找不到训练数据") as error:
            layout.find(data, environment, places["data"].parent)
        assert (environment or data) in str(error.value)
        assert "cellseg download" in str(error.value)
        assert "\n" not in str(error.value)


def test_without_any_data_all_places_are_named(places):
    with pytest.raises(DataError, match="找过") as error:
        layout.find("auto", None, places["data"].parent)
    for name in ("kaggle", "kaggle_input", "data"):
        assert str(places[name]) in str(error.value)


def test_zip_and_folder_are_found_alike_and_the_zip_first(places):
    folder = places["parameter"]
    (folder / "stage1_train").mkdir()
    assert layout.find(str(folder), None, folder)[0] == folder / "stage1_train"
    put(folder, "stage1_train.zip")
    assert layout.find(str(folder), None, folder)[0] == folder / "stage1_train.zip"


def test_the_parameter_may_name_the_zip_or_the_extracted_folder_itself(places):
    folder = places["parameter"]
    (folder / "stage1_train").mkdir()
    (folder / "stage1_test").mkdir()
    assert layout.find(str(folder / "stage1_train"), None, folder) == (
        folder / "stage1_train",
        folder / "stage1_test",
    )
    put(folder, "stage1_train.zip")
    assert layout.find(str(folder / "stage1_train.zip"), None, folder)[0] == folder / "stage1_train.zip"


def test_test_images_are_found_beside_the_training_images_and_may_be_missing(places):
    folder = places["parameter"]
    put(folder, "stage1_train.zip")
    assert layout.find(str(folder), None, folder)[1] is None
    put(folder, "stage1_test.zip")
    assert layout.find(str(folder), None, folder)[1] == folder / "stage1_test.zip"


def test_zips_that_are_links_keep_their_names_and_their_neighbours(places, tmp_path):
    for name in ("train", "test"):
        (tmp_path / name).touch()
        (places["data"] / f"stage1_{name}.zip").symlink_to(tmp_path / name)
    train, test = layout.find("auto", None, places["data"].parent)
    assert (train, test) == (places["data"] / "stage1_train.zip", places["data"] / "stage1_test.zip")


def test_a_relative_place_is_tried_from_here_and_from_the_project(places, monkeypatch, tmp_path):
    put(places["data"], "stage1_train.zip")
    monkeypatch.chdir(tmp_path)
    found = places["data"] / "stage1_train.zip"
    assert layout.find("project/data", None, tmp_path / "elsewhere")[0] == found
    assert layout.find("data", None, places["data"].parent)[0] == found


def test_a_tilde_is_the_users_home_in_parameter_and_environment(places, monkeypatch):
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(places["parameter"]))
    (places["parameter"] / "bowl").mkdir()
    put(places["parameter"] / "bowl", "stage1_train.zip")
    for data, environment in (("~/bowl", None), ("auto", "~/bowl")):
        train, _ = layout.find(data, environment, places["data"].parent)
        assert train == places["parameter"] / "bowl" / "stage1_train.zip"


def test_places_beside_are_those_where_test_images_are_found(places):
    folder = places["parameter"]
    put(folder, "stage1_train.zip")
    for place in layout.places_beside(layout.find(str(folder), None, folder)[0])[::-1]:
        put(folder, place.name)
        assert layout.find(str(folder), None, folder)[1] == place


def test_the_description_names_the_paths_but_its_title_names_no_folder(tmp_path):
    train, test = tmp_path / "stage1_train.zip", tmp_path / "stage1_test.zip"
    about = layout.describe(train, test)
    assert (about["train"], about["test"]) == (str(train), str(test))
    assert str(tmp_path) not in about["title"]
    assert about["synthetic"] is False
    about = layout.describe(train, None, synthetic=True)
    assert about["test"] is None
    assert about["synthetic"] is True


@pytest.mark.parametrize("synthetic", [False, True])
def test_the_title_is_in_the_language_of_today_and_both_stand_beside_it(tmp_path, monkeypatch, synthetic):
    chinese = layout.describe(tmp_path / "stage1_train.zip", None, synthetic)
    monkeypatch.setenv("CELLSEG_LANG", "en")
    english = layout.describe(tmp_path / "stage1_train.zip", None, synthetic)
    assert chinese["titles"] == english["titles"] == {"zh": chinese["title"], "en": english["title"]}
    assert texts.CHINESE.search(chinese["title"])
    assert not texts.CHINESE.search(english["title"])


@pytest.mark.real
def test_the_real_zips_have_the_known_numbers_of_pictures_and_masks(real_data):
    train, test = layout.find(str(real_data), None, real_data)
    source = layout.open_source(train)
    assert len(source.images) == len(source.masks) == 664
    assert sum(map(len, source.masks.values())) == 28_986
    assert len(layout.open_source(test).images) == 65
    assert layout.open_source(test).masks == {}


def layout_of(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_a_second_picture_of_an_image_id_is_not_left_out_silently(tmp_path):
    folder = layout_of(tmp_path, "plate/images/0.png", "plate/images/1.png")
    with pytest.raises(
        layout.DataError, match=r"plate/images 里不止一张图，不是本竞赛的布局；.+文件夹/\*\.png"
    ):
        layout.open_source(folder)


def test_copies_of_an_image_id_are_not_mixed(tmp_path):
    folder = layout_of(tmp_path, "a/x/images/x.png", "a/x/masks/1.png", "b/x/images/x.png", "b/x/masks/1.png")
    with pytest.raises(layout.DataError, match=r"a/x/ 与 b/x/ 的 ImageId 相同，请删除其中一个"):
        layout.open_source(folder)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_a_zip_holds_twice_counts_once(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("x/images/x.png", "x/masks/1.png", "x/masks/1.png"):
            archive.writestr(name, b"")
    assert layout.open_source(tmp_path / "a.zip").masks == {"x": ["x/masks/1.png"]}


def test_links_in_a_circle_do_not_repeat_the_pictures(tmp_path):
    folder = layout_of(tmp_path, "x/images/x.png")
    for name in ("latest", "current"):
        (folder / name).symlink_to(".")
    assert layout.open_source(folder).images == {"x": "x/images/x.png"}
