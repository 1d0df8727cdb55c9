import cv2
import numpy as np
import pytest

from cellseg_utils.data import dataset, imagefile, layout, micrograph, scale_bar

SIZE = 256, 320


def nuclei(value=255, ground=20):
    """Flat nuclei, as bright as a drawn bar, one of them long and cut by the border."""
    image = np.full((*SIZE, 3), ground, np.uint8)
    for centre, axes in (
        ((60, 60), (14, 10)),
        ((150, 90), (30, 6)),
        ((255, 205), (9, 9)),
        ((319, 120), (2, 20)),
    ):
        cv2.ellipse(image, centre, axes, 20, 0, 360, (value,) * 3, -1)
    image[0:3, 100:130] = value
    return image


def draw(image, colour, thickness=6, length=60):
    """A bar with letters below it; where it was drawn."""
    left, top = 230, 225
    drawn = image.copy()
    drawn[top : top + thickness, left : left + length] = colour
    cv2.putText(drawn, "50 um", (left, top + 24), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1)
    return drawn, (drawn != image).any(axis=2)


@pytest.mark.parametrize("colour", [(255, 255, 255), (255, 255, 0), (255, 0, 0)])
@pytest.mark.parametrize("thickness", [3, 6, 12])
def test_a_bar_and_its_letters_take_the_value_around_them_and_nuclei_stay(colour, thickness):
    image = nuclei()
    drawn, place = draw(image, colour, thickness)
    seen, found = scale_bar.painted_over(drawn)
    assert found
    assert np.abs(seen[place].astype(int) - 20).max() <= 12
    far = cv2.dilate(place.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    np.testing.assert_array_equal(seen[far], image[far])


def test_black_bars_on_stained_tissue_and_what_jpeg_made_of_them():
    image, _ = micrograph.purple_on_white(SIZE, np.random.default_rng(3))
    drawn, place = draw(image, (0, 0, 0))
    stored = cv2.imdecode(cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, 95])[1], cv2.IMREAD_COLOR)
    for picture in (drawn, stored):
        seen, found = scale_bar.painted_over(picture)
        assert found
        assert seen[place].max(axis=1).min() > 40


@pytest.mark.parametrize(
    "paint", [micrograph.fluorescence, micrograph.purple_on_white, micrograph.grey_tissue]
)
def test_pictures_without_a_bar_stay_as_they_are(paint):
    for seed in range(10):
        image, _ = paint(SIZE, np.random.default_rng(seed))
        seen, found = scale_bar.painted_over(image)
        assert seen is image
        assert not found
    for image in (nuclei(), nuclei(255, 0), np.zeros((8, 8, 3), np.uint8), np.full((1, 1, 3), 255, np.uint8)):
        assert scale_bar.painted_over(image)[1] is False


def test_the_picture_that_is_read_has_no_bar_and_says_so():
    drawn, place = draw(nuclei(), (255, 255, 255))
    image = imagefile.decode(cv2.imencode(".png", drawn)[1].tobytes(), "a.png")
    assert image.rgb[place].max() < 40
    np.testing.assert_array_equal(image.channels, drawn)
    assert image.remarks == ["里画着比例尺，抹去再看"]


@pytest.mark.real
def test_no_picture_of_the_competition_has_a_bar(real_data):
    source = layout.open_source(real_data / "stage1_train.zip")
    samples = dataset.read_samples(source, list(source.images))
    assert [sample.id for sample in samples if scale_bar.painted_over(sample.image)[1]] == []
