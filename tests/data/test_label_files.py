"""Files of label images, written by independent writers."""

import importlib.util
import io

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from cellseg_utils.data import imagefile, label_files
from cellseg_utils.data import tiff as tiff_files
from cellseg_utils.data.sources import DataError

LABELS = np.array([[0, 300, 300], [2, 0, 1]])


def tif(array, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, array, **{"photometric": "minisblack", **options})
    return buffer.getvalue()


def png(array):
    return cv2.imencode(".png", array)[1].tobytes()


def npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def pillow(picture, kind, **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", [np.uint16, np.int32, np.uint32, np.int64, np.float32])
def test_numbers_of_tiff_and_npy_come_back_in_any_type(kind):
    for name, data in (("a.tif", tif(LABELS.astype(kind))), ("a.NPY", npy(LABELS.astype(kind)))):
        np.testing.assert_array_equal(label_files.decode(data, name), LABELS)


@pytest.mark.parametrize("compression", ["tiff_deflate", "packbits", "tiff_lzw"])
def test_compressed_tiffs_come_back(compression):
    data = pillow(Image.fromarray(LABELS.astype(np.uint16)), "TIFF", compression=compression)
    np.testing.assert_array_equal(label_files.decode(data, "a.tiff"), LABELS)


def test_png_of_16_bit_comes_back():
    np.testing.assert_array_equal(label_files.decode(png(LABELS.astype(np.uint16)), "a.png"), LABELS)


def test_of_a_palette_the_numbers_count_not_the_colours():
    small = (LABELS % 200).astype(np.uint8)
    picture = Image.fromarray(small).convert("P")
    picture.putpalette([7] * 768)  # all colours alike
    np.testing.assert_array_equal(label_files.decode(pillow(picture, "PNG"), "a.png"), small)
    colours = np.full((3, 256), 7, np.uint16)
    data = tif(small, photometric="palette", colormap=colours)
    np.testing.assert_array_equal(label_files.decode(data, "a.tif"), small)


def test_white_is_0_changes_no_number():
    small = (LABELS > 0).astype(np.uint8)
    np.testing.assert_array_equal(label_files.decode(tif(small, photometric="miniswhite"), "a.tif"), small)


def test_axes_of_length_one_and_equal_colours_are_dropped():
    small = (LABELS % 200).astype(np.uint8)
    for array in (np.dstack([small] * 3), np.dstack([*[small] * 3, np.full_like(small, 255)])):
        np.testing.assert_array_equal(label_files.decode(png(array), "a.png"), small)
    np.testing.assert_array_equal(
        label_files.decode(tif(LABELS[None, None].astype(np.uint16)), "a.tif"), LABELS
    )


def test_colours_stay_to_be_refused():
    assert label_files.decode(png(np.arange(18, dtype=np.uint8).reshape(2, 3, 3)), "a.png").ndim == 3


def test_jpeg_and_unknown_files_are_refused():
    jpeg = cv2.imencode(".jpg", np.zeros((8, 8), np.uint8))[1].tobytes()
    with pytest.raises(DataError, match=r"a\.jpg：不能当标签图"):
        label_files.decode(jpeg, "a.jpg")
    packed = cv2.imencode(".tif", np.zeros((16, 16), np.uint8), [cv2.IMWRITE_TIFF_COMPRESSION, 7])[
        1
    ].tobytes()
    with pytest.raises(DataError, match="JPEG 压缩会改动编号"):
        label_files.decode(packed, "a.tif")


def test_a_pickle_is_not_opened():
    class Trap:
        def __reduce__(self):
            return pytest.fail, ("the pickle was opened",)

    data = npy(np.array({"masks": Trap()}, dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"a_seg\.npy：含 Python 对象，打开它等于运行里面的代码，不读"):
        label_files.decode(data, "a_seg.npy")


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.npy"])
@pytest.mark.parametrize("cut", [0, 1, 20, -5])
def test_damaged_files_are_named(name, cut):
    whole = {
        "a.tif": tif(LABELS.astype(np.uint16)),
        "a.png": png(LABELS.astype(np.uint16)),
        "a.npy": npy(LABELS),
    }
    with pytest.raises((DataError, imagefile.ImageFileError), match=f"^{name}：.+请|^{name}：.+；"):
        label_files.decode(whole[name][:cut], name)


def test_a_tiff_that_claims_far_more_pixels_than_it_holds_is_refused_at_once(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(tif(np.zeros((4, 4), np.uint16)))
    with tifffile.TiffFile(path, mode="r+b") as file:
        for name in ("ImageLength", "ImageWidth"):
            file.pages[0].tags[name].overwrite(60_000)
    with pytest.raises(DataError, match="声称有 7200000000 字节"):
        label_files.decode(path.read_bytes(), "a.tif")


@pytest.mark.parametrize("form", [{}, {"photometric": "miniswhite"}])
def test_packed_labels_of_several_pages_or_white_as_0_are_never_others(tmp_path, form):
    labels = np.zeros((2, 16, 16), np.uint8)
    labels[0, 2:6, 2:6], labels[1, 8:12, 8:12] = 1, 2
    array = labels[0] if form else labels
    own = {"metadata": None, "photometric": "minisblack"} | form
    tifffile.imwrite(tmp_path / "a.tif", array, compression="lzw", **own)
    try:
        read = label_files.decode((tmp_path / "a.tif").read_bytes(), "a.tif")
    except DataError:  # without imagecodecs
        assert importlib.util.find_spec("imagecodecs") is None
    else:
        np.testing.assert_array_equal(read, array)


@pytest.mark.parametrize("turn", range(1, 9))
def test_labels_are_turned_as_their_pictures_are(tmp_path, turn):
    labels = np.arange(24, dtype=np.uint8).reshape(4, 6)
    tifffile.imwrite(tmp_path / "a.tif", labels, metadata=None, extratags=[(274, 3, 1, turn, True)])
    data = (tmp_path / "a.tif").read_bytes()
    np.testing.assert_array_equal(label_files.decode(data, "a.tif"), tiff_files.decode(data, "a.tif").array)
