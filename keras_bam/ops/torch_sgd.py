"""A step of SGD on PyTorch, of all variables at once: small networks spend much on each of many."""

import torch


@torch.no_grad()
def step(values, gradients, velocities, rate, momentum, nesterov, weight_decays):
    """Changes `values` and `velocities`, lists of tensors, in place; see `keras_bam.training.SGD`.

    Args:
        gradients: of the values' dtypes.
        velocities: empty without momentum.
        rate: a number, or a tensor without axes.
        weight_decays: a float for each value.
    """
    steps = gradients
    if any(weight_decays):
        steps = torch._foreach_add(gradients, torch._foreach_mul(values, weight_decays))
    if velocities:
        torch._foreach_mul_(velocities, momentum)
        torch._foreach_add_(velocities, steps)
        ahead = torch._foreach_mul(velocities, momentum) if nesterov else None
        steps = torch._foreach_add(steps, ahead) if nesterov else velocities
    torch._foreach_sub_(values, torch._foreach_mul(steps, rate))
