import base64
import io

import cv2
import numpy as np
from PIL import Image

from cellseg_utils.report.results import thumbnails


def put(path, height, width, colour=(0, 0, 200)):
    path.write_bytes(cv2.imencode(".jpg", np.full((height, width, 3), colour, np.uint8))[1].tobytes())
    return path


def opened(address):
    kind, data = address.split(",")
    assert kind == "data:image/webp;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_pictures_become_small_and_keep_shape_and_colour(tmp_path):
    path = put(tmp_path / "a.jpg", 400, 1600)
    picture = opened(thumbnails.embedded([path])[path])
    assert picture.size == (thumbnails.SIDE, thumbnails.SIDE // 4)
    red, green, blue = picture.convert("RGB").getpixel((9, 9))
    assert red > 180 > 30 > max(green, blue)


def test_small_pictures_are_not_enlarged(tmp_path):
    path = put(tmp_path / "a.jpg", 30, 40)
    assert opened(thumbnails.embedded([path])[path]).size == (40, 30)


def test_missing_damaged_and_huge_ones_are_passed_over(tmp_path, monkeypatch):
    good, huge, damaged = put(tmp_path / "a.jpg", 9, 9), put(tmp_path / "b.jpg", 90, 90), tmp_path / "c.jpg"
    damaged.write_bytes(b"\xff\xd8\xff")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert list(thumbnails.embedded([tmp_path / "none.jpg", damaged, huge, good])) == [good]


def test_they_stop_at_the_budget_and_at_their_number(tmp_path, monkeypatch):
    paths = [put(tmp_path / f"{n}.jpg", 50, 50) for n in range(6)]
    whole = thumbnails.embedded(paths)
    assert list(whole) == paths
    limit = len(whole[paths[0]]) * 3 + 5
    assert list(thumbnails.embedded(paths, limit)) == paths[:3]
    monkeypatch.setattr(thumbnails, "MOST", 2)
    assert list(thumbnails.embedded(paths)) == paths[:2]
