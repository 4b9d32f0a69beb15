"""F' on PyTorch: eager in two passes over blocks of images, compiled as a formula."""

import functools
import math
import threading

import torch

from keras_bam.ops.torch_autograd import by_autograd, has_values
from keras_bam.ops.torch_read import own

_LOGITS = {"add": torch.add, "multiply": torch.mul}
_SMALL = 1 << 20  # elements of a map that is not worth blocks
# Elements of a block of images: on a CPU it stays in the cache between two passes, on a GPU each
# call has enough to do.
_ELEMENTS = {"cpu": 1 << 18, "cuda": 1 << 24}
_kept = threading.local()


def refine(features, channel_logits, spatial_logits, how, scale):
    """F' with nothing kept for the gradient but the arguments; None for what it does not take."""
    tensors = [features, channel_logits, spatial_logits, *([] if scale is None else [scale])]
    if how not in _LOGITS or not has_values(features):
        return None
    if torch.compiler.is_compiling():
        return _formula(how, features, *(_expanded(x, features) for x in tensors[1:3]), scale)
    if any(x.dtype != features.dtype for x in tensors):
        return None
    flat = _flat(*tensors)
    if flat is None:
        return None
    refined = _Refine.apply if torch.is_grad_enabled() else _Refine.forward
    return refined(how, *flat, own(features)).reshape(features.shape)


def _expanded(logits, x):
    """PyTorch's compiler computes what is expanded anew for each element, the batch norm of the
    logits too, unless there is a function in it that it deems dear, such as tanh."""
    return (logits + 0 * logits.tanh()).expand_as(x)


def _formula(how, x, row, column, scale):
    gain = _LOGITS[how](row, column).sigmoid()
    return x + x * (gain if scale is None else scale * gain)


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
    def forward(how, x, row, column, scale, own):
        if x.numel() < _SMALL:
            gain = _LOGITS[how](row, column).sigmoid_()
            return torch.addcmul(x, x, gain if scale is None else gain.mul_(scale))
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
        ctx.how, *tensors, ctx.own = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx, gradient):
        if torch.is_grad_enabled():
            formula = functools.partial(_formula, ctx.how)
            return None, *by_autograd(formula, ctx.saved_tensors, gradient), None
        to_x, *others = _by_blocks(ctx.how, gradient.contiguous(), *ctx.saved_tensors)
        if ctx.own is not None and ctx.needs_input_grad[1]:
            ctx.own.append(to_x)
            to_x = None
        return None, to_x, *others, None


def _factors(how, row, column, scale):
    """Matrices whose product is 1 + exp(-row) exp(-column), by which x is to be divided.

    That spares an exponential for each element. Only on a CPU, where it can be seen without waiting
    that no exponential overflows; otherwise None.
    """
    if how != "add" or scale is not None or row.device.type != "cpu":
        return None
    limit = 0.9 * math.log(torch.finfo(row.dtype).max)
    if not all(torch.linalg.vector_norm(logits, math.inf) <= limit for logits in (row, column)):
        return None
    row, column = torch.exp(-row), torch.exp(-column)
    return (
        torch.cat([column, torch.ones_like(column)], 2),
        torch.cat([row, torch.ones_like(row)], 1),
    )


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
    elements = _ELEMENTS.get(x.device.type, _ELEMENTS["cuda"])
    images = max(1, min(len(x), elements // x[0].numel()))
    kept = getattr(_kept, "elements", None)
    size = count * images * x[0].numel()
    if kept is None or len(kept) < size or (kept.dtype, kept.device) != (x.dtype, x.device):
        kept = _kept.elements = torch.empty(size, dtype=x.dtype, device=x.device)
    buffers = kept[:size].view(count, images, *x.shape[1:])
    for start in range(0, len(x), images):
        block = slice(start, start + images)
        yield block, buffers[:, : len(x[block])]
