"""What is to be found in one image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Corners = tuple[float, float, float, float]  # left, top, right, bottom

_FIELDS = {
    "boxes": np.float32,
    "labels": np.int64,
    "difficult": np.bool_,
    "crowd": np.bool_,
    "areas": np.float32,
}


class FoundObject(NamedTuple):
    """One object as a reader finds it; `area` is that of its box by default."""

    box: Corners
    label: int
    difficult: bool = False
    crowd: bool = False
    area: float | None = None


@dataclass(frozen=True, eq=False)
class ImageObjects:
    """The objects of one image, n of them, maybe none.

    Coordinates are continuous, in pixels from the upper left corner of the image: the pixel in row
    0 and column 0 is the box (0, 0, 1, 1), and width is right - left.

    Args:
        image_id: the image's number (COCO) or name (VOC) in its data set.
        height, width: of the image, in pixels.
        boxes: float32, shape (n, 4): left, top, right, bottom.
        labels: int64, shape (n,), each an index into the `class_names` of the data set.
        difficult: bool, shape (n,): VOC's objects that count neither as found nor as missed.
        crowd: bool, shape (n,): COCO's boxes around many objects.
        areas: float32, shape (n,): of COCO's outlines, in pixels, else of the boxes.

    Raises:
        ValueError: a shape or dtype is another, or the image has no size.
    """

    image_id: int | str
    height: int
    width: int
    boxes: np.ndarray
    labels: np.ndarray
    difficult: np.ndarray
    crowd: np.ndarray
    areas: np.ndarray

    def __post_init__(self):
        if self.height < 1 or self.width < 1:
            raise ValueError(
                f"height and width of image {self.image_id!r} must be at least 1, got "
                f"{self.height} and {self.width}"
            )
        count = len(self.boxes)
        for name, dtype in _FIELDS.items():
            array, shape = getattr(self, name), (count, 4) if name == "boxes" else (count,)
            if array.dtype != dtype or array.shape != shape:
                raise ValueError(
                    f"{name} of image {self.image_id!r} must be {np.dtype(dtype)} of shape "
                    f"{shape}, got {array.dtype} of shape {array.shape}"
                )

    def __len__(self):
        return len(self.boxes)

    def take(self, chosen) -> "ImageObjects":
        """The objects at `chosen`, indices or a mask."""
        arrays = {name: getattr(self, name)[chosen] for name in _FIELDS}
        return ImageObjects(self.image_id, self.height, self.width, **arrays)


def collect(
    image_id: int | str, height: int, width: int, found: Sequence[FoundObject]
) -> ImageObjects:
    """The objects of one image, one after the other."""
    boxes = np.array([one.box for one in found], np.float32).reshape(-1, 4)
    sizes = boxes[:, 2:] - boxes[:, :2]
    given = [np.nan if one.area is None else one.area for one in found]
    areas = np.where(np.isnan(given), sizes[:, 0] * sizes[:, 1], given)
    return ImageObjects(
        image_id,
        height,
        width,
        boxes,
        np.array([one.label for one in found], np.int64),
        np.array([one.difficult for one in found], bool),
        np.array([one.crowd for one in found], bool),
        areas.astype(np.float32),
    )
