import composites
import numpy as np
import pytest

from cellseg_utils.audit import dna_channel
from cellseg_utils.audit.dna_channel import Choice

DNA, BODIES, RIMS = composites.dna(), composites.bodies(), composites.rims()
EMPTY = np.random.default_rng(3).normal(0.05, 0.002, composites.SIZE)


def stacked(*channels, dtype=np.float64, scale=1):
    return (scale * np.dstack(channels)).astype(dtype)


@pytest.mark.parametrize(
    "channels",
    [(DNA, BODIES), (BODIES, DNA), (RIMS, DNA), (DNA, RIMS, BODIES), (BODIES, RIMS, DNA, EMPTY)],
)
@pytest.mark.parametrize(("dtype", "scale"), [(np.uint8, 255), (np.uint16, 4000), (np.float32, 1e-3)])
def test_nuclei_are_told_from_cell_bodies_and_membranes(channels, dtype, scale):
    where = next(number for number, channel in enumerate(channels) if channel is DNA)
    choice = dna_channel.choose(stacked(*channels, dtype=dtype, scale=scale))
    assert choice == Choice(where, "looks", sure=True)


@pytest.mark.parametrize(
    ("names", "number"),
    [
        (("GFP", "Hoechst 33342"), 1),
        (("DAPI", "H2B-mCherry"), 0),
        (("actin", "H2B-mCherry"), 1),
        (("CH488", "CH405"), 1),
        (("细胞质", "细胞核"), 1),
        (("nucleolin-GFP", "DAPI"), 1),
        (("nucleoporin", "Nuclei"), 1),
        (("PI3K", "Blue"), 1),
        (("Dna", "DNAJB6"), 0),
    ],
)
def test_a_name_says_more_than_looks(names, number):
    assert dna_channel.choose(stacked(DNA, DNA), names) == Choice(number, "name")


def test_of_two_channels_called_after_dna_the_one_that_looks_like_nuclei_is_taken():
    names = ("nuclear envelope", "actin", "nuclei")
    assert dna_channel.choose(stacked(RIMS, BODIES, DNA), names).channel == 2


@pytest.mark.parametrize("shares", [(0, 0, 1), (0.3, 0.1, 1), (1, 0.5, 0), (0.2, 1, 1)])
def test_colours_of_a_look_up_table_are_one_channel_only(shares):
    image = stacked(*(share * DNA for share in shares), dtype=np.uint8, scale=255)
    choice = dna_channel.choose(image, colours=True)
    assert choice.by == "only"
    assert shares[choice.channel] == max(shares)


def test_dim_dna_beside_bright_bodies_is_found():
    image = stacked(0 * DNA, BODIES, 0.15 * DNA, dtype=np.uint8, scale=255)
    assert dna_channel.choose(image, colours=True) == Choice(2, "looks")


def test_of_two_channels_that_look_like_nuclei_the_one_with_more_is_taken_and_the_choice_is_not_sure():
    some = np.where(np.arange(composites.SIZE[1]) < 120, DNA, EMPTY)
    for channels in ((some, DNA), (DNA, some)):
        choice = dna_channel.choose(stacked(*channels))
        assert channels[choice.channel] is DNA
        assert not choice.sure


def test_where_nothing_looks_like_nuclei_the_choice_is_not_sure():
    assert not dna_channel.choose(stacked(RIMS, composites.rims(8))).sure


@pytest.mark.parametrize("value", [0, 7, np.nan])
def test_channels_in_which_nothing_shines_are_no_error(value):
    assert dna_channel.choose(np.full((5, 7, 3), value)).by == "only"


def test_a_large_picture_is_thinned_out(monkeypatch):
    large = np.kron(stacked(BODIES, DNA), np.ones((4, 4, 1)))
    seen = []
    real = dna_channel._objects
    monkeypatch.setattr(dna_channel, "_objects", lambda plane: seen.append(plane.shape) or real(plane))
    assert dna_channel.choose(large).channel == 1
    assert max(map(max, seen)) <= dna_channel.SIDE


def test_of_round_bodies_and_the_nuclei_in_them_the_nuclei_are_taken():
    y, x = np.mgrid[: composites.SIZE[0], : composites.SIZE[1]]
    body = sum(np.hypot(y - row, x - column) < 1.7 * radius for row, column, radius in composites.NUCLEI)
    round_bodies = composites.recorded(np.minimum(body, 1), 5)
    for channels in ((round_bodies, DNA), (DNA, round_bodies)):
        assert channels[dna_channel.choose(stacked(*channels)).channel] is DNA


def test_spots_in_nuclei_are_no_nuclei():
    spots = np.zeros(composites.SIZE)
    for row, column, _ in composites.NUCLEI:
        spots[row - 1 : row + 2, column - 1 : column + 2] = 1
    for channels in ((composites.recorded(spots, 6), DNA), (DNA, composites.recorded(spots, 6))):
        assert channels[dna_channel.choose(stacked(*channels)).channel] is DNA
