import matplotlib.pyplot as plt
import numpy as np
import pytest

from cellseg_utils.plots import concepts

LABELS = np.zeros((40, 50), np.int32)
LABELS[4:16, 4:16] = 1
LABELS[4:16, 22:34] = 2 * np.tri(12, dtype=np.int32)
LABELS[25:31, 30:36] = 3
IMAGE = np.where(LABELS[..., None] > 0, 80, 10).repeat(3, axis=2).astype(np.uint8)


def drawn(fig):
    """Draw it, so that a missing glyph is an error, and close it."""
    fig.canvas.draw()
    plt.close(fig)
    return fig


def test_four_views_of_one_picture():
    fig = drawn(concepts.four_views(IMAGE, LABELS))
    assert [ax.get_title() for ax in fig.axes] == ["原图", "语义分割", "实例分割", "物体检测"]
    assert len(fig.axes[3].collections[0].get_segments()) == 3


def test_pixel_grid_writes_the_value_and_the_label_of_each_pixel():
    fig = drawn(concepts.pixel_grid(IMAGE, LABELS, around=(16, 16)))
    whole, magnified, values, labels = fig.axes
    assert (whole.patches[0].get_x(), whole.patches[0].get_y()) == (9.5, 9.5)
    assert magnified.images[0].get_array().shape == (12, 12, 3)
    assert [int(text.get_text()) for text in values.texts] == IMAGE[10:22, 10:22, 0].ravel().tolist()
    assert [int(text.get_text()) for text in labels.texts] == LABELS[10:22, 10:22].ravel().tolist()


def test_pixel_grid_stays_inside_the_picture():
    fig = drawn(concepts.pixel_grid(IMAGE, LABELS, around=(39, 0)))
    assert [int(text.get_text()) for text in fig.axes[3].texts] == LABELS[28:, :12].ravel().tolist()


def test_pixel_grid_chooses_a_place_with_a_border_in_it():
    fig = drawn(concepts.pixel_grid(IMAGE[:, :, 0], LABELS))
    assert len({text.get_text() for text in fig.axes[3].texts}) > 1


def test_pixel_grid_refuses_a_picture_that_is_too_small():
    with pytest.raises(ValueError, match="does not fit"):
        concepts.pixel_grid(IMAGE[:11, :11], LABELS[:11, :11])


def test_same_box_other_shape_sets_the_square_beside_the_triangle():
    fig = drawn(concepts.same_box_other_shape(IMAGE, LABELS))
    square, triangle, fills = fig.axes
    assert square.get_title() == "边界框 12×12 像素\n核占 100%"
    assert triangle.get_title() == "边界框 12×12 像素\n核占 54%"
    assert sum(bar.get_height() for bar in fills.patches) == 3
    assert fills.get_legend().get_texts()[0].get_text() == "椭圆（π/4 ≈ 79%）"


def test_same_box_other_shape_takes_nuclei_at_the_border_where_there_are_no_others():
    inside = drawn(concepts.same_box_other_shape(IMAGE, LABELS)).axes[2]
    assert "碰到图边" not in inside.get_xlabel()
    cut = np.s_[4:31, 4:36]
    one, other, fills = drawn(concepts.same_box_other_shape(IMAGE[cut], LABELS[cut])).axes
    assert [ax.get_title().split("\n")[0] for ax in (one, other)] == ["边界框 12×12 像素"] * 2
    assert sum(bar.get_height() for bar in fills.patches) == 3
    assert fills.get_xlabel().endswith("（含碰到图边的核）")


@pytest.mark.parametrize("count", [0, 1])
def test_same_box_other_shape_says_so_where_there_are_not_two_nuclei(count):
    [ax] = drawn(concepts.same_box_other_shape(IMAGE, LABELS * (LABELS == 1) * count)).axes
    assert ax.get_title() == f"例图里有 {count} 个细胞核，至少要有两个才能比较"
    assert ax.images


@pytest.mark.parametrize("draw", [concepts.four_views, concepts.pixel_grid])
def test_a_picture_without_nuclei_can_be_drawn(draw):
    drawn(draw(IMAGE, np.zeros_like(LABELS)))


def test_a_dollar_sign_in_a_title_is_no_formula():
    fig = concepts.four_views(IMAGE, LABELS)
    text = fig.axes[0].set_title(r"a$b_$\undefined$")
    assert not text.get_parse_math()
    drawn(fig)


@pytest.mark.parametrize("draw", [concepts.four_views, concepts.pixel_grid, concepts.same_box_other_shape])
def test_labels_of_another_size_are_refused(draw):
    with pytest.raises(ValueError, match="differ in height or width"):
        draw(IMAGE, LABELS[1:])
