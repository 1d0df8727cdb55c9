import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from cellseg_utils.evaluation import calibration
from cellseg_utils.plots import calibration_charts

CURVE = calibration.reliability([[80, 4, 0], [0, 0, 0], [20, 15, 18]])


@pytest.fixture
def ax():
    fig, ax = plt.subplots()
    yield ax
    fig.canvas.draw()  # a missing glyph is an error here
    plt.close(fig)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_reliability_leaves_empty_bins_out_and_names_the_error(ax):
    calibration_charts.reliability_diagram(ax, CURVE, 0.07)
    diagonal, line = ax.lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    np.testing.assert_allclose(line.get_xydata(), [[0.05, 0], [0.75, 0.9]])
    assert legend(ax)[1] == "模型（ECE 0.070）"


def test_histogram_has_the_share_of_every_bin(ax):
    calibration_charts.pixel_histogram(ax, CURVE)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], [0.8, 0, 0.2])
    assert ax.get_ylim() == (0.1, 1)


def test_calibration_has_the_diagram_above_the_histogram():
    fig = calibration_charts.calibration(CURVE, 0.07)
    fig.canvas.draw()
    upper, lower = fig.axes
    assert (len(upper.lines), len(lower.patches)) == (2, 3)
    assert (upper.get_xlabel(), lower.get_xlabel()) == ("", "模型给出的概率")
    plt.close(fig)


@pytest.mark.parametrize("draw", [calibration_charts.reliability_diagram, calibration_charts.pixel_histogram])
def test_reliability_refuses_no_pixels_and_missing_columns(ax, draw):
    with pytest.raises(ValueError, match="at least one bin"):
        draw(ax, calibration.reliability(np.zeros((3, 3))))
    with pytest.raises(ValueError, match=r"columns \['pixels'\] are missing"):
        draw(ax, CURVE.drop(columns="pixels"))


def test_certainty_has_a_point_with_its_number_for_each_bin_with_nuclei(ax):
    curve = pd.DataFrame(
        {"predicted": [0.1, np.nan, 0.9], "observed": [0.2, np.nan, 1], "pixels": [1234, 0, 7]}
    )
    calibration_charts.certainty(ax, curve)
    points = ax.lines[1].get_xydata()
    np.testing.assert_allclose(points, [[0.1, 0.2], [0.9, 1]])
    assert [text.get_text() for text in ax.texts] == ["1,234", "7"]
    assert legend(ax) == ["把握可信", "模型"]


def test_certainty_without_nuclei_stays_empty_and_refuses_missing_columns(ax):
    curve = pd.DataFrame({"predicted": [np.nan], "observed": [np.nan], "pixels": [0]})
    assert len(calibration_charts.certainty(ax, curve).lines[1].get_xydata()) == 0
    with pytest.raises(ValueError, match="observed"):
        calibration_charts.certainty(ax, curve.drop(columns="observed"))
