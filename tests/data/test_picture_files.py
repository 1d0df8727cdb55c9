import zipfile

import cv2
import numpy as np
import pytest

from cellseg_utils.data import image_paths, layout, own_images, picture_files


def put(folder, *names):
    folder.mkdir(exist_ok=True)
    for value, name in enumerate(names, 10):
        cv2.imwrite(str(folder / name), np.full((6, 8), value, np.uint8))


def test_ids_become_names_that_any_file_system_takes(tmp_path):
    ids = ["A", "a", "plate:1", "x" * 300]
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for own in ids:
            archive.writestr(
                f"{own}/images/1.png", cv2.imencode(".png", np.zeros((4, 4), np.uint8))[1].tobytes()
            )
    pictures, _ = own_images.from_layout(tmp_path / "a.zip")
    with picture_files.opened([str(tmp_path / "a.zip")], tmp_path, [tmp_path / "labels"]) as readers:
        assert list(pictures) == list(readers) == ["A", "a-2", "plate_1", "x" * 235]


def test_each_picture_says_where_it_lies_and_what_it_would_be_called(tmp_path):
    put(tmp_path / "in", "a.png", "a.bmp")
    put(tmp_path / "in" / "b", "c.png")
    pattern = image_paths.with_folders_below(str(tmp_path / "in"))
    with picture_files.opened([pattern], tmp_path, []) as pictures:
        assert {name: (own.shown, own.called) for name, own in pictures.items()} == {
            "a.bmp": ("a.bmp", "a"),
            "a.png": ("a.png", "a"),
            "b_c": ("b/c.png", "c"),
        }
        assert pictures["a.png"].read().rgb[0, 0, 0] == 10
        assert len(pictures["a.png"].digest()) == 64


def test_members_in_gbk_get_readable_names(tmp_path):
    put(tmp_path, "a.png")
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.write(tmp_path / "a.png", "XXXX.png")
    data = (tmp_path / "mine.zip").read_bytes().replace(b"XXXX", "细胞".encode("gbk"))
    (tmp_path / "mine.zip").write_bytes(data)
    with picture_files.opened([str(tmp_path / "mine.zip")], tmp_path, []) as pictures:
        [(name, picture)] = pictures.items()
        assert (name, picture.shown) == ("细胞", "细胞.png")
        assert picture.read().rgb[0, 0, 0] == 10


def test_label_images_beside_their_pictures_are_no_pictures(tmp_path):
    put(tmp_path / "in", "a.png", "a_masks.png", "b_masks.png")
    assert [path.name for path in picture_files.found([str(tmp_path / "in")], tmp_path)] == [
        "a.png",
        "b_masks.png",
    ]


def test_what_is_there_and_not_read_is_named_where_nothing_is_found(tmp_path):
    (tmp_path / "slide.vsi").write_bytes(b"")
    with pytest.raises(layout.DataError, match=r"没有找到图像.+；没有读另外 1 个文件（\.vsi 1 个）"):
        picture_files.found([str(tmp_path)], tmp_path)
