"""Maps of several sizes on a trunk, and the default boxes on them: what hangs on the backbone."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from keras_bam.detection import DefaultBoxes

from . import trunks


@dataclasses.dataclass(frozen=True, kw_only=True)
class Extra:
    """A further map: a 1x1 convolution to `squeeze` channels, then one that makes it smaller."""

    squeeze: int
    filters: int
    kernel_size: int = 3
    strides: int = 2
    padding: int = 1

    def draw(self, graph, x, name):
        x = graph.convolution(x, f"{name}_squeeze", self.squeeze, 1, use_bias=True)
        x = graph.relu(x, f"{name}_squeeze_relu")
        if self.padding:
            x = graph.pad(x, f"{name}_pad", self.padding)
        x = graph.convolution(
            x,
            f"{name}_conv",
            self.filters,
            self.kernel_size,
            self.strides,
            use_bias=True,
            padding="valid",
        )
        return graph.relu(x, f"{name}_out")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Pyramid:
    """The facts of a backbone.

    Attributes:
        trunk: see `trunks`.
        bottlenecks: names of layers in the trunk.
        extras: the maps behind the trunk's two.
        head_kernel_size: of the classifiers.
        top_down_channels: of a StairNet's maps.
        separable: whether a StairNet's convolutions are, and its maps enlarged by repetition.
        size: of the image for which the numbers below are, in pixels.
        steps: pixels from one cell's centre to the next, for each map; None where the map's cells
            divide the image evenly.
        scales: by name: smallest and largest sides of the default boxes, for each map.
        ratios: of the default boxes, for each map.
    """

    trunk: Callable[..., Any]
    bottlenecks: tuple[str, ...]
    extras: tuple[Extra, ...]
    head_kernel_size: int
    top_down_channels: int
    separable: bool
    size: int
    steps: tuple[int | None, ...]
    scales: Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]
    ratios: tuple[tuple[int, ...], ...]

    def draw(self, graph, x):
        """All maps, from the largest to the smallest."""
        maps = list(self.trunk(graph, x))
        for number, extra in enumerate(self.extras, 1):
            maps.append(extra.draw(graph, maps[-1], f"extra{number}"))
        return maps

    def default_boxes(self, size, maps, scales, ratios):
        """Those of an image of another size too: sides grow with it, steps do not."""
        count = len(maps)
        smallest, largest = self.scales[scales]
        steps = [step or size / side for step, side in zip(self.steps, maps, strict=False)]
        return DefaultBoxes(
            size=size,
            maps=tuple(maps),
            steps=tuple(steps),
            smallest=tuple(side * size / self.size for side in smallest[:count]),
            largest=tuple(side * size / self.size for side in largest[:count]),
            ratios=ratios[:count],
        )


def _scales(*sides):
    """Where a map's largest side is the next one's smallest, as in SSD."""
    return sides[:-1], sides[1:]


_SIX_RATIOS = (*(4 * ((2, 3),)), (2,), (2,))

# Section 3.1 of arXiv:1512.02325 and the authors' code. Six boxes a cell on the first map too give
# the parameters of the BAM paper's Table 4b; theirs are four (`anchors`).
VGG16_300 = Pyramid(
    trunk=trunks.vgg16,
    bottlenecks=("block3_relu3", "block4_relu3"),
    extras=(
        Extra(squeeze=256, filters=512),
        Extra(squeeze=128, filters=256),
        Extra(squeeze=128, filters=256, strides=1, padding=0),
        Extra(squeeze=128, filters=256, strides=1, padding=0),
    ),
    head_kernel_size=3,
    top_down_channels=256,
    separable=False,
    size=300,
    steps=(8, 16, 32, 64, None, None),
    scales={
        "voc": _scales(30, 60, 111, 162, 213, 264, 315),
        "coco": _scales(21, 45, 99, 153, 207, 261, 315),
    },
    ratios=_SIX_RATIOS,
)

# The authors' SSD512: a seventh map, whose convolution is a 4x4.
VGG16_512 = dataclasses.replace(
    VGG16_300,
    extras=(
        Extra(squeeze=256, filters=512),
        *(3 * (Extra(squeeze=128, filters=256),)),
        Extra(squeeze=128, filters=256, kernel_size=4, strides=1),
    ),
    size=512,
    steps=(8, 16, 32, 64, 128, 256, 512),
    scales={
        "voc": _scales(35.84, 76.8, 153.6, 230.4, 307.2, 384.0, 460.8, 537.6),
        "coco": _scales(20.48, 51.2, 133.12, 215.04, 296.96, 378.88, 460.8, 542.72),
    },
    ratios=((2, 3), *_SIX_RATIOS),
)

# A reconstruction: the BAM paper gives no more than the parameters, which this has.
MOBILENET_300 = Pyramid(
    trunk=trunks.mobilenet,
    bottlenecks=("block3_out", "block5_out", "block11_out"),
    extras=(
        Extra(squeeze=256, filters=512),
        Extra(squeeze=128, filters=256),
        Extra(squeeze=128, filters=256),
        Extra(squeeze=64, filters=128),
    ),
    head_kernel_size=1,
    top_down_channels=128,
    separable=True,
    size=300,
    steps=(16, 32, 64, None, None, None),
    scales={
        "voc": _scales(60, 105, 150, 195, 240, 285, 300),
        "coco": _scales(45, 90, 135, 180, 225, 270, 315),
    },
    ratios=_SIX_RATIOS,
)
KERAS_MOBILENET_300 = dataclasses.replace(MOBILENET_300, trunk=trunks.keras_mobilenet)

# Ours: maps of 12, 6 and 3 for images of 96 pixels.
SMALL_96 = Pyramid(
    trunk=trunks.small,
    bottlenecks=("block4_out",),
    extras=(Extra(squeeze=64, filters=128),),
    head_kernel_size=3,
    top_down_channels=64,
    separable=False,
    size=96,
    steps=(8, 16, 32),
    scales={"voc": _scales(14, 30, 54, 80)},
    ratios=((2,), (2,), (2,)),
)
