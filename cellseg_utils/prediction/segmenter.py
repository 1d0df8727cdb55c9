"""From a picture's file to all that is written of it."""

import math
import threading
from contextlib import nullcontext
from dataclasses import dataclass, replace

from cellseg_utils.data import large_tiff
from cellseg_utils.prediction import filters, in_blocks, large_results, results, segmentation
from cellseg_utils.run.language import say

ALONE = 1 << 22  # pixels from which on a picture is segmented while no other is: it fills cores and memory
_TURN = threading.Lock()


@dataclass(frozen=True)
class Segmenter:
    """A network and how it is asked.

    Attributes
    ----------
    bundle : bundle.Bundle
    speed : str
        A key of `views.SPEEDS`.
    wanted : filters.Filter
        Which of the nuclei are written.
    formats : dict of str to (str, callable)
        From `interchange.chosen`.
    diameter : float
        Of nuclei (pixels); 0 to find it out for each picture.
    """

    bundle: object
    speed: str
    wanted: filters.Filter
    formats: dict
    diameter: float = 0

    def write(self, out, name, picture):
        """Read a picture, segment it, write what is found; a large one in pieces.

        Parameters
        ----------
        out : Path
        name : str
            Of the picture among the results.
        picture : picture_files.Picture

        Returns
        -------
        written : results.Written

        Raises
        ------
        ImageFileError, layout.DataError
            If the picture can't be read; nothing is written then.
        interchange.FormatError
            If a format can't hold what is found; nothing is written then.
        large_results.LargeError
            If the network is not for pictures of that size.
        OSError
            If the disk is full.
        """
        with picture.in_pieces() as source:
            image = None if source else picture.read()
            if source is None and math.prod(image.rgb.shape[:2]) > large_tiff.LARGE:
                source = in_blocks.Whole(image)
            if source:
                own = self.bundle, self.speed, self.wanted, self.diameter
                with _TURN:
                    return large_results.write(out, self.formats, name, source, *own)
        with _TURN if math.prod(image.rgb.shape[:2]) > ALONE else nullcontext():
            found = self.wanted.of(segmentation.segment(self.bundle, image.rgb, self.speed, self.diameter))
        doubt = say("；").join(filter(None, (found.doubt, image.doubt)))
        found = replace(found, doubt=doubt)
        return results.write(out, self.formats, name, image, found, picture.shown)
