"""Non-maximum suppression with static shapes, on every backend."""

from keras import ops

_LOWEST = -float("inf")


def non_max_suppression(boxes, scores, max_detections, iou_threshold=0.5, score_threshold=None):
    """The boxes that greedy suppression keeps, best first; classes play no part.

    Again and again the box of the highest score (of equal ones the first) is kept, and all that
    overlap it by more than `iou_threshold` are dropped. For one suppression a class, let classes be
    rows of the batch.

    Args:
        boxes: corners (x1, y1, x2, y2) in any unit, shape (batch, n, 4); n may be 0.
        scores: shape (batch, n), finite.
        max_detections: boxes to keep in each row; the loop ends earlier where nothing is left.
        iou_threshold: between 0 and 1.
        score_threshold: boxes are left out whose score is not above it; None for none.

    Returns:
        Indices into n, int32, and whether there is such a box, bool; both of shape
        (batch, max_detections). Where there is none the index is 0.

    Raises:
        ValueError: for shapes that don't belong together, or a threshold out of range.
    """
    _check(boxes.shape, scores.shape, max_detections, iou_threshold)
    if boxes.shape[1] == 0:
        nothing = ops.zeros((ops.shape(scores)[0], max_detections), dtype="int32")
        return nothing, nothing > 0
    if score_threshold is not None:
        scores = ops.where(scores > score_threshold, scores, _LOWEST)
    return _greedy(boxes, scores, max_detections, iou_threshold)


def _greedy(boxes, scores, max_detections, iou_threshold):
    batch, count = ops.shape(scores)[0], boxes.shape[1]
    slots = ops.expand_dims(ops.arange(max_detections, dtype="int32"), 0)
    places = ops.expand_dims(ops.arange(count, dtype="int32"), 0)
    rows = ops.arange(batch, dtype="int32") * count
    flat = ops.reshape(boxes, (-1, 4))
    sides = [boxes[..., side] for side in range(4)]
    areas = _area(*sides)

    def goes_on(step, scores, highest, indices, kept):
        return ops.logical_and(step < max_detections, ops.any(highest > _LOWEST))

    def keep_one(step, scores, highest, indices, kept):
        # The first of the best; Keras's argmax is of bits on TensorFlow, which TFLite has not.
        best = ops.min(ops.where(scores == highest, places, count), axis=1, keepdims=True)
        # One gather of whole boxes: `take_along_axis` is many operations on TensorFlow.
        box = ops.take(flat, ops.squeeze(best, 1) + rows, axis=0)
        dropped = ops.logical_or(_overlap(sides, areas, box, iou_threshold), places == best)
        here = ops.logical_and(slots == step, highest > _LOWEST)
        scores = ops.where(dropped, _LOWEST, scores)
        return (
            step + 1,
            scores,
            ops.max(scores, axis=1, keepdims=True),
            ops.where(here, best, indices),
            ops.logical_or(kept, here),
        )

    step = ops.zeros((), dtype="int32")
    highest = ops.max(scores, axis=1, keepdims=True)
    nothing = ops.zeros((batch, max_detections), dtype="int32")
    state = (step, scores, highest, nothing, nothing > 0)
    *_, indices, kept = ops.while_loop(goes_on, keep_one, state)
    return indices, kept


def _overlap(sides, areas, box, iou_threshold):
    """Which boxes overlap the `box` of their row by more than the threshold."""
    x1, y1, x2, y2 = sides
    left, top, right, bottom = (box[:, side : side + 1] for side in range(4))
    width = ops.minimum(x2, right) - ops.maximum(x1, left)
    height = ops.minimum(y2, bottom) - ops.maximum(y1, top)
    shared = ops.relu(width) * ops.relu(height)
    union = areas + _area(left, top, right, bottom) - shared
    return shared > iou_threshold * union


def _area(x1, y1, x2, y2):
    return ops.relu(x2 - x1) * ops.relu(y2 - y1)


def _check(boxes, scores, max_detections, iou_threshold):
    if len(boxes) != 3 or boxes[2] != 4 or len(scores) != 2 or scores[1] != boxes[1]:
        raise ValueError(
            "boxes must have shape (batch, n, 4) and scores (batch, n), received "
            f"{tuple(boxes)} and {tuple(scores)}"
        )
    if not isinstance(max_detections, int) or max_detections < 1:
        raise ValueError(f"max_detections must be a positive integer, received {max_detections!r}")
    if not 0 <= iou_threshold <= 1:
        raise ValueError(f"iou_threshold must lie between 0 and 1, received {iou_threshold!r}")
