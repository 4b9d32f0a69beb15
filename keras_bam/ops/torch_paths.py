"""PyTorch's own ways in eager mode: few passes over a map, no map kept for the gradient.

A compiler makes as much of the portable formulas.
"""

import math
import threading

import torch
from torch.nn import functional

_CONVOLUTIONS = {3: functional.conv1d, 4: functional.conv2d, 5: functional.conv3d}
_LOGITS = {"add": torch.add, "multiply": torch.mul}
_ELEMENTS = 1 << 21  # of a block of images, which stays in a processor's cache between two passes
_kept = threading.local()


def is_eager(tensor):
    """Whether what is done to `tensor` is done at once, and to values."""
    return (
        isinstance(tensor, torch.Tensor)
        and not tensor.is_meta
        and not torch.compiler.is_compiling()
        and not torch.jit.is_tracing()
    )


def convolution(inputs, kernel, dilation_rate, data_format, bias=None):
    """Keras's copies its inputs twice on the way to channels first."""
    rank = inputs.ndim
    kernel = kernel.permute(rank - 1, rank - 2, *range(rank - 2))
    padding = [dilation_rate * (size // 2) for size in kernel.shape[2:]]
    last = data_format == "channels_last"
    if last:
        inputs = inputs.movedim(-1, 1)
    outputs = _CONVOLUTIONS[rank](inputs, kernel, bias, 1, padding, dilation_rate)
    return outputs.movedim(1, -1) if last else outputs


def global_average(features, data_format):
    """As a product with a matrix: PyTorch's mean over the first axes of a map is slower."""
    if data_format == "channels_first":
        return features.flatten(2).mean(2)
    maps = features.flatten(1, -2)
    weights = maps.new_full((1, 1, 1), 1 / maps.shape[1]).expand(len(maps), 1, maps.shape[1])
    return torch.bmm(weights, maps).squeeze(1)


def dense(inputs, kernel, bias):
    return functional.linear(inputs, kernel.T, bias)


def batch_normalization(inputs, axis, mean, variance, scale, offset, epsilon):
    """With given statistics, or where they are None with those of `inputs`."""
    inputs = inputs.movedim(axis, 1)
    # functional.batch_norm, which calls this, refuses a single value a channel.
    outputs = torch.batch_norm(
        inputs, scale, offset, mean, variance, mean is None, 0.0, epsilon, False
    )
    return outputs.movedim(1, axis)


def moments(inputs, axis):
    """Mean and variance over all other axes, out of reach of gradients."""
    axes = [other for other in range(inputs.ndim) if other != axis % inputs.ndim]
    variance, mean = torch.var_mean(inputs.detach(), axes, correction=0)
    return mean, variance


def refine(features, channel_logits, spatial_logits, how, scale):
    """F' with nothing kept for the gradient but the arguments; None for what it does not take."""
    tensors = [features, channel_logits, spatial_logits, *([] if scale is None else [scale])]
    if how not in _LOGITS or not is_eager(features):
        return None
    if any(x.dtype != features.dtype for x in tensors):
        return None
    flat = _flat(*tensors)
    if flat is None:
        return None
    refined = _Refine.apply if torch.is_grad_enabled() else _Refine.forward
    return refined(how, *flat).reshape(features.shape)


def _flat(features, channel_logits, spatial_logits, scale=None):
    """F as matrices, (batch, rows, columns), with the logits as a row and a column of each.

    Channels last or first are the same then. None where the logits are of other shapes.
    """
    batch, *size = features.shape
    ones = [1] * (len(size) - 1)
    if not features.numel() or len(size) < 2:
        return None
    shapes = (tuple(channel_logits.shape), tuple(spatial_logits.shape))
    if shapes == ((batch, *ones, size[-1]), (batch, *size[:-1], 1)):
        row, column = channel_logits.reshape(batch, 1, -1), spatial_logits.reshape(batch, -1, 1)
        of_channels = (1, 1, -1)
    elif shapes == ((batch, size[0], *ones), (batch, 1, *size[1:])):
        row, column = spatial_logits.reshape(batch, 1, -1), channel_logits.reshape(batch, -1, 1)
        of_channels = (1, -1, 1)
    else:
        return None
    matrices = features.reshape(batch, column.shape[1], row.shape[2])
    return matrices, row, column, None if scale is None else scale.reshape(of_channels)


class _Refine(torch.autograd.Function):
    """x + x * scale * sigmoid(row + column) in blocks of images, so that only F' is of F's size."""

    @staticmethod
    def forward(how, x, row, column, scale):
        refined = torch.empty_like(x)
        factors = _factors(how, row, column, scale)
        for block, (gain,) in _blocks(x, 1):
            if factors:
                divisor = torch.bmm(factors[0][block], factors[1][block], out=gain)
                torch.addcdiv(x[block], x[block], divisor, out=refined[block])
                continue
            _LOGITS[how](row[block], column[block], out=gain).sigmoid_()
            if scale is not None:
                gain *= scale
            torch.addcmul(x[block], x[block], gain, out=refined[block])
        return refined

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.how, *tensors = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx, gradient):
        # With gradients on, someone wants the gradient of this gradient.
        compute = _by_autograd if torch.is_grad_enabled() else _by_blocks
        return None, *compute(ctx.how, gradient.contiguous(), *ctx.saved_tensors)


def _factors(how, row, column, scale):
    """Matrices whose product is 1 + exp(-row) exp(-column), by which x is to be divided.

    That spares an exponential for each element. Only on a CPU, where it can be seen without waiting
    that no exponential overflows; otherwise None.
    """
    if how != "add" or scale is not None or row.device.type != "cpu":
        return None
    limit = 0.9 * math.log(torch.finfo(row.dtype).max)
    if not max(row.abs().amax(), column.abs().amax()) <= limit:
        return None
    row, column = torch.exp(-row), torch.exp(-column)
    return (
        torch.cat([column, torch.ones_like(column)], 2),
        torch.cat([row, torch.ones_like(row)], 1),
    )


def _by_autograd(how, gradient, x, row, column, scale):
    gain = _LOGITS[how](row, column).sigmoid()
    refined = x + x * (gain if scale is None else scale * gain)
    wanted = [y for y in (x, row, column, scale) if y is not None and y.requires_grad]
    found = iter(torch.autograd.grad(refined, wanted, gradient, create_graph=True))
    return [next(found) if any(y is z for z in wanted) else None for y in (x, row, column, scale)]


def _by_blocks(how, gradient, x, row, column, scale):
    to_x, to_row, to_column = map(torch.empty_like, (x, row, column))
    to_scale = None if scale is None else torch.zeros_like(scale)
    # What the logits' gradient is multiplied by on its way to a row and to a column.
    along, across = (column, row) if how == "multiply" else map(torch.ones_like, (column, row))
    for block, (gain, to_logits) in _blocks(x, 2):
        g = gradient[block]
        _LOGITS[how](row[block], column[block], out=gain).sigmoid_()
        torch.mul(g, x[block], out=to_logits)
        if scale is not None:
            to_scale += (to_logits * gain).sum_to_size(scale.shape)
            to_logits *= scale
        torch.ops.aten.sigmoid_backward.grad_input(to_logits, gain, grad_input=to_logits)
        torch.bmm(along[block].mT, to_logits, out=to_row[block])
        torch.bmm(to_logits, across[block].mT, out=to_column[block])
        if scale is not None:
            gain *= scale
        torch.addcmul(g, g, gain, out=to_x[block])
    return to_x, to_row, to_column, to_scale


def _blocks(x, count):
    """Slices of images, each with `count` tensors of its shape to write to.

    Those are kept from call to call: to get memory from the system and give it back takes longer
    than a pass over it.
    """
    images = max(1, _ELEMENTS // x[0].numel())
    kept = getattr(_kept, "elements", None)
    size = count * images * x[0].numel()
    if kept is None or len(kept) < size or (kept.dtype, kept.device) != (x.dtype, x.device):
        kept = _kept.elements = torch.empty(size, dtype=x.dtype, device=x.device)
    buffers = kept[:size].view(count, images, *x.shape[1:])
    for start in range(0, len(x), images):
        block = slice(start, start + images)
        yield block, buffers[:, : len(x[block])]
