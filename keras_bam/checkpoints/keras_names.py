"""Names in keras.applications' networks, and what differs there from our layers."""

import numpy as np

_EPSILON = 1.001e-5  # of keras.applications' ResNets; ours is 1e-5


def _block(stage, block):
    return f"conv{int(stage) + 1}_block{block}"


RESNET = (
    (r"stem_(conv|bn)", lambda kind: f"conv1_{kind}"),
    (r"stage(\d)_block(\d+)_(conv|bn)(\d)", lambda s, b, kind, n: f"{_block(s, b)}_{n}_{kind}"),
    (r"stage(\d)_block(\d+)_shortcut_(conv|bn)", lambda s, b, kind: f"{_block(s, b)}_0_{kind}"),
    ("predictions", "predictions"),
)
MOBILENET = (
    ("stem_conv", "conv1"),
    ("stem_bn", "conv1_bn"),
    (r"block(\d+)_depthwise(_bn)?", lambda number, norm: f"conv_dw_{number}{norm or ''}"),
    (r"block(\d+)_pointwise(_bn)?", lambda number, norm: f"conv_pw_{number}{norm or ''}"),
    ("predictions", "conv_preds"),
)
VGG = ((r"(.*)", str),)  # as here


def without_biases(state):
    """A ResNet's weights as our layers have them: without biases before batch norm, which subtracts
    them again, and with the other epsilon taken into the variance.
    """
    state = dict(state)
    for key in [key for key in state if key.endswith("_conv/bias")]:
        mean = key.replace("_conv/bias", "_bn/moving_mean")
        if mean in state and state[mean].shape == state[key].shape:
            state[mean] = state[mean] - state.pop(key)
    for key in [key for key in state if key.endswith("_bn/moving_variance")]:
        state[key] = state[key] + np.float32(_EPSILON - 1e-5)
    return state


def with_dense_classifier(state):
    """A MobileNet's weights with its 1x1 convolution behind global pooling as a dense layer."""
    kernel = state.get("conv_preds/kernel")
    if kernel is None or kernel.shape[:2] != (1, 1):
        return state
    return {**state, "conv_preds/kernel": kernel.reshape(kernel.shape[2:])}
