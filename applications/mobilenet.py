"""MobileNet v1 (arXiv:1704.04861)."""

import dataclasses

from keras_bam.layers.arguments import boolean, positive_number

from .network import Network


@dataclasses.dataclass(frozen=True, kw_only=True)
class MobileNetV1(Network):
    """Separable blocks: a depthwise 3x3 and a 1x1 convolution, each with batch norm and ReLU."""

    separable: tuple[tuple[int, int], ...]  # output channels and strides
    alpha: float  # times all channels, rounded down
    # keras.applications' form, which its weights need: ReLU6, epsilon 1e-3, and padding at bottom
    # and right only where the stride is 2.
    keras_form: bool

    options = {"alpha": positive_number, "keras_form": boolean}

    def __post_init__(self):
        if int(32 * self.alpha) < 1:
            raise ValueError(
                f"alpha={self.alpha} leaves no channel of the stem's 32: pass at least 1/32"
            )

    def draw(self, graph, x):
        stem, strided = ("same", "end") if self.keras_form else ("symmetric", "symmetric")
        x = graph.convolution(x, "stem_conv", int(32 * self.alpha), 3, 2, padding=stem)
        x = self._norm_relu(graph, x, "stem_bn", "stem_relu")
        for number, (channels, strides) in enumerate(self.separable, 1):
            name = f"block{number}"
            x = graph.depthwise(x, f"{name}_depthwise", 3, strides, strided)
            x = self._norm_relu(graph, x, f"{name}_depthwise_bn", f"{name}_depthwise_relu")
            x = graph.convolution(x, f"{name}_pointwise", int(channels * self.alpha), 1)
            x = self._norm_relu(graph, x, f"{name}_pointwise_bn", f"{name}_out")
        return x

    def _norm_relu(self, graph, x, norm, relu):
        x = graph.norm(x, norm, 1e-3 if self.keras_form else 1e-5)
        return graph.relu(x, relu, 6.0 if self.keras_form else None)

    def bottlenecks(self):
        """Before each halving but the first, at 112x112, where the paper's count has none."""
        halvings = [number for number, (_, strides) in enumerate(self.separable) if strides == 2]
        return tuple(f"block{number}_out" for number in halvings[1:])


# Table 1 of arXiv:1704.04861; Table 3 of the BAM paper has it with alpha 1 and 0.7, and at 192x192.
MobileNet = MobileNetV1(
    name="MobileNet",
    size=224,
    classes=1000,
    minimum_size=32,
    separable=(
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        *(5 * ((512, 1),)),
        (1024, 2),
        (1024, 1),
    ),
    alpha=1.0,
    keras_form=False,
)
