"""SSD's augmentation of one image and its boxes (arXiv:1512.02325, section 2.2)."""

from dataclasses import dataclass

import numpy as np

from keras_bam.data.crops import Box
from keras_bam.data.objects.colours import Colours, draw_colours
from keras_bam.data.objects.regions import OVERLAPS, draw_constrained_crop, draw_expansion


@dataclass(frozen=True)
class DetectionAugment:
    """Colours, expansion and crop, drawn in this order; flip and resizing come after them.

    Args:
        colours: change brightness, contrast, saturation, hue and the order of channels, as
            `draw_colours` says.
        expand: how many times as high and wide the image may become, around it the mean; 1 for
            never.
        crop: a random part of what came out, as `draw_constrained_crop` says.
        overlaps: of the crop.

    Raises:
        ValueError: a value out of range.
    """

    colours: bool = True
    expand: float = 4.0
    crop: bool = True
    overlaps: tuple[float | None, ...] = OVERLAPS

    def __post_init__(self):
        if not 1 <= self.expand < np.inf:
            raise ValueError(f"expand must be 1 or more, got {self.expand!r}")
        if not {None, 0} & set(self.overlaps) or not all(
            least is None or 0 <= least < 1 for least in self.overlaps
        ):
            raise ValueError(
                "overlaps must hold None or 0, so that some crop always fits, and else IoUs from 0 "
                f"to below 1, got {self.overlaps}"
            )

    def draw(
        self, generator: np.random.Generator, height: int, width: int, boxes: np.ndarray
    ) -> tuple[Colours | None, Box]:
        """What becomes of the colours, and the region that is shown.

        Args:
            height, width: of the image.
            boxes: shape (n, 4), in its pixels.
        """
        colours = draw_colours(generator) if self.colours else None
        region: Box = 0, 0, width, height
        if self.expand > 1:
            region = draw_expansion(generator, region, self.expand)
        if self.crop:
            region = draw_constrained_crop(generator, region, boxes, self.overlaps)
        return colours, region
