import bs4
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown_mistune

from cellseg_utils.data import layout, own_images, synthetic
from cellseg_utils.plots import output
from cellseg_utils.prediction import exports


def write(folder, name, value=90, shape=(6, 8)):
    cv2.imwrite(str(folder / name), np.full(shape, value, np.uint8))


def test_skimage_pictures_are_two_rgb_pictures_of_different_sizes():
    pictures = own_images.skimage_pictures()
    assert len(pictures) == 2
    assert all(image.dtype == np.uint8 and image.shape[2] == 3 for image in pictures.values())
    assert len({image.shape for image in pictures.values()}) == 2


def test_pattern_may_be_a_file_a_folder_a_wildcard_a_zip_or_the_folder_that_it_extracts_to(
    tmp_path, layout_zip, layout_folder
):
    for name in ("b.png", "a.jpg"):
        write(tmp_path, name)
    (tmp_path / "notes.txt").write_text("no picture")
    ids = list(layout.open_source(layout_zip).images)
    expected = {
        tmp_path / "b.png": ["b"],
        tmp_path: ["a", "b"],
        tmp_path / "*.jpg": ["a"],
        "*.png": ["b"],
        layout_zip: ids,
        layout_folder: ids,
        layout_folder.parent: ids,
    }
    for pattern, names in expected.items():
        pictures, problems = own_images.from_pattern(str(pattern), tmp_path)
        assert list(pictures) == names
        assert problems == []


def test_pictures_of_a_layout_come_with_or_without_masks(samples, layout_zip, tmp_path):
    bare = tmp_path / "stage1_test_final.zip"
    synthetic.write_zip(bare, samples, masks=False)
    for path in (bare, layout_zip):
        pictures, problems = own_images.from_layout(path)
        assert problems == []
        for sample in samples:
            np.testing.assert_array_equal(pictures[sample.id], sample.image)


def test_every_file_is_kept_however_alike_their_names(tmp_path):
    (tmp_path / "more").mkdir()
    files = ["cell.png", "cell.bmp", "cell.webp", "more/Cell.png", "more_cell.png"]
    for value, name in enumerate(files):
        write(tmp_path, name, 10 * value)
    pictures, _ = own_images.from_pattern(str(tmp_path / "**" / "*.*"), tmp_path)
    assert sorted(image[0, 0, 0] for image in pictures.values()) == [0, 10, 20, 30, 40]
    exports.write_masks({name: image[..., 0] > 0 for name, image in pictures.items()}, tmp_path / "masks")
    assert len({path.name.casefold() for path in (tmp_path / "masks").iterdir()}) == 5


def test_nothing_found_names_the_pattern(tmp_path):
    with pytest.raises(layout.DataError, match="没有找到图像"):
        own_images.from_pattern(str(tmp_path / "*.png"), tmp_path)


def test_a_zip_among_other_matches_is_not_left_out_silently(tmp_path, layout_zip):
    write(tmp_path, "a.png")
    (tmp_path / "stage1_test.zip").write_bytes(layout_zip.read_bytes())
    with pytest.raises(layout.DataError, match="压缩包只能单独给出"):
        own_images.from_pattern(str(tmp_path / "*"), tmp_path)


def put_bad(folder):
    write(folder, "good.png")
    (folder / "deeper").mkdir()
    for name in ("empty.png", "deeper/void.tif"):
        (folder / name).write_bytes(b"")


def test_pictures_beside_a_layout_are_not_left_out_silently(tmp_path):
    (tmp_path / "x" / "images").mkdir(parents=True)
    write(tmp_path / "x" / "images", "x.png")
    write(tmp_path, "preview.png")
    with pytest.raises(layout.DataError, match=r"又直接放着图像（如 preview\.png），请写明要哪些"):
        own_images.from_pattern(str(tmp_path), tmp_path)


def test_all_bad_pictures_are_named_at_once_by_their_place_below_the_folder(tmp_path):
    put_bad(tmp_path)
    with pytest.raises(layout.DataError) as failure:
        own_images.from_pattern(str(tmp_path / "**/*.*"), tmp_path)
    lines = str(failure.value).splitlines()
    assert [line.split("：")[0] for line in lines[:2]] == ["deeper/void.tif", "empty.png"]
    assert lines[2:] == [f"{tmp_path / '**/*.*'}：共 2 张坏图；加 --skip-bad 可跳过它们"]


def test_skip_bad_goes_on_with_the_good_pictures(tmp_path):
    put_bad(tmp_path)
    pictures, problems = own_images.from_pattern(str(tmp_path / "**/*.*"), tmp_path, skip_bad=True)
    assert list(pictures) == ["good"]
    assert [problem.split("：")[0] for problem in problems] == ["deeper/void.tif", "empty.png"]


def test_skip_bad_holds_for_a_layout_and_is_not_advised_again(make_zip):
    good = cv2.imencode(".png", np.zeros((4, 4), np.uint8))[1].tobytes()
    bad = {"b/images/b.png": b"", "c/images/c.png": b"no picture"}
    path = make_zip({"a/images/a.png": good, **bad}, "stage1_test.zip")
    pictures, problems = own_images.from_layout(path, skip_bad=True)
    assert list(pictures) == ["a"]
    assert len(problems) == 2
    for skip_bad, fix in ((False, "加 --skip-bad 可跳过它们"), (True, "没有一张好图")):
        with pytest.raises(layout.DataError, match=fix) as failure:
            own_images.from_layout(make_zip(bad) if skip_bad else path, skip_bad)
        assert ("--skip-bad" in str(failure.value)) == (not skip_bad)


def test_skip_bad_without_one_good_picture_stops(tmp_path):
    (tmp_path / "empty.png").write_bytes(b"")
    with pytest.raises(layout.DataError, match="共 1 张坏图；没有一张好图"):
        own_images.from_pattern(str(tmp_path), tmp_path, skip_bad=True)


@pytest.mark.parametrize(
    ("count", "shown", "last", "expected"),
    [
        (10, 4, 0, [0, 3, 6, 9]),
        (10, 6, 2, [0, 2, 4, 7, 8, 9]),
        (10, 3, 2, [0, 8, 9]),
        (3, 6, 2, [0, 1, 2]),
        (2, 6, 2, [0, 1]),
        (2, 2, 2, [0, 1]),
        (5, 1, 2, [0]),
        (1, 6, 0, [0]),
    ],
)
def test_shown_pictures_are_spread_evenly_and_the_last_are_among_them(count, shown, last, expected):
    assert own_images.spread(count, shown, last) == expected


@given(st.integers(1, 200), st.integers(1, 50), st.integers(0, 2))
def test_as_many_pictures_are_shown_as_were_asked_for(count, shown, last):
    picks = own_images.spread(count, shown, last)
    assert len(picks) == min(count, shown)
    assert picks == sorted(set(picks))
    assert {*picks} <= {*range(count)}


@pytest.mark.parametrize("shown", [0, -3])
def test_no_picture_to_show_is_refused(shown):
    with pytest.raises(ValueError, match=r"^shown_images 至少应为 1$"):
        own_images.spread(4, shown)


@pytest.mark.parametrize("text", ["a_b*c*.png", "$x$ $$", "<b>&amp;</b>", r"\(a\)", "[a](http://b)"])
def test_a_code_span_shows_a_name_as_it_is(text):
    html = markdown_mistune.markdown2html_mistune(f"- {output.code_span(text)}\n- `$`")
    assert bs4.BeautifulSoup(html, "html.parser").code.get_text() == text


def test_a_code_span_is_one_line_without_backticks_inside():
    assert output.code_span("a`b``\nc") == "`a'b'' c`"


def test_masks_are_written_as_0_and_255_and_replace_the_folder(tmp_path):
    mask = np.zeros((4, 5), bool)
    mask[1, 2] = True
    exports.write_masks({"old": mask}, tmp_path / "masks")
    exports.write_masks({"细胞": mask}, tmp_path / "masks")
    [file] = (tmp_path / "masks").iterdir()
    assert file.name == "细胞.png"
    read = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(read, mask * np.uint8(255))
