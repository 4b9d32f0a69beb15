"""F' on PyTorch: eager in two passes over blocks of the map, compiled as a formula."""

import functools
import math
import threading

import torch

from keras_bam.ops.torch_autograd import by_autograd, has_values, with_signature
from keras_bam.ops.torch_read import own

_LOGITS = {"add": torch.add, "multiply": torch.mul}
_SMALL = 1 << 20  # elements of a map that is not worth blocks
# Elements of a block: on a CPU, for each thread, forward they stay in its cache between the two
# passes, backward so many calls take longer than what that spares; on a GPU each has enough to do.
_FORWARD = {"cpu": 1 << 17, "cuda": 1 << 24}
_BACKWARD = {"cpu": 1 << 19, "cuda": 1 << 24}
_ROWS = 16  # of a block on a CPU, if there are images enough
_kept = threading.local()


def refine(features, channel_logits, spatial_logits, how, scale):
    """F' with nothing kept for the gradient but the arguments; None for what it does not take."""
    tensors = [features, channel_logits, spatial_logits, *([] if scale is None else [scale])]
    if how not in _LOGITS or not has_values(features):
        return None
    if torch.compiler.is_compiling():
        function = _Compiled.apply if torch.is_grad_enabled() else _Compiled.forward
        return function(how, *tensors[:3], scale)
    if any(x.dtype != features.dtype for x in tensors):
        return None
    flat = _flat(*tensors)
    if flat is None:
        return None
    refined = _Refine.apply if torch.is_grad_enabled() else _Refine.forward
    return refined(how, *flat, own(features)).reshape(features.shape)


@with_signature
class _Compiled(torch.autograd.Function):
    """Not left to autograd, so that the two ways have each what the compiler does well with."""

    @staticmethod
    def forward(how, x, row, column, scale):
        return _formula(how, x, _computed_once(row, x), _computed_once(column, x), scale)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.how, *tensors = inputs
        ctx.save_for_backward(*tensors)

    @staticmethod
    def backward(ctx, gradient):
        return None, *_gradients(ctx.how, gradient, *ctx.saved_tensors)


def _computed_once(logits, x):
    """PyTorch's compiler computes what is expanded anew for each element, the batch norm of the
    logits too, unless there is a function in it that it deems dear, such as tanh."""
    return logits.masked_fill(logits.tanh() > 2, 0).expand_as(x)


def _formula(how, x, row, column, scale):
    gain = _LOGITS[how](row, column).sigmoid()
    return x + x * (gain if scale is None else scale * gain)


def _gradients(how, gradient, x, row, column, scale):
    """Of `_formula`, all at once."""
    gain = _LOGITS[how](row, column).sigmoid_()
    to_logits = gradient * x
    to_scale = None
    if scale is not None:
        to_scale = (to_logits * gain).sum_to_size(scale.shape)
        to_logits *= scale
    torch.ops.aten.sigmoid_backward.grad_input(to_logits, gain, grad_input=to_logits)
    to_row, to_column = to_logits, to_logits
    if how == "multiply":
        to_row, to_column = to_logits * column, to_logits * row
    gain = gain if scale is None else gain.mul_(scale)
    return (
        torch.addcmul(gradient, gradient, gain, out=gain),
        to_row.sum_to_size(row.shape),
        to_column.sum_to_size(column.shape),
        to_scale,
    )


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


@with_signature
class _Refine(torch.autograd.Function):
    """x + x * scale * sigmoid(row + column) in blocks, so that only F' is of F's size."""

    @staticmethod
    def forward(how, x, row, column, scale, own):
        if x.numel() <= _SMALL:
            gain = _LOGITS[how](row, column).sigmoid_()
            return torch.addcmul(x, x, gain if scale is None else gain.mul_(scale))
        refined = torch.empty_like(x)
        logits = _logits_or_factors(how, x, row, column, scale)
        blocks = _blocks(_FORWARD, 1, x, refined, scale, *logits)
        for (gain,), x, out, scale, row, column, left, right in blocks:
            if left is not None:
                torch.addcdiv(x, x, torch.bmm(left, right, out=gain), out=out)
                continue
            _LOGITS[how](row, column, out=gain).sigmoid_()
            if scale is not None:
                gain *= scale
            torch.addcmul(x, x, gain, out=out)
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
        gradient, small = gradient.contiguous(), gradient.numel() <= _SMALL
        gradients = _gradients if small else _by_blocks
        to_x, *others = gradients(ctx.how, gradient, *ctx.saved_tensors)
        if ctx.own is not None and ctx.needs_input_grad[1]:
            ctx.own.append(to_x)
            to_x = None
        return None, to_x, *others, None


def _logits_or_factors(how, x, row, column, scale):
    """row, column and None twice, or None twice and two matrices whose product divides x for add.

    It is 1 + exp(-row) exp(-column), and spares an exponential for each element. Only on a CPU,
    where it can be seen without waiting that no exponential overflows.
    """
    if how == "add" and scale is None and x.device.type == "cpu" and x.numel() > _SMALL:
        logits = torch.cat([row, column.mT], 2)
        limit = 0.9 * math.log(torch.finfo(logits.dtype).max)
        lowest, highest = torch.aminmax(logits)
        if -limit <= lowest.item() and highest.item() <= limit:
            factors = torch.cat([logits.neg_().exp_(), torch.ones_like(logits)], 1)
            right, left = factors.split([row.shape[2], column.shape[1]], 2)
            return None, None, left.mT, right.unsqueeze(1)
    return row, column, None, None


def _by_blocks(how, gradient, x, row, column, scale):
    gradients = [
        torch.empty_like(x),
        *(None if y is None else torch.zeros_like(y) for y in (row, column, scale)),
    ]
    weights = column if how == "multiply" else torch.ones_like(column)
    logits = _logits_or_factors(how, x, row, column, scale)
    blocks = _blocks(_BACKWARD, 2, gradient, x, weights, scale, *logits, *gradients)
    for (gain, to_logits), g, x, weights, scale, row, column, left, right, *to in blocks:
        to_x, to_row, to_column, to_scale = to
        if left is not None:
            torch.bmm(left, right, out=gain).reciprocal_()
        else:
            _LOGITS[how](row, column, out=gain).sigmoid_()
        torch.mul(g, x, out=to_logits)
        if scale is not None:
            to_scale += (to_logits * gain).sum_to_size(to_scale.shape)
            to_logits *= scale
        torch.ops.aten.sigmoid_backward.grad_input(to_logits, gain, grad_input=to_logits)
        torch.baddbmm(to_row, weights.mT, to_logits, out=to_row)
        if how == "multiply":
            torch.bmm(to_logits, row.mT, out=to_column)
        else:
            torch.sum(to_logits, 2, keepdim=True, out=to_column)
        if scale is not None:
            gain *= scale
        torch.addcmul(g, g, gain, out=to_x)
    return gradients


def _blocks(elements, count, x, *tensors):
    """For each block `count` tensors to write to, and the parts of x and of `tensors`; a list.

    A block is some rows of some images; each thread has images of its own, or it would look for
    another's rows in the other's cache. All parts are made before the first is used: a pass over
    a block leaves nothing of Python in the caches, which takes several times as long then. What is
    written to is kept from call to call: to get memory from the system and give it back takes
    longer than a pass over it.
    """
    batch, rows, columns = x.shape
    threads = torch.get_num_threads() if x.device.type == "cpu" else 1
    elements = threads * elements.get(x.device.type, elements["cuda"])
    rows_at_least = _ROWS if x.device.type == "cpu" else rows
    images = min(batch, max(threads, elements // (rows_at_least * columns)))
    high = math.ceil(rows / math.ceil(images * rows * columns / elements))
    kept = getattr(_kept, "elements", None)
    size = count * images * high * columns
    if kept is None or len(kept) < size or (kept.dtype, kept.device) != (x.dtype, x.device):
        kept = _kept.elements = torch.empty(size, dtype=x.dtype, device=x.device)
    grid = (images, math.ceil(batch / images)), (high, math.ceil(rows / high))
    parts = [_parts(y, grid) for y in (x, *tensors)]
    spaces = {
        shape: kept[: count * shape.numel()].view(count, *shape).unbind()
        for shape in {of_x.shape for of_x in parts[0]}
    }
    return [(spaces[of_x.shape], of_x, *others) for of_x, *others in zip(*parts, strict=True)]


def _parts(tensor, grid):
    """Of each block; what has one entry for all images or rows goes into each.

    Such an entry for all rows may be a matrix itself, (batch, 1, 2, columns), see
    `_logits_or_factors`.
    """
    (images, groups), (high, parts) = grid
    if tensor is None:
        return [None] * groups * parts
    of_images = tensor.split(images) if groups > 1 and len(tensor) > 1 else [tensor] * groups
    if tensor.shape[1] == 1:
        of_images = [group[:, 0] if tensor.ndim == 4 else group for group in of_images]
        return [group for group in of_images for _ in range(parts)]
    return [part for group in of_images for part in group.split(high, 1)]
