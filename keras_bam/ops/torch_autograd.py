"""What our ways on PyTorch share."""

import inspect

import torch


def has_values(tensor):
    """Whether `tensor` is one to compute with now, or in a function that is being compiled."""
    return (
        isinstance(tensor, torch.Tensor)
        and not tensor.is_meta
        and not torch.compiler.is_exporting()
        and not torch.jit.is_tracing()
    )


def has_dtype(tensor, name):
    """`name` as Keras has it; quicker than to ask for Keras's name of the tensor's."""
    return tensor.dtype == getattr(torch, name)


def with_signature(function_class):
    """A `torch.autograd.Function`, which else would find out the signature at each call."""
    function_class.forward.__signature__ = inspect.signature(function_class.forward)
    return function_class


def by_autograd(formula, tensors, *gradients):
    """The gradients of a formula's outputs as functions of which there are gradients in turn."""
    outputs = formula(*tensors)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    given = [pair for pair in zip(outputs, gradients, strict=True) if pair[1] is not None]
    wanted = [x for x in tensors if x is not None and x.requires_grad]
    found = torch.autograd.grad(
        [output for output, _ in given],
        wanted,
        [gradient for _, gradient in given],
        create_graph=True,
        allow_unused=True,
    )
    found = iter(found)
    return [next(found) if any(x is y for y in wanted) else None for x in tensors]
