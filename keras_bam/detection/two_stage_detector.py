"""Faster R-CNN (arXiv:1506.01497) as a Keras model on every backend."""

import dataclasses

import keras
from keras import ops

from keras_bam.detection.anchors import Anchors
from keras_bam.detection.class_suppression import detection_specs
from keras_bam.detection.proposals import propose
from keras_bam.detection.region_detections import region_detections
from keras_bam.detection.region_losses import first_stage_losses, second_stage_losses
from keras_bam.detection.roi_align import roi_align
from keras_bam.detection.sampling import sample_regions
from keras_bam.detection.two_stage_settings import TwoStageSettings
from keras_bam.detection.two_stage_task import TwoStageTask
from keras_bam.layers.arguments import one_of
from keras_bam.naming import unknown

_PARTS = ("trunk", "proposer", "head")
_REST = ("anchors", "settings", "frozen", "freeze_batch_norms", "data_format")
LOSSES = ("anchor_loss", "anchor_box_loss", "class_loss", "box_loss")


@keras.saving.register_keras_serializable("keras_bam")
class TwoStageDetector(keras.Model):
    """A trunk, a region proposal network on its map, and a head on a piece of it for each region.

    All sizes are fixed: so many proposals, so many samples, each with a mask where there are fewer.

    Input: images, (batch, height, width, channels) or channels first; or a dict of "images" and
        "sizes", integers (batch, 2): height and width of the image in the upper left of its canvas.
        Without them the image is the canvas.
    Output: a dict, see `Detections`; boxes are relative to the canvas and lie in the image.
    Targets: of `AnchorTargets`.

    With `training=True` the output is that of the first stage alone. `compute_loss` samples, runs
    the second stage, and adds up the losses of both, without weights.

    Args:
        trunk: a functional model from images to a map.
        proposer: from the map to logits, 2 an anchor, and offsets, 4 an anchor.
        head: from pooled pieces of the map, batch and regions in one axis, to logits, background
            first, and offsets, 4 for each of them.
        anchors: `Anchors`, or its fields in a dict.
        settings: `TwoStageSettings`, or its fields in a dict.
        frozen: names of layers in the trunk that do not train.
        freeze_batch_norms: whether no batch norm trains, statistics included, inside of attention
            modules neither.
        data_format: of images and maps.

    Raises:
        ValueError: if more proposals or samples are asked for than there are anchors, the parts do
            not fit together, or a name in `frozen` is none of the trunk's.
    """

    def __init__(
        self,
        trunk,
        proposer,
        head,
        anchors,
        settings,
        frozen=(),
        freeze_batch_norms=False,
        data_format="channels_last",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.trunk, self.proposer, self.head = trunk, proposer, head
        self.anchors = anchors if isinstance(anchors, Anchors) else Anchors(**anchors)
        if not isinstance(settings, TwoStageSettings):
            settings = TwoStageSettings(**settings)
        self.settings = settings
        self.frozen = tuple(frozen)
        self.freeze_batch_norms = freeze_batch_norms
        choices = ("channels_last", "channels_first")
        self.data_format = one_of("data_format", data_format, choices)
        settings.check(self.anchors.count)
        self._check_parts()
        self._freeze()
        self._random = keras.random.SeedGenerator()
        self._terms = [keras.metrics.Mean(name) for name in (*LOSSES, "localization_loss")]
        self.build(trunk.input_shape)

    def build(self, input_shape):
        """The parts are built; the shape is noted for `keras_bam.complexity`."""
        self.built = True

    @property
    def classes(self):
        """Without the background."""
        return self.head.output_shape[0][-1] - 1

    @property
    def inputs(self):
        """Of its graph where images are as large as the canvas."""
        return self.trunk.inputs

    def call(self, inputs, training=False):
        images, limits = self._unpacked(inputs)
        first = self._first_stage(images, training)
        return first if training else self._detections(first, limits)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        images, limits = self._unpacked(x)
        first = y_pred if "features" in y_pred else self._first_stage(images, False)
        first_stage = first_stage_losses(
            first["logits"],
            first["offsets"],
            y["anchor_labels"],
            y["anchor_offsets"],
            self._keys(images, self.anchors.count),
            self.settings.anchor_samples,
        )
        regions = self._regions(first, limits, y)
        second_stage = second_stage_losses(
            regions, *self._second_stage(first["features"], regions.boxes, training)
        )
        terms = (*first_stage, *second_stage)
        localization = terms[1] + terms[3]
        for tracked, term in zip(self._terms, (*terms, localization), strict=True):
            tracked.update_state(term, ops.shape(images)[0])
        return sum((*terms, *self.losses))

    def _first_stage(self, images, training):
        features = self.trunk(images, training=training)
        logits, offsets = (
            ops.reshape(ops.cast(self._channels_last(x), "float32"), (-1, self.anchors.count, n))
            for x, n in zip(self.proposer(features, training=training), (2, 4), strict=True)
        )
        return {"features": self._channels_last(features), "logits": logits, "offsets": offsets}

    def _second_stage(self, features, boxes, training):
        """Logits, (batch, n, 1 + classes), and offsets, (batch, n, 1 + classes, 4)."""
        size, count = self.settings.pool_size, boxes.shape[1]
        scales = [side / self.anchors.stride for side in self.anchors.canvas[::-1]]
        pooled = roi_align(features, boxes, size, scales)
        pooled = ops.reshape(pooled, (-1, size, size, features.shape[-1]))
        if self.data_format == "channels_first":
            pooled = ops.transpose(pooled, (0, 3, 1, 2))
        logits, offsets = (
            ops.cast(output, "float32") for output in self.head(pooled, training=training)
        )
        shape = (-1, count, logits.shape[-1])
        return ops.reshape(logits, shape), ops.reshape(offsets, (*shape, 4))

    def _regions(self, first, limits, targets):
        numbers = self.settings
        proposals, valid = self._proposed(
            first, limits, numbers.training_candidates, numbers.training_proposals
        )
        boxes, labels = targets["boxes"], targets["labels"]
        keys = self._keys(boxes, proposals.shape[1] + boxes.shape[1])
        return sample_regions(proposals, valid, boxes, labels, keys, numbers.samples)

    def _detections(self, first, limits):
        numbers = self.settings
        proposals, valid = self._proposed(first, limits, numbers.candidates, numbers.proposals)
        logits, offsets = self._second_stage(first["features"], proposals, False)
        return region_detections(proposals, valid, logits, offsets, limits, numbers)

    def _proposed(self, first, limits, candidates, count):
        return propose(
            ops.softmax(first["logits"], axis=-1)[..., 1],
            first["offsets"],
            self.anchors,
            limits,
            candidates=candidates,
            count=count,
            iou_threshold=self.settings.proposal_iou_threshold,
        )

    def _keys(self, rows, count):
        """By which samples are taken: of equal ones the first."""
        shape = (ops.shape(rows)[0], count)
        if self.settings.random_samples:
            return keras.random.uniform(shape, seed=self._random)
        falling = ops.arange(count, 0, -1, dtype="float32")
        return ops.broadcast_to(ops.expand_dims(falling, 0), shape)

    def _unpacked(self, inputs):
        """Images, and the lower right corner (x, y) of each relative to its canvas."""
        if not isinstance(inputs, dict):
            return inputs, ops.ones((ops.shape(inputs)[0], 2))
        sizes = ops.cast(inputs["sizes"], "float32") / ops.convert_to_tensor(
            self.anchors.canvas, "float32"
        )
        return inputs["images"], ops.flip(sizes, axis=1)

    def _channels_last(self, features):
        if self.data_format == "channels_first":
            return ops.transpose(features, (0, 2, 3, 1))
        return features

    def _check_parts(self):
        first = self.data_format == "channels_first"
        cells = self.trunk.output_shape[2:] if first else self.trunk.output_shape[1:3]
        values = [shape[1 if first else -1] for shape in self.proposer.output_shape]
        per_cell = self.anchors.per_cell
        if (cells, values) != (self.anchors.grid, [2 * per_cell, 4 * per_cell]):
            raise ValueError(
                f"trunk gives a map of {cells} cells and proposer {values} values in each, which "
                f"are not {self.anchors.grid} and 2 and 4 for {per_cell} anchors"
            )

    def _freeze(self):
        names = [layer.name for layer in self.trunk.layers]
        for name in self.frozen:
            if name not in names:
                raise unknown("layer in frozen", name, names)
            self.trunk.get_layer(name).trainable = False
        for layer in self._flatten_layers() if self.freeze_batch_norms else ():
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False

    def compute_output_spec(self, inputs, training=False):
        images = inputs["images"] if isinstance(inputs, dict) else inputs
        return detection_specs(images.shape[0], self.settings.max_detections)

    def detection_task(self):
        """What `keras_bam.detection.task_of` gives."""
        return TwoStageTask(self)

    def uncompiled(self):
        """Another detector around the same parts, weights and all, that is not compiled."""
        config = {name: getattr(self, name) for name in (*_PARTS, *_REST)}
        return type(self)(**config, name=self.name)

    def get_config(self):
        parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in _PARTS}
        return {
            **super().get_config(),
            **parts,
            "anchors": dataclasses.asdict(self.anchors),
            "settings": dataclasses.asdict(self.settings),
            "frozen": self.frozen,
            "freeze_batch_norms": self.freeze_batch_norms,
            "data_format": self.data_format,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        parts = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in _PARTS
        }
        return cls(**{**config, **parts})
