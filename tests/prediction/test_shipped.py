"""The bundle inside the package: it can be opened, its card is its own, and it finds and separates nuclei."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
import texts

from cellseg_utils.audit import image_kinds
from cellseg_utils.data import synthetic
from cellseg_utils.evaluation import model_card, scoring
from cellseg_utils.prediction import bundle, bundle_files, segmentation


@pytest.fixture(scope="module")
def shipped():
    return bundle.load(bundle_files.SHIPPED)


def test_its_card_is_made_of_its_facts_and_shows_scores_by_kind(shipped):
    card = (bundle_files.SHIPPED / bundle_files.CARD).read_text(encoding="utf-8")
    assert card == model_card.text(shipped.about)
    assert "fluorescence" in shipped.about["scores"]["kinds"]


def test_its_english_card_has_an_english_name_for_everything_of_its_own(shipped):
    card = model_card.text(shipped.about).split(model_card.SEPARATOR)[1]
    for kind in image_kinds.KINDS.values():
        card = card.replace(kind, "")
    assert not texts.CHINESE.search(card)


def test_its_weights_are_small_enough_for_git():
    assert (bundle_files.SHIPPED / bundle_files.WEIGHTS).stat().st_size < 16e6


def test_it_finds_and_separates_nuclei_of_pictures_that_it_never_saw(shipped):
    rng = np.random.default_rng(0)
    samples = [synthetic.draw_sample("fluorescence", (128, 160), rng) for _ in range(3)]
    scores = [
        scoring.score_picture(labels, segmentation.segment(shipped, image).labels)
        for image, labels in samples
    ]
    assert np.mean([score["dice"] for score in scores]) > 0.8
    assert np.mean([score["ap50"] for score in scores]) > 0.5


@pytest.mark.parametrize("side", [24, 48, 64, 200])
def test_noise_of_any_size_is_no_plate_full_of_nucleus(shipped, side):
    noise = np.random.default_rng(0).integers(0, 256, (side, side, 1)).astype(np.uint8)
    found = segmentation.segment(shipped, np.repeat(noise, 3, axis=2))
    assert not found.labels.any()
    assert found.doubt.startswith("没有找到细胞核")
