"""From the convolutions behind a detector's maps to its one output."""

import dataclasses

import keras
from keras import ops

from keras_bam.detection.default_boxes import DefaultBoxes
from keras_bam.layers.arguments import one_of


@keras.saving.register_keras_serializable("keras_bam")
class MultiboxOutput(keras.layers.Layer):
    """Offsets and logits of all maps, one row for each default box; the last layer of a detector.

    Input: for each map its offsets, (batch, side, side, 4 * boxes), and then its logits,
        (batch, side, side, (1 + classes) * boxes), or channels first.
    Output: (batch, default_boxes.count, 4 + 1 + classes), in the order of the default boxes.

    A file of the model has the default boxes in this layer's config: see `default_boxes_of`.

    Args:
        default_boxes: `DefaultBoxes`, or its fields in a dict.
        data_format: "channels_last" or "channels_first"; None for Keras's global setting.

    Raises:
        ValueError: for a wrong argument, or inputs that are not of the maps in `default_boxes`.
    """

    def __init__(self, default_boxes, data_format=None, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(default_boxes, DefaultBoxes):
            default_boxes = DefaultBoxes(**default_boxes)
        self.default_boxes = default_boxes
        data_format = data_format or keras.config.image_data_format()
        choices = ("channels_last", "channels_first")
        self.data_format = one_of("data_format", data_format, choices)

    def build(self, input_shape):
        boxes = self.default_boxes
        shapes = [self._channels_last(shape) for shape in input_shape]
        values = [shape[-1] // n for shape, n in zip(shapes[1::2], boxes.per_cell, strict=False)]
        expected = [
            (side, side, count * per_box)
            for side, count in zip(boxes.maps, boxes.per_cell, strict=True)
            for per_box in (4, values[0] if values else 2)
        ]
        if shapes != expected or values[0] < 2:
            raise ValueError(
                f"{self.name} needs offsets and logits of each map, {expected} without the batch "
                f"for these default boxes; received {shapes}"
            )

    def call(self, inputs):
        if self.data_format == "channels_first":
            inputs = [ops.transpose(x, (0, 2, 3, 1)) for x in inputs]
        rows = []
        for offsets, logits, side, count in zip(
            inputs[0::2],
            inputs[1::2],
            self.default_boxes.maps,
            self.default_boxes.per_cell,
            strict=True,
        ):
            shape = (-1, side * side * count)
            parts = [ops.reshape(x, (*shape, x.shape[-1] // count)) for x in (offsets, logits)]
            rows.append(ops.concatenate(parts, axis=-1))
        return ops.concatenate(rows, axis=1)

    def compute_output_shape(self, input_shape):
        values = self._channels_last(input_shape[1])[-1] // self.default_boxes.per_cell[0]
        return (input_shape[0][0], self.default_boxes.count, 4 + values)

    def _channels_last(self, shape):
        """Without the batch."""
        first, *others = shape[1:]
        return (first, *others) if self.data_format == "channels_last" else (*others, first)

    def get_config(self):
        return {
            **super().get_config(),
            "default_boxes": dataclasses.asdict(self.default_boxes),
            "data_format": self.data_format,
        }


def default_boxes_of(model):
    """The `DefaultBoxes` that the outputs of a detector belong to.

    Raises:
        ValueError: if the model has no `MultiboxOutput`.
    """
    for layer in model.layers:
        if isinstance(layer, MultiboxOutput):
            return layer.default_boxes
    raise ValueError(
        f"{model.name!r} has no MultiboxOutput and so no default boxes: it is no SSD or "
        "StairNet (what a Faster R-CNN gives are detections already)"
    )
