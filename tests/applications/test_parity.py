"""The plain networks against an independent PyTorch implementation of each (pytorchcv): the same
weights and statistics give the same logits."""

import importlib
import re

import keras
import numpy as np
import pytest

from keras_bam import applications

torch = pytest.importorskip("torch", reason="pytorchcv's networks run on PyTorch")
pytest.importorskip("pytorchcv", reason="it holds the networks to compare with")

slow = pytest.mark.slow
PUBLISHED_SQUEEZENET = {"padded_stem": False, "pool_first": False}

NETWORKS = [  # ours and its arguments, pytorchcv's module and name, an input size
    ("ResNet50", {}, "resnet", "resnet50", (64, 96)),
    ("ResNet50", {"stride_in_1x1": False}, "resnet", "resnet50b", (64, 96)),
    ("CifarPreResNet110", {"activated_shortcut": True, "stride_in_1x1": False},
     "preresnet_cifar", "preresnet164bn_cifar100", (32, 40)),
    ("CifarWideResNet28", {"widen": 10}, "wrn_cifar", "wrn28_10_cifar100", (16, 24)),
    ("CifarResNeXt29", {"cardinality": 16, "stride_in_1x1": False},
     "resnext_cifar", "resnext29_16x64d_cifar100", (16, 24)),
    ("ResNeXt50_32x4d", {"stride_in_1x1": False}, "resnext", "resnext50_32x4d", (64, 96)),
    ("CifarDenseNet100BC", {}, "densenet_cifar", "densenet100_k12_bc_cifar100", (32, 40)),
    ("MobileNet", {}, "mobilenet", "mobilenet_w1", (64, 96)),
    ("MobileNet", {"alpha": 0.5}, "mobilenet", "mobilenet_wd2", (64, 96)),
    ("SqueezeNet1p1", PUBLISHED_SQUEEZENET, "squeezenet", "squeezenet_v1_1", (65, 96)),
]  # fmt: skip

# Name of our layer -> block of theirs that holds the convolution and batch norm; "#" counts units.
RULES = [
    (r"stem_\w+", "features.init_block"),
    (r"stage(\d+)_block(\d+)_(?:conv|bn)(\d)", r"features.stage\1.unit\2.body.conv\3"),
    (r"stage(\d+)_block(\d+)_shortcut_\w+", r"features.stage\1.unit\2.identity_conv"),
    (r"block(\d+)_layer(\d+)_(?:conv|bn)(\d)", r"features.stage\1.unit\2.conv\3"),
    (r"transition(\d+)_\w+", r"#transition\1.conv"),
    (r"block(\d+)_depthwise\w*", r"#unit\1.dw_conv"),
    (r"block(\d+)_pointwise\w*", r"#unit\1.pw_conv"),
    (r"fire(\d+)_squeeze", r"#fire\1.squeeze"),
    (r"fire(\d+)_(expand\dx\d)", r"#fire\1.\2"),
    (r"final_bn", "features.post_activ"),
    (r"predictions", "output"),
    (r"classifier_conv", "output.final_conv"),
]


def counterpart(layer, theirs):
    """Their module that has the weights of our layer."""
    units = [m for name, m in theirs.named_modules() if re.search(r"\.unit\d+$", name)]
    transitions = [m for n, m in theirs.named_modules() if re.fullmatch(r".*\.trans\d+", n)]
    rule, path = next(
        (rule, re.sub(rule, path, layer.name))
        for rule, path in RULES
        if re.fullmatch(rule, layer.name)
    )
    module = theirs
    for part in path.split("."):
        if number := re.fullmatch(r"#(unit|fire|transition)(\d+)", part):
            first = {"unit": 1, "fire": 2, "transition": 1}[number[1]]
            candidates = transitions if number[1] == "transition" else units
            module = candidates[int(number[2]) - first]
        else:
            module = getattr(module, part)
    if isinstance(layer, keras.layers.BatchNormalization):
        while not hasattr(module, "bn"):
            module = module.conv
        return module.bn
    while hasattr(module, "conv"):
        module = module.conv
    return module


def carry_over(theirs, ours):
    for layer in ours.layers:
        if not layer.weights:
            continue
        module = counterpart(layer, theirs)
        if isinstance(layer, keras.layers.BatchNormalization):
            weights = [module.weight, module.bias, module.running_mean, module.running_var]
        else:
            kernel = module.weight
            if isinstance(layer, keras.layers.DepthwiseConv2D):
                kernel = kernel.permute(2, 3, 0, 1)
            else:
                kernel = kernel.permute(2, 3, 1, 0) if kernel.ndim == 4 else kernel.T
            weights = [kernel] + ([] if layer.bias is None else [module.bias])
        layer.set_weights([weight.detach().numpy() for weight in weights])


def randomised(theirs):
    """Statistics and shifts away from 0 and 1, so that each of them matters."""
    generator = torch.Generator().manual_seed(0)
    for module in theirs.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight, module.running_var):
                tensor.data.uniform_(0.7, 1.3, generator=generator)
            for tensor in (module.bias, module.running_mean):
                tensor.data.normal_(0, 0.2, generator=generator)
    # Made for one input size, they pool a window of it; on any size it is the whole map.
    if hasattr(theirs.features, "final_pool"):
        theirs.features.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    elif hasattr(theirs.output, "final_pool"):
        theirs.output.final_pool = torch.nn.AdaptiveAvgPool2d(1)
    return theirs.eval()


@slow
@pytest.mark.parametrize("name, arguments, module, other, size", NETWORKS)
def test_same_logits(name, arguments, module, other, size):
    torch.manual_seed(0)
    theirs = getattr(importlib.import_module(f"pytorchcv.models.{module}"), other)(pretrained=False)
    theirs = randomised(theirs)
    ours = applications.build(
        name,
        classifier_activation=None,
        input_shape=(*size, 3),
        kernel_initializer="zeros",
        **arguments,
    )
    carry_over(theirs, ours)
    images = np.random.default_rng(0).normal(size=(2, *size, 3)).astype("float32")
    with torch.no_grad():
        expected = theirs(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()
    result = ours.predict(images, verbose=0)
    assert np.abs(expected).max() > 1e-3
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-4 * max(1, np.abs(expected).max()))
