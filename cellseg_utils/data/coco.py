"""Nuclei in COCO's JSON: polygons and run lengths of all pictures in one file.

Format: https://cocodataset.org/#format-data.
"""

import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from cellseg_utils.data import imagefile, label_images, pairing, picture_size, shapes
from cellseg_utils.data.sources import LARGEST_MEMBER, DataError, Source
from cellseg_utils.run import reading, system_errors
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import ArgumentError, one_line

IMAGES = "images"  # folder of the pictures, unless they lie beside the file
_NAME = re.compile(r"annotations\.json|instances.*\.json|.*\.coco\.json")


@dataclass(frozen=True)
class Annotations:
    """What one file says.

    Attributes
    ----------
    file : str
        Its name.
    sizes : dict of str to (tuple of int or None)
        Name of each picture's file to its `(H, W)` (pixels).
    nuclei : dict of str to list
        Name of each picture's file to the segmentations of its nuclei, as the file has them.
    notes : tuple of str
        What a reader must know; Chinese, one line each.
    """

    file: str
    sizes: dict
    nuclei: dict
    notes: tuple

    def draw(self, picture, shape):
        """Labels of one picture.

        Parameters
        ----------
        picture : str
            A key of `sizes`.
        shape : tuple of int or None
            `(H, W)` of the picture (pixels), where it is known.

        Returns
        -------
        truth : label_images.Truth

        Raises
        ------
        DataError
            If the size is another one, or a segmentation can't be drawn.
        """
        size = self.sizes[picture]
        if None not in (size, shape) and size != tuple(shape):
            raise DataError(
                say(
                    "{file}：{picture} 写的尺寸 {size} 与图像 {shape} 不同，请改正",
                    file=self.file,
                    picture=picture,
                    size=size,
                    shape=tuple(shape),
                )
            )
        size = label_images.known(size or shape, picture)
        try:
            picture_size.check(size, picture)
            masks = ((picture, _mask(segmentation, size)) for segmentation in self.nuclei[picture])
            return label_images.Truth(*label_images.join_masks(masks, size))
        except imagefile.ImageFileError as error:
            raise DataError(say("{file}：{picture}", file=self.file, picture=error)) from error
        except DataError as error:
            raise DataError(
                say("{file}：{picture} 里{error}", file=self.file, picture=picture, error=error)
            ) from error
        except MemoryError:
            raise
        except Exception as error:
            raise DataError(
                say(
                    "{file}：{picture} 的轮廓读不出来（{error}），请重新导出",
                    file=self.file,
                    picture=picture,
                    error=one_line(error),
                )
            ) from error


def files(folder):
    """Names of the files of annotations in a folder or its `annotations/`.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    names : list of str
    """
    flat, folders = pairing.listing(folder)
    inside = pairing.files_in(folder, folders["annotations"]) if "annotations" in folders else []
    return [name for name in [*flat, *inside] if _NAME.fullmatch(PurePosixPath(name).name.lower())]


def index(folder, file):
    """Index the pictures that a file of annotations names.

    Parameters
    ----------
    folder : Path
    file : str
        Name of the file in it; the pictures lie where it says, or all in the folder or its `images/`.

    Returns
    -------
    source : sources.Source
        Keyed by the names of the pictures without their endings. Pictures that it does not name, or without
        a nucleus, are lacking.

    Raises
    ------
    DataError
        If it is no such file.
    """
    if (folder / file).stat().st_size > LARGEST_MEMBER:
        raise DataError(say("{file}：超过 {limit} MiB，请分成几份", file=file, limit=LARGEST_MEMBER >> 20))
    try:
        data = reading.whole(folder / file, LARGEST_MEMBER)
    except OSError as error:
        about = {"path": folder / file, "error": system_errors.reason(error)}
        raise DataError(say("{path}：读不出来（{error}），请检查路径和权限", **about)) from error
    annotations = read(data, file)
    places, by_stem, lacking = {}, {}, {}
    for named in sorted(annotations.sizes):
        by_stem.setdefault(pairing.stem(named), []).append(named)
        places[named] = _place(folder, named)
    for key, own in by_stem.items():
        if len(own) > 1:
            lacking[key] = say(
                "{file}：{names} 的名称相同，不知道用哪一个，请改名", file=file, names=listing(own)
            )
        elif not annotations.nuclei[own[0]]:
            lacking[key] = say(
                "{file}：{picture} 没有一个标注，请补上标注，或移走这张图", file=file, picture=own[0]
            )
        elif places[own[0]] is None:
            lacking[key] = say(
                "{file}：找不到图像 {picture}，请放在它旁边或 {images}/ 里",
                file=file,
                picture=own[0],
                images=IMAGES,
            )
    masks = {key: [] for key, own in by_stem.items() if len(own) == 1 and annotations.nuclei[own[0]]}
    images = {key: places[own[0]] for key, own in by_stem.items() if key not in lacking}
    for name in sorted(set(_pictures(folder)) - set(places.values())):
        lacking[name] = say("{name}：{file} 里没有这张图，请补上标注，或移走这张图", name=name, file=file)

    def draw(name, named_files, shape):
        return annotations.draw(by_stem[name][0], shape)

    return Source(folder, images, masks, draw, lacking, tuple(annotations.notes))


def _place(folder, named):
    """Where a picture is; never outside the folder."""
    path = PurePosixPath(named)
    inside = [] if path.is_absolute() or {"..", ":"} & {*path.parts, *named} else [path, IMAGES / path]
    places = [*inside, PurePosixPath(path.name), PurePosixPath(IMAGES, path.name)]
    return next((place.as_posix() for place in places if (folder / place).is_file()), None)


def _pictures(folder):
    flat, folders = pairing.listing(folder)
    names = [*flat, *(pairing.files_in(folder, IMAGES) if IMAGES in folders.values() else [])]
    return [name for name in names if name.lower().endswith(imagefile.SUFFIXES)]


def read(data, name):
    """Read a file of annotations.

    Parameters
    ----------
    data : bytes
        The whole file.
    name : str
        What to call it in a message.

    Returns
    -------
    annotations : Annotations

    Raises
    ------
    DataError
        If it is no such file.
    """
    try:
        return _read(json.loads(data), name)
    except MemoryError:
        raise
    except Exception as error:  # whatever a value of another type leads to
        about = {"name": name, "error": _reason(error)}
        raise DataError(say("{name}：不是 COCO 的标注文件（{error}），请重新导出", **about)) from error


def _reason(error):
    return f"{type(error).__name__}: {one_line(error)}"


def _read(value, name):
    images, annotations = value["images"], value["annotations"]
    files = {image["id"]: _file_name(image) for image in images}
    if len(files) < len(images):
        raise ArgumentError(say("有两张图的 id 相同"))
    nuclei = {file: [] for file in files.values()}
    for annotation in annotations:
        nuclei[files[annotation["image_id"]]].append(annotation.get("segmentation"))
    sizes = {_file_name(image): _size(image) for image in images}
    return Annotations(name, sizes, nuclei, tuple(_notes(value, name)))


def _file_name(image):
    return str(image["file_name"]).replace("\\", "/")  # written on Windows


def _size(image):
    if "height" not in image or "width" not in image:
        return None
    return int(image["height"]), int(image["width"])


def _notes(value, name):
    known = {kind["id"]: str(kind["name"]) for kind in value.get("categories", ())}
    used = {annotation.get("category_id") for annotation in value["annotations"]}
    if len(used) > 1:
        kinds = listing(sorted(known.get(kind, str(kind)) for kind in used))
        yield say("{name}：有 {n} 种类别（{kinds}），都当作细胞核", name=name, n=len(used), kinds=kinds)
    crowds = sum(bool(annotation.get("iscrowd")) for annotation in value["annotations"])
    if crowds:
        yield say("{name}：{crowds} 个标注写着 iscrowd（一群），也各当作一个细胞核", name=name, crowds=crowds)


def _mask(segmentation, shape):
    if isinstance(segmentation, dict):
        return shapes.run_length_mask(segmentation["size"], segmentation["counts"], shape)
    if not segmentation:
        raise DataError(say("有标注只有外框，没有轮廓，请补上"))
    return shapes.polygon_mask([[np.reshape(ring, (-1, 2))] for ring in segmentation], shape)
