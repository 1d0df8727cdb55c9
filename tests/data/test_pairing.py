"""Pictures and label files, paired by name; what has no partner is told."""

import os

import pytest

from cellseg_utils.data import image_paths, pairing


def paired(tmp_path, pictures, labels, endings=("",)):
    return pairing.paired(tmp_path, pictures, labels, endings, None)


def test_files_of_the_same_name_belong_together_whatever_their_endings(tmp_path):
    source = paired(tmp_path, ["images/b.png", "images/a.ome.tif"], ["labels/a.npy", "labels/b.ome.tif"])
    assert list(source.images.items()) == [("a", "images/a.ome.tif"), ("b", "images/b.png")]
    assert source.masks == {"a": ["labels/a.npy"], "b": ["labels/b.ome.tif"]}
    assert source.lacking == {}


def test_label_files_may_end_in_what_tools_add(tmp_path):
    source = paired(
        tmp_path, ["a.tif", "b.tif"], ["a_cp_masks.png", "b_masks.png"], image_paths.LABEL_ENDINGS
    )
    assert source.masks == {"a": ["a_cp_masks.png"], "b": ["b_masks.png"]}


def test_a_picture_that_is_called_like_an_ending_keeps_its_label(tmp_path):
    source = paired(tmp_path, ["a_cp.tif"], ["a_cp_masks.png"], image_paths.LABEL_ENDINGS)
    assert source.images == {"a_cp": "a_cp.tif"}
    assert source.masks == {"a_cp": ["a_cp_masks.png"]}


def test_pictures_of_the_cellpose_data_set_are_called_img(tmp_path):
    source = paired(tmp_path, ["000_img.png"], ["000_masks.png"], ("_masks",))
    assert source.masks == {"000_img": ["000_masks.png"]}
    assert source.lacking == {}


def test_what_has_no_partner_or_two_is_lacking_and_the_rest_goes_on(tmp_path):
    pictures = ["good.png", "alone.png", "twice.png", "twice.tif", "two_labels.png"]
    labels = ["good.tif", "orphan.tif", "twice.npy", "two_labels.tif", "two_labels.npy"]
    source = paired(tmp_path, pictures, labels)
    assert source.images == {"good": "good.png"}
    assert list(source.lacking) == ["alone", "orphan", "twice", "two_labels"]
    assert source.lacking["alone"] == "alone.png：没有标注，请补上标注，或移走这张图"
    assert source.lacking["orphan"] == "orphan.tif：没有同名的图像，请补上图像，或移走这份标注"
    assert source.lacking["twice"].startswith("twice.png、twice.tif：名称相同")
    assert source.lacking["two_labels"].startswith("two_labels.tif、two_labels.npy：名称相同")
    assert set(source.masks) == {"good", "orphan", "twice"}


def test_a_picture_that_only_a_pickle_labels_says_so(tmp_path):
    (tmp_path / "a_seg.npy").touch()
    line = paired(tmp_path, ["a.tif", "b.tif"], ["b_masks.png"], ("_masks",)).lacking["a"]
    assert line.startswith("a.tif：没有标注（Cellpose 的 *_seg.npy 是 pickle，不读）")


def test_names_with_line_breaks_stay_one_line(tmp_path):
    [line] = paired(tmp_path, ["a\nb\x1b[2J.png"], []).lacking.values()
    assert line.isprintable()


def test_only_visible_files_are_listed_and_no_pipes(tmp_path):
    for name in ("b.png", "a.png", "._a.png", ".DS_Store"):
        (tmp_path / name).touch()
    (tmp_path / "Images").mkdir()
    (tmp_path / "Images" / "c.png").touch()
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
    assert pairing.listing(tmp_path) == (["a.png", "b.png"], {"images": "Images"})
    assert pairing.files_in(tmp_path, "Images") == ["Images/c.png"]


@pytest.mark.parametrize(("name", "stem"), [("x/a.b.png", "a.b"), ("a.ome.tif", "a"), ("a", "a")])
def test_the_stem_of_a_name(name, stem):
    assert pairing.stem(name) == stem
