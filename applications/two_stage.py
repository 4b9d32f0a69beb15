"""What a Faster R-CNN on a residual network is drawn from."""

import dataclasses
import re
from collections.abc import Mapping

import keras
from keras import layers

from keras_bam.detection import Anchors, TwoStageDetector, TwoStageSettings
from keras_bam.layers.arguments import boolean, one_of

from .detector import text
from .graph import Graph
from .network import HE_FAN_OUT, Network
from .residual import ResidualNetwork

_SETTINGS = {field.name for field in dataclasses.fields(TwoStageSettings)}
_FROZEN = re.compile(r"(stem|stage1_block\d+)_(?!out_extra).*")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TwoStage(Network):
    """The form "C4" (arXiv:1512.03385, appendix A): calling the row builds a `TwoStageDetector`.

    All stages of the backbone but the last are the trunk, and attention goes there; the last one,
    without its stride, is the head. `classes` counts the foreground classes, 80 of COCO.
    """

    backbones: Mapping[str, ResidualNetwork]
    backbone: str
    stride_in_1x1: bool | None  # of the backbone's bottlenecks; None where it has none
    canvas: tuple[int, int]  # height and width of the image by default
    stride: int  # pixels from one cell of the trunk's map to the next
    anchor_sizes: tuple[int, ...]
    anchor_ratios: tuple[float, ...]
    proposer_channels: int
    settings: TwoStageSettings
    freeze: bool  # stem, first stage and all batch norms, as one does with pretrained weights

    finds_objects = True
    options = {"backbone": text, "stride_in_1x1": boolean, "freeze": boolean}

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
            attention, weights, data_format, name: as for every network.
            after: where the modules go in the trunk: by default "bottlenecks", the end of each of
                its stages; or "blocks", or layer names.
            input_shape: the canvas, of a known size, onto which images are letterboxed; by default
                the row's. Height and width need not be equal.
            classes: without the background; by default the row's.
            kernel_initializer: as for every network; by default small normal numbers in the layers
                that are Faster R-CNN's own.
            **options: `backbone`, `stride_in_1x1`, `freeze`, and the fields of `TwoStageSettings`.

        Raises:
            ValueError: for a wrong value of any of them, more proposals or samples than there are
                anchors, or a canvas that is too small for the anchors.
            FileNotFoundError: if there is no file at `weights`.
        """
        row = self._with(options)
        return row._model(
            row._draw_stages,
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
        """The trunk."""
        x = self.network.stem(graph, x)
        for stage in range(len(self.network.depths) - 1):
            x = self.network.draw_stage(graph, x, stage, strides=2 if stage > 0 else 1)
        return x

    def draw_extra_block(self, graph, x, place):
        return self.network.draw_extra_block(graph, x, place)

    def bottlenecks(self):
        return self.network.bottlenecks()

    def branch_ends(self):
        last = f"stage{len(self.network.depths)}_"
        return tuple(name for name in self.network.branch_ends() if not name.startswith(last))

    def classifiers(self):
        raise ValueError(f"{self.name} has one head, and no maps of its own: use its bottlenecks")

    @property
    def network(self) -> ResidualNetwork:
        network = self.backbones[self.backbone]
        if self.stride_in_1x1 is None:
            return network
        return dataclasses.replace(network, stride_in_1x1=self.stride_in_1x1)

    def _draw_stages(self, graph, features, classes):
        """What `_made` needs: the map, and the two networks on it."""
        channels = features.shape[graph.axis]
        like = graph.data_format, graph.kernel_initializer
        proposer = self._proposer(Graph(*like), features.shape[1:])
        head = self._head(Graph(*like), _shape(graph, channels, self.settings.pool_size), classes)
        frozen = [name for name in graph.names() if _FROZEN.fullmatch(name)] if self.freeze else []
        return features, proposer, head, frozen, graph.data_format

    def _proposer(self, graph, shape):
        image = keras.Input(shape)
        per_cell = len(self.anchor_sizes) * len(self.anchor_ratios)
        convolution = {"use_bias": True, "kernel_initializer": _small(graph, 0.01)}
        x = graph.convolution(image, "proposals_conv", self.proposer_channels, 3, **convolution)
        x = graph.relu(x, "proposals_relu")
        ends = [
            graph.convolution(x, f"proposals_{name}", values * per_cell, 1, **convolution)
            for name, values in (("logits", 2), ("offsets", 4))
        ]
        return keras.Model(image, ends, name="proposer")

    def _head(self, graph, shape, classes):
        image = keras.Input(shape)
        last = len(self.network.depths) - 1
        x = self.network.draw_stage(graph, image, last, strides=1)
        x = graph.global_pool(self.network.finish(graph, x), "avg")
        ends = []
        for name, values, spread in (("logits", 1, 0.01), ("offsets", 4, 0.001)):
            layer = layers.Dense(
                values * (1 + classes),
                kernel_initializer=_small(graph, spread) or graph.kernel_initializer,
                dtype=keras.config.dtype_policy().variable_dtype,
                name=f"regions_{name}",
            )
            ends.append(graph(layer, x))
        return keras.Model(image, ends, name="head")

    def _made(self, image, end, name):
        features, proposer, head, frozen, data_format = end
        sides = slice(1, 3) if data_format == "channels_last" else slice(2, 4)
        anchors = Anchors(
            canvas=image.shape[sides],
            grid=features.shape[sides],
            stride=self.stride,
            sizes=self.anchor_sizes,
            ratios=self.anchor_ratios,
        )
        return TwoStageDetector(
            keras.Model(image, features, name="trunk"),
            proposer,
            head,
            anchors,
            self.settings,
            frozen=frozen,
            freeze_batch_norms=self.freeze,
            data_format=data_format,
            name=name,
        )

    def _with(self, options):
        numbers = {key: value for key, value in options.items() if key in _SETTINGS}
        row = super()._with({key: options[key] for key in options if key not in numbers})
        one_of("backbone", row.backbone, row.backbones)
        return dataclasses.replace(row, settings=dataclasses.replace(row.settings, **numbers))

    def _checked_input_shape(self, input_shape, data_format):
        if input_shape is None:
            return (*self.canvas, 3) if data_format == "channels_last" else (3, *self.canvas)
        shape = super()._checked_input_shape(input_shape, data_format)
        if None in shape:
            raise ValueError(
                f"input_shape={input_shape!r}: {self.name} needs a canvas of a known size, onto "
                "which images are letterboxed"
            )
        return shape


def _shape(graph, channels, size):
    return (size, size, channels) if graph.axis == -1 else (channels, size, size)


def _small(graph, spread):
    """Of the layers that are new; None where the caller chose for all."""
    if graph.kernel_initializer is HE_FAN_OUT:
        return keras.initializers.RandomNormal(stddev=spread)
    return None
