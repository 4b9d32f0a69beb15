"""Average precision as in the VOC challenge (Everingham et al., IJCV 2010, section 4.2); NumPy."""

from typing import NamedTuple

import numpy as np

from keras_bam.detection.boxes import overlaps


class Detected(NamedTuple):
    """What was found in one image."""

    boxes: np.ndarray  # corners, (n, 4)
    scores: np.ndarray  # (n,)
    classes: np.ndarray  # counted from 0 without the background, (n,)


class Objects(NamedTuple):
    """What is in one image."""

    boxes: np.ndarray  # corners in the unit of `Detected`, (n, 4)
    labels: np.ndarray  # as `Detected.classes`, (n,)
    # (n,), or None for none: objects that need not be found and, found, are not counted.
    difficult: np.ndarray | None = None


def voc_average_precision(
    detected, objects, classes, iou_threshold=0.5, eleven_points=True, inclusive=False
):
    """The average precision of each class, float64 of shape (classes,).

    A detection is right if the object of its class that it overlaps most, by `iou_threshold` at
    least, was not already found by a detection of a higher score; if that object is difficult, the
    detection counts for nothing. `np.nanmean` of the result is the mean average precision.

    Args:
        detected: a `Detected` for each image.
        objects: an `Objects` for each image, in the same order.
        classes: how many there are.
        iou_threshold: intersection over union.
        eleven_points: the mean of the best precision at recalls 0, .1, ... 1, as in VOC 2007; else
            the area below the curve of best precisions, as from 2010 on.
        inclusive: whether corners are the first and the last pixel, so that a box is
            x2 - x1 + 1 wide, as VOC's own program counts its files' pixels.

    Returns:
        NaN for a class of which there is no object, or none that is not difficult.

    Raises:
        ValueError: for lists of unequal length, wrong shapes or classes, a score that is no number,
            or `inclusive` with boxes relative to the image.
    """
    detected, objects = list(detected), list(objects)
    check(detected, objects, classes)
    if inclusive:
        _check_pixels(objects)
    return np.array(
        [
            _of_class(detected, objects, label, iou_threshold, eleven_points, inclusive)
            for label in range(classes)
        ]
    )


def _of_class(detected, objects, label, iou_threshold, eleven_points, inclusive):
    scores, outcomes = [np.zeros(0)], [np.zeros(0, np.int8)]
    count = 0
    for found, there in zip(detected, objects, strict=True):
        mine = np.asarray(there.labels) == label
        difficult = _difficult(there)[mine]
        count += np.count_nonzero(~difficult)
        chosen = np.flatnonzero(np.asarray(found.classes) == label)
        order = chosen[np.argsort(-np.asarray(found.scores)[chosen], kind="stable")]
        overlap = overlaps(
            _pixels(found.boxes, inclusive)[order], _pixels(there.boxes, inclusive)[mine]
        )
        scores.append(np.asarray(found.scores)[order])
        outcomes.append(_outcomes(overlap, difficult, iou_threshold))
    if not count:
        return np.nan
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return _area(np.concatenate(outcomes)[order], count, eleven_points)


def _outcomes(overlap, difficult, iou_threshold):
    """Of one image's detections, best first: 1 right, -1 wrong, 0 not counted."""
    outcomes = np.full(len(overlap), -1, np.int8)
    if not overlap.shape[1]:
        return outcomes
    found = set()
    for index, best in enumerate(overlap.argmax(axis=1)):
        if overlap[index, best] < iou_threshold:
            continue
        if difficult[best]:
            outcomes[index] = 0
        elif best not in found:
            outcomes[index] = 1
            found.add(best)
    return outcomes


def _area(outcomes, count, eleven_points):
    outcomes = outcomes[outcomes != 0]
    right = np.cumsum(outcomes > 0)
    recall = right / count
    precision = right / np.arange(1, len(outcomes) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]  # at this recall or more
    if eleven_points:
        # Tenths as VOC's program has them, up to rounding: a recall of .3 reaches .3.
        at = np.searchsorted(recall, np.arange(11) / 10 - 1e-9)
        return np.append(best, 0)[at].mean()
    steps = np.diff(recall, prepend=0)
    return float(steps @ best)


def _difficult(there):
    if there.difficult is None:
        return np.zeros(len(there.labels), bool)
    return np.asarray(there.difficult, bool)


def _pixels(boxes, inclusive):
    boxes = np.asarray(boxes, np.float64)
    return boxes + (0, 0, 1, 1) if inclusive else boxes


def check(detected, objects, classes):
    """Raises ValueError as `voc_average_precision`."""
    if len(detected) != len(objects):
        raise ValueError(
            f"detected has {len(detected)} images and objects {len(objects)}: one for each image"
        )
    for image, (found, there) in enumerate(zip(detected, objects, strict=True)):
        _check_one(f"detected[{image}]", found.boxes, (found.scores, found.classes))
        parts = (there.labels,) if there.difficult is None else (there.labels, there.difficult)
        _check_one(f"objects[{image}]", there.boxes, parts)
        if not np.isfinite(found.scores).all():
            raise ValueError(f"detected[{image}].scores must be finite")
        for name, labels in (("detected", found.classes), ("objects", there.labels)):
            if len(labels) and not (np.min(labels) >= 0 and np.max(labels) < classes):
                raise ValueError(
                    f"{name}[{image}] has classes {np.min(labels)} to {np.max(labels)}, where "
                    f"classes={classes} means 0 to {classes - 1}"
                )


def _check_pixels(objects):
    largest = max((np.max(there.boxes) for there in objects if len(there.boxes)), default=np.inf)
    if largest <= 1:
        raise ValueError("inclusive=True counts pixels, and these boxes are relative to the image")


def _check_one(name, boxes, others):
    shapes = [np.shape(boxes), *(np.shape(other) for other in others)]
    n = len(boxes)
    if shapes != [(n, 4), *(len(others) * [(n,)])]:
        raise ValueError(f"{name} must have boxes of shape (n, 4) and (n,) else; received {shapes}")
