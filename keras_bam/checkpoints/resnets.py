"""Which of our residual networks a set of weights is of."""

from keras_bam.applications.registry import NETWORKS
from keras_bam.applications.resnet import ResNet, ResNeXt, bottleneck
from keras_bam.applications.stems import cifar, imagenet

_BLOCKS = 64  # looked for in a stage; a ResNet152 has 36
_ROWS = [
    row
    for row in NETWORKS.values()
    if isinstance(row, ResNet | ResNeXt)
    and row.stem in (imagenet, cifar)
    and len(row.depths) == 4
    and getattr(row, "widen", None) is None
]


def nearest(find):
    """The row of the network whose weights are most like these.

    Args:
        find: from the path of a weight of ours to the array, in our layout, or None.
    """
    return min(_ROWS, key=lambda row: _differences(row, find))


def _differences(row, find):
    """What counts most comes first."""
    depths = [_depth(find, stage) for stage in range(1, 5)]
    cardinality, width = _groups(find)
    stem = find("stem_conv/kernel")
    return (
        (row.block is bottleneck) != _has_bottlenecks(find),
        row.groups() != cardinality,
        cardinality > 1 and getattr(row, "width", None) != width,
        (row.stem is cifar) != (stem is not None and stem.shape[:2] == (3, 3)),
        sum(abs(a - b) for a, b in zip(row.depths, depths, strict=True)),
    )


def _depth(find, stage):
    """The last block of which there is anything."""
    numbers = range(_BLOCKS, 0, -1)
    return next((number for number in numbers if _block(find, stage, number)), 0)


def _block(find, stage, number):
    kernels = (f"stage{stage}_block{number}_conv{conv}/kernel" for conv in (1, 2))
    return any(find(kernel) is not None for kernel in kernels)


def _has_bottlenecks(find):
    return any(find(f"stage{stage}_block1_conv3/kernel") is not None for stage in range(1, 5))


def _groups(find):
    """How many groups the 3x3 convolutions of the first stage have, and how wide they are."""
    kernel = find("stage1_block1_conv2/kernel")
    if kernel is None or kernel.ndim != 4 or not kernel.shape[2]:
        return 1, None
    return kernel.shape[3] // kernel.shape[2], kernel.shape[2]
