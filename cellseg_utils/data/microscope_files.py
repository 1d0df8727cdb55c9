"""Microscopes' own formats, each read by a library of the extra `bio`: CZI, ND2, LIF, DICOM.

Every function takes the path of a file and gives an `image.Pixels`, whose axes of length 1 are not left out.
It raises `MicroscopeError`, or whatever its library makes of a damaged file; `ImportError` without the extra.
"""

import itertools
import math

import numpy as np

from cellseg_utils.data.image import Pixels
from cellseg_utils.run.language import listing, say
from cellseg_utils.run.plain_error import PlainError

MOST_BYTES = 4 << 30  # of all planes together, since they are read at once


class MicroscopeError(PlainError, ValueError):
    """What makes a file unreadable, and the fix, in Chinese, without the file's name."""


def czi(path):
    """Read a file of Zeiss's ZEN.

    Parameters
    ----------
    path : Path

    Returns
    -------
    pixels : image.Pixels
        Tiles of a mosaic are put together; scenes of one size are an axis P.

    References
    ----------
    https://github.com/ZEISS/pylibczirw
    """
    from pylibCZIrw import czi as library

    with library.open_czi(str(path)) as file:
        box, scenes = file.total_bounding_box_no_pyramid, file.scenes_bounding_rectangle_no_pyramid
        places = list(scenes.items()) or [(None, file.total_bounding_rectangle_no_pyramid)]
        size = _one_size({str(scene): (place.h, place.w) for scene, place in places})
        axes = [axis for axis in "TZC" if axis in box]
        spans = [range(*box[axis]) for axis in axes]
        kind = file.pixel_types[next(iter(file.pixel_types))]  # such as Gray16, Bgr24
        depth = {"8": 1, "4": 1, "6": 2, "t": 4}.get(kind[-1], 4) * (3 if "Bgr" in kind else 1)
        fits(math.prod([len(places), *map(len, spans), *size, depth]))
        planes = [
            file.read(plane=dict(zip(axes, plane, strict=True)), scene=scene, roi=tuple(place))
            for scene, place in places
            for plane in itertools.product(*spans)
        ]
        array = np.stack(planes).reshape(len(places), *map(len, spans), *planes[0].shape)
        return _czi_pixels(array[..., ::-1], f"P{''.join(axes)}YXS", file.metadata["ImageDocument"])


def _czi_pixels(array, axes, document):
    metadata = document.get("Metadata") or {}
    channels = _listed(_below(metadata, "Information", "Image", "Dimensions", "Channels", "Channel"))
    distances = _listed(_below(metadata, "Scaling", "Items", "Distance"))
    metres = {distance.get("@Id"): distance.get("Value") for distance in distances}
    if array.shape[-1] == 1:
        array, axes = array[..., 0], axes[:-1]
    names = tuple(str(channel.get("@Name", "")) for channel in channels)
    return Pixels(array, axes, names, micrometres((metres.get("Y"), metres.get("X")), 1e6))


def nd2(path):
    """Read a file of Nikon's NIS-Elements.

    Parameters
    ----------
    path : Path

    Returns
    -------
    pixels : image.Pixels
        Positions are an axis P.

    References
    ----------
    https://github.com/tlambert03/nd2
    """
    import nd2 as library

    with library.ND2File(path) as file:
        fits(file.nbytes)
        channels = getattr(file.metadata, "channels", None) or []
        names = tuple(str(own.channel.name) for own in channels)
        volume = getattr(channels[0], "volume", None) if channels else None
        calibrated = volume is not None and all(volume.axesCalibrated[:2])
        size = volume.axesCalibration[1::-1] if calibrated else (None, None)
        return Pixels(file.asarray(), "".join(file.sizes), names, micrometres(size, 1))


def lif(path):
    """Read a file of Leica's LAS X.

    Parameters
    ----------
    path : Path

    Returns
    -------
    pixels : image.Pixels
        Images of one size are an axis P; channels are called after their look-up tables.

    References
    ----------
    https://github.com/cgohlke/liffile
    """
    import liffile

    with liffile.LifFile(path, squeeze=False) as file:
        images = [image for image in file.images if not image.is_flim]
        sizes = _one_size({image.name: tuple(image.sizes.items()) for image in images})
        axes = [axis for axis, _ in sizes]
        if any(len(axis) > 1 for axis in axes):
            raise MicroscopeError(say("轴 {axes}：看不出哪些是通道，请先导出为 TIFF", axes=listing(axes)))
        fits(sum(image.nbytes for image in images))
        channels = images[0].xml_element.findall(".//Channels/ChannelDescription")
        channels.sort(key=lambda channel: int(channel.get("BytesInc", 0)))
        names = tuple(channel.get("LUTName", "") for channel in channels)
        steps = [_step(images[0].coords.get(axis, ())) for axis in "YX"]
        array = np.stack([image.asarray() for image in images])
        return Pixels(array, "P" + "".join(axes), names, micrometres(steps, 1e6))


def dicom(path):
    """Read a DICOM file of one or several whole frames.

    Parameters
    ----------
    path : Path

    Returns
    -------
    pixels : image.Pixels
        Palettes are applied; frames are an axis Z; black is low and white is high.

    References
    ----------
    https://pydicom.github.io/pydicom/stable/
    """
    import pydicom
    from pydicom import pixels

    dataset = pydicom.dcmread(path)
    size = int(dataset.Rows), int(dataset.Columns)
    if int(dataset.get("TotalPixelMatrixRows", size[0])) > size[0]:
        raise MicroscopeError(say("是切成小块的整张切片（WSI），请先导出为 TIFF"))
    frames, samples = int(dataset.get("NumberOfFrames", 1)), int(dataset.SamplesPerPixel)
    fits(math.prod([frames, samples, *size]) * int(dataset.BitsAllocated) // 8)
    array = pixels.pixel_array(dataset)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        array, samples = pixels.apply_color_lut(array, dataset), 3
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        array = np.invert(array)
    axes = "Z" * (frames > 1) + "YX" + "S" * (samples > 1)
    spacing = dataset.get("PixelSpacing") or (None, None)
    return Pixels(array, axes, pixel_size=micrometres(spacing, 1e3))


def _one_size(sizes):
    """The size of all pictures of a file."""
    if not sizes:
        raise MicroscopeError(say("里面没有图像"))
    if len(set(sizes.values())) > 1:
        names = listing(itertools.islice(sizes, 5))
        raise MicroscopeError(
            say("含 {n} 张大小不同的图像（{names}），请先导出其中一张", n=len(sizes), names=names)
        )
    return next(iter(sizes.values()))


def fits(count):
    """Refuse what should not be read at once.

    Parameters
    ----------
    count : int
        Bytes of all planes together.

    Raises
    ------
    MicroscopeError
        If they are more than `MOST_BYTES`.
    """
    if count > MOST_BYTES:
        limit = say("超过一次能读的 {limit} GiB", limit=MOST_BYTES >> 30)
        raise MicroscopeError(
            say("全部的层共 {size:.1f} GiB，{limit}，请先导出其中要的层", size=count / 2**30, limit=limit)
        )


def micrometres(lengths, unit):
    """Height and width of a pixel.

    Parameters
    ----------
    lengths : sequence
        Height and width as a file says them, whatever that is.
    unit : float
        Of the lengths (µm).

    Returns
    -------
    size : tuple of float, or None
        µm; None where they are not known.
    """
    try:
        size = tuple(float(length) * unit for length in lengths)
    except (TypeError, ValueError):
        return None
    return size if all(0 < length < math.inf for length in size) else None


def _step(places):
    return abs(float(places[1] - places[0])) if len(places) > 1 else None


def _below(value, *keys):
    for key in keys:
        value = (value or {}).get(key)
    return value


def _listed(value):
    return value if isinstance(value, list) else [value] if value else []
