"""A step of SGD on PyTorch, of all variables at once: small networks spend much on each of many."""

import torch


@torch.no_grad()
def step(values, gradients, velocities, rate, momentum, nesterov, weight_decays):
    """Changes `values` and `velocities`, lists of tensors, in place; see `keras_bam.training.SGD`.

    Args:
        gradients: of the values' dtypes.
        velocities: empty without momentum.
        rate: a number, or a tensor without axes.
        weight_decays: a number for each value.
    """
    steps = list(gradients)
    decayed = [index for index, decay in enumerate(weight_decays) if decay]
    if decayed:
        decays = torch._foreach_mul(
            [values[index] for index in decayed], [weight_decays[index] for index in decayed]
        )
        added = torch._foreach_add([steps[index] for index in decayed], decays)
        for index, gradient in zip(decayed, added, strict=True):
            steps[index] = gradient
    if velocities:
        torch._foreach_mul_(velocities, momentum)
        torch._foreach_add_(velocities, steps)
        ahead = torch._foreach_mul(velocities, momentum) if nesterov else None
        steps = torch._foreach_add(steps, ahead) if nesterov else velocities
    torch._foreach_sub_(values, torch._foreach_mul(steps, rate))
