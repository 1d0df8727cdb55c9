"""Folders of labelled pictures: which layout one has, and what is read from it."""

import dataclasses

import numpy as np
import pytest
from labelled_folders import save, write

from cellseg_utils.data import dataset, exclusion, labelled, layout
from cellseg_utils.data.sources import DataError

each_layout = pytest.mark.parametrize("name", labelled.LAYOUTS)


@pytest.fixture
def named(samples):
    """The samples with short names."""
    return [dataclasses.replace(sample, id=f"s{number}") for number, sample in enumerate(samples)]


@each_layout
def test_pictures_and_nuclei_come_back_to_the_pixel(name, named, tmp_path):
    folder = write(name, tmp_path / "mine", named)
    assert labelled.layout(folder) == name
    read = dataset.read_samples(layout.open_source(folder))
    assert [sample.id for sample in read] == ["s0", "s1", "s2", "s3"]
    for one, other in zip(read, named, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        np.testing.assert_array_equal(one.labels, other.labels)
        assert (one.overlap_pixels, one.empty_masks, one.remark) == (0, 0, "")


@each_layout
def test_report_finds_such_a_folder_where_the_user_names_it(name, named, tmp_path):
    folder = write(name, tmp_path / "mine", named)
    assert layout.find(str(folder), None, tmp_path) == (folder, None)
    assert layout.find("auto", str(folder), tmp_path) == (folder, None)
    about = layout.describe(folder, None)
    assert about["title"] == f"自己标注的图像（{labelled.LAYOUTS[name]}）"


@each_layout
def test_partly_labelled_folders_name_each_picture_and_skip_it_on_request(name, named, tmp_path):
    folder = write(name, tmp_path / "mine", named)
    images = folder / "images" if name in ("folders", "coco") else folder
    for lost in ("x.png", "y.png"):
        save(images / lost, named[0].image)
    source = layout.open_source(folder)
    with pytest.raises(DataError, match="共 2 张坏图；加 --skip-bad 可跳过它们") as error:
        dataset.map_samples(source, lambda sample: sample.id)
    assert len(str(error.value).splitlines()) == 3
    ids, problems = dataset.map_samples(source, lambda sample: sample.id, skip_bad=True)
    assert ids == ["s0", "s1", "s2", "s3"]
    assert len(problems) == 2


def test_pictures_that_lack_labels_can_be_left_out_by_a_list(named, tmp_path):
    folder = write("folders", tmp_path / "mine", named)
    save(folder / "images" / "x.png", named[0].image)
    (tmp_path / "list.txt").write_text("x\ns1\n")
    source = exclusion.leave_out(layout.open_source(folder), tmp_path / "list.txt")
    assert dataset.map_samples(source, lambda sample: sample.id)[0] == ["s0", "s2", "s3"]


def test_masks_is_another_name_for_labels_and_capitals_do_no_harm(named, tmp_path):
    folder = write("folders", tmp_path / "mine", named)
    (folder / "labels").rename(folder / "Masks")
    (folder / "images").rename(folder / "Images")
    assert len(dataset.read_samples(layout.open_source(folder))) == 4


def test_what_cellpose_writes_besides_is_no_picture(named, tmp_path):
    folder = write("cellpose", tmp_path / "mine", named)
    for end in ("_cp_output.png", "_flows_cp_masks.tif", "_outlines_cp_masks.png"):
        save(folder / f"s0{end}", named[0].image)
    (folder / "s0_seg.npy").touch()
    assert layout.open_source(folder).lacking == {}


def test_semantic_masks_are_split_and_the_sample_says_so(named, tmp_path):
    folder = write("folders", tmp_path / "mine", named)
    save(folder / "labels" / "s0.tif", (named[0].labels > 0).astype(np.uint8) * 255)
    [first, *rest] = dataset.read_samples(layout.open_source(folder))
    assert "像语义掩膜" in first.remark
    assert first.labels.max() > 1
    assert not any(sample.remark for sample in rest)


@pytest.mark.parametrize(
    ("others", "why"),
    [
        (("s0_masks.tif",), "images/ 与 labels/.*、名称.tif 与 名称_masks.tif"),
        (("annotations.json",), "images/ 与 labels/.*、COCO"),
        (("masks/s0.tif",), "labels/、masks/"),
        (("s0/images/s0.png", "s0/masks/1.png"), "images/ 与 labels/.*、竞赛的"),
    ],
)
def test_a_folder_with_labels_of_several_kinds_is_refused_in_one_line(named, tmp_path, others, why):
    folder = write("folders", tmp_path / "mine", named)
    for other in others:
        (folder / other).parent.mkdir(parents=True, exist_ok=True)
        (folder / other).touch()
    for look in (labelled.layout, layout.open_source):
        with pytest.raises(DataError, match=f"有不止一份标注（{why}.*），不知道用哪一份") as error:
            look(folder)
        assert "\n" not in str(error.value)


def test_two_files_of_coco_are_refused(named, tmp_path):
    folder = write("coco", tmp_path / "mine", named)
    (folder / "instances_val.json").touch()
    with pytest.raises(DataError, match=r"annotations\.json、instances_val\.json"):
        labelled.layout(folder)


def test_labels_that_are_only_pickled_are_refused_with_the_reason(named, tmp_path):
    save(tmp_path / "a.tif", named[0].image)
    (tmp_path / "a_seg.npy").touch()
    with pytest.raises(DataError, match=r"只在 Cellpose 的.*pickle.*运行里面的代码，不读"):
        layout.find(str(tmp_path), None, tmp_path)


def test_other_folders_have_no_layout_and_the_message_lists_those_there_are(named, tmp_path):
    save(tmp_path / "a.tif", named[0].image)
    assert labelled.layout(tmp_path) is None
    with pytest.raises(DataError, match="也没有自己标注的图像（images/ 与 labels/") as error:
        layout.find(str(tmp_path), None, tmp_path)
    assert "\n" not in str(error.value)


def test_without_one_pair_the_first_fault_is_named(named, tmp_path):
    for name in ("images/a.png", "labels/b.png"):
        (tmp_path / name).parent.mkdir()
        save(tmp_path / name, named[0].image)
    with pytest.raises(DataError, match=r"没有一张图像有标注.+例如 images/a\.png：没有标注"):
        layout.open_source(tmp_path)


def test_pictures_in_folders_below_are_told(named, tmp_path):
    folder = write("masks", tmp_path / "mine", named)
    (folder / "more").mkdir()
    save(folder / "more" / "b.png", named[0].image)
    assert layout.open_source(folder).notes == (f"{folder}：没有读子文件夹里的 1 张图像",)


def test_the_competition_s_layout_may_have_any_name(layout_folder, tmp_path):
    (tmp_path / "mine").symlink_to(layout_folder)
    train, test = layout.find(str(tmp_path / "mine"), None, tmp_path)
    assert (train, test) == (tmp_path / "mine", None)
    assert "mine" not in layout.describe(train, test)["title"]


def labels_of(path):
    source = layout.open_labels(path)
    return source.path, {key: files[0] for key, files in source.masks.items() if files}


def test_labels_alone_are_found_in_a_folder_its_labels_or_one_file(tmp_path):
    for name in ("out/labels/a.tif", "out/overlays/a.jpg", "cp/a_cp_masks.png", "plain/a.npy", "plain/x.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert labels_of(tmp_path / "out") == (tmp_path / "out", {"a": "labels/a.tif"})
    assert labels_of(tmp_path / "cp") == (tmp_path / "cp", {"a": "a_cp_masks.png"})
    assert labels_of(tmp_path / "plain") == (tmp_path / "plain", {"a": "a.npy"})
    assert labels_of(tmp_path / "cp" / "a_cp_masks.png") == (tmp_path / "cp", {"a": "a_cp_masks.png"})
    with pytest.raises(DataError, match="没有标签图"):
        layout.open_labels(tmp_path / "out" / "overlays")
    with pytest.raises(DataError, match="不存在"):
        layout.open_labels(tmp_path / "nothing")


@each_layout
def test_labelled_pictures_have_labels(name, named, tmp_path):
    source = layout.open_labels(write(name, tmp_path, named))
    assert list(source.masks) == ["s0", "s1", "s2", "s3"]


def test_the_competition_s_masks_are_labels(layout_zip, layout_folder):
    for path in (layout_zip, layout_folder):
        assert len(layout.open_labels(path).masks) == 4
