"""Names and shapes tell the network."""

import numpy as np
import pytest

from keras_bam.checkpoints import resnets


def weights(depths, bottleneck=True, stem=7, groups=1, width=64):
    """Our paths -> arrays: what `nearest` looks at."""
    inner = groups * width
    found = {"stem_conv/kernel": np.zeros((stem, stem, 3, 64))}
    for stage, depth in enumerate(depths, 1):
        for block in range(1, depth + 1):
            for number in (1, 2, 3) if bottleneck else (1, 2):
                shape = (3, 3, width, inner) if number == 2 else (1, 1, 1, 1)
                found[f"stage{stage}_block{block}_conv{number}/kernel"] = np.zeros(shape)
    return found


@pytest.mark.parametrize(
    "name, found",
    [
        ("ResNet18", weights((2, 2, 2, 2), bottleneck=False)),
        ("ResNet34", weights((3, 4, 6, 3), bottleneck=False)),
        ("ResNet50", weights((3, 4, 6, 3))),
        ("ResNet101", weights((3, 4, 23, 3))),
        ("ResNet152", weights((3, 8, 36, 3))),
        ("CifarResNet34", weights((3, 4, 6, 3), bottleneck=False, stem=3)),
        ("CifarResNet50", weights((3, 4, 6, 3), stem=3)),
        ("ResNeXt50_32x4d", weights((3, 4, 6, 3), groups=32, width=4)),
        ("ResNeXt101_32x4d", weights((3, 4, 23, 3), groups=32, width=4)),
        ("ResNeXt101_32x8d", weights((3, 4, 23, 3), groups=32, width=8)),
        # No network of ours, but the nearest to it, whose weights then are compared.
        ("ResNet50", weights((2, 2, 2, 2))),
        ("ResNet152", weights((3, 8, 35, 3))),
        ("ResNet50", {**weights((3, 4, 6, 3)), "stage1_block1_conv2/kernel": np.zeros((3, 0, 1))}),
    ],
)
def test_nearest(name, found):
    assert resnets.nearest(found.get).name == name


def test_a_missing_block_does_not_end_a_stage():
    found = {k: v for k, v in weights((3, 4, 23, 3)).items() if "stage3_block7_" not in k}
    assert resnets.nearest(found.get).name == "ResNet101"
