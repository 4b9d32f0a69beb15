"""Convolutions on PyTorch."""

from torch.nn import functional

_CONVOLUTIONS = {3: functional.conv1d, 4: functional.conv2d, 5: functional.conv3d}
_SMALL = 1 << 20  # elements, of which a product with a matrix is faster than a convolution


def convolution(inputs, kernel, dilation_rate, data_format, bias=None):
    """Keras's copies its inputs twice on the way to channels first."""
    rank = inputs.ndim
    last = data_format == "channels_last"
    is_product = last and set(kernel.shape[:-2]) == {1}
    if is_product and (kernel.shape[-1] == 1 or inputs.numel() <= _SMALL):
        return functional.linear(inputs, kernel.reshape(kernel.shape[-2:]).T, bias)
    kernel = kernel.permute(rank - 1, rank - 2, *range(rank - 2))
    padding = [dilation_rate * (size // 2) for size in kernel.shape[2:]]
    if last:
        inputs = inputs.movedim(-1, 1)
    outputs = _CONVOLUTIONS[rank](inputs, kernel, bias, 1, padding, dilation_rate)
    return outputs.movedim(1, -1) if last else outputs
