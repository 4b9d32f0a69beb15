"""Residual networks (arXiv:1512.03385) for CIFAR and ImageNet: an architecture is a row."""

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

from .network import Network


@dataclasses.dataclass(frozen=True)
class Block:
    """A kind of residual block.

    Attributes:
        branch: draws the residual branch.
        expansion: output channels for one of the stage's width.
        end: name of the branch's last layer within the block, before the addition.
    """

    branch: Callable[..., Any]
    expansion: int
    end: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResNet(Network):
    """A stem, then stages of residual blocks; every stage but the first halves the map."""

    stem: Callable[..., Any]
    block: Block
    depths: tuple[int, ...]  # blocks per stage
    widths: tuple[int, ...]  # per stage, before the expansion
    # Paper: in the first 1x1 convolution of a bottleneck; released code: in its 3x3.
    # None where a block has no 1x1 convolution.
    stride_in_1x1: bool | None

    options: ClassVar[tuple[str, ...]] = ("stride_in_1x1",)

    def draw(self, graph, x):
        x = self.stem(graph, x)
        for stage, (depth, width) in enumerate(zip(self.depths, self.widths, strict=True)):
            for position in range(depth):
                strides = 2 if stage > 0 and position == 0 else 1
                x = self._residual(graph, x, _block_name(stage, position), width, strides)
        return x

    def _residual(self, graph, x, name, width, strides):
        channels = width * self.block.expansion
        shortcut = x
        if strides > 1 or x.shape[graph.axis] != channels:
            shortcut = graph.convolution(x, f"{name}_shortcut_conv", channels, 1, strides)
            shortcut = graph.norm(shortcut, f"{name}_shortcut_bn")
        x = self.block.branch(graph, x, name, width, strides, self.stride_in_1x1)
        x = graph.add(x, shortcut, f"{name}_add")
        return graph.relu(x, f"{name}_out")

    def places(self, which):
        if which == "bottlenecks":
            depths = self.depths[:-1]
            return tuple(f"{_block_name(s, depth - 1)}_out" for s, depth in enumerate(depths))
        return tuple(
            f"{_block_name(stage, position)}_{self.block.end}"
            for stage, depth in enumerate(self.depths)
            for position in range(depth)
        )


def _block_name(stage, position):
    return f"stage{stage + 1}_block{position + 1}"


def _convolution_and_norm(graph, x, name, number, filters, kernel_size, strides=1):
    x = graph.convolution(x, f"{name}_conv{number}", filters, kernel_size, strides)
    return graph.norm(x, f"{name}_bn{number}")


def _basic_branch(graph, x, name, width, strides, stride_in_1x1):
    x = _convolution_and_norm(graph, x, name, 1, width, 3, strides)
    x = graph.relu(x, f"{name}_relu1")
    return _convolution_and_norm(graph, x, name, 2, width, 3)


def _bottleneck_branch(graph, x, name, width, strides, stride_in_1x1):
    first, second = (strides, 1) if stride_in_1x1 else (1, strides)
    x = _convolution_and_norm(graph, x, name, 1, width, 1, first)
    x = graph.relu(x, f"{name}_relu1")
    x = _convolution_and_norm(graph, x, name, 2, width, 3, second)
    x = graph.relu(x, f"{name}_relu2")
    return _convolution_and_norm(graph, x, name, 3, width * 4, 1)


basic = Block(branch=_basic_branch, expansion=1, end="bn2")
bottleneck = Block(branch=_bottleneck_branch, expansion=4, end="bn3")


def _stem(graph, x, filters, kernel_size, strides):
    x = graph.convolution(x, "stem_conv", filters, kernel_size, strides)
    x = graph.norm(x, "stem_bn")
    return graph.relu(x, "stem_relu")


def cifar_stem(graph, x):
    return _stem(graph, x, 64, 3, 1)


def small_stem(graph, x):
    return _stem(graph, x, 32, 3, 2)


def imagenet_stem(graph, x):
    x = _stem(graph, x, 64, 7, 2)
    return graph.max_pool(x, "stem_pool", 3, 2)


# The widths of Table 1 of arXiv:1512.03385, and the classes and input of the two data sets.
_cifar: dict[str, Any] = {"size": 32, "classes": 100, "minimum_size": 8, "stem": cifar_stem}
_imagenet: dict[str, Any] = {
    "size": 224,
    "classes": 1000,
    "minimum_size": 32,
    "stem": imagenet_stem,
}
_basic: dict[str, Any] = {"block": basic, "widths": (64, 128, 256, 512), "stride_in_1x1": None}
_bottleneck: dict[str, Any] = {
    "block": bottleneck,
    "widths": (64, 128, 256, 512),
    "stride_in_1x1": True,
}

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

# Ours, for demonstrations and tests on two CPU cores: two halvings and a stem that halves too.
CifarResNetSmall = ResNet(
    name="CifarResNetSmall",
    size=32,
    classes=10,
    minimum_size=8,
    stem=small_stem,
    block=basic,
    depths=(2, 2, 2),
    widths=(32, 64, 128),
    stride_in_1x1=None,
)
