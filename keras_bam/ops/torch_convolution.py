"""Convolutions on PyTorch."""

import torch
from torch.nn import functional

_CONVOLUTIONS = {3: functional.conv1d, 4: functional.conv2d, 5: functional.conv3d}
_SMALL = 1 << 20  # elements, of which a product with a matrix is faster than a convolution


def convolution(inputs, kernel, dilation_rate, data_format, bias=None):
    """Keras's copies channels-last inputs twice on the way to channels first."""
    rank = inputs.ndim
    last = data_format == "channels_last"
    if set(kernel.shape[:-2]) == {1} and _is_product(inputs, kernel, last):
        inputs = inputs if last else inputs.movedim(1, -1)
        outputs = functional.linear(inputs, kernel.reshape(kernel.shape[-2:]).T, bias)
        return outputs if last else outputs.movedim(-1, 1)
    kernel = kernel.permute(rank - 1, rank - 2, *range(rank - 2))
    padding = [dilation_rate * (size // 2) for size in kernel.shape[2:]]
    if last:
        inputs = inputs.movedim(-1, 1)
    outputs = _CONVOLUTIONS[rank](inputs, kernel, bias, 1, padding, dilation_rate)
    return outputs.movedim(1, -1) if last else outputs


def _is_product(inputs, kernel, last):
    """Whether a 1x1 convolution is better done as a product with a matrix."""
    one = kernel.shape[-1] == 1
    if not last:
        # If a ReLU's map moves its axes, the compiler keeps booleans for its gradient, slowly.
        compiled = torch.compiler.is_compiling() and torch.is_grad_enabled()
        return one and not compiled and inputs.movedim(1, -1).is_contiguous()
    return one or inputs.numel() <= _SMALL
