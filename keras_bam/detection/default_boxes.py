"""The default boxes of SSD (section 2.2 of arXiv:1512.02325), as the authors' code has them."""

import dataclasses
import functools

import numpy as np

from keras_bam.detection.boxes import centres_to_corners


@dataclasses.dataclass(frozen=True, kw_only=True)
class DefaultBoxes:
    """The boxes that a detector's offsets count from, in the order of its outputs.

    In each cell of a map stand, in this order: a square of `smallest`, one of
    sqrt(smallest * largest), and for each ratio r the boxes of smallest * sqrt(r) by
    smallest / sqrt(r) and the other way round. The order is by map, row, column, box.

    Attributes:
        size: height and width of the image, in pixels.
        maps: height and width of each map of features.
        steps: pixels from one cell's centre to the next, for each map.
        smallest: in pixels, for each map.
        largest: in pixels, for each map.
        ratios: of the long to the short side, for each map.

    Raises:
        ValueError: if these are not of one length.
    """

    size: int
    maps: tuple[int, ...]
    steps: tuple[float, ...]
    smallest: tuple[float, ...]
    largest: tuple[float, ...]
    ratios: tuple[tuple[float, ...], ...]

    def __post_init__(self):
        for name in ("maps", "steps", "smallest", "largest", "ratios"):
            values = tuple(getattr(self, name))
            if len(values) != len(self.maps):
                raise ValueError(
                    f"{name} must have a value for each of the {len(self.maps)} maps, received "
                    f"{values}"
                )
            object.__setattr__(self, name, values)
        object.__setattr__(self, "ratios", tuple(tuple(ratios) for ratios in self.ratios))

    @property
    def per_cell(self) -> tuple[int, ...]:
        """Boxes in a cell, for each map."""
        return tuple(2 + 2 * len(ratios) for ratios in self.ratios)

    @property
    def count(self) -> int:
        return sum(n * side**2 for n, side in zip(self.per_cell, self.maps, strict=True))

    @functools.cached_property
    def centres(self) -> np.ndarray:
        """(cx, cy, width, height) relative to the image, float32 of shape (count, 4); none of them
        beyond 0 and 1, but a box may reach out of the image.
        """
        levels = [self._level(level) for level in range(len(self.maps))]
        centres = np.clip(np.concatenate(levels), 0, 1).astype(np.float32)
        centres.flags.writeable = False
        return centres

    @functools.cached_property
    def corners(self) -> np.ndarray:
        """(x1, y1, x2, y2) relative to the image, float32 of shape (count, 4)."""
        corners = centres_to_corners(self.centres)
        corners.flags.writeable = False
        return corners

    def _level(self, level):
        sides = np.array(self._sides(level)) / self.size
        at = (np.arange(self.maps[level]) + 0.5) * self.steps[level] / self.size
        rows, columns, box = np.meshgrid(at, at, np.arange(len(sides)), indexing="ij")
        boxes = np.stack([columns, rows, sides[box, 0], sides[box, 1]], axis=-1)
        return boxes.reshape(-1, 4)

    def _sides(self, level):
        """Width and height of each box in a cell."""
        smallest = self.smallest[level]
        between = (smallest * self.largest[level]) ** 0.5
        sides = [(smallest, smallest), (between, between)]
        for ratio in self.ratios[level]:
            long, short = smallest * ratio**0.5, smallest / ratio**0.5
            sides += [(long, short), (short, long)]
        return sides
