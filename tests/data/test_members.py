import hashlib
import os
import pickle
import zipfile

import numpy as np
import pytest

from cellseg_utils.data import layout, members, picture_files, sources


def write(path, data):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", data)


@pytest.fixture
def path(tmp_path):
    yield tmp_path / "mine.zip"
    members.close()


def test_a_member_of_a_zip_and_a_file_of_a_folder_are_read_alike(path, tmp_path):
    write(path, b"bytes")
    (tmp_path / "a.png").write_bytes(b"bytes")
    for place in (path, tmp_path):
        assert members.read(place, "a.png") == b"bytes"
        assert members.digest(place, "a.png") == hashlib.sha256(b"bytes").hexdigest()


def test_a_zip_file_is_opened_once_and_anew_when_it_is_another(path, monkeypatch):
    opened, reader = [], sources.reader
    monkeypatch.setattr(sources, "reader", lambda source: opened.append(source.path) or reader(source))
    write(path, b"old")
    assert [members.read(path, "a.png") for _ in range(3)] == [b"old"] * 3
    assert opened == [path]
    write(path, b"newer")
    assert members.read(path, "a.png") == b"newer"


def test_what_can_not_be_read_is_one_line(path):
    with pytest.raises(layout.DataError, match=r"mine\.zip：读不出来"):
        members.read(path, "a.png")
    path.write_bytes(b"no zip")
    with pytest.raises(layout.DataError, match=r"mine\.zip：读不出来"):
        members.read(path, "a.png")
    write(path, b"bytes")
    with pytest.raises(layout.DataError, match=r"b\.png：读不出来"):
        members.read(path, "b.png")


def test_pictures_can_be_sent_to_another_process(layout_zip, layout_folder):
    for source in (layout_zip, layout_folder, next(layout_folder.glob("*/images/*.png"))):
        with picture_files.opened([str(source)], os.getcwd(), []) as pictures:
            for picture in pictures.values():
                sent = pickle.loads(pickle.dumps(picture))
                np.testing.assert_array_equal(sent.read().rgb, picture.read().rgb)
                assert sent.digest() == picture.digest()
