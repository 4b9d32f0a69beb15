"""Numbers of layers to names; that they are Keras's is tested with its files."""

import pytest

from keras_bam.checkpoints.keras_order import named

DEPTHS = [  # convolutions, blocks in each stage: arXiv:1512.03385, Table 1
    (53, (3, 4, 6, 3)),
    (104, (3, 4, 23, 3)),
    (155, (3, 8, 36, 3)),
]


def numbered(convolutions):
    return {f"conv2d_{n}/kernel" if n else "conv2d/kernel": n for n in range(convolutions)}


@pytest.mark.parametrize("convolutions, depths", DEPTHS)
def test_every_convolution_of_a_resnet_has_a_name(convolutions, depths):
    found = named(numbered(convolutions))
    assert list(found.values()) == list(range(convolutions))
    assert not [key for key in found if key.startswith("conv2d")]
    for stage, depth in enumerate(depths, 2):
        assert f"conv{stage}_block{depth}_3_conv/kernel" in found
        assert f"conv{stage}_block{depth + 1}_3_conv/kernel" not in found


def test_another_number_of_convolutions():
    assert named(numbered(54)) == numbered(54)


def test_what_is_left_over_keeps_its_number():
    found = named({**numbered(53), "batch_normalization_53/gamma": 0})
    assert "batch_normalization_53/gamma" in found
