"""Boxes that can't be right: left out and told, or fatal."""

import math
import warnings
from typing import Literal, get_args

from keras_bam.data.objects.image_objects import Corners

OnBadBox = Literal["drop", "raise"]


class BoxChecks:
    """Looks at the boxes of a split, one after the other, and remembers the bad ones.

    Bad is a corner that is not finite, a right or lower edge before the left or upper one
    (reversed) or at it (zero area), and a box outside of its image. A box that reaches out of its
    image by more than a pixel is bad too, but cut off at the edge, not left out, since the object
    is there; by up to a pixel it is cut off without a word: rounding, or a file that counts from 0
    where it should from 1.

    Args:
        on_bad_box: "drop", or "raise" to stop at the first.

    Attributes:
        found: a line for each bad box: its file, its object and what is wrong.

    Raises:
        ValueError: another `on_bad_box`.
    """

    def __init__(self, on_bad_box: OnBadBox = "drop"):
        if on_bad_box not in get_args(OnBadBox):
            raise ValueError(f"on_bad_box must be 'drop' or 'raise', got {on_bad_box!r}")
        self.on_bad_box = on_bad_box
        self.found: list[str] = []

    def accept(
        self, written: Corners, height: int, width: int, where: str, first: int = 0
    ) -> Corners | None:
        """The box inside its image, or None if it is left out.

        Args:
            written: the corners as the file has them.
            height, width: of the image.
            where: file and object, for what is told.
            first: number of the first pixel in the file. From 1, as in VOC, the corners are of
                pixels inside the box: its left edge is that pixel's number less 1, its right edge
                the number itself.

        Raises:
            ValueError: naming `where`, if a bad box is fatal.
        """
        left, top = written[0] - first, written[1] - first
        right, bottom = written[2], written[3]
        box = max(left, 0.0), max(top, 0.0), min(right, float(width)), min(bottom, float(height))
        if not all(map(math.isfinite, written)):
            fault = "is not finite"
        elif written[2] < written[0] or written[3] < written[1]:
            fault = "is reversed"
        elif written[2] == written[0] or written[3] == written[1]:
            fault = "has no area"
        elif box[0] >= box[2] or box[1] >= box[3]:
            fault = f"lies outside of its image of {height} x {width} pixels"
        elif max(-left, -top, right - width, bottom - height) > 1:
            self._tell(where, written, f"reaches out of its image of {height} x {width} pixels")
            return box
        else:
            return box
        self._tell(where, written, fault)
        return None

    def _tell(self, where, written, fault):
        line = f"{where}: the box {tuple(written)} {fault}"
        if self.on_bad_box == "raise":
            raise ValueError(f"{line}; correct it, or pass on_bad_box='drop'")
        self.found.append(line)

    def warn(self, source):
        """Warns once if there were bad boxes in `source`."""
        if self.found:
            warnings.warn(
                f"{len(self.found)} bad boxes of {source} were left out or cut off; the first: "
                f"{self.found[0]}; see `bad_boxes` of the images for all",
                stacklevel=4,
            )
