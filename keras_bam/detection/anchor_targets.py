"""What a region proposal network is to say of each anchor (arXiv:1506.01497, section 3.1.2)."""

import dataclasses

import numpy as np

from keras_bam.detection.anchors import Anchors
from keras_bam.detection.boxes import overlaps
from keras_bam.detection.encoding import encode


def match_anchors(boxes, anchors, size=None, positive=0.7, negative=0.3):
    """The targets of one image, in NumPy.

    An anchor that overlaps an object by `positive` or more is one, and so are those that overlap
    an object most; one that overlaps none by `negative` is background. All others, and anchors
    that reach out of the image, count for nothing.

    Args:
        boxes: of the objects, corners relative to the canvas, shape (n, 4); n may be 0.
        anchors: `Anchors`.
        size: height and width of the image on its canvas, in pixels; by default the canvas.

    Returns:
        Labels, int8 of shape (anchors.count,): 1 object, 0 background, -1 neither. Offsets of the
        object that each positive anchor overlaps most, as fractions of the anchor's sides and
        logarithms of ratios of sides, float32 of shape (anchors.count, 4), elsewhere 0.
    """
    boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
    labels = np.full(anchors.count, -1, np.int8)
    offsets = np.zeros((anchors.count, 4), np.float32)
    inside = np.flatnonzero(anchors.inside(size or anchors.canvas))
    if not len(boxes) or not len(inside):
        labels[inside] = 0
        return labels, offsets
    overlap = overlaps(anchors.corners[inside], boxes)
    best, most = overlap.max(axis=1), overlap.max(axis=0)
    chosen = (best >= positive) | ((overlap == most) & (most > 0)).any(axis=1)
    labels[inside[best < negative]] = 0
    labels[inside[chosen]] = 1
    objects = boxes[overlap.argmax(axis=1)[chosen]]
    anchored = anchors.centres[inside[chosen]]
    offsets[inside[chosen]] = encode(objects, anchored, variances=(1, 1, 1, 1))
    return labels, offsets


@dataclasses.dataclass(frozen=True)
class AnchorTargets:
    """Makes of an image's objects what a `TwoStageDetector` trains on; `encode` of batches.

    Args:
        anchors: `Anchors` of the detector.
        max_boxes: rows for objects.
    """

    anchors: Anchors
    max_boxes: int = 100

    def __call__(self, boxes, labels, size=None):
        """A dict: "boxes", (max_boxes, 4), and "labels", (max_boxes,), which are -1 where there is
        no object; "anchor_labels" and "anchor_offsets" of `match_anchors`.

        Raises:
            ValueError: if there are more than `max_boxes`.
        """
        from keras_bam.data.objects.padding import Padding

        if len(boxes) > self.max_boxes:
            raise ValueError(
                f"max_boxes={self.max_boxes} is too few for an image of {len(boxes)} objects; pass "
                f"{len(boxes)} or more"
            )
        size = None if size is None else tuple(size)
        anchor_labels, anchor_offsets = match_anchors(boxes, self.anchors, size)
        return {
            **Padding(self.max_boxes)(boxes, labels),
            "anchor_labels": anchor_labels,
            "anchor_offsets": anchor_offsets,
        }
