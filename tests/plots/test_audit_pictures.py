import matplotlib.pyplot as plt
import numpy as np
import pytest

from cellseg_utils.plots import audit_pictures

TILES = [np.full((4, 6, 3), grey, np.uint8) for grey in (40, 80, 160)]


def drawn(fig):
    """Draw it, so that a missing glyph is an error, and close it."""
    fig.canvas.draw()
    plt.close(fig)
    return fig


def labelled(*boxes, shape=(200, 300)):
    labels = np.zeros(shape, np.int32)
    for label, rows, columns in boxes:
        labels[slice(*rows), slice(*columns)] = label
    return labels


def test_tiles_lie_in_their_places_brightened_alike_and_missing_ones_are_white():
    picture = audit_pictures.assemble(TILES, [0, 1, 1], [1, 0, 1])
    assert picture.shape == (8, 12, 3)
    corners = picture[[0, 0, 7, 7], [0, 11, 0, 11], 0].tolist()
    assert corners == [255, 63, 127, 255]


def test_two_tiles_in_one_place_and_tiles_of_two_sizes_are_refused():
    with pytest.raises(ValueError, match="a place of its own"):
        audit_pictures.assemble(TILES, [0, 0, 1], [0, 0, 0])
    with pytest.raises(ValueError, match="tiles of one size"):
        audit_pictures.assemble([TILES[0], TILES[1][:3]], [0, 1], [0, 0])
    with pytest.raises(ValueError, match="'rows': 2"):
        audit_pictures.assemble(TILES, [0, 1], [0, 0, 1])


def test_mosaic_grid_draws_every_seam():
    mosaics = [np.zeros((8, 12, 3), np.uint8), np.zeros((4, 18, 3), np.uint8)]
    fig = drawn(audit_pictures.mosaic_grid(mosaics, [(4, 6), (4, 6)], ["甲\n4 块", "乙\n3 块"]))
    assert [ax.get_title() for ax in fig.axes] == ["甲\n4 块", "乙\n3 块"]
    seams = [np.array(ax.collections[0].get_segments()) for ax in fig.axes]
    assert len(seams[0]) == 2
    np.testing.assert_array_equal(seams[1][:, :, 0], [[5.5, 5.5], [11.5, 11.5]])


def test_mosaic_grid_refuses_lengths_that_differ_and_nothing():
    with pytest.raises(ValueError, match="'titles': 0"):
        audit_pictures.mosaic_grid([TILES[0]], [(2, 3)], [])
    with pytest.raises(ValueError, match="at least one picture"):
        audit_pictures.mosaic_grid([], [], [])


@pytest.mark.parametrize(
    ("rows", "columns", "part"),
    [
        ((100, 110), (100, 120), (slice(80, 130), slice(85, 135))),  # 2.5 times 20 pixels
        ((100, 102), (100, 102), (slice(77, 125), slice(77, 125))),  # at least 48 pixels
        ((0, 4), (290, 300), (slice(0, 48), slice(252, 300))),  # inside the picture
        ((50, 150), (0, 300), (slice(0, 750), slice(0, 750))),  # larger than the picture
    ],
)
def test_a_close_up_is_a_square_around_the_nucleus_inside_the_picture(rows, columns, part):
    assert audit_pictures.close_up(labelled((3, rows, columns)), 3) == part


def test_a_close_up_of_nothing_is_refused():
    with pytest.raises(ValueError, match="label 4"):
        audit_pictures.close_up(labelled((3, (5, 10), (5, 10))), 4)


def test_fault_grid_shows_the_first_faulty_nucleus_and_outlines_the_faulty_ones():
    labels = labelled((1, (20, 30), (20, 30)), (2, (100, 110), (150, 160)), (3, (115, 120), (150, 160)))
    image = (labels * 50).astype(np.uint8)[..., None].repeat(3, axis=2)
    fig = drawn(audit_pictures.fault_grid([image], [labels], [[2, 3]], ["有孔洞的核：2 个"]))
    [ax] = fig.axes
    assert ax.get_title() == "有孔洞的核：2 个"
    assert (ax.get_xlim(), ax.get_ylim()) == ((130.5, 178.5), (128.5, 80.5))
    every, faulty = (len(collection.get_segments()) for collection in ax.collections)
    assert (every, faulty) == (3, 2)


def test_fault_grid_refuses_lengths_that_differ():
    with pytest.raises(ValueError, match="'faulty': 0"):
        audit_pictures.fault_grid([TILES[0]], [labelled((1, (5, 9), (5, 9)))], [], ["甲"])
