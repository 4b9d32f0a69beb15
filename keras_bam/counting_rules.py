"""Multiply-adds of one call of a Keras layer, without its bias: a rule for each class.

A rule takes the layer and the shapes of its input and output, batch included.
"""

import math
import string
from collections.abc import Callable
from typing import Any

from keras import layers as kl


def rule_of(layer) -> Callable | None:
    """The rule for a layer, None if there is none.

    A subclass keeps its base's rule unless it has a `call` of its own.
    """
    if getattr(type(layer), "elementwise_weights", False):
        return nothing
    base: Any = next((base for base in type(layer).__mro__ if base in _RULES), None)
    if base is None or type(layer).call is not base.call or getattr(layer, "lora_enabled", False):
        return None
    return _RULES[base]


def nothing(layer, input_shape, output_shape):
    return 0


def _channels(layer, shape):
    return shape[-1] if layer.data_format == "channels_last" else shape[1]


def _convolution(layer, input_shape, output_shape):
    per_output = math.prod(layer.kernel_size) * _channels(layer, input_shape) // layer.groups
    return math.prod(output_shape) * per_output


def _depthwise(layer, input_shape, output_shape):
    return math.prod(output_shape) * math.prod(layer.kernel_size)


def _separable(layer, input_shape, output_shape):
    positions = math.prod(output_shape) // layer.filters
    hidden = _channels(layer, input_shape) * layer.depth_multiplier
    return positions * hidden * (math.prod(layer.kernel_size) + layer.filters)


def _transposed(layer, input_shape, output_shape):
    return math.prod(input_shape) * math.prod(layer.kernel_size) * layer.filters


def _dense(layer, input_shape, output_shape):
    return math.prod(output_shape) * input_shape[-1]


def _einsum_dense(layer, input_shape, output_shape):
    """Every index of the kernel is also one of the input or the output."""
    inputs, outputs = layer.equation.split(",")[0], layer.equation.split("->")[1]
    spare = string.digits[: len(input_shape) - len(inputs.replace("...", ""))]
    inputs, outputs = inputs.replace("...", spare), outputs.replace("...", spare)
    new = [n for index, n in zip(outputs, output_shape, strict=True) if index not in inputs]
    return math.prod(input_shape) * math.prod(new)


_FREE = (
    kl.BatchNormalization,
    kl.Embedding,
    kl.GroupNormalization,
    kl.LayerNormalization,
    kl.Normalization,
    kl.PReLU,
    kl.RMSNormalization,
    kl.SpectralNormalization,
)

_RULES: dict[Any, Callable] = {
    **dict.fromkeys((kl.Conv1D, kl.Conv2D, kl.Conv3D), _convolution),
    **dict.fromkeys((kl.DepthwiseConv1D, kl.DepthwiseConv2D), _depthwise),
    **dict.fromkeys((kl.SeparableConv1D, kl.SeparableConv2D), _separable),
    **dict.fromkeys((kl.Conv1DTranspose, kl.Conv2DTranspose, kl.Conv3DTranspose), _transposed),
    kl.Dense: _dense,
    kl.EinsumDense: _einsum_dense,
    **dict.fromkeys(_FREE, nothing),
}
