"""What SSD and StairNet share: a pyramid of maps, and a pair of convolutions on each."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import keras

from keras_bam.detection import MultiboxOutput
from keras_bam.layers.arguments import one_of

from .network import HE_FAN_OUT, Network
from .pyramid import Pyramid

VOC: dict[str, Any] = {"classes": 20, "anchors": "paper", "scales": "voc"}  # of a row
_HEADS = keras.initializers.GlorotUniform()  # with He's over few outputs the first logits are huge


def text(name, value):
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a name, received {value!r}")
    return value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Detector(Network):
    """A detector: calling the row builds a functional `keras.Model` from images to one tensor.

    Its shape is (batch, boxes, 4 + 1 + classes): for each default box four offsets, and logits of
    the background and the classes. The order of the boxes, and the boxes, are in
    `keras_bam.detection.default_boxes_of(model)`. `classes` counts the foreground classes, 20 of
    VOC: the background is added here.
    """

    pyramids: Mapping[str, Pyramid]
    backbone: str
    # "paper": as many boxes on the first map as the parameters of the BAM paper's Table 4b say;
    # "caffe": without the ratio 3 there, as in the code of SSD's authors.
    anchors: str
    scales: str  # of the default boxes: "voc", or smaller for "coco"

    finds_objects = True
    options = {"backbone": text, "anchors": text, "scales": text}

    def __call__(
        self,
        *,
        attention=None,
        after=None,
        weights=None,
        input_shape=None,
        classes=None,
        kernel_initializer=HE_FAN_OUT,
        data_format=None,
        name=None,
        **options,
    ):
        """Builds the detector. Images are as its trunk's weights need them.

        Args:
            attention, weights, kernel_initializer, data_format, name: as for every network; the
                classifiers' kernels are Glorot's unless `kernel_initializer` is given.
            after: where the modules go. By default "classifiers": one for each map, right before
                the convolutions to its offsets and logits, and seen by no other layer. Or
                "bottlenecks", those of the backbone, or layer names.
            input_shape: a square image of a known size; by default the row's.
            classes: without the background; by default 20, as in VOC.
            **options: `backbone`, `anchors`, `scales`, and what the row has besides.

        Raises:
            ValueError: for a wrong value of any of them, or a size that makes two maps of the
                pyramid equally large.
            FileNotFoundError: if there is no file at `weights`.
        """
        row = self._with(options)
        return row._model(
            row._draw_heads,
            attention=attention,
            after=after,
            weights=weights,
            input_shape=input_shape,
            classes=classes,
            kernel_initializer=kernel_initializer,
            data_format=data_format,
            name=name,
        )

    def draw(self, graph, x):
        """-> (size of the image, maps of the pyramid)."""
        maps = self.pyramid.draw(graph, x)
        sides = [side(graph, features) for features in maps]
        if any(small >= large for large, small in zip(sides, sides[1:], strict=False)):
            raise ValueError(
                f"input_shape: {side(graph, x)} pixels make maps of {sides} cells in {self.name}, "
                f"and each has to be smaller than the one before; the paper's size is {self.size}"
            )
        return side(graph, x), self.draw_levels(graph, maps)

    def draw_levels(self, graph, maps):
        """From the maps of the pyramid to those that the classifiers see, in the same order."""
        raise NotImplementedError

    def level_count(self):
        """How many maps have a classifier."""
        return 2 + len(self.pyramid.extras)

    @property
    def pyramid(self) -> Pyramid:
        return self.pyramids[self.backbone]

    @property
    def ratios(self):
        """Of the default boxes, for each map."""
        first, *others = self.pyramid.ratios
        return (first if self.anchors == "paper" else (2,), *others)

    def _draw_heads(self, graph, drawn, classes):
        size, levels = drawn
        sides = [side(graph, features) for features in levels]
        boxes = self.pyramid.default_boxes(size, sides, self.scales, self.ratios)
        heads = []
        for number, (features, count) in enumerate(zip(levels, boxes.per_cell, strict=True), 1):
            for name, values in (("offsets", 4), ("logits", 1 + classes)):
                heads.append(self._head(graph, features, f"level{number}_{name}", values * count))
        # Under a mixed policy the output is float32.
        dtype = keras.config.dtype_policy().variable_dtype
        output = MultiboxOutput(boxes, graph.data_format, dtype=dtype, name="predictions")
        return graph(output, heads)

    def _head(self, graph, x, name, filters):
        return graph.convolution(
            x,
            name,
            filters,
            self.pyramid.head_kernel_size,
            use_bias=True,
            kernel_initializer=_HEADS if graph.kernel_initializer is HE_FAN_OUT else None,
        )

    def bottlenecks(self):
        return self.pyramid.bottlenecks

    def classifiers(self):
        return tuple(f"level{number}_features" for number in range(1, self.level_count() + 1))

    def usual_place(self, kind):
        return "classifiers"

    def _with(self, options):
        row = super()._with(options)
        one_of("backbone", row.backbone, row.pyramids)
        one_of("anchors", row.anchors, ("paper", "caffe"))
        one_of("scales", row.scales, row.pyramid.scales)
        return row

    def _checked_input_shape(self, input_shape, data_format):
        shape = super()._checked_input_shape(input_shape, data_format)
        height, width = shape[:2] if data_format == "channels_last" else shape[1:]
        if height is None or height != width:
            raise ValueError(
                f"input_shape={input_shape!r}: the default boxes of {self.name} need a square "
                "image of a known size, to which images are resized"
            )
        return shape


def side(graph, features):
    """Height and width of square features."""
    return features.shape[1 if graph.axis == -1 else 2]
