import base64
import io

import bs4
import numpy as np
import pandas as pd
import pytest
from discs import discs
from matplotlib.colors import to_rgb
from PIL import Image

from cellseg_utils.evaluation import object_errors
from cellseg_utils.plots import explorer, instance_charts, instance_pictures

TRUTH = discs((60, 120), [(30, 30, 14), (30, 90, 14)])
FOUND = discs((60, 120), [(30, 30, 14)])


def shown(*predictions, kaggle, ids=None, kinds=None):
    errors = [object_errors.errors(TRUTH, own) for own in predictions]
    rows = pd.DataFrame({"kaggle": kaggle, "dice": 0.5, "nuclei": 2.0, "predicted": 1.0})
    rows["kind"] = kinds or "<b>荧光"
    rows["id"] = ids or [f"{n:064}" for n in range(len(rows))]
    for name in object_errors.NAMES:
        rows[name] = [float(len(getattr(own, name))) for own in errors]
    image = np.full((*TRUTH.shape, 3), 60, np.uint8)
    many = len(predictions)
    page = explorer.explorer([image] * many, [TRUTH] * many, predictions, errors, rows)
    return bs4.BeautifulSoup(page.data, "html.parser")


def colours(tag):
    data = base64.b64decode(tag["src"].partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).reshape(-1, 3)


def share_near(tag, colour):
    return (np.abs(colours(tag) - 255 * np.array(to_rgb(colour))).max(axis=1) < 60).mean()


def test_a_card_has_the_picture_truth_and_prediction_its_scores_and_its_errors():
    [card] = shown(FOUND, kaggle=[0.25])("article")
    assert [image["alt"].partition("：")[0] for image in card("img")] == ["原图", "真值", "预测"]
    assert card["data-missed"] == "1"
    assert card["data-kind"] == "<b>荧光"
    facts = dict(zip([t.get_text() for t in card("dt")], [t.get_text() for t in card("dd")], strict=True))
    assert facts == {"Kaggle 得分": "0.250", "Dice": "0.500", "真实的核": "2", "预测的核": "1", "漏检": "1"}


def test_outlines_have_the_colour_of_what_went_wrong():
    _, truth, prediction = shown(FOUND, kaggle=[0.25])("img")
    assert share_near(truth, instance_charts.ERROR_COLOURS["missed"]) > 0.003
    assert share_near(prediction, instance_charts.ERROR_COLOURS["missed"]) == 0
    assert share_near(prediction, instance_pictures.FOUND) > 0.003


def test_the_worst_comes_first_and_only_so_many_are_shown(monkeypatch):
    monkeypatch.setattr(explorer, "MOST", 2)
    cards = shown(FOUND, TRUTH, FOUND, kaggle=[0.5, 1.0, 0.25])("article")
    assert [card["data-kaggle"] for card in cards] == ["0.25", "0.5"]


def test_cards_know_the_place_of_their_kind():
    cards = shown(FOUND, TRUTH, FOUND, kaggle=[0.1, 0.2, 0.3], kinds=["亮底灰度", "暗底荧光", "亮底灰度"])(
        "article"
    )
    assert [card["data-place"] for card in cards] == ["1", "0", "1"]


@pytest.mark.parametrize("shape", [(1, 900), (900, 1), (5, 5)])
def test_any_shape_becomes_a_small_picture(shape):
    empty = np.zeros(shape, np.int32)
    rows = pd.DataFrame(
        {name: [0.0] for name in (*explorer.NUMBERS, *object_errors.NAMES)} | {"kind": "x", "id": "y"}
    )
    errors = [object_errors.errors(empty, empty)]
    image = np.zeros((*shape, 3), np.uint8)
    page = explorer.explorer([image], [empty], [empty], errors, rows)
    first = bs4.BeautifulSoup(page.data, "html.parser").img
    assert max(Image.open(io.BytesIO(base64.b64decode(first["src"].partition(",")[2]))).size) == explorer.SIDE


def test_cards_in_english_carry_the_same_data(monkeypatch):
    monkeypatch.setenv("CELLSEG_LANG", "en")
    page = shown(FOUND, kaggle=[0.5])
    card = page.select_one("article")
    assert {"data-kaggle", "data-missed", "data-kind"} < set(card.attrs)
    assert [picture["alt"].split(": ")[0] for picture in card.select("img")] == [
        "Image",
        "Ground truth",
        "Prediction",
    ]
    assert [term.text for term in card.select("dt")][:4] == [
        "Kaggle score",
        "Dice",
        "True nuclei",
        "Predicted nuclei",
    ]
