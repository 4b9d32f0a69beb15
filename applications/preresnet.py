"""Residual networks with pre-activation (arXiv:1603.05027), and wide ones (arXiv:1605.07146)."""

import dataclasses
from typing import Any

from keras_bam.layers.arguments import boolean, positive_integer

from . import stems
from .residual import Block, ResidualNetwork


@dataclasses.dataclass(frozen=True, kw_only=True)
class PreResNet(ResidualNetwork):
    """Blocks that begin with batch norm and ReLU; nothing follows the addition.

    Only the first block of a stage has a convolution in its shortcut, without batch norm.
    """

    widths: tuple[int, ...]  # per stage, inside the blocks
    expansion: int
    widen: int | None = None

    options = {
        "stride_in_1x1": boolean,
        "widen": positive_integer,
        "activated_shortcut": boolean,
    }

    def inner_and_outputs(self):
        widths = [width * (self.widen or 1) for width in self.widths]
        return tuple((width, width * self.expansion) for width in widths)

    def finish(self, graph, x):
        return graph.relu(graph.norm(x, "final_bn"), "final_relu")


def _activated(graph, x, unit, number):
    x = graph.norm(x, f"{unit.name}_bn{number}")
    return graph.relu(x, f"{unit.name}_relu{number}")


def _basic_branch(graph, x, unit):
    x = graph.convolution(x, f"{unit.name}_conv1", unit.inner, 3, unit.strides)
    x = _activated(graph, x, unit, 2)
    return graph.convolution(x, f"{unit.name}_conv2", unit.outputs, 3)


def _bottleneck_branch(graph, x, unit):
    first, second = (unit.strides, 1) if unit.stride_in_1x1 else (1, unit.strides)
    x = graph.convolution(x, f"{unit.name}_conv1", unit.inner, 1, first)
    x = _activated(graph, x, unit, 2)
    x = graph.convolution(x, f"{unit.name}_conv2", unit.inner, 3, second)
    x = _activated(graph, x, unit, 3)
    return graph.convolution(x, f"{unit.name}_conv3", unit.outputs, 1)


def _drawing(branch):
    def draw(graph, x, unit):
        shortcut, activated = x, _activated(graph, x, unit, 1)
        if unit.projection:
            source = activated if unit.activated_shortcut else x
            name = f"{unit.name}_shortcut_conv"
            shortcut = graph.convolution(source, name, unit.outputs, 1, unit.strides)
        return graph.add(branch(graph, activated, unit), shortcut, f"{unit.name}_add")

    return draw


basic = Block(draw=_drawing(_basic_branch), branch_end="conv2", end="add")
bottleneck = Block(draw=_drawing(_bottleneck_branch), branch_end="conv3", end="add")

_cifar: dict[str, Any] = {
    "size": 32,
    "classes": 100,
    "minimum_size": 8,
    "stem": stems.preactivation,
    "widths": (16, 32, 64),
}

# Table 2 of the BAM paper. 18 bottlenecks a stage, 164 layers: what "110" counts as in the public
# repository whose parameters the paper's are.
CifarPreResNet110 = PreResNet(
    name="CifarPreResNet110",
    depths=(18, 18, 18),
    block=bottleneck,
    expansion=4,
    stride_in_1x1=True,
    activated_shortcut=False,
    **_cifar,
)

# Table 3 of the BAM paper has it with widen 8 and 10; Table 1 of arXiv:1605.07146.
CifarWideResNet28 = PreResNet(
    name="CifarWideResNet28",
    depths=(4, 4, 4),
    block=basic,
    expansion=1,
    widen=10,
    stride_in_1x1=None,
    activated_shortcut=True,
    **_cifar,
)
