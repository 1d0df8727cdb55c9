import matplotlib.pyplot as plt
import numpy as np
import pytest

from cellseg_utils.plots import grids, style


def test_pictures_of_a_row_have_their_aspect_and_do_not_overlap():
    fig, axes = grids.grid([1.0, 0.5], columns=3, lines=[1, 2], row_titles=["一", "二"], foot=0.4)
    width, height = fig.get_size_inches()
    for row, aspect in ((0, 1.0), (1, 0.5)):
        boxes = [ax.get_position() for ax in axes[row]]
        for box in boxes:
            assert box.height * height == pytest.approx(box.width * width * aspect)
        assert boxes[0].x1 < boxes[1].x0 < boxes[1].x1 < boxes[2].x0
    assert axes[1, 0].get_position().y1 < axes[0, 0].get_position().y0
    assert axes[1, 0].get_position().y0 * height == pytest.approx(0.4 + grids.GAP)
    assert [text.get_text() for text in fig.texts] == ["一", "二"]
    plt.close(fig)


def test_row_titles_are_put_on_one_line():
    fig, _ = grids.grid([1.0], columns=2, row_titles=["荧光\nDice 0.9"])
    assert fig.texts[0].get_text() == "荧光，Dice 0.9"
    plt.close(fig)


def test_nothing_to_show_or_titles_without_rows_are_refused():
    with pytest.raises(ValueError, match="at least one picture, got 0 rows of 2"):
        grids.grid([], 2)
    with pytest.raises(ValueError, match="2 row titles for 1 rows"):
        grids.grid([1.0], 2, row_titles=["一", "二"])


def test_aspect_is_that_of_the_tallest():
    assert grids.aspect_of(np.zeros((10, 20, 3)), np.zeros((30, 20))) == 1.5


def test_titles_that_fit_stay_as_they_are():
    assert grids.fold(["荧光，3 个核"], width=3) == ["荧光，3 个核"]


def test_all_titles_break_at_commas_where_one_is_too_wide():
    wide = "紫色染色（白底），26 个核"
    assert grids.fold([wide, "荧光，3 个核"], width=2.4) == ["紫色染色（白底）\n26 个核", "荧光\n3 个核"]


def test_what_is_still_too_wide_is_cut_off():
    characters = int(2 * 72 / style.GRID_TITLE)
    assert grids.fold(["核" * 50], width=2) == ["核" * (characters - 1) + "…"]


def test_latin_letters_take_less_room():
    assert grids.shorten("a" * 16, 2) == "a" * 16
    assert grids.shorten("a" * 17, 2) == "a" * 15 + "…"


def test_titles_in_english_are_broken_at_their_own_commas_and_colons(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    assert grids.fold(["stained, on light ground: 26 nuclei", "a, 1"], width=2) == [
        "stained\non light ground\n26 nuclei",
        "a\n1",
    ]
