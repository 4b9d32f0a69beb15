"""What a detector stands on: a classifier's convolutions, from which two maps are taken.

A trunk takes graph and image, and returns the two, the larger one first.
"""

import dataclasses

from keras_bam.layers import L2Normalization

from .mobilenet import MobileNet
from .vgg import VGG16, draw_pool


def vgg16(graph, x):
    """VGG16 as SSD has it: fc6 and fc7 are convolutions, of a quarter of the channels."""
    for stage in (1, 2, 3, 4):
        x = VGG16.draw_stage(graph, x, stage)
        source = x
        x = draw_pool(graph, x, f"block{stage}_pool")
    norm = L2Normalization(data_format=graph.data_format, name="block4_norm")
    source = graph(norm, source)
    x = draw_pool(graph, VGG16.draw_stage(graph, x, 5), "block5_pool", size=3, strides=1)
    x = graph.convolution(x, "fc6", 1024, 3, use_bias=True, dilation_rate=6)
    x = graph.relu(x, "fc6_relu")
    x = graph.convolution(x, "fc7", 1024, 1, use_bias=True)
    return source, graph.relu(x, "fc7_relu")


def mobilenet(graph, x):
    x = MobileNet.draw(graph, x)
    return graph.features("block11_out"), x


def keras_mobilenet(graph, x):
    """In the form that the weights of keras.applications need."""
    x = dataclasses.replace(MobileNet, keras_form=True).draw(graph, x)
    return graph.features("block11_out"), x


def small(graph, x):
    """Ours, for demonstrations and tests on two CPU cores: maps of an eighth and a sixteenth."""
    for number, (filters, strides) in enumerate(_SMALL, 1):
        name = f"block{number}"
        x = graph.convolution(x, f"{name}_conv", filters, 3, strides)
        x = graph.relu(graph.norm(x, f"{name}_bn"), f"{name}_out")
    return graph.features("block4_out"), x


_SMALL = ((16, 2), (32, 2), (64, 2), (64, 1), (128, 2), (128, 1))
