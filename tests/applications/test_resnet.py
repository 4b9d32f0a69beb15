"""The residual networks against the counts of the paper and of the field."""

import keras
import numpy as np
import pytest

import keras_bam
from keras_bam import applications

slow = pytest.mark.slow

# Trainable parameters without attention: Tables 2 and 3 of the BAM paper (exact counts, where
# printed rounded) and the well-known ones of torchvision's ResNets, which have the same layers.
# CIFAR rows have 100 classes. Channels are those at the bottlenecks.
PLAIN = [
    ("CifarResNet18", 11_220_132, (64, 128, 256)),
    pytest.param("CifarResNet50", 23_705_252, (256, 512, 1024), marks=slow),
    pytest.param("CifarResNet101", 42_697_380, (256, 512, 1024), marks=slow),
    pytest.param("ResNet18", 11_689_512, (64, 128, 256), marks=slow),
    pytest.param("ResNet34", 21_797_672, (64, 128, 256), marks=slow),
    pytest.param("ResNet50", 25_557_032, (256, 512, 1024), marks=slow),
    pytest.param("ResNet101", 44_549_160, (256, 512, 1024), marks=slow),
    pytest.param("ResNet152", 60_192_808, (256, 512, 1024), marks=slow),
]

# Tables 1a, 1b and 2: parameters and multiply-adds (to the unit the paper's rows allow) of
# CifarResNet50 with 100 classes, for each kind of attention.
ATTENTION = [
    (None, None, 23_705_252, 1.222517e9),
    ("bam", None, 24_066_013, 1.249545e9),
    ("bam:form=official", None, 24_063_319, 1.249545e9),
    ("bam:normalization=both", None, 24_066_909, 1.249545e9),
    ("bam:reduction_ratio=8", None, 24_614_925, 1.304883e9),
    ("bam:branches=channel", None, 23_882_772, 1.222691e9),
    ("bam:branches=spatial", None, 23_888_493, 1.249372e9),
    ("se", None, 26_236_244, None),
]


@pytest.mark.parametrize("name, parameters, channels", PLAIN)
def test_parameters_and_bottlenecks(name, parameters, channels):
    arguments = {"classes": 100} if name.startswith("Cifar") else {}
    model = applications.build(name, **arguments)
    assert keras_bam.complexity(model).parameters == parameters
    places = applications.places(name, "bottlenecks")
    assert tuple(model.get_layer(place).output.shape[-1] for place in places) == channels


@slow
@pytest.mark.parametrize("attention, after, parameters, multiply_adds", ATTENTION)
def test_cifar_resnet50_with_attention(attention, after, parameters, multiply_adds):
    model = applications.CifarResNet50(attention=attention, after=after)
    counted = keras_bam.complexity(model)
    assert counted.parameters == parameters
    if multiply_adds is not None:
        assert round(counted.multiply_adds / 1e9, 6) == multiply_adds / 1e9


# networks.md of the project's facts, section 1: in units of 1e9.
@slow
@pytest.mark.parametrize(
    "name, in_1x1, multiply_adds",
    [
        ("CifarResNet50", True, 1.2225),
        ("CifarResNet50", False, 1.2980),
        ("ResNet50", True, 3.8580),
        ("ResNet50", False, 4.0892),
    ],
)
def test_stride_in_the_first_or_second_convolution(name, in_1x1, multiply_adds):
    counted = keras_bam.complexity(applications.build(name, stride_in_1x1=in_1x1))
    assert round(counted.multiply_adds / 1e9, 4) == multiply_adds


def test_small_network_stays_small_with_attention():
    model = applications.CifarResNetSmall(attention="bam")
    counted = keras_bam.complexity(model)
    bams = sum(keras_bam.complexity(layer).parameters for layer in _bams(model))
    assert counted.parameters <= 700_000
    assert (
        counted.parameters - bams
        == keras_bam.complexity(applications.CifarResNetSmall()).parameters
    )


def test_every_place_is_a_layer_of_the_graph():
    model = applications.CifarResNetSmall()
    names = {layer.name for layer in model.layers}
    for which in ("bottlenecks", "blocks"):
        places = applications.places("CifarResNetSmall", which)
        assert places and names.issuperset(places)
    assert applications.places("CifarResNetSmall", "bottlenecks") == [
        "stage1_block2_out",
        "stage2_block2_out",
    ]


def test_a_block_place_feeds_the_addition():
    model = applications.CifarResNetSmall()
    for place in applications.places("CifarResNetSmall", "blocks"):
        addition = model.get_layer(place.rsplit("_", 1)[0] + "_add")
        assert any(tensor is model.get_layer(place).output for tensor in addition.input)


def test_channels_first_is_the_same_network():
    images = np.random.default_rng(0).normal(size=(2, 16, 16, 3)).astype("float32")
    last = applications.CifarResNetSmall(attention="bam", input_shape=(16, 16, 3))
    first = applications.CifarResNetSmall(
        attention="bam", input_shape=(3, 16, 16), data_format="channels_first"
    )
    first.set_weights(last.get_weights())
    np.testing.assert_allclose(
        last.predict(images, verbose=0),
        first.predict(images.transpose(0, 3, 1, 2), verbose=0),
        atol=1e-5,
    )


def test_mixed_precision_ends_in_float32():
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = applications.CifarResNetSmall(attention="bam", input_shape=(16, 16, 3))
    finally:
        keras.config.set_dtype_policy("float32")
    assert model.get_layer("stage1_block2_out").compute_dtype == "bfloat16"
    assert model.output.dtype == "float32"


def _bams(model):
    return [layer for layer in model.layers if isinstance(layer, keras_bam.layers.BAM)]
