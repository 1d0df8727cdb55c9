import numpy as np
import painter
import pytest
from discs import discs
from painter import PAINTER, drawn, paint, painting

from cellseg_utils.audit import image_kinds
from cellseg_utils.prediction import certainty, in_blocks, looks, segmentation, survey, views
from cellseg_utils.preprocessing import scale, stains


def on_a_grid(radius, step, shape):
    """Discs, wherever there is place for a whole one."""
    disc = discs((step, step), [(step / 2, step / 2, radius)]) > 0
    whole = np.tile(disc, np.floor_divide(shape, step))
    return np.pad(whole, [(0, length - own) for length, own in zip(shape, whole.shape, strict=True)])


def of_discs(diameter, shape=(600, 700)):
    return drawn(on_a_grid(diameter / 2, round(1.5 * diameter), shape))


def coloured(shape=(1111, 1300)):
    image = np.random.default_rng(0).normal((230, 215, 235), 6, (*shape, 3))
    image[on_a_grid(11, 40, shape)] = 90, 50, 130
    image[:, shape[1] // 2 :] = 240
    return image.clip(0, 255).astype(np.uint8)


def planned(image, bundle=PAINTER, speed="balanced"):
    source = in_blocks.Whole(painter.image_of(image))
    return survey.planned(bundle, source, survey.surveyed(source), speed)


@pytest.mark.parametrize("band", [1, 100_000, 10**9])
def test_the_sample_is_what_planes_of_the_whole_are_made_from(monkeypatch, band):
    monkeypatch.setattr(survey, "BAND", band)
    image = coloured()
    seen = survey.surveyed(in_blocks.Whole(painter.image_of(image)))
    np.testing.assert_array_equal(seen.sample, image[::2, ::2])
    assert image_kinds.image_kind(seen.sample) == image_kinds.image_kind(image)
    np.testing.assert_array_equal(stains.unmixing(seen.sample).planes(image), stains.planes(image))


@pytest.mark.parametrize("band", [1, 10**9])
def test_the_small_picture_is_the_mean_of_squares(monkeypatch, band):
    monkeypatch.setattr(survey, "BAND", band)
    monkeypatch.setattr(survey, "SMALL", 200)
    image = coloured((606, 780))
    seen = survey.surveyed(in_blocks.Whole(painter.image_of(image)))
    assert (seen.factor, seen.small.shape) == (4, (152, 195, 3))
    means = image[:604].reshape(151, 4, 195, 4, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(seen.small[:151], means, atol=0.51)


@pytest.mark.parametrize("diameter", [10, 14, 20, 40])
def test_the_zoom_is_that_of_one_piece(diameter):
    image = of_discs(diameter)
    plan = planned(image)
    assert plan.zoom == pytest.approx(scale.zoom_for(diameter), rel=0.1)
    assert plan.zoom == pytest.approx(
        scale.zoom_for(looks.at_common_size(PAINTER.predict, stains.planes(image), PAINTER.rule).diameter),
        rel=0.05,
    )


def test_specks_in_the_other_quarters_do_not_tell_the_size():
    image = np.zeros((1600, 1600, 3), np.uint8)
    image[:800, :800] = of_discs(20, (800, 800))
    for y, x in ((200, 1200), (1200, 200), (1200, 1200)):
        image[y : y + 4, x : x + 4] = 255
    assert planned(image).zoom == pytest.approx(1, rel=0.1)


def test_where_no_quarter_shows_nuclei_the_zoom_is_1():
    assert planned(np.full((300, 300, 3), 9, np.uint8)).zoom == 1


def test_the_views_are_those_of_the_whole_picture():
    assert planned(of_discs(20)).views.stained == views.of_speed("balanced").plain
    blind = painting(lambda images: np.zeros((*images.shape[:3], 5), np.float32))
    assert planned(coloured(), blind).views.plain == views.of_speed("balanced").stained


def test_the_agreement_is_about_that_of_one_piece():
    image = of_discs(20)
    planes, seen = stains.planes(image), views.of_speed("balanced")
    look = looks.at_common_size(PAINTER.predict, planes, PAINTER.rule)
    zoom = scale.zoom_for(look.diameter)
    labels, probability = segmentation.nuclei(PAINTER.predict, planes, zoom, seen, PAINTER.rule)
    look = segmentation.second_opinion(PAINTER, planes, look, zoom, seen)
    whole = certainty.features(labels, probability, look)[:, 0].mean()
    assert planned(image).agreement == pytest.approx(whole, abs=0.05)


def test_a_network_that_sees_something_else_at_every_zoom_agrees_less():
    def fickle(images):
        return paint(np.roll(images, images.shape[1] % 11, axis=2))

    assert planned(of_discs(20), painting(fickle)).agreement < planned(of_discs(20)).agreement


@pytest.mark.parametrize(("zoom", "side", "margin"), [(1, 2226, 111), (4, 640, 32), (0.1, 4096, 1113)])
def test_blocks_are_as_large_as_maps_of_2560_pixels(zoom, side, margin):
    plan = survey.Plan(None, zoom, views.of_speed("balanced"), 0.5)
    assert (plan.side, plan.margin) == (side, margin)


def test_the_plan_is_that_of_one_piece_also_where_quarters_differ_a_little():
    image = np.zeros((900, 1100, 3), np.uint8)
    image[:450, :550] = of_discs(20, (450, 550))
    image[450:, 550:] = of_discs(22, (450, 550))
    whole = looks.at_common_size(PAINTER.predict, stains.planes(image), PAINTER.rule)
    assert planned(image).zoom == scale.zoom_for(whole.diameter)


def test_a_busiest_part_that_is_no_tissue_does_not_tell_the_size():
    image = of_discs(20, (1600, 1600))
    image[:300, :300] = 0
    image[0:300:9, 0:300:9] = image[1:300:9, 0:300:9] = 255  # specks, close together
    image[0:300:9, 1:300:9] = image[1:300:9, 1:300:9] = 255
    assert planned(image).zoom == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 900), (900, 1), (2, 3)])
def test_a_strip_of_a_picture_has_a_plan_too(shape):
    assert planned(np.zeros((*shape, 3), np.uint8)).zoom == 1
