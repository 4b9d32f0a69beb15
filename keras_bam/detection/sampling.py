"""A fixed number of samples from as many candidates as there happen to be."""

from typing import NamedTuple

import keras
from keras import ops

from keras_bam.detection.box_tensors import pairwise_overlaps


def sample(positive, negative, keys, count, positive_share):
    """Up to `positive_share` of `count` positives, and negatives for the rest.

    Of each kind those of the highest keys are taken: with random keys a random choice.

    Args:
        positive, negative: bool, shape (batch, n).
        keys: at least 0, shape (batch, n).
        count: of samples, at most n.

    Returns:
        Indices into n, int32, the positives first, and whether there is such a sample, bool; both
        of shape (batch, count). Where there is none, for lack of negatives, the index is 0.
    """
    most = max(int(positive_share * count), 1)
    found = [_highest(positive, keys, most), _highest(negative, keys, count)]
    indices, there = (ops.concatenate(parts, axis=1) for parts in zip(*found, strict=True))
    backwards = ops.arange(most + count, 0, -1, dtype="int32")
    order = ops.where(there, ops.cast(backwards, "float32"), 0.0)
    _, first = ops.top_k(order, count)
    there = ops.take_along_axis(there, first, axis=1)
    return ops.where(there, ops.take_along_axis(indices, first, axis=1), 0), there


def _highest(mask, keys, count):
    values, indices = ops.top_k(ops.where(mask, keys, -1.0), count)
    return ops.cast(indices, "int32"), values >= 0


class Regions(NamedTuple):
    """Boxes to train the second stage on, (batch, count) of them.

    Attributes:
        boxes: corners, (batch, count, 4).
        labels: 0 for the background, class c as c + 1; int32.
        objects: corners of the object that a box overlaps most.
        valid: bool; the others count for nothing.
    """

    boxes: keras.KerasTensor
    labels: keras.KerasTensor
    objects: keras.KerasTensor
    valid: keras.KerasTensor


def sample_regions(
    proposals, valid, boxes, labels, keys, count, positive_share=0.25, threshold=0.5
):
    """`Regions` from proposals and from the objects themselves.

    Args:
        proposals: (batch, n, 4); `valid`: whether there is such a one, (batch, n).
        boxes: of the objects, (batch, m, 4); `labels`, (batch, m), are -1 where there is none.
        keys: (batch, n + m); see `sample`.
        count: of regions, at most n + m.
        positive_share: how many of them overlap an object by `threshold` or more.

    Raises:
        ValueError: if `count` is more than there is.
    """
    n, m = proposals.shape[1], boxes.shape[1]
    if count > n + m:
        raise ValueError(
            f"{count} samples can't be taken from {n} proposals and {m} rows for objects: pass "
            "fewer samples, more proposals, or more max_boxes"
        )
    proposals = ops.concatenate([proposals, boxes], axis=1)
    real = labels >= 0
    valid = ops.concatenate([valid, real], axis=1)
    overlaps = ops.where(ops.expand_dims(real, 1), pairwise_overlaps(proposals, boxes), 0.0)
    near = ops.max(overlaps, axis=2) >= threshold
    indices, there = sample(
        ops.logical_and(valid, near),
        ops.logical_and(valid, ops.logical_not(near)),
        keys,
        count,
        positive_share,
    )
    nearest = ops.take_along_axis(ops.cast(ops.argmax(overlaps, axis=2), "int32"), indices, axis=1)
    positive = ops.logical_and(there, ops.take_along_axis(near, indices, axis=1))
    own = ops.cast(ops.take_along_axis(labels, nearest, axis=1), "int32")
    return Regions(
        ops.take_along_axis(proposals, ops.expand_dims(indices, -1), axis=1),
        ops.where(positive, own + 1, 0),
        ops.take_along_axis(boxes, ops.expand_dims(nearest, -1), axis=1),
        there,
    )
