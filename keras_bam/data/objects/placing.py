"""How large an image is in its batch, and where a box of the network lies in the image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from keras_bam.data.threaded_batches import check_positive

Mode = Literal["resize", "letterbox"]


@dataclass(frozen=True)
class Placing:
    """What brings images of any size to one canvas.

    Args:
        canvas: height and width of the images in a batch, in pixels.
        mode: "resize" stretches each image to the canvas, as SSD does. "letterbox" keeps its
            proportions: it lies in the upper left corner, and what is right of it and below is 0,
            the mean.
        short_side, long_side: of a letterboxed image, as Faster R-CNN has it with 600 and 1000: its
            shorter side is the first, unless the longer one would pass the second. None is no
            bound. The image is never larger than the canvas.

    Raises:
        ValueError: a wrong value.
    """

    canvas: tuple[int, int]
    mode: Mode = "resize"
    short_side: int | None = None
    long_side: int | None = None

    def __post_init__(self):
        if not isinstance(self.canvas, tuple) or len(self.canvas) != 2:
            raise ValueError(f"size must be a number or (height, width), got {self.canvas!r}")
        for side in self.canvas:
            check_positive("size", side)
        if self.mode not in get_args(Mode):
            raise ValueError(f"mode must be 'resize' or 'letterbox', got {self.mode!r}")
        for name in ("short_side", "long_side"):
            side = getattr(self, name)
            if side is not None:
                check_positive(name, side)
                if self.mode == "resize":
                    raise ValueError(f"{name} needs mode='letterbox', got mode='resize'")

    def size_of(self, height: float, width: float) -> tuple[int, int]:
        """Height and width in the batch of an image of that size."""
        rows, columns = self.canvas
        if self.mode == "resize":
            return rows, columns
        factors = [rows / height, columns / width]
        if self.short_side is not None:
            factors.append(self.short_side / min(height, width))
        if self.long_side is not None:
            factors.append(self.long_side / max(height, width))
        factor = min(factors)
        return (
            max(1, min(rows, round(height * factor))),
            max(1, min(columns, round(width * factor))),
        )

    def on_canvas(self, boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Boxes on the scale 0..1 of the canvas, from such of an image of `size` on it."""
        return (boxes * self._shares(size)).astype(np.float32)

    def to_pixels(self, boxes, height: int, width: int) -> np.ndarray:
        """Boxes of the network in the pixels of the image as it was, cut off at its edges.

        Args:
            boxes: shape (n, 4), on the scale 0..1 of the canvas: left, top, right, bottom.
            height, width: of the image as it was.
        """
        boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
        boxes = boxes / self._shares(self.size_of(height, width))
        scale: Sequence[int] = [width, height, width, height]
        return (boxes.clip(0, 1) * scale).astype(np.float32)

    def _shares(self, size) -> np.ndarray:
        down, across = size[0] / self.canvas[0], size[1] / self.canvas[1]
        return np.array([across, down, across, down])
