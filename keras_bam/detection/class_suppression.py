"""From boxes and scores of every class to the objects in an image."""

import keras
from keras import ops

from keras_bam.detection.suppression import non_max_suppression


def suppress_by_class(boxes, scores, max_detections, iou_threshold, score_threshold):
    """What is left of one suppression for each class: the best of all classes together.

    Args:
        boxes: corners, (batch, classes, n, 4).
        scores: (batch, classes, n).
        max_detections: of each class, and of all.
        iou_threshold, score_threshold: see `non_max_suppression`.

    Returns:
        The dict that `Detections` describes.
    """
    _, classes, count, _ = boxes.shape
    boxes, scores = ops.reshape(boxes, (-1, count, 4)), ops.reshape(scores, (-1, count))
    indices, kept = non_max_suppression(
        boxes, scores, min(max_detections, count), iou_threshold, score_threshold
    )
    scores = ops.where(kept, ops.take_along_axis(scores, indices, axis=1), 0)
    boxes = ops.take_along_axis(boxes, ops.expand_dims(indices, -1), axis=1)
    together = classes * indices.shape[1]
    boxes, scores = ops.reshape(boxes, (-1, together, 4)), ops.reshape(scores, (-1, together))
    return _best(boxes, scores, indices.shape[1], max_detections)


def _best(boxes, scores, kept, max_detections):
    """Of `kept` rows for each class, one after the other, those with the highest scores."""
    wanted = min(max_detections, scores.shape[1])
    scores, places = ops.top_k(scores, wanted)
    places = ops.cast(places, "int32")
    there = scores > 0
    boxes = ops.take_along_axis(boxes, ops.expand_dims(places, -1), axis=1)
    padding = (0, max_detections - wanted)
    return {
        "boxes": ops.pad(
            ops.where(ops.expand_dims(there, -1), boxes, 0), ((0, 0), padding, (0, 0))
        ),
        "scores": ops.pad(scores, ((0, 0), padding)),
        "classes": ops.pad(
            ops.where(there, places // kept, -1), ((0, 0), padding), constant_values=-1
        ),
        "count": ops.sum(ops.cast(there, "int32"), axis=1),
    }


def detection_specs(batch, max_detections):
    """Shapes and dtypes of that dict."""
    return {
        "boxes": keras.KerasTensor((batch, max_detections, 4), "float32"),
        "scores": keras.KerasTensor((batch, max_detections), "float32"),
        "classes": keras.KerasTensor((batch, max_detections), "int32"),
        "count": keras.KerasTensor((batch,), "int32"),
    }
