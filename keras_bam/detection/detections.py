"""From a detector's output to the objects in an image."""

import dataclasses

import keras
from keras import ops
from keras.utils import bounding_boxes

from keras_bam.detection.class_suppression import detection_specs, suppress_by_class
from keras_bam.detection.default_boxes import DefaultBoxes
from keras_bam.detection.encoding import VARIANCES
from keras_bam.detection.multibox_output import default_boxes_of
from keras_bam.layers.arguments import fraction, positive_integer


@keras.saving.register_keras_serializable("keras_bam")
class Detections(keras.layers.Layer):
    """Decoded boxes behind one suppression for each class: SSD's test (section 2.2).

    Softmax; for each class the `candidates` best boxes above `score_threshold`, and of these what
    suppression keeps; then the `max_detections` best of all classes. A box may be found under
    several classes.

    Input: (batch, boxes, 4 + 1 + classes), a detector's output.
    Output: a dict with n = `max_detections`: "boxes", (batch, n, 4), relative corners, which may
        reach out of the image; "scores", (batch, n), best first; "classes", (batch, n), int32,
        counted from 0 without the background; "count", (batch,), int32, how many there are. Behind
        them stand boxes and scores of 0 and classes of -1.

    Args:
        default_boxes: `DefaultBoxes`, or its fields in a dict.
        score_threshold, iou_threshold, candidates, max_detections: see above.

    Raises:
        ValueError: for a wrong argument; when called, for an input of another shape.
    """

    def __init__(
        self,
        default_boxes,
        score_threshold=0.01,
        iou_threshold=0.45,
        candidates=400,
        max_detections=200,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not isinstance(default_boxes, DefaultBoxes):
            default_boxes = DefaultBoxes(**default_boxes)
        self.default_boxes = default_boxes
        self.score_threshold = fraction("score_threshold", score_threshold)
        self.iou_threshold = fraction("iou_threshold", iou_threshold)
        self.candidates = positive_integer("candidates", candidates)
        self.max_detections = positive_integer("max_detections", max_detections)

    def build(self, input_shape):
        if len(input_shape) != 3 or input_shape[1] != self.default_boxes.count:
            raise ValueError(
                f"{self.name} takes outputs (batch, {self.default_boxes.count}, 4 + 1 + classes), "
                f"one for each default box; received {tuple(input_shape)}"
            )

    def call(self, outputs):
        outputs = ops.cast(outputs, "float32")
        probabilities = ops.softmax(outputs[..., 4:], axis=-1)[..., 1:]
        boxes = decoded(outputs[..., :4], self.default_boxes)
        return self._suppressed(boxes, ops.transpose(probabilities, (0, 2, 1)))

    def _suppressed(self, boxes, by_class):
        classes, count = by_class.shape[1:]
        candidates = min(self.candidates, count)
        scores, places = ops.top_k(by_class, candidates)
        places = ops.reshape(places, (-1, classes * candidates, 1))
        boxes = ops.reshape(
            ops.take_along_axis(boxes, places, axis=1), (-1, classes, candidates, 4)
        )
        return suppress_by_class(
            boxes, scores, self.max_detections, self.iou_threshold, self.score_threshold
        )

    def compute_output_spec(self, outputs):
        return detection_specs(outputs.shape[0], self.max_detections)

    def get_config(self):
        return {
            **super().get_config(),
            "default_boxes": dataclasses.asdict(self.default_boxes),
            "score_threshold": self.score_threshold,
            "iou_threshold": self.iou_threshold,
            "candidates": self.candidates,
            "max_detections": self.max_detections,
        }


def decoded(offsets, default_boxes):
    """Relative corners of `offsets`, shape (batch, boxes, 4); `decode` on tensors."""
    return bounding_boxes.decode_deltas_to_boxes(
        ops.convert_to_tensor(default_boxes.centres),
        offsets,
        anchor_format="center_xywh",
        box_format="xyxy",
        encoded_format="center_xywh",
        variance=VARIANCES,
    )


def with_detections(model, **settings):
    """A model from the images of a detector to its `Detections`, with the same weights.

    Args:
        model: a detector of `keras_bam.applications`.
        **settings: arguments of `Detections`.

    Raises:
        ValueError: if it is none, or for a wrong setting.
    """
    # Whatever the policy, a model's output is float32, and boxes need it.
    settings = {"name": "detections", "dtype": "float32", **settings}
    layer = Detections(default_boxes_of(model), **settings)
    return keras.Model(model.input, layer(model.output), name=f"{model.name}_detections")
