"""The anchors of a region proposal network (arXiv:1506.01497, section 3.1.1)."""

import dataclasses
import functools

import numpy as np

from keras_bam.detection.boxes import centres_to_corners
from keras_bam.layers.arguments import positive_integer, positive_number


@dataclasses.dataclass(frozen=True, kw_only=True)
class Anchors:
    """Boxes of several sizes and shapes around the centre of each cell of a map.

    The order is by row, column, ratio, size. Many reach out of the canvas.

    Attributes:
        canvas: height and width of what the network sees, in pixels.
        grid: rows and columns of the map.
        stride: pixels from one cell's centre to the next.
        sizes: square roots of the areas, in pixels.
        ratios: of height to width.

    Raises:
        ValueError: for another value, or a canvas that holds none of the anchors.
    """

    canvas: tuple[int, int]
    grid: tuple[int, int]
    stride: int
    sizes: tuple[float, ...]
    ratios: tuple[float, ...]

    def __post_init__(self):
        for name, check in (
            ("canvas", positive_integer),
            ("grid", positive_integer),
            ("sizes", positive_number),
            ("ratios", positive_number),
        ):
            values = tuple(check(name, value) for value in getattr(self, name))
            object.__setattr__(self, name, values)
        positive_integer("stride", self.stride)
        if not self.inside(self.canvas).any():
            raise ValueError(
                f"a canvas of {self.canvas[0]}x{self.canvas[1]} pixels is too small for the "
                f"anchors, of which none lies inside: sizes are {self.sizes}, ratios {self.ratios}"
            )

    @property
    def per_cell(self) -> int:
        return len(self.sizes) * len(self.ratios)

    @property
    def count(self) -> int:
        return self.grid[0] * self.grid[1] * self.per_cell

    @functools.cached_property
    def centres(self) -> np.ndarray:
        """(cx, cy, width, height) relative to the canvas, float32 of shape (count, 4)."""
        y, x = ((np.arange(cells) + 0.5) * self.stride for cells in self.grid)
        roots = np.sqrt(self.ratios)
        widths, heights = (np.outer(r, self.sizes).ravel() for r in (1 / roots, roots))
        rows, columns, shape = np.meshgrid(y, x, np.arange(self.per_cell), indexing="ij")
        boxes = np.stack([columns, rows, widths[shape], heights[shape]], axis=-1)
        height, width = self.canvas
        centres = (boxes.reshape(-1, 4) / (width, height, width, height)).astype(np.float32)
        centres.flags.writeable = False
        return centres

    @functools.cached_property
    def corners(self) -> np.ndarray:
        """(x1, y1, x2, y2) relative to the canvas, float32 of shape (count, 4); not clipped."""
        corners = centres_to_corners(self.centres)
        corners.flags.writeable = False
        return corners

    def inside(self, size) -> np.ndarray:
        """Which of them lie in an image of `size`, (height, width) in pixels, at the upper left."""
        end = np.array([size[1] / self.canvas[1], size[0] / self.canvas[0]])
        rounding = 1e-6
        low, high = self.corners[:, :2] >= -rounding, self.corners[:, 2:] <= end + rounding
        return np.asarray(np.concatenate([low, high], axis=1).all(axis=1))
