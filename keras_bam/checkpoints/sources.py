"""Who publishes weights that are converted here, and how theirs are named and laid out."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from keras_bam.checkpoints import (
    keras_names,
    pytorchcv_names,
    released_names,
    resnets,
    squeezenet_names,
)
from keras_bam.checkpoints.layouts import IN_KERAS, IN_TORCH, Layout
from keras_bam.checkpoints.naming import keras_key, torch_key
from keras_bam.checkpoints.preprocessing import CAFFE, TENSORFLOW, TORCH, Preprocessing

State = Mapping[str, np.ndarray]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source:
    """One publisher's weights.

    Attributes:
        title: what they are, in messages.
        mark: a regular expression; files of this source have a key that matches it.
        key: from the path of a weight of ours to their key.
        network: from `find` (as in `resnets.nearest`) to the name of our network and its arguments.
        layout: of their arrays.
        preprocessing: of images, of networks for ImageNet.
        classifier: name of our layer that gives the classes.
        prepare: the weights as our layers have them, under their keys.
    """

    title: str
    mark: str
    key: Callable[[str], str]
    network: Callable[[Callable], tuple[str, dict[str, Any]]]
    layout: Layout = IN_TORCH
    preprocessing: Preprocessing = TORCH
    classifier: str = "predictions"
    prepare: Callable[[State], State] = dict

    def finder(self, state):
        """`find` for this source's weights, of which `prepare` has made `state`."""

        def find(path):
            array = state.get(self.key(path))
            return None if array is None else self.layout.to_ours(array)

        return find


def _resnet(find, **arguments):
    row = resnets.nearest(find)
    if row.stride_in_1x1 is None:
        arguments.pop("stride_in_1x1", None)
    return row.name, arguments


def _squeezenet(find):
    return "SqueezeNet1p1", {"padded_stem": False, "pool_first": False}


def _mobilenet(find):
    last = find("block13_pointwise/kernel")
    alpha = 1.0 if last is None else last.shape[-1] / 1024
    return "MobileNet", {"alpha": alpha, "keras_form": True}


def _vgg(find):
    return "VGG16", {}


_in_3x3 = functools.partial(_resnet, stride_in_1x1=False)
_with_bam = functools.partial(_in_3x3, attention="bam:form=official")

AUTHORS = Source(
    title="the authors' ResNet with BAM",
    mark=r"bam\d\..*",
    key=functools.partial(torch_key, released_names.RULES),
    network=_with_bam,
)
SOURCES = (
    AUTHORS,
    Source(
        title="pytorchcv's ResNet with BAM",
        mark=r"features\.stage\d\.unit\d+\.(res_unit|bam)\..*",
        key=functools.partial(torch_key, pytorchcv_names.RULES),
        network=_with_bam,
    ),
    Source(
        title="torchvision's ResNet or ResNeXt",
        mark=r"layer\d\.\d+\.conv\d\.weight",
        key=functools.partial(torch_key, released_names.RULES),
        network=_in_3x3,
    ),
    Source(
        title="torchvision's SqueezeNet 1.1",
        mark=r"features\.\d+\.squeeze\..*",
        key=functools.partial(torch_key, squeezenet_names.RULES),
        network=_squeezenet,
        classifier="classifier_conv",
    ),
    Source(
        title="keras.applications' ResNet",
        mark=r"conv\d_block\d+_\d_conv/.*",
        key=functools.partial(keras_key, keras_names.RESNET),
        network=functools.partial(_resnet, stride_in_1x1=True),
        layout=IN_KERAS,
        preprocessing=CAFFE,
        prepare=keras_names.without_biases,
    ),
    Source(
        title="keras.applications' MobileNet",
        mark=r"conv_dw_\d+/.*",
        key=functools.partial(keras_key, keras_names.MOBILENET),
        network=_mobilenet,
        layout=IN_KERAS,
        preprocessing=TENSORFLOW,
        prepare=keras_names.with_dense_classifier,
    ),
    Source(
        title="keras.applications' VGG16",
        mark=r"block\d_conv\d/.*",
        key=functools.partial(keras_key, keras_names.VGG),
        network=_vgg,
        layout=IN_KERAS,
        preprocessing=CAFFE,
    ),
)
