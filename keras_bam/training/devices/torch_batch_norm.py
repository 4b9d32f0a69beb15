"""Batch norm over the rows of all processes, which Keras refuses on PyTorch."""

import contextlib
import functools

import torch
from torch import distributed

from keras_bam.training.devices.batch_norms import batch_norms
from keras_bam.training.devices.replaced import replaced


@contextlib.contextmanager
def synchronized_batch_norm(model):
    """In this context every batch norm of `model` that trains takes its moments from all rows."""
    with contextlib.ExitStack() as changed:
        for layer in batch_norms(model):
            moments = functools.partial(_moments, layer)
            changed.enter_context(replaced(layer, _moments=moments))
        yield


def _moments(layer, inputs, mask):
    """Mean and variance, shape (channels,), in one exchange that gradients go through.

    From each process's own moments and count, since a difference of mean squares loses digits.
    """
    if mask is not None:
        raise ValueError(
            f"batch norm {layer.name!r} has a mask, with which it can't be synchronised; leave "
            "synchronize_batch_norm out"
        )
    axes = tuple(layer._reduction_axes)
    variance, mean = torch.var_mean(inputs, dim=axes, correction=0)
    count = (inputs.numel() // mean.numel()) * torch.ones_like(mean[:1])
    table = mean.new_zeros(distributed.get_world_size(), 2 * len(mean) + 1)
    table = table.index_put(
        (torch.tensor(distributed.get_rank(), device=table.device),),
        torch.cat([mean, variance, count]),
    )
    means, variances, counts = _Sum.apply(table).split([len(mean), len(mean), 1], dim=1)
    shares = counts / counts.sum()
    mean = (shares * means).sum(0)
    return mean, (shares * (variances + (means - mean) ** 2)).sum(0)


class _Sum(torch.autograd.Function):
    """The sum over the processes; so is its gradient."""

    @staticmethod
    def forward(context, values):
        summed = values.clone()
        distributed.all_reduce(summed)
        return summed

    @staticmethod
    def backward(context, gradient):
        summed = gradient.clone()
        distributed.all_reduce(summed)
        return summed
