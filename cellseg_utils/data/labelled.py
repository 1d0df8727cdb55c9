"""Folders of pictures with a lab's own labels: which layout one has, and what belongs together in it."""

import dataclasses

from cellseg_utils.data import coco, geojson, image_paths, label_files, label_images, pairing, unread
from cellseg_utils.data.image_paths import LABEL_ENDINGS, PICKLED
from cellseg_utils.data.pairing import stem
from cellseg_utils.data.sources import DataError
from cellseg_utils.run.language import later, listing, say

LAYOUTS = {
    "folders": later("images/ 与 labels/（或 masks/）里同名的文件"),
    "masks": later("名称.tif 与 名称_masks.tif"),
    "cellpose": later("名称.tif 与 名称_cp_masks.png"),
    "geojson": later("名称.tif 与 名称.geojson"),
    "coco": later("COCO 的 annotations.json 或 instances*.json"),
}
LABELS = ("labels", "masks")
_SUFFIXES = (*label_files.SUFFIXES, ".geojson")
_FLAT = {"masks": ("_masks",), "cellpose": ("_cp_masks",), "geojson": ("",)}  # ends of their label files
_BY_PRODUCTS = ("_cp_output", "_flows_cp_masks", "_outlines_cp_masks")  # of Cellpose


def layout(folder):
    """Which layout of labelled pictures a folder has.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    layout : str or None
        A key of `LAYOUTS`; None if it has none of them, maybe the competition's.

    Raises
    ------
    DataError
        If it has several, or labels that can't be read without running code.
    """
    flat, folders = pairing.listing(folder)
    labels = [name for name in LABELS if name in folders]
    found = {layout: any(_is_label(name, layout) for name in flat) for layout in _FLAT}
    found |= {"folders": coco.IMAGES in folders and labels, "coco": coco.files(folder)}
    names = [say(LAYOUTS[name]) for name in LAYOUTS if found[name]]
    names += [say("竞赛的 <ImageId>/images")] * bool(names and image_paths.is_layout(folder))
    alike = [f"{name}/" for name in labels] if found["folders"] else found["coco"]
    several = next((own for own in (names, alike) if len(own) > 1), None)
    if several:
        raise DataError(
            say(
                "{folder}：有不止一份标注（{several}），不知道用哪一份，请只留一份",
                folder=folder,
                several=listing(several),
            )
        )
    if not names and any(name.endswith(PICKLED) for name in flat):
        raise DataError(
            say(
                "{folder}：标注只在 Cellpose 的 *{pickled} 里，它是 pickle，打开它等于运行里面的代码，不读；"
                "请在 Cellpose 里另存为 PNG 或 TIFF（_cp_masks）",
                folder=folder,
                pickled=PICKLED,
            )
        )
    return next((name for name in LAYOUTS if found[name]), None)


def index(folder, layout):
    """Index a folder of labelled pictures.

    Parameters
    ----------
    folder : Path
    layout : str
        A key of `LAYOUTS`, from `layout`.

    Returns
    -------
    source : sources.Source
        As `pairing.paired` and `coco.index` make it.

    Raises
    ------
    DataError
        If COCO's file can't be read.
    """
    if layout == "coco":
        return coco.index(folder, *coco.files(folder))
    flat, folders = pairing.listing(folder)
    if layout == "folders":
        images, labels = folders[coco.IMAGES], next(folders[name] for name in LABELS if name in folders)
        pictures, found = pairing.files_in(folder, images), pairing.files_in(folder, labels)
        place, endings = folder / images, ("", *LABEL_ENDINGS)
    else:
        found = [name for name in flat if _is_label(name, layout)]
        pictures = [name for name in flat if name not in found and not stem(name).endswith(_BY_PRODUCTS)]
        place, endings = folder, _FLAT[layout]
    pictures = [name for name in pictures if image_paths.is_picture(name)]
    below = unread.below(place)
    notes = (say("{place}：没有读子文件夹里的 {below} 张图像", place=place, below=below),) if below else ()
    return pairing.paired(folder, pictures, found, endings, _draw, notes)


def labels_alone(path):
    """Index label images without regard to pictures.

    Parameters
    ----------
    path : Path
        A folder: labelled pictures, label images directly in it, or in its `labels/` or `masks/`. Or a file.

    Returns
    -------
    source : sources.Source
        Of which `masks` counts.

    Raises
    ------
    DataError
        If there is none, or several kinds, as in `layout`.
    """
    if path.is_file():
        if path.suffix.lower() == ".json":
            source = coco.index(path.parent, path.name)
            beside = {name for name in source.lacking if (path.parent / name).is_file()}
            lacking = {key: line for key, line in source.lacking.items() if key not in beside}
            return dataclasses.replace(source, lacking=lacking)
        return pairing.paired(path.parent, [], [path.name], (*LABEL_ENDINGS, ""), _draw)
    own = layout(path)
    if own is not None:
        return index(path, own)
    flat, folders = pairing.listing(path)
    inside = [folders[name] for name in LABELS if name in folders]
    found = flat if len(inside) != 1 else [*flat, *pairing.files_in(path, inside[0])]
    found = [name for name in found if name.lower().endswith(_SUFFIXES) and not name.endswith(PICKLED)]
    if not found:
        raise DataError(
            say("{path}：没有标签图（{endings}），请检查路径", path=path, endings=listing(_SUFFIXES))
        )
    return pairing.paired(path, [], found, (*LABEL_ENDINGS, ""), _draw)


def _is_label(name, layout):
    if layout == "geojson":
        return name.lower().endswith(".geojson")
    other = "_cp_masks" if layout == "masks" else _BY_PRODUCTS
    own = name.lower().endswith(_SUFFIXES) and not stem(name).endswith(other)
    return own and stem(name).endswith(_FLAT[layout])


def _draw(name, named_files, shape):
    [(file, data)] = named_files
    if file.lower().endswith(".geojson"):
        return geojson.truth(data, file, shape)
    return label_images.from_image(name, [(file, data)], shape)
