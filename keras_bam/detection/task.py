"""What a model that finds objects offers to those who train, measure and draw it."""

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import keras

from keras_bam.detection.detections import with_detections
from keras_bam.detection.matching import match
from keras_bam.detection.multibox_loss import LocalizationLoss, MultiboxLoss
from keras_bam.detection.multibox_output import default_boxes_of

if TYPE_CHECKING:
    from keras_bam.data import DetectionAugment


class DetectionTask(Protocol):
    """Attributes and methods that `keras-bam fit`, `evaluate` and `predict` use, and no others.

    A model that is saved as something else than the graph from its inputs to its outputs has a
    method `uncompiled`, which gives that; see `keras_bam.training.RunFolder.save_model`.

    Attributes:
        model: what `fit` trains.
        classes: how many, without the background.
        batches: arguments of `keras_bam.data.DetectionBatches` that make of a data set what the
            model takes: `size` and `mode` of the canvas, `encode` or None, `with_sizes`,
            `max_boxes`.
        augment: what augmentation is where a recipe has any, and its `expand` allows it.
    """

    model: keras.Model
    classes: int
    batches: Mapping[str, Any]
    augment: "DetectionAugment"

    def compile(self, optimizer) -> None:
        """Compiles `model` for the targets of those batches; metrics become columns of the log."""

    def detect(self, images) -> Mapping[str, Any]:
        """Objects in a batch, from the images as those batches give them: see `Detections`.

        Returns:
            NumPy arrays "boxes", relative to the canvas, "scores", "classes" and "count".
        """


class MultiboxTask:
    """That of a detector with default boxes, such as SSD and StairNet."""

    def __init__(self, model):
        from keras_bam.data import DetectionAugment

        boxes = default_boxes_of(model)
        self.model = model
        self.classes = model.output_shape[-1] - 5
        encode = functools.partial(match, default_boxes=boxes)
        self.batches = {"size": boxes.size, "encode": encode}
        self.augment = DetectionAugment()

    def compile(self, optimizer):
        self.model.compile(optimizer, MultiboxLoss(), metrics=[LocalizationLoss()])

    def detect(self, images):
        return self._with_detections.predict_on_batch(images)

    @functools.cached_property
    def _with_detections(self):
        return with_detections(self.model)


def task_of(model) -> DetectionTask:
    """The task of a detector: what its method `detection_task` gives, or `MultiboxTask`.

    Raises:
        ValueError: if the model has no such method and no `MultiboxOutput`.
    """
    own = getattr(model, "detection_task", None)
    return own() if own is not None else MultiboxTask(model)
