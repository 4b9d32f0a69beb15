"""VGG (arXiv:1409.1556)."""

import dataclasses

from keras import layers

from .network import Network


@dataclasses.dataclass(frozen=True, kw_only=True)
class VGG(Network):
    """Stages of 3x3 convolutions with biases and without batch norm, a max-pooling behind each, and
    two wide dense layers before the classes; without dropout, as in keras.applications.
    """

    depths: tuple[int, ...]  # convolutions of each stage
    widths: tuple[int, ...]  # their channels
    hidden: int  # of the dense layers

    def draw(self, graph, x):
        for stage in range(1, len(self.depths) + 1):
            x = self.draw_stage(graph, x, stage)
            x = draw_pool(graph, x, f"block{stage}_pool", padding="valid")
        return x

    def draw_stage(self, graph, x, stage):
        """The convolutions of a stage, which are counted from 1, without its pooling."""
        for number in range(1, self.depths[stage - 1] + 1):
            name = f"block{stage}_conv{number}"
            x = graph.convolution(x, name, self.widths[stage - 1], 3, use_bias=True)
            x = graph.relu(x, f"block{stage}_relu{number}")
        return x

    def draw_top(self, graph, x, classes, activation):
        if None in x.shape[1:]:
            raise ValueError(
                f"{self.name}'s dense layers need a known input size: give input_shape numbers, or "
                "pass include_top=False"
            )
        x = graph(layers.Flatten(data_format=graph.data_format, name="flatten"), x)
        for name in ("fc1", "fc2"):
            x = graph.relu(graph(layers.Dense(self.hidden, name=name), x), f"{name}_relu")
        return graph.classifier(x, classes, activation)

    def bottlenecks(self):
        """The ends of the stages from a quarter of the image on, without the last."""
        return tuple(
            f"block{stage}_relu{depth}"
            for stage, depth in enumerate(self.depths, 1)
            if 2 < stage < len(self.depths)
        )


def draw_pool(graph, x, name, size=2, strides=2, padding="same"):
    """With "same" a map of odd size is halved upwards, as in SSD."""
    layer = layers.MaxPooling2D(
        size, strides, padding=padding, data_format=graph.data_format, name=name
    )
    return graph(layer, x)


# Table 1 of arXiv:1409.1556, column D.
VGG16 = VGG(
    name="VGG16",
    size=224,
    classes=1000,
    minimum_size=32,
    depths=(2, 2, 3, 3, 3),
    widths=(64, 128, 256, 512, 512),
    hidden=4096,
)
