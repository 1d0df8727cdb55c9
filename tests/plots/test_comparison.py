import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.plots import comparison

NAMES = ["U-Net", "Attention U-Net", "U-Net++"]


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


def test_the_ladder_shows_every_score_and_its_interval():
    kaggle = np.array([0.3, 0.45, 0.6])
    table = pd.DataFrame({"model": NAMES, "kaggle": kaggle})
    fig = comparison.ladder(table.assign(kaggle_low=kaggle - 0.1, kaggle_high=kaggle + 0.05))
    fig.canvas.draw()
    [ax] = fig.axes
    assert ax.lines[0].get_xdata().tolist() == kaggle.tolist()
    ends = [segment[:, 0].tolist() for segment in ax.collections[0].get_segments()]
    np.testing.assert_allclose(ends, [[0.2, 0.35], [0.35, 0.5], [0.5, 0.65]])
    assert [text.get_text() for text in ax.texts] == ["0.300", "0.450", "0.600"]
    assert [label.get_text() for label in ax.get_yticklabels()] == NAMES
    plt.close(fig)


def test_the_ladder_refuses_a_missing_column():
    with pytest.raises(ValueError, match="kaggle_low"):
        comparison.ladder(pd.DataFrame({"model": NAMES, "kaggle": 0.5}))
    plt.close("all")


def test_scores_over_minutes_show_every_training_at_its_own_moments():
    curves = {
        "seed 方案": (np.array([5.1, 15.2]), {"dice": np.array([0.8, 0.85]), "kaggle": np.array([0.2, 0.3])}),
        "best 方案": (np.array([5.0]), {"dice": np.array([0.9]), "kaggle": np.array([0.5])}),
    }
    fig = comparison.over_minutes(curves)
    fig.canvas.draw()
    for ax, score in zip(fig.axes, ("dice", "kaggle"), strict=True):
        assert ax.get_xscale() == "log"
        low, high = ax.get_xlim()
        assert any(low <= tick <= high for tick in ax.get_xticks())
        for line, (name, (minutes, scores)) in zip(ax.lines, curves.items(), strict=True):
            assert line.get_label() == name
            assert line.get_xydata().tolist() == np.column_stack([minutes, scores[score]]).tolist()
    plt.close(fig)


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
