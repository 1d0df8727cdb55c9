from cellseg_utils.data import kaggle_inputs, layout


def test_attached_data_are_found_at_any_place_the_least_deep_first(tmp_path):
    deep = tmp_path / "datasets" / "somebody" / "nuclei" / "versions"
    (deep / "stage1_train").mkdir(parents=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "stage1_train.zip").touch()
    assert kaggle_inputs.holding("stage1_train", tmp_path) == [str(tmp_path / "mine"), str(deep)]


def test_what_lies_deeper_is_not_looked_for_and_pictures_are_not_listed(tmp_path):
    (tmp_path / "1" / "2" / "3" / "4" / "5" / "stage1_train").mkdir(parents=True)
    (tmp_path / "stage" / "stage1_train" / "stage1_train").mkdir(parents=True)
    assert kaggle_inputs.holding("stage1_train", tmp_path) == [str(tmp_path / "stage")]


def test_there_is_nothing_where_there_is_no_such_folder(tmp_path):
    assert kaggle_inputs.holding("stage1_train", tmp_path / "none") == []


def test_data_are_found_below_attached_folders_of_any_name(tmp_path, monkeypatch, layout_zip):
    attached = tmp_path / "input" / "my-nuclei"
    attached.mkdir(parents=True)
    (attached / "stage1_train.zip").symlink_to(layout_zip)
    monkeypatch.setattr(layout, "KAGGLE_FOLDERS", ())
    monkeypatch.setattr(kaggle_inputs, "holding", lambda name: [str(attached)])
    assert layout.find("auto", None, tmp_path) == (attached / "stage1_train.zip", None)


def test_the_competition_comes_first_where_kaggle_mounts_it():
    assert layout.KAGGLE_FOLDERS[:2] == (
        "/kaggle/input/competitions/data-science-bowl-2018",
        "/kaggle/input/data-science-bowl-2018",
    )
