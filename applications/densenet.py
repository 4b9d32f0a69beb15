"""Densely connected networks (arXiv:1608.06993), the BC form."""

import dataclasses

from keras_bam.layers.arguments import positive_integer

from .network import Network


@dataclasses.dataclass(frozen=True, kw_only=True)
class DenseNet(Network):
    """Blocks of layers that each see all maps before them; transitions halve map and channels."""

    growth: int  # maps that a layer adds
    layers: tuple[int, ...]  # per block

    options = {"growth": positive_integer}

    def draw(self, graph, x):
        x = graph.convolution(x, "stem_conv", 2 * self.growth, 3)
        for block, layers in enumerate(self.layers, 1):
            if block > 1:
                x = _transition(graph, x, f"transition{block - 1}")
            for layer in range(1, layers + 1):
                x = self._layer(graph, x, f"block{block}_layer{layer}")
        return graph.relu(graph.norm(x, "final_bn"), "final_relu")

    def _layer(self, graph, x, name):
        new = graph.relu(graph.norm(x, f"{name}_bn1"), f"{name}_relu1")
        new = graph.convolution(new, f"{name}_conv1", 4 * self.growth, 1)
        new = graph.relu(graph.norm(new, f"{name}_bn2"), f"{name}_relu2")
        new = graph.convolution(new, f"{name}_conv2", self.growth, 3)
        return graph.concatenate(x, new, f"{name}_concat")

    def bottlenecks(self):
        """Before and after each transition ("back and forth", as the BAM paper says)."""
        return tuple(
            place
            for block, layers in enumerate(self.layers[:-1], 1)
            for place in (f"block{block}_layer{layers}_concat", f"transition{block}_pool")
        )


def _transition(graph, x, name):
    channels = x.shape[graph.axis] // 2
    x = graph.relu(graph.norm(x, f"{name}_bn"), f"{name}_relu")
    x = graph.convolution(x, f"{name}_conv", channels, 1)
    return graph.average_pool(x, f"{name}_pool", 2)


# Table 3 of the BAM paper; section 4.1 of arXiv:1608.06993: (100 - 4) / 6 layers a block.
CifarDenseNet100BC = DenseNet(
    name="CifarDenseNet100BC",
    size=32,
    classes=100,
    minimum_size=8,
    growth=12,
    layers=(16, 16, 16),
)
