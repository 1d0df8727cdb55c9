"""A writer of Leica's LIF, of which no library is known: a header of XML, then the pixels of every image.

Layout of the file: https://github.com/cgohlke/liffile, `LifMemoryBlock`.
"""

import struct

LENGTHS = {"X": 1, "Y": 2, "Z": 3, "T": 4}  # numbers that LIF gives to axes
IMAGE = (
    '<Element Name="{name}"><Data><Image><ImageDescription><Channels>{channels}</Channels>'
    "<Dimensions>{axes}</Dimensions></ImageDescription></Image></Data>"
    '<Memory Size="{size}" MemoryBlockID="{block}"/></Element>'
)
CHANNEL = (
    '<ChannelDescription DataType="0" ChannelTag="0" Resolution="16" NameOfMeasuredQuantity="" Min="0" '
    'Max="1" Unit="" LUTName="{}" IsLUTInverted="0" BytesInc="{}" BitInc="0"/>'
)
AXIS = (
    '<DimensionDescription DimID="{}" NumberOfElements="{}" Origin="0" Length="{}" Unit="m" '
    'BytesInc="{}" BitInc="0"/>'
)


def lif(path, arrays, names=("Gray",), pixel=(1e-6, 1e-6)):
    """Write images of 16 bit.

    Parameters
    ----------
    path : Path
    arrays : dict of str to (Z, C, Y, X) ndarray of uint16
        Keyed by the name of the image.
    names : sequence of str
        Look-up table of every channel.
    pixel : tuple of float
        Height and width of a pixel (m).
    """
    elements, blocks = "", b""
    for number, (name, array) in enumerate(arrays.items()):
        block, steps = f"MemBlock_{number}", dict(zip("ZCYX", array.strides, strict=True))
        lengths = dict(zip("ZCYX", array.shape, strict=True))
        sizes = {"X": pixel[1], "Y": pixel[0], "Z": 1e-6}
        axes = "".join(
            AXIS.format(LENGTHS[axis], lengths[axis], sizes[axis] * (lengths[axis] - 1), steps[axis])
            for axis in "XYZ"
        )
        channels = "".join(CHANNEL.format(own, steps["C"] * place) for place, own in enumerate(names))
        described = {"name": name, "channels": channels, "axes": axes, "size": array.nbytes, "block": block}
        elements += IMAGE.format(**described)
        title = block.encode("utf-16-le")
        blocks += struct.pack("<IIBQBI", 0x70, 14 + len(title), 0x2A, array.nbytes, 0x2A, len(block)) + title
        blocks += array.tobytes()
    xml = f'<LMSDataContainerHeader Version="2"><Element Name="all"><Children>{elements}</Children></Element>'
    xml = f"{xml}</LMSDataContainerHeader>".encode("utf-16-le")
    path.write_bytes(struct.pack("<IIBI", 0x70, len(xml) + 5, 0x2A, len(xml) // 2) + xml + blocks)
    return path
