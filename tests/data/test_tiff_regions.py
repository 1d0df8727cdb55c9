import numpy as np
import pytest
import tifffile

from cellseg_utils.data import tiff_regions

SHAPE = 203, 171
RGB = np.random.default_rng(1).integers(0, 256, (*SHAPE, 3)).astype(np.uint8)
STACK = np.random.default_rng(2).integers(0, 60_000, (2, 3, *SHAPE)).astype(np.uint16)  # T, C, Y, X


def in_squares(regions, side=64):
    """Every region of a picture, put together again."""
    rows, columns = (
        [slice(start, min(start + side, n)) for start in range(0, n, side)] for n in regions.shape
    )
    every = [[regions.pixels(row, column) for column in columns] for row in rows]
    y, x = (every[0][0].axes.index(axis) for axis in "YX")
    lines = [np.concatenate([own.array for own in line], axis=x) for line in every]
    return np.concatenate(lines, axis=y), every[0][0].axes


@pytest.mark.parametrize("form", [{}, {"tile": (64, 32)}, {"rowsperstrip": 16, "compression": "zlib"}])
def test_regions_have_all_planes_and_channels_of_the_file(tmp_path, form):
    tifffile.imwrite(tmp_path / "a.tif", STACK, metadata={"axes": "TCYX"}, ome=True, **form)
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert tiff_regions.readable(file.series)
        assert tiff_regions.size(file.series[0]) == SHAPE
        array, axes = in_squares(tiff_regions.Regions(file))
    assert axes == "TCYX"
    np.testing.assert_array_equal(array, STACK)


def test_tiles_that_neighbours_share_are_decoded_once(tmp_path, monkeypatch):
    tifffile.imwrite(tmp_path / "a.tif", RGB, rowsperstrip=16, compression="zlib", photometric="rgb")
    decoded, read = [], tiff_regions.Regions._decoded
    monkeypatch.setattr(
        tiff_regions.Regions, "_decoded", lambda self, *place: decoded.append(place) or read(self, *place)
    )
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        array, _ = in_squares(tiff_regions.Regions(file))
    np.testing.assert_array_equal(array, RGB)
    assert len(decoded) == len(set(decoded)) == -(-SHAPE[0] // 16)


def test_another_picture_in_the_file_makes_it_unreadable_in_pieces(tmp_path):
    with tifffile.TiffWriter(tmp_path / "a.tif") as writer:
        writer.write(RGB, photometric="rgb")
        writer.write(RGB[::2, ::2], photometric="rgb")
    with tifffile.TiffFile(tmp_path / "a.tif") as file:
        assert not tiff_regions.readable(file.series)
