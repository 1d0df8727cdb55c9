import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.plots import score_charts

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [0.5, 0.3, 0.2],
        "accuracy": [0.8, 0.9, 0.95],
        "dice_coef": [0.5, 0.7, 0.8],
        "val_loss": [0.6, 0.35, 0.4],
        "val_accuracy": [0.7, 0.88, 0.87],
        "val_dice_coef": [0.4, 0.66, 0.65],
    }
)


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    fig.canvas.draw()  # a missing glyph is an error here
    plt.close(fig)


def test_curves_draw_training_and_validation_and_mark_the_best_epoch():
    fig = score_charts.curves(HISTORY, best_epoch=2)
    fig.canvas.draw()
    for ax, name in zip(fig.axes, ("loss", "accuracy", "dice_coef"), strict=True):
        training, validation, best = ax.lines[:3]
        assert training.get_ydata().tolist() == HISTORY[name].tolist()
        assert validation.get_ydata().tolist() == HISTORY[f"val_{name}"].tolist()
        assert list(best.get_xdata()) == [2, 2]
        assert f"{HISTORY[f'val_{name}'][1]:.3f}" in ax.get_title(loc="left")
    assert "最佳：第 2 轮" in [text.get_text() for text in fig.axes[0].get_legend().get_texts()]
    plt.close(fig)


def test_curves_of_a_single_epoch_have_points_to_see():
    fig = score_charts.curves(HISTORY[:1], best_epoch=1)
    assert fig.axes[0].lines[0].get_marker() == "o"
    assert fig.axes[2].get_xlim() == (0.5, 1.5)
    plt.close(fig)


def test_curves_refuse_missing_columns_and_unknown_epochs():
    with pytest.raises(ValueError, match=r"columns \['val_loss'\] are missing"):
        score_charts.curves(HISTORY.drop(columns="val_loss"), best_epoch=2)
    with pytest.raises(ValueError, match="best epoch 4 is not among"):
        score_charts.curves(HISTORY, best_epoch=4)


def test_score_distribution_counts_every_score_and_names_mean_and_median(ax):
    score_charts.score_distribution(ax, [0.81, 0.9, 0.93, 1.0], "Dice")
    assert sum(bar.get_height() for bar in ax.patches) == 4
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["平均 0.910", "中位数 0.915"]
    assert ax.get_xlabel() == "每张图像的 Dice"


def test_score_distribution_of_perfect_scores(ax):
    score_charts.score_distribution(ax, [1.0, 1.0], "IoU")
    assert sum(bar.get_height() for bar in ax.patches) == 2


def test_score_distribution_refuses_no_scores(ax):
    with pytest.raises(ValueError, match="at least one score"):
        score_charts.score_distribution(ax, [], "Dice")


def test_scores_by_kind_has_a_row_for_each_kind(ax):
    score_charts.scores_by_kind(ax, [0.9, 0.8], ["荧光", "染色"], "Dice")
    assert len(ax.get_yticks()) == 2
    assert ax.get_xlabel() == "每张图像的 Dice"


def test_score_axes_of_a_figure_begin_alike_and_say_so_unless_at_zero(ax):
    assert score_charts.lowest([0.9, 0.82], [0.85]) == 0.8
    assert score_charts.lowest([0.9], [0.79, 0.5]) == 0.5
    assert score_charts.lowest([0.9], [0.3]) == score_charts.lowest([0.0], [1.0]) == 0
    score_charts.scores_by_kind(ax, [0.9, 0.8], ["荧光", "染色"], "Dice", start=0.8)
    assert ax.get_xlabel() == "每张图像的 Dice（横轴从 0.8 起）"
    below, above = ax.get_xlim()
    assert (below, above) == pytest.approx((0.798, 1.002))


def test_images_are_counted_in_whole_numbers(ax):
    score_charts.score_distribution(ax, [0.9, 0.3], "Dice")
    assert all(tick == round(tick) for tick in ax.get_yticks())


def test_threshold_sweep_draws_both_scores_and_the_chosen_threshold(ax):
    thresholds = np.array([0.25, 0.5, 0.75])
    score_charts.threshold_sweep(ax, thresholds, [0.8, 0.9, 0.7], [0.7, 0.8, 0.6], chosen=0.5)
    dice, iou, chosen = ax.lines
    assert (list(dice.get_ydata()), list(iou.get_ydata())) == ([0.8, 0.9, 0.7], [0.7, 0.8, 0.6])
    assert list(chosen.get_xdata()) == [0.5, 0.5]


def test_threshold_sweep_refuses_lengths_that_differ(ax):
    with pytest.raises(ValueError, match="'iou': 1"):
        score_charts.threshold_sweep(ax, [0.5, 0.6], [0.8, 0.9], [0.7], chosen=0.5)
