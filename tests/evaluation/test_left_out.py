from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cellseg_utils.data import dataset
from cellseg_utils.evaluation import compare, left_out, scoring
from cellseg_utils.prediction import segmentation

SETTINGS = SimpleNamespace(seed=3)
DISC = np.zeros((20, 20), np.int32)
DISC[5:15, 5:15] = 1


def table_of(**counts):
    """Samples of some kinds; every fourth picture validates, each is a family of its own."""
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    numbers = np.arange(len(kinds))
    return pd.DataFrame(
        {"id": numbers.astype(str), "kind": kinds, "family": numbers, "validation": numbers % 4 == 0}
    )


class Trainer:
    """Remembers what was trained on."""

    def __init__(self):
        self.calls = []

    def train(self, architecture, arguments, settings, chosen=None):
        self.calls.append((architecture, arguments, settings, chosen))
        return "seen" if chosen is None else "unseen"


@pytest.fixture
def scored(monkeypatch):
    """A network that has seen a kind finds every disc, any other finds none and invents one; all calls."""
    calls = []

    def scores(contenders, rule, pictures):
        [(name, network)] = contenders.items()
        calls.append((network, rule, [picture.id for picture in pictures]))
        right = network == "seen"
        found = [
            segmentation.Segmentation(
                DISC if right else np.roll(DISC, 9, 0), DISC.astype(np.float32), doubt="" if right else "!"
            )
            for _ in pictures
        ]
        return {name: found}, {name: scoring.score_pictures(pictures, found)}

    monkeypatch.setattr(compare, "scores", scores)
    monkeypatch.setattr(
        dataset,
        "read_samples",
        lambda source, ids: [dataset.Sample(name, np.zeros((20, 20, 3), np.uint8), DISC, 0) for name in ids],
    )
    return calls


@pytest.mark.parametrize(
    ("counts", "kinds"),
    [
        ({"fluorescence": 40, "grey_tissue": 9}, ["grey_tissue"]),
        ({"fluorescence": 40, "grey_tissue": 12}, ["fluorescence", "grey_tissue"]),
        ({"grey_tissue": 40, "fluorescence": 12}, ["fluorescence", "grey_tissue"]),
        ({"fluorescence": 40, "grey_tissue": 7}, []),
        ({"fluorescence": 40}, []),
    ],
)
def test_kinds_are_left_out_where_enough_pictures_are_on_both_sides(counts, kinds):
    assert left_out.kinds(table_of(**counts)) == kinds


def test_no_picture_of_the_kind_trains_and_those_that_are_scored_did_not(scored):
    samples, trainer = table_of(fluorescence=30, purple_on_white=60), Trainer()
    left_out.table(trainer, "source", samples, {"filters": 2}, SETTINGS, {"threshold": 0.4})
    reference, *others = trainer.calls
    assert reference == ("unet", {"filters": 2}, SETTINGS, None)
    assert [samples["kind"][~call[3]].unique().tolist() for call in others] == [
        ["fluorescence"],
        ["purple_on_white"],
    ]
    assert [network for network, _, _ in scored] == ["unseen", "seen"] * 2
    assert all(rule == {"threshold": 0.4} for _, rule, _ in scored)
    held_out = set(samples["id"][samples["validation"]])
    for network, _, ids in scored:
        assert network == "unseen" or set(ids) <= held_out


def test_a_kind_has_its_scores_its_warnings_and_the_difference_to_having_seen_it(scored):
    samples = table_of(fluorescence=40, purple_on_white=60)
    table = left_out.table(Trainer(), "source", samples, {}, SETTINGS, {})
    assert table["kind"].tolist() == ["fluorescence", "purple_on_white"]
    for row in table.itertuples():
        assert row.pictures == row.warned == 40
        assert row.f1 == row.kaggle == row.unseen == 0
        assert row.validation in (10, 15)
        assert row.seen == 1
        assert row.difference == row.difference_low == row.difference_high == -1


def test_all_validation_pictures_are_among_those_scored_and_no_more_than_the_most(scored, monkeypatch):
    monkeypatch.setattr(left_out, "MOST", 20)
    samples = table_of(fluorescence=30, purple_on_white=200)
    table = left_out.table(Trainer(), "source", samples, {}, SETTINGS, {})
    assert table["pictures"].tolist() == [20, 20]
    assert table["validation"].tolist() == [8, 20]
    for _, _, ids in scored:
        assert len(set(ids)) == len(ids)


def test_a_kind_without_validation_pictures_has_no_difference(scored):
    samples = table_of(fluorescence=30, purple_on_white=10)
    samples.loc[samples["kind"] == "purple_on_white", "validation"] = False
    [row] = left_out.table(Trainer(), "source", samples, {}, SETTINGS, {}).iloc
    assert row["pictures"] == 10
    assert row["validation"] == 0
    assert row[["seen", "unseen", "difference"]].isna().all()


def test_settings_are_passed_on_as_they_are(scored):
    trainer = Trainer()
    left_out.table(trainer, "source", table_of(fluorescence=30, grey_tissue=16), {}, SETTINGS, {})
    assert len(trainer.calls) == 3
    assert all(call[2] is SETTINGS for call in trainer.calls)


def test_a_kind_that_alone_validates_is_not_left_out():
    samples = table_of(fluorescence=40, grey_tissue=16)
    samples.loc[samples["kind"] == "grey_tissue", "validation"] = False
    assert left_out.kinds(samples) == ["grey_tissue"]
