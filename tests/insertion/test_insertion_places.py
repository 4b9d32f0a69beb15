"""Bottlenecks and blocks of networks that are not ours, and of ours."""

import importlib.util

import ecosystem
import graphs
import keras
import pytest

import keras_bam
from keras_bam import applications

NETWORKS = {network.name: network for network in ecosystem.NETWORKS}
# The end of each stage in the words of the network's own code: its last block's output before the
# strides, for a pre-activation network (V2) its sum; from a quarter of the image's size down.
PLACES = {
    "ResNet50": "conv2_block3_out conv3_block4_out conv4_block6_out",
    "ConvNeXtTiny": "add_2 add_5 add_14",
    "DenseNet121": "conv2_block6_concat conv3_block12_concat conv4_block24_concat",
    "EfficientNetB0": "block2b_add block3b_add block5c_add",
    "EfficientNetB3": "block2c_add block3c_add block5e_add",
    "EfficientNetV2B0": "block2b_add block3b_add block5e_add",
    "EfficientNetV2S": "block2d_add block3d_add block5i_add",
    "InceptionResNetV2": "block35_10_ac block17_20_ac",
    "InceptionV3": "mixed2 mixed7",
    "MobileNet": "conv_pw_3_relu conv_pw_5_relu conv_pw_11_relu",
    "MobileNetV2": "block_2_add block_5_add block_12_add",
    "MobileNetV3Small": "expanded_conv_project_bn expanded_conv_2_add expanded_conv_7_add",
    "MobileNetV3Large": "expanded_conv_2_add expanded_conv_5_add expanded_conv_11_add",
    "NASNetMobile": "normal_concat_3 normal_concat_8",
    "ResNet101": "conv2_block3_out conv3_block4_out conv4_block23_out",
    "ResNet152": "conv2_block3_out conv3_block8_out conv4_block36_out",
    # Its strides are in the last block of a stage.
    "ResNet50V2": "conv2_block2_out conv3_block3_out conv4_block5_out",
    "ResNet101V2": "conv2_block2_out conv3_block3_out conv4_block22_out",
    "VGG16": "block3_conv3 block4_conv3",
    "VGG19": "block3_conv4 block4_conv4",
    "Xception": "add add_1 add_10",
    "KerasCV ResNet18": "v2_stack_0_block2_out v2_stack_1_block2_out v2_stack_2_block2_out",
    "KerasCV ResNet50": "v2_stack_0_block3_out v2_stack_1_block4_out v2_stack_2_block6_out",
    # As in keras.applications.
    "KerasCV ResNet50V2": "v2_stack_1_block3_out v2_stack_2_block5_out v2_stack_3_block2_out",
    "KerasCV CSPDarkNetS": "dark2_csp dark3_csp dark4_csp",
    "KerasCV DenseNet121": "conv2_block_5_concat conv3_block_11_concat conv4_block_23_concat",
    "KerasCV MobileNetV3Large": "expanded_conv_2_Add expanded_conv_5_Add expanded_conv_11_Add",
    "KerasCV VGG16": "block3_conv3 block4_conv3",
    "KerasCV EfficientNetV1B0": "block2b_add block3b_add block5c_add",
    "KerasCV EfficientNetV2B0": "block2b_ block3b_ block5e_",
    "KerasCV MiTB0": "output_level_0 output_level_1 output_level_2",
    "KerasCV YOLOV8XS": "stack1_c2f_output stack2_c2f_output stack3_c2f_output",
    "KerasHub ResNet18": "stack0_block1_out stack1_block1_out stack2_block1_out",
    "KerasHub ResNet50": "stack0_block2_out stack1_block3_out stack2_block5_out",
    "KerasHub ResNet50V2": "stack0_block2_out stack1_block3_out stack2_block5_out",
    "KerasHub ResNetVD50": "stack0_block2_out stack1_block3_out stack2_block5_out",
    "KerasHub DenseNet121": "stack1_block6_concat stack2_block12_concat stack3_block24_concat",
    "KerasHub CSPResNet50": (
        "stage_0_csp_transition_activation stage_1_csp_transition_activation "
        "stage_2_csp_transition_activation"
    ),
    "KerasHub EfficientNetB0": "block2b_add block3b_add block5c_add",
    "KerasHub MobileNetV3Large": "block_1_1 block_2_2 block_4_1",
    "KerasHub VGG16": "block3_conv3 block4_conv3",
    "KerasHub Xception41": "block2_residual_add block3_residual_add block12_residual_add",
    "KerasHub MiTB0": "output_level_0 output_level_1 output_level_2",
    "KerasHub DeepLabV3 on ResNet18": (
        "functional/stack0_block1_out functional/stack1_block1_out functional/stack2_block1_out"
    ),
}
LONG = [pytest.mark.slow, pytest.mark.once]  # a walk through the graph, the same on each backend
FAST = ("MobileNetV2", "ResNet50", "VGG16")


def built(name):
    network = NETWORKS[name]
    if importlib.util.find_spec(network.library.split(".")[0]) is None:
        pytest.skip(f"{network.library} is not installed")
    if name == "NASNetMobile" and keras.backend.backend() == "torch":
        pytest.skip("keras.applications refuses NASNet on PyTorch")
    keras.utils.clear_session()  # Xception's sums have automatic names.
    return network.build()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in FAST else LONG) for name in PLACES]
)
def test_bottlenecks(name, zeros):
    assert keras_bam.bottlenecks(built(name)) == PLACES[name].split()


@pytest.mark.parametrize(
    "name, count, first, last",
    [
        ("ResNet50", 16, "conv2_block1_3_bn", "conv5_block3_3_bn"),
        ("ResNet50V2", 16, "conv2_block1_3_conv", "conv5_block3_3_conv"),
        ("MobileNetV2", 10, "block_2_project_BN", "block_15_project_BN"),
        ("EfficientNetB0", 9, "block2b_drop", "block6d_drop"),
        ("InceptionResNetV2", 40, "block35_1_conv", "block8_10_conv"),
        ("Xception", 12, "block2_pool", "block13_pool"),
    ],
)
def test_blocks(name, count, first, last, zeros):
    found = keras_bam.blocks(built(name))
    assert (len(found), found[0], found[-1]) == (count, first, last)


OURS = {  # what the row has and the rule has not
    # The paper has a module on either side of a transition; the rule means the one before.
    "CifarDenseNet100BC": ["transition1_pool", "transition2_pool"],
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name == "CifarResNetSmall" else LONG)
        for name in applications.names()
        if name not in applications.detectors()  # a trunk's are not all they have
    ],
)
def test_rule_and_row_agree(name, zeros):
    model = applications.build(name)
    row = [place for place in applications.places(name, "bottlenecks")]
    assert keras_bam.bottlenecks(model) == [p for p in row if p not in OURS.get(name, ())]
    try:
        blocks = applications.places(name, "blocks")
    except ValueError:
        with pytest.raises(ValueError, match="has no residual additions"):
            keras_bam.blocks(model)
    else:
        assert keras_bam.blocks(model) == list(blocks)


def chain(size, *layers):
    image = keras.Input((size, size, 3))
    x = image
    for layer in layers:
        x = layer(x)
    return keras.Model(image, x, name="chain")


def halving(name):
    return keras.layers.MaxPooling2D(2, name=name)


def test_small_images_have_places_at_any_size():
    layers = [graphs.convolution("a"), halving("b"), graphs.convolution("c")]
    assert keras_bam.bottlenecks(chain(64, *layers)) == ["a"]


def test_large_images_have_places_from_a_quarter_down():
    layers = [graphs.convolution(name) for name in "abcd"]
    pools = [halving(f"{layer.name}_pool") for layer in layers]
    together = [layer for pair in zip(layers, pools, strict=True) for layer in pair]
    assert keras_bam.bottlenecks(chain(65, *together)) == ["c"]


def test_padding_belongs_to_the_downsampling():
    layers = [
        graphs.convolution("a"),
        keras.layers.ZeroPadding2D(1, name="pad"),
        keras.layers.Conv2D(8, 3, strides=2, name="b"),
    ]
    assert keras_bam.bottlenecks(chain(32, *layers)) == ["a"]


def test_channels_first():
    image = keras.Input((3, 32, 32))
    first = {"data_format": "channels_first", "padding": "same"}
    x = keras.layers.Conv2D(8, 3, name="a", **first)(image)
    x = keras.layers.Conv2D(8, 3, strides=2, name="b", **first)(x)
    assert keras_bam.bottlenecks(keras.Model(image, x)) == ["a"]


def test_two_towers():
    left, right = graphs.two_stages("left"), graphs.two_stages("right")
    images = [keras.Input((16, 16, 3)), keras.Input((16, 16, 3))]
    model = keras.Model(images, keras.layers.Add()([left(images[0]), right(images[1])]))
    assert keras_bam.bottlenecks(model) == ["left/stage1_out", "right/stage1_out"]
    assert keras_bam.blocks(model) == ["left/stage1_conv", "right/stage1_conv"]


def test_a_decoder_adds_no_places():
    """A U-Net: the maps that its decoder takes over are those before each pooling."""
    image = keras.Input((32, 32, 3))
    first = graphs.convolution("first")(image)
    second = graphs.convolution("second")(halving("pool1")(first))
    bottom = graphs.convolution("bottom")(halving("pool2")(second))
    up = keras.layers.UpSampling2D(name="up1")(bottom)
    up = keras.layers.Concatenate(name="join1")([up, second])
    up = keras.layers.UpSampling2D(name="up2")(graphs.convolution("up_conv")(up))
    model = keras.Model(image, keras.layers.Add(name="join2")([up, first]))
    assert keras_bam.bottlenecks(model) == ["first", "second"]
    with pytest.raises(ValueError, match="no residual additions"):
        keras_bam.blocks(model)


@pytest.mark.parametrize(
    "make",
    [
        lambda: chain(32, graphs.convolution("only"), halving("pool")),
        lambda: keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)], name="dense"),
    ],
)
def test_no_bottleneck(make):
    with pytest.raises(ValueError, match=r"has no bottleneck.*pass after=\[names of layers\]"):
        keras_bam.bottlenecks(make())


def test_no_blocks():
    with pytest.raises(ValueError, match="has no residual additions.*pass after='bottlenecks'"):
        keras_bam.blocks(graphs.sequential())
