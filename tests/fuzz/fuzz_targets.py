"""Every reader of what others made: what it is fed with, and how it is called."""

import hashlib
import json
import os
import unicodedata
from pathlib import Path, PurePosixPath
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from fuzz import mutation, seeds

from cellseg_utils.data import (
    coco,
    exclusion,
    geojson,
    imagefile,
    label_images,
    large_tiff,
    layout,
    picture_names,
    planes,
    sources,
    unread,
)
from cellseg_utils.prediction import bundle_files, origin, records, submission_check, weights_file
from cellseg_utils.report import manifest
from cellseg_utils.report.many import sweep_plan
from cellseg_utils.run import artifacts, parameters
from cellseg_utils.run.parameters import Parameter


class Target(NamedTuple):
    """A reader.

    Attributes
    ----------
    seeds : list of bytes
        Sound files.
    mutate : callable
        From bytes and random numbers to other bytes.
    read : callable
        Takes bytes and a folder to write into.
    """

    seeds: list
    mutate: callable
    read: callable


def picture(suffix):
    return lambda data, folder: imagefile.decode(data, f"a{suffix}")


def labels(suffix):
    return lambda data, folder: label_images.from_image("a", [(f"a{suffix}", data)], None)


def mask(data, folder):
    label_images.from_masks("a", [("m.png", data)], seeds.LABELS.shape)


def tiff_in_pieces(data, folder):
    path = put(folder, "a.tif", data)
    usual, large_tiff.LARGE = large_tiff.LARGE, 0
    try:
        with large_tiff.opened(path, "a.tif") as source:
            if source is not None:
                source.region(slice(1, min(9, source.shape[0])), slice(0, min(9, source.shape[1])))
    finally:
        large_tiff.LARGE = usual
    planes.of_file(path)


def zipped(data, folder):
    path = put(folder, "a.zip", data)
    unread.kinds(str(path))
    source = layout.open_pictures(path, imagefile.SUFFIXES)
    sources.readable(path)
    with sources.reader(source) as read:
        for names in [*source.images.values(), *source.masks.values()][:10]:
            read([names] if isinstance(names, str) else names)


def of_coco(data, folder):
    annotations = coco.read(data, "a.json")
    put(folder, "annotations.json", data)
    coco.index(folder, "annotations.json")
    for name in list(annotations.sizes)[:3]:
        annotations.draw(name, (20, 24) if name == "1.png" else None)


def run_length(data, folder):
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):  # `coco` reads such files
        return
    coco.Annotations("a.json", {"1.png": (20, 24)}, {"1.png": [value]}, ()).draw("1.png", None)


def submission(data, folder):
    submission_check.check(put(folder, "a.csv", data), {"a": (20, 24), "b": (20, 24)})


def bundle(data, folder):
    from cellseg_utils.prediction import bundle as bundles

    put(folder, bundle_files.WEIGHTS, b"no weights")
    put(
        folder,
        bundle_files.ABOUT,
        with_digest(data, "weights_sha256", hashlib.sha256(b"no weights").hexdigest()),
    )
    bundles.load(folder)


def with_digest(data, name, digest):
    try:
        return json.dumps({**json.loads(data), name: digest}).encode()
    except (ValueError, TypeError, RecursionError):
        return data


def weights(data, folder):
    weights_file.check(put(folder, "a.weights.h5", data))


def signed(data):
    """With the digest of its own, as somebody makes it who wants it to be believed."""
    try:
        return artifacts.signed_bytes(json.loads(data))
    except Exception:
        return data


def run_manifest(data, folder):
    put(folder, manifest.NAME, signed(data))
    for noted in manifest.read(folder, lambda line: None).values():
        assert noted is None or {"journal", "seconds", "provenance"} <= set(noted)
    assert manifest.whole(folder).command()


def record(data, folder):
    records.write(folder, "a", records.Record("", "", ""))
    [path] = (path for path in Path(folder).rglob("*") if path.is_file())
    path.write_bytes(signed(data))
    known = records.read(folder, "a")
    if known is not None:
        records.intact(folder, known)


def noted_origin(data, folder):
    put(folder, origin.FILE, data)
    origin.read(folder)


DECLARED = [
    Parameter("epochs", "int", "30", "", "06_training"),
    Parameter("rate", "float", "1e-3", "", "06_training"),
    Parameter("symmetries", "bool", "False", "", "06_training"),
    Parameter("recipe", "str", '"best"', "", "06_training"),
]


def setting(data, folder):
    text = data.decode(errors="surrogateescape")
    parameters.assign(DECLARED, parameters.parse_settings([text]))
    parameters.command("demo", parameters.parse_settings([text]))


def profile(data, folder):
    put(folder, "p.yaml", data)
    parameters.assign(DECLARED, parameters.read_profile(folder, "p"))


def sweep(data, folder):
    sweep_plan.read(put(folder, "s.yaml", data))


OBEYED = {"Cc", "Cs", "Zl", "Zp"}  # categories of Unicode: controls, halves of characters, ends of lines


def names(data, folder):
    paths = [PurePosixPath(line) for line in os.fsdecode(data).replace("\x00", "").splitlines() if line]
    made = picture_names.of_relative([path for path in paths if path.name and ".." not in path.parts])
    assert len({name.casefold() for name in made}) == len(made)
    for name in made:
        put(folder, f"{name}.tif", b"")
        assert "/" not in name
        assert not {unicodedata.category(character) for character in name} & OBEYED


def excluded(data, folder):
    exclusion.leave_out(sources.Source(folder, {"a": "a.png", "b": "b.png"}, {}), put(folder, "x.txt", data))


def put(folder, name, data):
    path = Path(folder) / name
    path.write_bytes(data)
    return path


def _png(suffix):
    return mutation.of_png if suffix == ".png" else mutation.of_bytes


_RASTERS = {
    ".png": [seeds.by_opencv(".png"), seeds.by_opencv(".png", seeds.LABELS)],
    ".jpg": [seeds.by_opencv(".jpg"), seeds.by_pillow("JPEG", progressive=True)],
    ".bmp": [seeds.by_opencv(".bmp")],
    ".gif": [seeds.by_pillow("GIF")],
    ".webp": [seeds.by_pillow("WEBP", lossless=lossless) for lossless in (True, False)],
    ".tif": seeds.tiffs(),
    ".npy": seeds.npys(),
}
TARGETS = {
    **{f"picture{suffix}": Target(own, _png(suffix), picture(suffix)) for suffix, own in _RASTERS.items()},
    **{
        f"labels{suffix}": Target(own, _png(suffix), labels(suffix))
        for suffix, own in seeds.label_files().items()
    },
    "mask": Target([seeds.by_opencv(".png", np.uint8((seeds.LABELS == 2) * 255))], mutation.of_png, mask),
    "tiff-in-pieces": Target(seeds.tiffs(), mutation.of_bytes, tiff_in_pieces),
    "zip": Target(seeds.zips(), mutation.of_bytes, zipped),
    "coco": Target(seeds.coco(), mutation.of_json, of_coco),
    "geojson": Target(
        seeds.geojson(), mutation.of_json, lambda data, _: geojson.truth(data, "a.geojson", (20, 24))
    ),
    "run-length": Target(seeds.run_lengths(), mutation.of_json, run_length),
    "submission": Target(seeds.submission(), mutation.of_text, submission),
    "bundle": Target(seeds.bundle(), mutation.of_json, bundle),
    "weights": Target(seeds.weights(), mutation.of_bytes, weights),
    "manifest": Target(seeds.manifest(), mutation.of_json, run_manifest),
    "record": Target(seeds.record(), mutation.of_json, record),
    "origin": Target(seeds.record(), mutation.of_json, noted_origin),
    "set": Target(seeds.SETTINGS, mutation.of_text, setting),
    "profile": Target([seeds.PROFILE], mutation.of_text, profile),
    "sweep": Target([seeds.SWEEP], mutation.of_text, sweep),
    "names": Target(seeds.NAMES, mutation.of_text, names),
    "exclusion": Target([b"a\n\n"], mutation.of_text, excluded),
}
