"""SqueezeNet (arXiv:1602.07360), version 1.1."""

import dataclasses

import keras
from keras import layers

from keras_bam.layers.arguments import boolean

from .network import Network


@dataclasses.dataclass(frozen=True, kw_only=True)
class SqueezeNet(Network):
    """Fire modules: a 1x1 convolution, then a 1x1 and a 3x3 side by side, all with biases.

    There is no batch norm. Every stage begins with a max-pooling that halves the map.
    """

    fires: tuple[tuple[tuple[int, int], ...], ...]  # per stage: squeeze and expand of each
    padded_stem: bool  # whether the first convolution is padded, and halves the map exactly
    pool_first: bool  # global pooling before a dense classifier, or behind a 1x1 convolution

    options = {"padded_stem": boolean, "pool_first": boolean}

    def draw(self, graph, x):
        padding = "symmetric" if self.padded_stem else "valid"
        x = graph.convolution(x, "stem_conv", 64, 3, 2, use_bias=True, padding=padding)
        x = graph.relu(x, "stem_relu")
        number = 1  # the paper counts the stem
        for fires in self.fires:
            x = graph.max_pool(x, f"pool{number}", 3, 2, padding=((0, 1), (0, 1)))
            for squeeze, expand in fires:
                number += 1
                x = _fire(graph, x, f"fire{number}", squeeze, expand)
        return x

    def draw_top(self, graph, x, classes, activation):
        if self.pool_first:
            return super().draw_top(graph, x, classes, activation)
        x = graph.convolution(x, "classifier_conv", classes, 1, use_bias=True)
        x = graph.global_pool(graph.relu(x, "classifier_relu"), "avg")
        dtype = keras.config.dtype_policy().variable_dtype
        return graph(layers.Activation(activation, dtype=dtype, name="predictions"), x)

    def bottlenecks(self):
        last = 1
        places = []
        for fires in self.fires[:-1]:
            last += len(fires)
            places.append(f"fire{last}_concat")
        return tuple(places)


def _fire(graph, x, name, squeeze, expand):
    x = graph.convolution(x, f"{name}_squeeze", squeeze, 1, use_bias=True)
    x = graph.relu(x, f"{name}_squeeze_relu")
    sides = []
    for size in (1, 3):
        side = graph.convolution(x, f"{name}_expand{size}x{size}", expand, size, use_bias=True)
        sides.append(graph.relu(side, f"{name}_expand{size}x{size}_relu"))
    return graph.concatenate(*sides, f"{name}_concat")


# The counts of the BAM paper's Table 3 come out with a padded stem and pooling before the
# classifier; the published version 1.1, and torchvision's weights, have neither.
SqueezeNet1p1 = SqueezeNet(
    name="SqueezeNet1p1",
    size=224,
    classes=1000,
    minimum_size=32,
    fires=(
        ((16, 64), (16, 64)),
        ((32, 128), (32, 128)),
        ((48, 192), (48, 192), (64, 256), (64, 256)),
    ),
    padded_stem=True,
    pool_first=True,
)
