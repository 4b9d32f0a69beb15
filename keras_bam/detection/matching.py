"""Which default box is to predict which object (section 2.2 of arXiv:1512.02325)."""

import numpy as np

from keras_bam.detection.boxes import areas, overlaps
from keras_bam.detection.encoding import VARIANCES, encode


def match(boxes, labels, default_boxes, threshold=0.5, variances=VARIANCES):
    """The targets of one image.

    A default box takes the object that it overlaps most, if by `threshold` at least; and each
    object gets the default box that overlaps it most, whatever the overlap. Where that is one box
    for two objects, the later object has it, as in the authors' code.

    Args:
        boxes: of the objects, relative corners with an area, shape (n, 4); n may be 0.
        labels: of the objects, counted from 0 without a background, shape (n,).
        default_boxes: `DefaultBoxes`.

    Returns:
        float32 of shape (default_boxes.count, 5): four offsets, see `encode`, and the label, in
        which 0 is the background and class c is c + 1. The offsets of background are 0.

    Raises:
        ValueError: for other shapes, a box without area or not finite, or a negative label.
    """
    boxes, labels = np.asarray(boxes, np.float32), np.asarray(labels)
    _check(boxes, labels)
    targets = np.zeros((default_boxes.count, 5), np.float32)
    if not len(boxes):
        return targets
    overlap = overlaps(boxes, default_boxes.corners)
    taken, best = overlap.argmax(axis=0), overlap.max(axis=0)
    own = overlap.argmax(axis=1)
    taken[own], best[own] = np.arange(len(boxes)), np.inf
    (positive,) = np.nonzero(best >= threshold)
    objects = taken[positive]
    targets[positive, :4] = encode(boxes[objects], default_boxes.centres[positive], variances)
    targets[positive, 4] = labels[objects] + 1
    return targets


def _check(boxes, labels):
    if boxes.ndim != 2 or boxes.shape[1] != 4 or labels.shape != boxes.shape[:1]:
        raise ValueError(
            f"boxes must have shape (n, 4) and labels (n,), received {boxes.shape} and "
            f"{labels.shape}; without objects they are (0, 4) and (0,)"
        )
    bad = ~((areas(boxes) > 0) & np.isfinite(boxes).all(axis=1))
    if bad.any():
        first = int(bad.argmax())
        raise ValueError(
            f"boxes[{first}] is {boxes[first].tolist()}: a box needs finite corners x1 < x2, "
            "y1 < y2; leave such objects out"
        )
    if len(labels) and labels.min() < 0:
        raise ValueError(f"labels count from 0 and have no background, received {labels.min()}")
