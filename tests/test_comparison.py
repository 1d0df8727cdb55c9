import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.plots import comparison

NAMES = ["U-Net", "Attention U-Net", "U-Net++"]
SCORES = pd.DataFrame({"Dice": [0.90, 0.91, 0.92], "IoU": [0.83, 0.84, 0.85]}, index=NAMES)


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    fig.canvas.draw()  # a missing glyph is an error here
    plt.close(fig)


def test_comparison_curves_draw_every_model_over_its_own_epochs():
    histories = {
        name: pd.DataFrame({"epoch": range(1, n), "val_loss": 0.1 * n, "val_dice_coef": 0.8})
        for n, name in enumerate(NAMES, start=3)
    }
    fig = comparison.comparison_curves(histories)
    fig.canvas.draw()
    for ax in fig.axes:
        assert [line.get_label() for line in ax.lines] == NAMES
        assert [len(line.get_xdata()) for line in ax.lines] == [2, 3, 4]
        assert len({line.get_color() for line in ax.lines}) == 3
    assert fig.axes[1].get_xlim() == (0.5, 4.5)
    plt.close(fig)


def test_comparison_curves_refuse_a_missing_column():
    with pytest.raises(ValueError, match="val_loss"):
        comparison.comparison_curves({"U-Net": pd.DataFrame({"epoch": [1]})})
    plt.close("all")


def test_comparison_dots_show_every_score_and_its_interval(ax):
    comparison.comparison_dots(ax, SCORES, SCORES - 0.02, SCORES + 0.01)
    dice, iou = ax.lines
    assert (list(dice.get_xdata()), list(iou.get_xdata())) == (SCORES.Dice.tolist(), SCORES.IoU.tolist())
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(ends, [[0.88, 0.91], [0.89, 0.92], [0.90, 0.93]])
    assert [text.get_text() for text in ax.texts[:3]] == ["0.900", "0.910", "0.920"]
    assert [label.get_text() for label in ax.get_yticklabels()] == NAMES


def test_comparison_dots_without_intervals(ax):
    comparison.comparison_dots(ax, SCORES[["Dice"]])
    assert not ax.collections
    assert ax.get_xlabel() == "得分"


def test_comparison_dots_refuse_half_an_interval(ax):
    with pytest.raises(ValueError, match="both ends"):
        comparison.comparison_dots(ax, SCORES, low=SCORES)
    with pytest.raises(ValueError, match="both ends"):
        comparison.comparison_dots(ax, SCORES, low=SCORES, high=SCORES[:2])


def test_side_by_side_shows_the_picture_the_truth_and_every_model():
    truth = np.zeros((20, 20), bool)
    truth[4:10, 4:10] = True
    image = np.full((20, 20, 3), 90, np.uint8)
    predictions = {name: np.roll(truth, n, axis=0) for n, name in enumerate(NAMES)}
    fig = comparison.side_by_side(image, truth, predictions, {"U-Net": "Dice 1.000"})
    fig.canvas.draw()
    shown = [ax.get_title() for ax in fig.axes if ax.images]
    assert shown == ["原图", "真值", "U-Net\nDice 1.000", "Attention U-Net", "U-Net++"]
    assert fig.axes[2].get_legend() is not None
    plt.close(fig)


def test_side_by_side_refuses_a_prediction_of_another_size():
    image = np.zeros((20, 20, 3), np.uint8)
    with pytest.raises(ValueError, match="differ in height or width"):
        comparison.side_by_side(image, np.zeros((20, 20)), {"U-Net": np.zeros((10, 10))})
