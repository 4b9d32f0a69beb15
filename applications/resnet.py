"""Residual networks (arXiv:1512.03385), wider ones, and ResNeXt (arXiv:1611.05431)."""

import dataclasses
from typing import Any

from keras_bam.layers.arguments import boolean, positive_integer, positive_number

from . import stems
from .residual import Block, ResidualNetwork


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResNet(ResidualNetwork):
    """Blocks with a ReLU behind the addition."""

    widths: tuple[int, ...]  # per stage, inside the blocks
    expansion: int  # output channels for one inside
    widen: float | None = None  # times the widths of all stages; the stem stays

    options = {"stride_in_1x1": boolean, "widen": positive_number}

    def __post_init__(self):
        least = min(self.widths)
        if int(least * (self.widen or 1)) < 1:
            raise ValueError(
                f"widen={self.widen} leaves no channel of {least}: pass at least 1/{least}"
            )

    def inner_and_outputs(self):
        widths = [int(width * (self.widen or 1)) for width in self.widths]
        return tuple((width, width * self.expansion) for width in widths)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResNeXt(ResidualNetwork):
    """Bottlenecks whose 3x3 convolution has `cardinality` groups of `width` channels.

    Both are those of the first stage; each further stage doubles the width.
    """

    cardinality: int
    width: int

    options = {
        "stride_in_1x1": boolean,
        "cardinality": positive_integer,
        "width": positive_integer,
    }

    def groups(self):
        return self.cardinality

    def inner_and_outputs(self):
        inner = self.cardinality * self.width
        return tuple((inner * 2**stage, 256 * 2**stage) for stage in range(len(self.depths)))


def _branch_layer(graph, x, unit, number, filters, kernel_size, strides=1, groups=1):
    x = graph.convolution(x, f"{unit.name}_conv{number}", filters, kernel_size, strides, groups)
    return graph.norm(x, f"{unit.name}_bn{number}")


def _basic_branch(graph, x, unit):
    x = _branch_layer(graph, x, unit, 1, unit.inner, 3, unit.strides)
    x = graph.relu(x, f"{unit.name}_relu1")
    return _branch_layer(graph, x, unit, 2, unit.outputs, 3)


def _bottleneck_branch(graph, x, unit):
    first, second = (unit.strides, 1) if unit.stride_in_1x1 else (1, unit.strides)
    x = _branch_layer(graph, x, unit, 1, unit.inner, 1, first)
    x = graph.relu(x, f"{unit.name}_relu1")
    x = _branch_layer(graph, x, unit, 2, unit.inner, 3, second, unit.groups)
    x = graph.relu(x, f"{unit.name}_relu2")
    return _branch_layer(graph, x, unit, 3, unit.outputs, 1)


def _drawing(branch):
    def draw(graph, x, unit):
        shortcut = x
        if unit.projection:
            name = f"{unit.name}_shortcut"
            shortcut = graph.convolution(x, f"{name}_conv", unit.outputs, 1, unit.strides)
            shortcut = graph.norm(shortcut, f"{name}_bn")
        x = graph.add(branch(graph, x, unit), shortcut, f"{unit.name}_add")
        return graph.relu(x, f"{unit.name}_out")

    return draw


basic = Block(draw=_drawing(_basic_branch), branch_end="bn2", end="out")
bottleneck = Block(draw=_drawing(_bottleneck_branch), branch_end="bn3", end="out")

# The two data sets, and Table 1 of arXiv:1512.03385.
_cifar: dict[str, Any] = {"size": 32, "classes": 100, "minimum_size": 8, "stem": stems.cifar}
_imagenet: dict[str, Any] = {
    "size": 224,
    "classes": 1000,
    "minimum_size": 32,
    "stem": stems.imagenet,
}
_widths: dict[str, Any] = {"widths": (64, 128, 256, 512)}
_basic: dict[str, Any] = {"block": basic, "expansion": 1, "stride_in_1x1": None, **_widths}
_bottleneck: dict[str, Any] = {
    "block": bottleneck,
    "expansion": 4,
    "stride_in_1x1": True,
    **_widths,
}
_resnext: dict[str, Any] = {"block": bottleneck, "stride_in_1x1": True}

CifarResNet18 = ResNet(name="CifarResNet18", depths=(2, 2, 2, 2), **_cifar, **_basic)
CifarResNet34 = ResNet(name="CifarResNet34", depths=(3, 4, 6, 3), **_cifar, **_basic)
CifarResNet50 = ResNet(name="CifarResNet50", depths=(3, 4, 6, 3), **_cifar, **_bottleneck)
CifarResNet101 = ResNet(name="CifarResNet101", depths=(3, 4, 23, 3), **_cifar, **_bottleneck)
CifarResNet152 = ResNet(name="CifarResNet152", depths=(3, 8, 36, 3), **_cifar, **_bottleneck)

ResNet18 = ResNet(name="ResNet18", depths=(2, 2, 2, 2), **_imagenet, **_basic)
ResNet34 = ResNet(name="ResNet34", depths=(3, 4, 6, 3), **_imagenet, **_basic)
ResNet50 = ResNet(name="ResNet50", depths=(3, 4, 6, 3), **_imagenet, **_bottleneck)
ResNet101 = ResNet(name="ResNet101", depths=(3, 4, 23, 3), **_imagenet, **_bottleneck)
ResNet152 = ResNet(name="ResNet152", depths=(3, 8, 36, 3), **_imagenet, **_bottleneck)

# Table 3 of the BAM paper has it with widen 1.5 and 2.0; the stem stays at 64 channels.
WideResNet18 = ResNet(name="WideResNet18", depths=(2, 2, 2, 2), widen=1.5, **_imagenet, **_basic)

# arXiv:1611.05431, section 5.3 and Table 1.
CifarResNeXt29 = ResNeXt(
    name="CifarResNeXt29", depths=(3, 3, 3), cardinality=8, width=64, **_cifar, **_resnext
)
ResNeXt50_32x4d = ResNeXt(
    name="ResNeXt50_32x4d", depths=(3, 4, 6, 3), cardinality=32, width=4, **_imagenet, **_resnext
)
ResNeXt101_32x4d = ResNeXt(
    name="ResNeXt101_32x4d", depths=(3, 4, 23, 3), cardinality=32, width=4, **_imagenet, **_resnext
)
# torchvision's: the one of the row above with channels twice as wide in the groups.
ResNeXt101_32x8d = ResNeXt(
    name="ResNeXt101_32x8d", depths=(3, 4, 23, 3), cardinality=32, width=8, **_imagenet, **_resnext
)

# Ours, for demonstrations and tests on two CPU cores: two halvings and a stem that halves too.
CifarResNetSmall = ResNet(
    name="CifarResNetSmall",
    size=32,
    classes=10,
    minimum_size=8,
    stem=stems.small,
    block=basic,
    depths=(2, 2, 2),
    widths=(32, 64, 128),
    expansion=1,
    stride_in_1x1=None,
)
