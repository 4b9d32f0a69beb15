"""The losses of both stages (arXiv:1506.01497, equation 1; arXiv:1504.08083, section 2.3).

Each is a mean over the samples of an image that are there, and then over images. Boxes count where
the sample is an object.
"""

from keras import ops
from keras.utils import bounding_boxes

from keras_bam.detection.encoding import VARIANCES
from keras_bam.detection.sampling import sample


def first_stage_losses(logits, offsets, labels, targets, keys, count):
    """(cross-entropy of object or not, smooth L1 of the offsets), over `count` sampled anchors.

    Args:
        logits: background and object, (batch, anchors, 2).
        offsets: (batch, anchors, 4).
        labels, targets: of `match_anchors`, (batch, anchors) and (batch, anchors, 4).
        keys: (batch, anchors); see `sample`.
    """
    indices, valid = sample(labels > 0, ops.equal(labels, 0), keys, count, positive_share=0.5)
    rows = ops.expand_dims(indices, -1)
    logits, offsets, targets = (
        ops.take_along_axis(x, rows, axis=1) for x in (logits, offsets, targets)
    )
    labels = ops.cast(ops.take_along_axis(labels, indices, axis=1) > 0, "int32")
    positive = ops.logical_and(valid, labels > 0)
    return (
        classification_loss(labels, logits, valid),
        box_loss(targets, offsets, positive, valid, sigma=3.0),
    )


def second_stage_losses(regions, logits, offsets):
    """(cross-entropy of the classes, smooth L1 of the offsets of the right class).

    Args:
        regions: `Regions`, n of them in each image.
        logits: background first, (batch, n, 1 + classes).
        offsets: for each of these, (batch, n, 1 + classes, 4).
    """
    right = ops.one_hot(regions.labels, logits.shape[-1], dtype=offsets.dtype)
    offsets = ops.sum(offsets * ops.expand_dims(right, -1), axis=2)
    targets = bounding_boxes.encode_box_to_deltas(
        regions.boxes,
        regions.objects,
        anchor_format="xyxy",
        box_format="xyxy",
        encoding_format="center_xywh",
        variance=VARIANCES,
    )
    positive = ops.logical_and(regions.valid, regions.labels > 0)
    return (
        classification_loss(regions.labels, logits, regions.valid),
        box_loss(targets, offsets, positive, regions.valid),
    )


def classification_loss(labels, logits, valid):
    """Cross-entropy; integer labels and `valid`, (batch, n), and logits, (batch, n, classes)."""
    losses = ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return _mean(losses, valid, valid)


def box_loss(targets, offsets, positive, valid, sigma=1.0):
    """Smooth L1 of the positive samples, linear from a difference of 1 / sigma^2 on.

    Args:
        targets, offsets: (batch, n, 4).
        positive, valid: bool, (batch, n).
    """
    size = ops.abs(offsets - targets)
    bend = 1 / sigma**2
    losses = ops.where(size < bend, 0.5 * size * size / bend, size - 0.5 * bend)
    return _mean(ops.sum(losses, axis=-1), positive, valid)


def _mean(losses, counted, valid):
    counted, valid = (ops.cast(mask, losses.dtype) for mask in (counted, valid))
    samples = ops.maximum(ops.sum(valid, axis=1), 1)
    return ops.mean(ops.sum(losses * counted, axis=1) / samples)
