"""Which of the nuclei that were found a user wants."""

from dataclasses import dataclass, replace

import numpy as np

from cellseg_utils.prediction import instances
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError


@dataclass(frozen=True)
class Filter:
    """What is dropped.

    Attributes
    ----------
    min_area : float
        Smaller nuclei are dropped (square pixels).
    drop_border : bool
        Whether nuclei that touch the border of the picture are dropped.
    """

    min_area: float = 0
    drop_border: bool = False

    def __post_init__(self):
        """Refuse what is no area."""
        if not 0 <= self.min_area < np.inf:
            raise ArgumentError(say("min-area={area}：应为 0 或更大的像素数", area=self.min_area))

    def of(self, found):
        """What is left of a segmentation.

        Parameters
        ----------
        found : segmentation.Segmentation

        Returns
        -------
        found : segmentation.Segmentation
            Its nuclei are numbered anew; probability and doubt stay those of the whole picture.
        """
        count = int(found.labels.max(initial=0))
        kept = np.bincount(found.labels.ravel(), minlength=count + 1)[1:] >= self.min_area
        if self.drop_border:
            kept[instances.at_border(found.labels)] = False
        certainty = None if found.certainty is None else found.certainty[kept]
        return replace(found, labels=instances.only(found.labels, kept), certainty=certainty)


EVERY = Filter()  # nothing is dropped
