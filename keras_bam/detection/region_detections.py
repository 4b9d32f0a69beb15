"""From what the head of a two-stage detector says of its proposals to the objects in an image."""

from keras import ops

from keras_bam.detection.box_tensors import clip_boxes, decode_boxes
from keras_bam.detection.class_suppression import suppress_by_class
from keras_bam.detection.encoding import VARIANCES


def region_detections(proposals, valid, logits, offsets, limits, settings):
    """The dict that `Detections` describes; boxes lie in the image.

    Args:
        proposals, valid: of `propose`.
        logits: background first, (batch, n, 1 + classes).
        offsets: for each of these, (batch, n, 1 + classes, 4).
        limits: see `propose`.
        settings: `TwoStageSettings`.
    """
    _, count, classes = logits.shape
    there = ops.expand_dims(ops.cast(valid, "float32"), -1)
    scores = ops.softmax(logits, axis=-1)[..., 1:] * there
    boxes = decode_boxes(offsets[:, :, 1:], ops.expand_dims(proposals, 2), VARIANCES)
    boxes = clip_boxes(ops.reshape(boxes, (-1, count * (classes - 1), 4)), limits)
    boxes = ops.reshape(boxes, (-1, count, classes - 1, 4))
    return suppress_by_class(
        ops.transpose(boxes, (0, 2, 1, 3)),
        ops.transpose(scores, (0, 2, 1)),
        settings.max_detections,
        settings.iou_threshold,
        settings.score_threshold,
    )
