import cv2
import numpy as np
import pytest

from cellseg_utils import layout, own_images


def write(folder, name, value=90, shape=(6, 8)):
    cv2.imwrite(str(folder / name), np.full(shape, value, np.uint8))


def test_library_pictures_are_two_rgb_pictures_of_different_sizes():
    pictures = own_images.library_pictures()
    assert len(pictures) == 2
    assert all(image.dtype == np.uint8 and image.shape[2] == 3 for image in pictures.values())
    assert len({image.shape for image in pictures.values()}) == 2


def test_pattern_may_be_a_file_a_folder_a_wildcard_or_a_zip(tmp_path, layout_zip):
    for name in ("b.png", "a.jpg", "notes.txt"):
        if name.endswith("txt"):
            (tmp_path / name).write_text("no picture")
        else:
            write(tmp_path, name)
    assert list(own_images.from_pattern(str(tmp_path / "b.png"), tmp_path)) == ["b"]
    assert list(own_images.from_pattern(str(tmp_path), tmp_path)) == ["a", "b"]
    assert list(own_images.from_pattern(str(tmp_path / "*.jpg"), tmp_path)) == ["a"]
    assert list(own_images.from_pattern("*.png", tmp_path)) == ["b"]
    ids = list(layout.open_source(layout_zip).images)
    assert list(own_images.from_pattern(str(layout_zip), tmp_path)) == ids
    assert list(own_images.from_layout(layout_zip)) == ids


def test_two_files_of_one_name_are_both_kept(tmp_path):
    write(tmp_path, "cell.png", 10)
    write(tmp_path, "cell.bmp", 20)
    pictures = own_images.from_pattern(str(tmp_path), tmp_path)
    assert sorted(image[0, 0, 0] for image in pictures.values()) == [10, 20]


def test_nothing_found_names_the_pattern(tmp_path):
    with pytest.raises(layout.DataError, match="没有找到图像"):
        own_images.from_pattern(str(tmp_path / "*.png"), tmp_path)


def test_all_bad_pictures_are_named_at_once(tmp_path):
    write(tmp_path, "good.png")
    for name in ("empty.png", "void.tif"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(layout.DataError) as failure:
        own_images.from_pattern(str(tmp_path), tmp_path)
    assert "empty.png" in str(failure.value)
    assert "void.tif" in str(failure.value)


def test_masks_are_written_as_0_and_255_and_replace_the_folder(tmp_path):
    mask = np.zeros((4, 5), bool)
    mask[1, 2] = True
    own_images.save_masks({"old": mask}, tmp_path / "masks")
    own_images.save_masks({"细胞": mask}, tmp_path / "masks")
    [file] = (tmp_path / "masks").iterdir()
    assert file.name == "细胞.png"
    read = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read, mask * np.uint8(255))
