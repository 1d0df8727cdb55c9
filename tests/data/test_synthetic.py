import hashlib
import zipfile
from itertools import pairwise

import cv2
import numpy as np
import pytest

from cellseg_utils.data import dataset, layout, own_images, synthetic
from cellseg_utils.data.dataset import Sample

COUNT, SEED, SIZE = 24, 3, (96, 128)


@pytest.fixture(scope="module")
def samples():
    return list(synthetic.make_samples(COUNT, SEED, SIZE))


@pytest.fixture(scope="module")
def archive(samples, tmp_path_factory):
    path = tmp_path_factory.mktemp("synthetic") / "stage1_train.zip"
    synthetic.write_zip(path, samples[:4])
    return path


def read_png(opened, name):
    return cv2.imdecode(np.frombuffer(opened.read(name), np.uint8), cv2.IMREAD_UNCHANGED)


def is_coloured(image):
    return bool((image.max(axis=2).astype(int) - image.min(axis=2)).mean() > 5)


def kind_of(image):
    if is_coloured(image):
        return "purple_on_white"
    return "fluorescence" if image.mean() < 110 else "grey_tissue"


@pytest.mark.parametrize("kind", synthetic.KINDS)
@pytest.mark.parametrize("size", [(32, 32), (64, 200), (256, 256)])
def test_image_and_labels_have_the_promised_shape_and_type(kind, size):
    image, labels = synthetic.draw_sample(kind, size, np.random.default_rng(0))
    assert image.shape == (*size, 3)
    assert image.dtype == np.uint8
    assert labels.shape == size
    assert labels.dtype == np.int32


def test_labels_are_consecutive_and_every_nucleus_is_one_piece_of_twenty_pixels_or_more(samples):
    for sample in samples:
        areas = np.bincount(sample.labels.ravel())[1:]
        assert 5 <= len(areas) <= 60
        assert areas.min() >= 20
        for label in range(1, len(areas) + 1):
            assert cv2.connectedComponents((sample.labels == label).astype(np.uint8), connectivity=4)[0] == 2


def test_every_kind_is_present_from_three_samples_on(samples):
    assert {kind_of(sample.image) for sample in samples[:3]} == set(synthetic.KINDS)


def test_twenty_samples_hold_fourteen_fluorescence_three_purple_and_three_grey(samples):
    kinds = [kind_of(sample.image) for sample in samples[:20]]
    assert [kinds.count(kind) for kind in synthetic.KINDS] == [14, 3, 3]


def test_only_the_purple_kind_is_coloured():
    for kind in synthetic.KINDS:
        image, _ = synthetic.draw_sample(kind, SIZE, np.random.default_rng(1))
        assert is_coloured(image) == (kind == "purple_on_white")
        if kind != "purple_on_white":
            np.testing.assert_array_equal(image[..., 0], image[..., 1])
            np.testing.assert_array_equal(image[..., 0], image[..., 2])


def test_nuclei_differ_from_their_surroundings_in_the_direction_of_the_kind(samples):
    for sample in samples:
        contrast = sample.image[sample.labels > 0].mean() - sample.image[sample.labels == 0].mean()
        assert (contrast > 0) == (kind_of(sample.image) == "fluorescence")


def test_some_nuclei_touch(samples):
    def touches(labels):
        pairs = [(labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])]
        return any(np.any((a != b) & (a > 0) & (b > 0)) for a, b in pairs)

    assert sum(touches(sample.labels) for sample in samples) >= COUNT // 4


def test_diameters_vary_between_images_by_a_factor_of_three_or_more():
    drawn = synthetic.make_samples(12, SEED, (256, 256))
    areas = [np.median(np.bincount(sample.labels.ravel())[1:]) for sample in drawn]
    assert max(areas) / min(areas) >= 3**2


def test_a_longer_set_starts_with_the_shorter_one(samples):
    shorter = synthetic.make_samples(5, SEED, SIZE)
    for short, long in zip(shorter, samples[:5], strict=True):
        assert short.id == long.id
        np.testing.assert_array_equal(short.image, long.image)
        np.testing.assert_array_equal(short.labels, long.labels)


def test_another_seed_draws_other_pictures(samples):
    other = list(synthetic.make_samples(4, SEED + 1, SIZE))
    assert all(np.any(a.image != b.image) for a, b in zip(samples, other, strict=False))
    assert {sample.id for sample in other}.isdisjoint(sample.id for sample in samples)


def test_pictures_of_one_set_differ(samples):
    assert all(np.any(a.image != b.image) for a, b in pairwise(samples))


def test_ids_are_sha256_of_prefix_seed_and_index():
    first, second = synthetic.make_samples(2, SEED, SIZE, prefix="test")
    assert first.id == hashlib.sha256(f"test/{SEED}/0".encode()).hexdigest()
    assert second.id == hashlib.sha256(f"test/{SEED}/1".encode()).hexdigest()


def test_sizes_vary_when_none_is_given():
    shapes = {sample.labels.shape for sample in synthetic.make_samples(16, SEED)}
    assert len(shapes) > 2
    assert all(128 <= side <= 320 for shape in shapes for side in shape)


def test_same_samples_give_the_same_bytes(archive, tmp_path):
    again = tmp_path / "again.zip"
    synthetic.write_zip(again, synthetic.make_samples(4, SEED, SIZE))
    assert again.read_bytes() == archive.read_bytes()


def test_zip_has_the_layout_of_kaggle_with_one_mask_a_nucleus(archive, samples):
    expected = set()
    for sample in samples[:4]:
        expected.add(f"{sample.id}/images/{sample.id}.png")
        expected |= {f"{sample.id}/masks/{label:04x}.png" for label in range(1, sample.labels.max() + 1)}
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        assert len(opened.namelist()) == len(expected)
        assert set(opened.namelist()) == expected


def test_images_are_rgba_and_survive_the_zip(archive, samples):
    with zipfile.ZipFile(archive) as opened:
        for sample in samples[:4]:
            stored = read_png(opened, f"{sample.id}/images/{sample.id}.png")
            np.testing.assert_array_equal(cv2.cvtColor(stored, cv2.COLOR_BGRA2RGB), sample.image)
            assert stored.shape[2] == 4
            assert (stored[..., 3] == 255).all()


def test_masks_in_the_order_of_their_names_reproduce_the_labels(archive, samples):
    with zipfile.ZipFile(archive) as opened:
        for sample in samples[:4]:
            names = sorted(name for name in opened.namelist() if name.startswith(f"{sample.id}/masks/"))
            labels = np.zeros_like(sample.labels)
            for label, name in enumerate(names, start=1):
                mask = read_png(opened, name)
                assert set(np.unique(mask)) == {0, 255}
                assert (labels[mask > 0] == 0).all()
                labels[mask > 0] = label
            np.testing.assert_array_equal(labels, sample.labels)


def test_masks_false_writes_images_only(samples, tmp_path):
    path = tmp_path / "made" / "stage1_test.zip"
    synthetic.write_zip(path, samples[:2], masks=False)
    with zipfile.ZipFile(path) as opened:
        assert opened.namelist() == [f"{sample.id}/images/{sample.id}.png" for sample in samples[:2]]


def test_a_failure_leaves_the_earlier_zip_and_no_partial_file(samples, tmp_path):
    path = tmp_path / "stage1_train.zip"
    synthetic.write_zip(path, samples[:1])
    before = path.read_bytes()
    unlabelled = Sample(id="0" * 64, image=samples[0].image, labels=None, overlap_pixels=0)
    with pytest.raises(ValueError, match="没有标签"):
        synthetic.write_zip(path, [samples[1], unlabelled])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="fluorescence、purple_on_white、grey_tissue"):
        synthetic.draw_sample("phase_contrast", SIZE, np.random.default_rng(0))


@pytest.mark.parametrize("size", [(16, 256), (256,), (64, 31)])
def test_too_small_a_size_is_refused(size):
    with pytest.raises(ValueError, match="32"):
        synthetic.draw_sample("fluorescence", size, np.random.default_rng(0))
    with pytest.raises(ValueError, match="32"):
        synthetic.make_samples(1, SEED, size)


@pytest.mark.parametrize("count", [0, -1])
def test_count_below_one_is_refused_at_once(count):
    with pytest.raises(ValueError, match=f"count={count}"):
        synthetic.make_samples(count, SEED)


def test_negative_seed_is_refused_at_once():
    with pytest.raises(ValueError, match="seed=-1"):
        synthetic.make_samples(1, -1)


def test_dataset_zips_are_made_once_and_share_no_picture(tmp_path):
    train, test = synthetic.dataset_zips(tmp_path, 3, 2, seed=1)
    made = train.stat().st_mtime_ns
    assert synthetic.dataset_zips(tmp_path, 3, 2, seed=1) == (train, test)
    assert train.stat().st_mtime_ns == made
    learned, held = layout.open_source(train), layout.open_source(test)
    assert (len(learned.images), len(held.images)) == (3, 2)
    assert held.masks == {}
    pictures = [sample.image for sample in dataset.read_samples(learned)]
    pictures += own_images.from_layout(test)[0].values()
    assert len({picture.tobytes() for picture in pictures}) == 5
