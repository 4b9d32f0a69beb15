"""Boxes as tensors of keras.ops: corners (x1, y1, x2, y2) relative to the canvas."""

import math

from keras import ops

_MOST_GROWTH = math.log(1000 / 16)  # of a side, so that exp stays small whatever a network says


def decode_boxes(offsets, boxes, variances):
    """The corners that `offsets` from `boxes` say, both of shape (..., 4); see `encode`."""
    offsets = ops.cast(offsets, "float32") * ops.convert_to_tensor(variances, "float32")
    low, high = boxes[..., :2], boxes[..., 2:]
    sides = high - low
    centre = (low + high) / 2 + offsets[..., :2] * sides
    half = ops.exp(ops.minimum(offsets[..., 2:], _MOST_GROWTH)) * sides / 2
    return ops.concatenate([centre - half, centre + half], axis=-1)


def clip_boxes(boxes, limits):
    """Boxes of shape (batch, n, 4) moved into images whose lower right corners are `limits`.

    Args:
        limits: (x, y) for each image, shape (batch, 2).
    """
    limits = ops.expand_dims(ops.concatenate([limits, limits], axis=-1), 1)
    return ops.minimum(ops.maximum(boxes, 0.0), limits)


def box_areas(boxes):
    """Shape (..., 4) -> (...); 0 where a box has none."""
    sides = ops.relu(boxes[..., 2:] - boxes[..., :2])
    return sides[..., 0] * sides[..., 1]


def pairwise_overlaps(first, second):
    """Intersection over union, (batch, n, 4) and (batch, m, 4) -> (batch, n, m).

    `keras.utils.bounding_boxes.compute_iou` adds 1e-7 to the union, which is a share of a small
    object's area where boxes are relative.
    """
    first, second = ops.expand_dims(first, 2), ops.expand_dims(second, 1)
    low = ops.maximum(first[..., :2], second[..., :2])
    high = ops.minimum(first[..., 2:], second[..., 2:])
    shared = box_areas(ops.concatenate([low, high], axis=-1))
    union = box_areas(first) + box_areas(second) - shared
    return ops.where(union > 0, shared / ops.where(union > 0, union, 1.0), 0.0)
