import cv2
import numpy as np
import pytest

from cellseg_utils.data import dataset, layout, synthetic
from cellseg_utils.data.layout import DataError

SHAPE = (6, 8)


def png(array):
    return cv2.imencode(".png", array)[1].tobytes()


def box(rows, columns, shape=SHAPE):
    mask = np.zeros(shape, np.uint8)
    mask[rows, columns] = 255
    return mask


def picture(name, *masks, image=None):
    """Members of a zip: one picture with its masks."""
    image = png(np.full((*SHAPE, 3), 7, np.uint8)) if image is None else image
    files = {f"{name}/masks/{number}.png": mask for number, mask in enumerate(masks)}
    return {f"{name}/images/{name}.png": image, f"{name}/masks/": b"", **files}


GOOD = picture("good", png(box(slice(0, 2), slice(0, 2))))
BAD = {
    **picture("empty", image=b""),
    **picture("truncated", image=png(np.arange(144, dtype=np.uint8).reshape(*SHAPE, 3))[:-30]),
    **picture("text", image=b"this is no picture"),
    **picture("other_size", png(box(0, 0, (5, 8)))),
    **picture("empty_mask_file", b""),
    "no_masks/images/no_masks.png": png(np.zeros(SHAPE, np.uint8)),
}


def test_samples_come_back_from_zip_and_folder_as_they_were_written(samples, layout_zip, layout_folder):
    written = sorted(samples, key=lambda sample: sample.id)
    for path in (layout_zip, layout_folder):
        read = dataset.read_samples(layout.open_source(path))
        assert [sample.id for sample in read] == [sample.id for sample in written]
        for one, other in zip(read, written, strict=True):
            np.testing.assert_array_equal(one.image, other.image)
            np.testing.assert_array_equal(one.labels, other.labels)
            assert one.image.dtype == np.uint8
            assert one.labels.dtype == np.int32
            assert one.overlap_pixels == 0


def test_chosen_samples_come_in_the_order_that_was_asked_for(layout_zip):
    source = layout.open_source(layout_zip)
    ids = list(source.images)[::-1][:3]
    assert [sample.id for sample in dataset.read_samples(source, ids)] == ids


def test_a_picture_may_have_no_nuclei(make_zip):
    [sample] = dataset.read_samples(layout.open_source(make_zip(picture("a"))))
    assert sample.labels.shape == SHAPE
    assert not sample.labels.any()


@pytest.mark.parametrize("name", ["stage1_test.zip", "stage2_test_final.zip"])
def test_without_masks_is_what_the_caller_says_not_what_the_file_is_called(samples, tmp_path, name):
    synthetic.write_zip(tmp_path / name, samples[:2], masks=False)
    source = layout.open_source(tmp_path / name)
    pairs, problems = dataset.map_samples(
        source, lambda sample: (sample.labels, sample.overlap_pixels), with_masks=False
    )
    assert pairs == [(None, 0)] * 2
    assert problems == []
    with pytest.raises(DataError, match="缺少 masks 文件夹"):
        dataset.read_samples(source)


def test_masks_that_are_not_wanted_are_not_read(make_zip):
    source = layout.open_source(make_zip(picture("a", b"no mask")))
    [labels], _ = dataset.map_samples(source, lambda sample: sample.labels, with_masks=False)
    assert labels is None


def many_nuclei(count, inside):
    """A picture's members with so many nuclei of one pixel, some of them away from the border."""
    places = [(2 + n // 5, 1 + n % 5) for n in range(inside)] + [(0, n) for n in range(count - inside)]
    return [png(box(*place)) for place in places]


def example_of(make_zip, pictures, **options):
    members = {}
    for name, masks in pictures.items():
        members |= BAD if name == "bad" else picture(name, *masks)
    return dataset.read_example(layout.open_source(make_zip(members)), **options).id


def test_the_example_has_about_as_many_nuclei_as_wanted_and_two_of_them_whole(make_zip):
    pictures = {"a": many_nuclei(3, 3), "b": many_nuclei(6, 1), "c": many_nuclei(8, 8), "d": []}
    assert example_of(make_zip, pictures, nuclei=6) == "c"
    assert example_of(make_zip, pictures, nuclei=5) == "a"
    assert example_of(make_zip, pictures, nuclei=6, among=2) == "a"


def test_the_example_is_the_best_there_is_where_none_has_two_whole_nuclei(make_zip):
    assert example_of(make_zip, {"a": [], "b": many_nuclei(4, 1), "c": many_nuclei(8, 0)}, nuclei=5) == "b"


def test_the_example_is_a_good_picture_even_after_bad_ones_only(make_zip):
    last = many_nuclei(3, 3)
    assert example_of(make_zip, {"bad": None, "zero": last, "zoo": many_nuclei(2, 2)}, among=3) == "zero"


def test_without_any_good_example_all_bad_pictures_of_the_data_are_named(make_zip):
    with pytest.raises(DataError, match="共 6 张坏图；没有一张好图") as error:
        example_of(make_zip, {"bad": None}, among=2)
    assert len(str(error.value).splitlines()) == 7


def test_all_bad_pictures_are_named_at_once_with_file_and_fix(make_zip):
    with pytest.raises(DataError) as error:
        dataset.read_samples(layout.open_source(make_zip({**GOOD, **BAD})))
    lines = str(error.value).splitlines()
    assert lines == [
        "empty/images/empty.png：文件是空的（0 字节），请重新下载或删除它",
        "empty_mask_file/masks/0.png：文件是空的（0 字节），请重新下载或删除它",
        "no_masks：缺少 masks 文件夹，请补上或删除这张图",
        "other_size/masks/0.png：掩膜尺寸 (5, 8) 与图像 (6, 8) 不同，请改正或删除",
        "text/images/text.png：不是可以解码的图像，请重新下载或删除它",
        "truncated/images/truncated.png：文件不完整（末尾被截断），请重新下载或删除它",
        lines[-1],
    ]
    assert lines[-1].endswith("stage1_train.zip：共 6 张坏图；加 --skip-bad 可跳过它们")


def test_skip_bad_goes_on_with_the_good_ones_and_reports_the_bad_ones(make_zip):
    source = layout.open_source(make_zip({**GOOD, **BAD}))
    names, problems = dataset.map_samples(source, lambda sample: sample.id, skip_bad=True)
    assert names == ["good"]
    assert len(problems) == 6
    assert all("\n" not in problem and "请" in problem for problem in problems)


def test_without_one_good_picture_skip_bad_is_an_error_too(make_zip):
    with pytest.raises(DataError, match="共 6 张坏图；没有一张好图"):
        dataset.map_samples(layout.open_source(make_zip(BAD)), lambda sample: sample, skip_bad=True)


def test_a_damaged_member_is_one_bad_picture_among_good_ones(make_zip):
    path = make_zip({**GOOD, **picture("a")})
    with open(path, "r+b") as file:  # the data of the first member, after its header and its name
        file.seek(30 + len("good/images/good.png"))
        file.write(b"\xff" * 8)
    names, problems = dataset.map_samples(layout.open_source(path), lambda sample: sample.id, skip_bad=True)
    assert names == ["a"]
    assert problems[0].startswith("good/images/good.png：读不出来（")


def test_an_error_of_the_function_itself_is_not_taken_for_a_bad_picture(layout_zip):
    def fail(sample):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dataset.map_samples(layout.open_source(layout_zip), fail, skip_bad=True)


@pytest.mark.real
def test_every_mask_of_the_real_pictures_is_a_nucleus(real_data):
    source = layout.open_source(real_data / "stage1_train.zip")
    ids = list(source.images)[::50]
    for sample in dataset.read_samples(source, ids):
        assert sample.labels.max() == len(source.masks[sample.id])
        assert sample.labels.shape == sample.image.shape[:2]


def test_no_bar_is_shown_where_there_is_nothing_to_read(layout_folder, capsys):
    source = layout.open_source(layout_folder)
    assert dataset.map_samples(source, lambda sample: sample.id, []) == ([], [])
    assert capsys.readouterr().err == ""
    dataset.map_samples(source, lambda sample: sample.id, list(source.images)[:1])
    assert "读取图像" in capsys.readouterr().err
