"""Objects of an image as arrays of a fixed size."""

from dataclasses import dataclass

import numpy as np

from keras_bam.data.objects.detection_images import DetectionImages
from keras_bam.data.threaded_batches import check_positive


@dataclass(frozen=True)
class Padding:
    """Targets of `max_boxes` rows; those that are no object have label -1 and box 0.

    Raises:
        ValueError: `max_boxes` is no positive integer.
    """

    max_boxes: int = 100

    def __post_init__(self):
        check_positive("max_boxes", self.max_boxes)

    def __call__(self, boxes: np.ndarray, labels: np.ndarray, size=None) -> dict[str, np.ndarray]:
        """float32 boxes, (max_boxes, 4), and int32 labels, (max_boxes,)."""
        padded = np.zeros((self.max_boxes, 4), np.float32)
        numbers = np.full(self.max_boxes, -1, np.int32)
        padded[: len(boxes)], numbers[: len(labels)] = boxes, labels
        return {"boxes": padded, "labels": numbers}

    def check(self, images: DetectionImages, counts):
        """Raises ValueError, naming the image, if one of so many objects has more than fit."""
        most = int(np.argmax(counts))
        if counts[most] > self.max_boxes:
            raise ValueError(
                f"max_boxes={self.max_boxes} is too few for the {counts[most]} objects of "
                f"{images.name_of(most)}; pass {counts[most]} or more"
            )
