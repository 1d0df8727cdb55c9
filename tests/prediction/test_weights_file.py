"""A file of weights holds finite numbers inside itself, or is refused in one line."""

import h5py
import numpy as np
import pytest

from cellseg_utils.prediction import weights_file


def written(path, fill):
    with h5py.File(path, "w") as file:
        fill(file.create_group("layers/conv2d/vars"))
    return path


def test_plain_weights_pass(tmp_path):
    weights_file.check(
        written(tmp_path / "a.h5", lambda group: group.create_dataset("0", data=np.ones((3, 3))))
    )


@pytest.mark.parametrize(
    ("fill", "told"),
    [
        (lambda group: group.create_dataset("0", data=[1.0, np.nan]), "NaN、无穷或大得不可能"),
        (lambda group: group.create_dataset("0", data=[1.0, np.inf]), "NaN、无穷或大得不可能"),
        (lambda group: group.create_dataset("0", data=[1.0, 1e300]), "NaN、无穷或大得不可能"),
        (lambda group: group.create_dataset("0", data=np.zeros(10**6), compression="gzip"), "压缩过的"),
        (lambda group: group.create_dataset("0", (10**12,), "f4"), "比写的要短"),
        (lambda group: group.create_dataset("0", data=[b"text"]), "不是数的数组"),
        (lambda group: group.create_dataset("0", (4,), "f4", external=[("other", 0, 16)]), "存放在别处"),
        (lambda group: group.__setitem__("0", h5py.ExternalLink("other.h5", "/a")), "指向别处的链接"),
        (lambda group: group.__setitem__("0", h5py.SoftLink("/layers")), "指向别处的链接"),
        (lambda group: group.__setitem__("0", group), "项目太多"),
    ],
)
def test_anything_else_is_refused(tmp_path, fill, told):
    with pytest.raises(ValueError, match=told):
        weights_file.check(written(tmp_path / "a.h5", fill))
