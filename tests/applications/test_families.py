"""Each family: names of places, options and what they must not be. Counts are in test_paper."""

import pytest

import keras_bam
from keras_bam import applications

BOTTLENECKS = [  # name, places, channels there: networks.md of the project's facts, section 3
    ("CifarPreResNet110", ["stage1_block18_add", "stage2_block18_add"], [64, 128]),
    ("CifarWideResNet28", ["stage1_block4_add", "stage2_block4_add"], [160, 320]),
    ("CifarResNeXt29", ["stage1_block3_out", "stage2_block3_out"], [256, 512]),
    (
        "CifarDenseNet100BC",
        [
            "block1_layer16_concat",
            "transition1_pool",
            "block2_layer16_concat",
            "transition2_pool",
        ],
        [216, 108, 300, 150],
    ),
    ("MobileNet", ["block3_out", "block5_out", "block11_out"], [128, 256, 512]),
    ("SqueezeNet1p1", ["fire3_concat", "fire5_concat"], [128, 256]),
    ("VGG16", ["block3_relu3", "block4_relu3"], [256, 512]),
]
WITHOUT_BLOCKS = ["CifarDenseNet100BC", "MobileNet", "SqueezeNet1p1", "VGG16"]


@pytest.mark.parametrize("name, places, channels", BOTTLENECKS)
def test_bottlenecks(name, places, channels):
    model = applications.build(name, kernel_initializer="zeros", input_shape=(32, 32, 3))
    assert applications.places(name, "bottlenecks") == places
    assert [model.get_layer(place).output.shape[-1] for place in places] == channels


@pytest.mark.parametrize("name", ["CifarPreResNet110", "CifarWideResNet28", "CifarResNeXt29"])
def test_blocks_end_before_the_addition(name):
    model = applications.build(name, kernel_initializer="zeros")
    for place in applications.places(name, "blocks"):
        addition = model.get_layer(place.rsplit("_", 1)[0] + "_add")
        assert any(tensor is model.get_layer(place).output for tensor in addition.input)


@pytest.mark.parametrize("name", WITHOUT_BLOCKS)
def test_no_blocks_to_put_a_module_in(name):
    with pytest.raises(ValueError, match=f"{name} has no residual blocks: use its bottlenecks"):
        applications.build(name, attention="se")
    with pytest.raises(ValueError, match=f"{name} has no residual blocks, and so no extra one"):
        applications.build(name, attention="extra_block", kernel_initializer="zeros")


def test_an_extra_block_is_drawn_behind_each_bottleneck():
    model = applications.CifarResNetSmall(attention="extra_block")
    for place in applications.places("CifarResNetSmall", "bottlenecks"):
        assert model.get_layer(f"{place}_extra_conv1").input is model.get_layer(place).output


def test_an_extra_block_stands_at_bottlenecks_only():
    with pytest.raises(ValueError, match="a block goes behind the bottlenecks, leave after at"):
        applications.CifarResNetSmall(attention="extra_block", after="blocks")


@pytest.mark.parametrize(
    "name, option, message",
    [
        ("MobileNet", {"alpha": 0}, "alpha must be a positive number, received 0"),
        ("MobileNet", {"keras_form": 1}, "keras_form must be True or False, received 1"),
        ("MobileNet", {"alpha": 0.01}, "alpha=0.01 leaves no channel of the stem's 32"),
        ("CifarDenseNet100BC", {"growth": 1.5}, "growth must be a positive integer, received 1.5"),
        ("CifarWideResNet28", {"widen": 1.5}, "widen must be a positive integer, received 1.5"),
        ("WideResNet18", {"widen": float("nan")}, "widen must be a positive number, received nan"),
        ("WideResNet18", {"widen": 0.001}, "widen=0.001 leaves no channel of 64"),
        ("CifarResNeXt29", {"cardinality": 0}, "cardinality must be a positive integer"),
        ("CifarResNeXt29", {"width": "64"}, "width must be a positive integer, received '64'"),
        ("SqueezeNet1p1", {"pool_first": 1}, "pool_first must be True or False, received 1"),
        ("ResNet50", {"widen": 2}, "unknown argument of ResNet50 'widen'"),
        ("MobileNet", {"input_shape": (31, 32, 3)}, "too small for MobileNet, which needs 32x32"),
    ],
)
def test_what_the_arithmetic_does_not_allow(name, option, message):
    with pytest.raises(ValueError, match=message):
        applications.build(name, **option)


def test_one_network_at_other_sizes():
    for size in ((32, 32), (33, 47)):
        model = applications.SqueezeNet1p1(
            attention="bam", input_shape=(*size, 3), kernel_initializer="zeros"
        )
        assert model.output.shape == (None, 1000)
    assert keras_bam.complexity(model).parameters == 1_257_894


def test_vgg16_has_the_parameters_of_its_paper():
    """138 million, Table 2 of arXiv:1409.1556; keras.applications' at 1,000 classes."""
    image = applications.VGG16(include_top=False, input_shape=(None, None, 3))
    hidden = 7 * 7 * 512 * 4096 + 4096 + 4096 * 4096 + 4096 + 4096 * 1000 + 1000
    assert keras_bam.complexity(image, (32, 32, 3)).parameters + hidden == 138_357_544


def test_vgg16s_classifier_needs_a_size():
    with pytest.raises(ValueError, match="VGG16's dense layers need a known input size"):
        applications.VGG16(input_shape=(None, None, 3), kernel_initializer="zeros")
