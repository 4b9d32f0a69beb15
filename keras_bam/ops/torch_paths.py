"""PyTorch's own ways in eager mode: few passes over a map, no map kept for the gradient.

A compiler makes as much of the portable formulas.
"""

import torch
from torch.nn import functional

from keras_bam.ops.torch_autograd import has_dtype as has_dtype
from keras_bam.ops.torch_autograd import has_values as has_values
from keras_bam.ops.torch_convolution import convolution as convolution
from keras_bam.ops.torch_read import global_average as global_average
from keras_bam.ops.torch_read import read as read
from keras_bam.ops.torch_refine import refine as refine

moveaxis = torch.movedim


def is_floating_point(features):
    return isinstance(features, torch.Tensor) and features.is_floating_point()


def expand_dims(inputs, axes):
    for axis in axes:
        inputs = inputs.unsqueeze(axis)
    return inputs


def relu(inputs):
    """In place where no gradient is asked for."""
    return functional.relu(inputs, inplace=not torch.is_grad_enabled())


def dense(inputs, kernel, bias):
    return functional.linear(inputs, kernel.T, bias)


def batch_normalization(inputs, mean, variance, scale, offset, epsilon):
    """Over axis 1, with given statistics."""
    return torch.batch_norm(inputs, scale, offset, mean, variance, False, 0.0, epsilon, False)


def batch_normalization_in_training(inputs, mean, variance, scale, offset, epsilon, momentum):
    """Over axis 1, with the statistics of `inputs`, and the given ones moved on towards them.

    `functional.batch_norm` refuses a single value a channel, and notes an unbiased variance.
    """
    outputs, new_mean, deviation = torch.native_batch_norm(
        inputs, scale, offset, None, None, True, 0.0, epsilon
    )
    with torch.no_grad():
        new_variance = (deviation**-2 - epsilon).clamp_(min=0)  # of 1/sqrt(variance + epsilon)
        mean = mean.lerp(new_mean, 1 - momentum)
        variance = variance.lerp(new_variance, 1 - momentum)
    return outputs, mean, variance
