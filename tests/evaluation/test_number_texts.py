import pytest

from cellseg_utils.evaluation import number_texts
from cellseg_utils.run import language


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (-0.0002, "+.3f", "+0.000"),
        (-0.0002, ".3f", "0.000"),
        (-0.001, "+.3f", "-0.001"),
        (-0.0004, "+.1%", "+0.0%"),
    ],
)
def test_what_rounds_to_zero_has_no_minus(value, form, text):
    assert number_texts.without_minus_zero(value, form) == text


def test_an_interval_has_two_ends_or_a_dash():
    assert number_texts.interval((0.25, 0.75)) == "0.250–0.750"
    assert number_texts.interval((-0.1, 0.2), "+.3f") == "-0.100 到 +0.200"
    assert number_texts.interval(None) == "—"
    assert number_texts.interval((float("nan"), float("nan"))) == "—"


def test_a_score_stands_before_its_interval_and_one_that_nobody_has_is_none():
    assert (
        number_texts.with_interval({"dice": 0.5, "dice_interval": (0.4, 0.6)}, "dice")
        == "0.500（0.400–0.600）"
    )
    assert number_texts.with_interval({"dice": None, "dice_interval": None}, "dice") is None


def test_in_english_brackets_are_narrow_and_an_interval_with_signs_goes_from_one_end_to_the_other(
    monkeypatch,
):
    monkeypatch.setenv(language.VARIABLE, "en")
    means = {"dice": 0.853, "dice_interval": (0.812, 0.893), "iou": 1.0, "iou_interval": None}
    assert number_texts.with_interval(means, "dice") == "0.853 (0.812–0.893)"
    assert number_texts.with_interval(means, "iou") == "1.000 (—)"
    assert number_texts.interval((-0.1, 0.0), "+.3f") == "-0.100 to +0.000"
    assert number_texts.interval((float("nan"), 1.0), "+.3f") == "—"
