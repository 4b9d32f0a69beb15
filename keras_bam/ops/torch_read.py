"""What BAM reads of a map on PyTorch, with one gradient for all that it reads."""

import functools

import torch

from keras_bam.ops.torch_autograd import by_autograd, has_values, with_signature
from keras_bam.ops.torch_convolution import convolution

_FEW = 512  # places


def global_average(features, data_format):
    """As a product with a matrix where PyTorch's mean over the first axes of a map is slower."""
    if data_format == "channels_first":
        return features.flatten(2).mean(2)
    maps = features.flatten(1, -2)
    if torch.compiler.is_compiling() or maps.shape[1] <= _FEW:
        return maps.mean(1)
    weights = maps.new_full((1, 1, 1), 1 / maps.shape[1]).expand(len(maps), 1, maps.shape[1])
    return torch.bmm(weights, maps).squeeze(1)


def read(features, kernel, bias, data_format):
    """A map's average, shape (batch, channels), a 1x1 convolution of it, and itself for `refine`.

    None for what it does not take.
    """
    if torch.compiler.is_compiling() or not has_values(features) or not features.numel():
        return None
    parts = _Read.apply if torch.is_grad_enabled() else _Read.forward
    return parts(features, kernel, bias, data_format)


def own(features):
    """Where `read` takes a gradient of `features` that nobody else holds: a list, or None."""
    return getattr(features.grad_fn, "own", None)


@with_signature
class _Read(torch.autograd.Function):
    """The gradients of average and convolution are added, in one pass, to the one in `own`."""

    @staticmethod
    def forward(features, kernel, bias, data_format):
        reduced = convolution(features, kernel, 1, data_format, bias)
        return global_average(features, data_format), reduced, features.view_as(features)

    @staticmethod
    def setup_context(ctx, inputs, output):
        *tensors, ctx.data_format = inputs
        ctx.save_for_backward(*tensors)
        ctx.set_materialize_grads(False)
        ctx.own = []

    @staticmethod
    def backward(ctx, to_average, to_reduced, to_features):
        tensors = ctx.saved_tensors
        if torch.is_grad_enabled():
            formula = functools.partial(_Read.forward, data_format=ctx.data_format)
            return *by_autograd(formula, tensors, to_average, to_reduced, to_features), None
        first = ctx.data_format == "channels_first"
        features, kernel, _ = tensors
        flat = kernel.reshape(kernel.shape[-2:])
        x, reduced, total = (
            None if y is None else y.flatten(2) if first else y.flatten(1, -2)
            for y in (features, to_reduced, to_features)
        )
        to_kernel = to_bias = None
        if reduced is not None and first:
            to_kernel, to_bias = torch.bmm(x, reduced.mT).sum(0), reduced.sum((0, 2))
        elif reduced is not None:
            to_kernel = (reduced.flatten(0, 1).T @ x.flatten(0, 1)).T  # the faster way round
            to_bias = reduced.sum((0, 1))
        if ctx.needs_input_grad[0]:
            to_features = _sum(ctx.own, total, to_average, reduced, x, flat, first)
            to_features = to_features.view(features.shape)
        to_kernel = None if to_kernel is None else to_kernel.reshape(kernel.shape)
        return to_features, to_kernel, to_bias, None


def _sum(own, total, to_average, reduced, x, kernel, first):
    """The gradient of the map `x`, as matrices, in one of the tensors of `own` if there is one."""
    sum_, *others = own or [torch.zeros_like(x)]
    own.clear()
    for other in (*others, *([] if total is None else [total])):
        sum_ += other
    batch, places = len(x), x.shape[2 if first else 1]
    if to_average is not None:
        to_average = to_average / places
    if not first and places <= _FEW and sum_.is_contiguous():  # to lengthen matrices takes longer
        sum_ = sum_ if to_average is None else sum_.add_(to_average.unsqueeze(1))
        if reduced is not None:
            sum_.view(-1, x.shape[2]).addmm_(reduced.flatten(0, 1), kernel.T)
        return sum_
    weights, maps = [], []
    if reduced is not None:
        weights.append(kernel.expand(batch, -1, -1))
        maps.append(reduced)
    if to_average is not None:
        weights.append(to_average.unsqueeze(2))
        maps.append(x.new_ones((batch, 1, places) if first else (batch, places, 1)))
    if not maps:
        return sum_
    weights, maps = torch.cat(weights, 2), torch.cat(maps, 1 if first else 2)
    return sum_.baddbmm_(weights, maps) if first else sum_.baddbmm_(maps, weights.mT)
