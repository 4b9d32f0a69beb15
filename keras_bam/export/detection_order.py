"""Detections that two runtimes give in two orders, where scores are all but equal."""

import numpy as np

DETECTIONS = ["boxes", "classes", "count", "scores"]  # outputs of a detector, in a file's order


def in_order_of(expected, found):
    """`found` with the detections of each image in the order of `expected`, nearest to nearest.

    Both are lists of arrays as in `DETECTIONS`, for some images. What has no counterpart stays at
    the end, where it differs.
    """
    found = [np.array(output) for output in found]
    for image, count in enumerate(expected[2]):
        ours, theirs = (_rows(outputs, image) for outputs in (expected, found))
        left = list(range(len(theirs)))
        order = []
        for row in ours[:count]:
            order.append(min(left, key=lambda n: np.abs(theirs[n] - row).max()))
            left.remove(order[-1])
        for output in (found[0], found[1], found[3]):
            output[image] = output[image][order + left]
    return found


def _rows(outputs, image):
    """Of each detection its box, class and score."""
    boxes, classes, _, scores = outputs
    return np.concatenate(
        [boxes[image], classes[image][:, None], scores[image][:, None]], axis=1
    ).astype("float64")
