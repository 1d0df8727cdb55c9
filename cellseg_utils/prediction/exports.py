"""Label images in the formats of other programs: Kaggle's run-length encoding and TIFF."""

import cv2
import numpy as np
import pandas as pd
import tifffile

from cellseg_utils.prediction import measuring, run_lengths
from cellseg_utils.run import files

COLUMNS = ("ImageId", "EncodedPixels")
OBJECT_COLUMNS = ("image", *measuring.COLUMNS, "certainty")
SUMMARY_COLUMNS = (
    *("image", "nuclei", "height", "width", "pixel_size_um", "channel", "chosen_by", "channels"),
    *("foreground", "median_area", "median_area_um2", "density_per_mm2", "warning"),
)
LABELS, SUBMISSION = "labels", "submission.csv"  # what results are called
OBJECTS, SUMMARY = "objects.csv", "summary.csv"
NAMES, NAME_COLUMNS = "names.csv", ("image", "file")
FAILURES, FAILURE_COLUMNS = "failures.csv", ("file", "problem")
TABLES = {
    SUBMISSION: COLUMNS,
    OBJECTS: OBJECT_COLUMNS,
    SUMMARY: SUMMARY_COLUMNS,
    NAMES: NAME_COLUMNS,
    FAILURES: FAILURE_COLUMNS,
}


def first_line(table):
    """The first line of a table: the names of its columns, without those that the pictures decide.

    Parameters
    ----------
    table : str
        A key of `TABLES`.

    Returns
    -------
    line : str
    """
    return ",".join(TABLES[table])


def write_results(folder, labels_by_id):
    """Write label images and Kaggle's table of them.

    Parameters
    ----------
    folder : path-like
        Replaced as a whole; gets `labels/<id>.tif` and `submission.csv`.
    labels_by_id : dict of str to (H, W) ndarray of int
        Label images, 0 is background (no unit).

    Raises
    ------
    OSError
        If the disk is full; the earlier folder stays.
    """
    with files.replacing(folder) as temporary:
        (temporary / LABELS).mkdir(parents=True)
        for name, labels in labels_by_id.items():
            write_label_tiff(temporary / LABELS / f"{name}.tif", labels)
        submission(labels_by_id).to_csv(temporary / SUBMISSION, index=False, lineterminator="\n")


def write_masks(masks, folder):
    """Write masks as PNG files, 255 for nucleus.

    Parameters
    ----------
    masks : dict of str to (H, W) ndarray of bool
        Keyed by name (no unit).
    folder : Path
        Replaced as a whole.

    Raises
    ------
    OSError
        If the disk is full; the earlier folder stays.
    """
    with files.replacing(folder) as temporary:
        temporary.mkdir()
        for name, mask in masks.items():
            encoded = cv2.imencode(".png", mask.astype(np.uint8) * 255)[1]
            (temporary / f"{name}.png").write_bytes(encoded.tobytes())


def submission(labels_by_id):
    """Kaggle's table of all objects; no two of one picture overlap, as each pixel has one number.

    Parameters
    ----------
    labels_by_id : dict of str to (H, W) ndarray of int
        Label images as `run_lengths.encode_objects` takes them, keyed by ImageId.

    Returns
    -------
    table : DataFrame
        Columns `ImageId` and `EncodedPixels`; one row an object, one row with an empty text for a picture
        without objects.

    Raises
    ------
    ValueError
        If a picture has no label image.
    """
    rows = [
        (name, text)
        for name, labels in labels_by_id.items()
        for text in run_lengths.encode_objects(labels) or [""]
    ]
    return pd.DataFrame(rows, columns=COLUMNS, dtype=str)


def objects(name, image, segmentation, others=None):
    """Table of all nuclei of a picture.

    Parameters
    ----------
    name : str
        Of the picture.
    image : image.Image
    segmentation : segmentation.Segmentation
    others : (H, W) ndarray of bool, optional
        As for `measuring.measure`.

    Returns
    -------
    table : DataFrame
        Columns `OBJECT_COLUMNS` and the intensities of all channels: the picture's name, what
        `measuring.measure` finds, and certainty, 0..1 (no unit), empty from a network that does not separate
        nuclei; fractions are rounded to thousandths, intensities to ten digits.
    """
    table = measuring.measure(segmentation.labels, image.channels, image.names, image.pixel_size, others)
    shapes = list(measuring.COLUMNS)
    intensities = table.drop(columns=shapes).map(lambda value: float(f"{value:.10g}"))
    sure = np.nan if segmentation.certainty is None else segmentation.certainty
    shapes = table[shapes].assign(image=name, certainty=sure).round(3)[list(OBJECT_COLUMNS)]
    return pd.concat([shapes, intensities], axis=1)


def summary(name, image, shape, areas, doubt):
    """Row of a picture in the table of all pictures.

    Parameters
    ----------
    name : str
        Of the picture.
    image : image.Image
        The picture, or a part of it.
    shape : tuple of int
        Its height and width (pixels).
    areas : (n,) ndarray of int
        Of all nuclei (pixels).
    doubt : str
        Why the picture can't be trusted; empty where nothing speaks against it.

    Returns
    -------
    table : DataFrame
        One row with the columns `SUMMARY_COLUMNS`; what is not known is empty.
    """
    pixel = np.prod(image.pixel_size) if image.pixel_size else np.nan  # µm²
    side = np.sqrt(pixel)
    median, size = float(np.median(areas)) if len(areas) else np.nan, float(np.prod(shape))
    row = {
        **{"image": name, "nuclei": len(areas), "height": shape[0], "width": shape[1]},
        **{"pixel_size_um": _digits(side), "channel": image.channel, "chosen_by": image.by},
        **{"channels": ";".join(image.names), "foreground": _digits(np.sum(areas) / size)},
        **{"median_area": median, "median_area_um2": _digits(median * pixel)},
        **{"density_per_mm2": _digits(len(areas) / (size * pixel) * 1e6), "warning": doubt},
    }
    return pd.DataFrame([row])[list(SUMMARY_COLUMNS)]


def _digits(value):
    return float(f"{value:.5g}")


def resolution(pixel_size):
    """What tells ImageJ, and others that read its TIFF files, the size of a pixel.

    Parameters
    ----------
    pixel_size : tuple of float, or None
        Height and width (µm).

    Returns
    -------
    options : dict
        Of `tifffile.imwrite`.

    References
    ----------
    https://imagej.net/ij/source/ij/io/TiffDecoder.java: resolution counts by the unit of the description.
    """
    if pixel_size is None:
        return {}
    height, width = pixel_size
    unit = {"description": "ImageJ=1.54f\nunit=micron\n", "resolutionunit": "NONE"}
    return {"resolution": (1 / width, 1 / height), **unit}


def write_label_tiff(path, labels, pixel_size=None):
    """Write a label image as a TIFF that ImageJ, Fiji and QuPath open, whole or not at all.

    Parameters
    ----------
    path : path-like
        Its folder is made when missing; an earlier file is replaced.
    labels : (H, W) ndarray of int
        0 is background, each object has a number of its own (no unit). Written as 16 bit, or as 32 bit if a
        number is 65536 or more; losslessly compressed (Deflate).
    pixel_size : tuple of float, optional
        Height and width of a pixel (µm), kept in the file.

    Raises
    ------
    ValueError
        If `labels` is no label image, or empty, or a number needs more than 32 bit.
    OSError
        If the disk is full or the folder can't be written; an earlier file stays as it was.
    """
    labels = run_lengths.checked(labels)
    if labels.size == 0 or labels.max() > np.iinfo(np.uint32).max:
        raise ValueError(f"expected pixels with numbers below 2^32, got {labels.shape} {labels.dtype}")
    depth = np.uint16 if labels.max() <= np.iinfo(np.uint16).max else np.uint32
    with files.replacing(path) as temporary:
        form = {"photometric": "minisblack", "compression": "zlib", "metadata": None}
        tifffile.imwrite(temporary, labels.astype(depth), **form, **resolution(pixel_size))
