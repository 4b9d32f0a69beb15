"""StairNet (arXiv:1709.05788): SSD's maps, each with what the smaller ones know."""

import dataclasses

from keras import layers

from keras_bam.layers.arguments import boolean, distinct, positive_integer

from .detector import VOC, Detector, side
from .ssd import SSD300, SSD96Small

_MOMENTUM = 0.99  # of the batch norms, as in the code of one of the authors


@dataclasses.dataclass(frozen=True, kw_only=True)
class StairNet(Detector):
    """From the smallest map on, each is enlarged and added to the next, and a convolution makes of
    the sum what the classifiers see; all of these maps have equally many channels.
    """

    predict_top: bool  # whether the smallest map has classifiers, or only informs the others
    channels: int
    separable: bool  # whether the convolutions are, and maps are enlarged by repetition

    options = {
        **Detector.options,
        "predict_top": boolean,
        "channels": positive_integer,
        "separable": boolean,
    }

    def _with(self, options):
        row = super()._with(options)
        of_backbone = {
            "channels": row.pyramid.top_down_channels,
            "separable": row.pyramid.separable,
        }
        return dataclasses.replace(
            row, **{k: v for k, v in of_backbone.items() if k not in options}
        )

    def level_count(self):
        return super().level_count() - (not self.predict_top)

    def draw_levels(self, graph, maps):
        levels = []
        above = None
        for number in range(len(maps), 0, -1):
            name = f"level{number}"
            x = graph.convolution(maps[number - 1], f"{name}_lateral", self.channels, 1)
            x = graph.norm(x, f"{name}_lateral_bn", momentum=_MOMENTUM)
            if above is not None:
                x = graph.add(self._enlarge(graph, above, number, x), x, f"{name}_sum")
            above = x
            if number <= self.level_count():
                levels.insert(0, self._features(graph, x, name))
        return levels

    def _features(self, graph, x, name):
        if self.separable:
            x = graph.depthwise(x, f"{name}_depthwise", 3, 1)
        else:
            x = graph.convolution(x, f"{name}_conv", self.channels, 3)
        return graph.relu(graph.norm(x, f"{name}_bn", momentum=_MOMENTUM), f"{name}_features")

    def _enlarge(self, graph, x, number, like):
        """The map above level `number` as large as that level's."""
        name = f"level{number}_up"
        target = side(graph, like)
        if self.separable:
            return self._repeated(graph, x, name, target)
        # Where a valid convolution made the map above, this one gives the two pixels back.
        valid = number > 1 and not self.pyramid.extras[number - 2].padding
        layer = layers.Conv2DTranspose(
            self.channels,
            3,
            strides=1 if valid else 2,
            use_bias=False,
            data_format=graph.data_format,
            kernel_initializer=distinct(graph.kernel_initializer, number),
            name=name,
        )
        x = graph(layer, x)
        spare = side(graph, x) - target
        x = _crop(graph, x, f"{name}_crop", (min(spare, 1), spare - min(spare, 1)))
        return graph.norm(x, f"{name}_bn", momentum=_MOMENTUM)

    def _repeated(self, graph, x, name, target):
        if target > 2 * side(graph, x):
            raise ValueError(
                f"input_shape: its pixels make maps of {side(graph, x)} cells, which can't be "
                f"enlarged to {target}: pass another size, or separable=False"
            )
        layer = layers.UpSampling2D(2, data_format=graph.data_format, name=f"{name}_repeat")
        x = graph(layer, x)
        x = _crop(graph, x, f"{name}_crop", (0, side(graph, x) - target))
        x = graph.depthwise(x, f"{name}_depthwise", 3, 1)
        x = graph.norm(x, f"{name}_depthwise_bn", momentum=_MOMENTUM)
        x = graph.convolution(x, f"{name}_pointwise", self.channels, 1)
        return graph.norm(x, f"{name}_pointwise_bn", momentum=_MOMENTUM)


def _crop(graph, x, name, cut):
    """Without the first rows and columns, and the last ones."""
    if cut == (0, 0):
        return x
    return graph(layers.Cropping2D((cut, cut), data_format=graph.data_format, name=name), x)


# Table 4b of the BAM paper.
StairNet300 = StairNet(
    name="StairNet300",
    size=300,
    minimum_size=257,
    pyramids=SSD300.pyramids,
    backbone="vgg16",
    predict_top=True,
    channels=256,
    separable=False,
    **VOC,
)

# Ours, for demonstrations and tests on two CPU cores.
StairNet96Small = StairNet(
    name="StairNet96Small",
    size=96,
    minimum_size=32,
    pyramids=SSD96Small.pyramids,
    backbone="small",
    predict_top=True,
    channels=64,
    separable=False,
    **VOC,
)
