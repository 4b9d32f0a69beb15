"""From what a region proposal network says of its anchors to a fixed number of boxes."""

from keras import ops

from keras_bam.detection.box_tensors import box_areas, clip_boxes, decode_boxes
from keras_bam.detection.suppression import non_max_suppression


def propose(scores, offsets, anchors, limits, *, candidates, count, iou_threshold=0.7):
    """The best boxes that are left of one suppression (arXiv:1506.01497, section 3.3).

    No gradient goes through.

    Args:
        scores: how likely each anchor holds an object, 0 to 1, shape (batch, anchors.count).
        offsets: (batch, anchors.count, 4).
        anchors: `Anchors`.
        limits: lower right corner (x, y) of each image, relative to the canvas, shape (batch, 2).
        candidates: how many of the best boxes are looked at, all if there are fewer.
        count: how many boxes come out.
        iou_threshold: of the suppression.

    Returns:
        Boxes, corners in the image, (batch, count, 4), best first, and whether there is such a box,
        bool, (batch, count); where there is none the box is 0.
    """
    scores, places = ops.top_k(ops.stop_gradient(scores), min(candidates, anchors.count))
    places = ops.expand_dims(ops.cast(places, "int32"), -1)
    offsets = ops.take_along_axis(ops.stop_gradient(offsets), places, axis=1)
    corners = ops.take(ops.convert_to_tensor(anchors.corners), places[..., 0], axis=0)
    boxes = clip_boxes(decode_boxes(offsets, corners, (1, 1, 1, 1)), limits)
    scores = ops.where(box_areas(boxes) > 0, scores, 0.0)
    kept, there = non_max_suppression(boxes, scores, count, iou_threshold, score_threshold=0)
    boxes = ops.take_along_axis(boxes, ops.expand_dims(kept, -1), axis=1)
    return ops.where(ops.expand_dims(there, -1), boxes, 0.0), there
