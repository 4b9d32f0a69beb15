"""The gradient of a function with respect to its argument, on the backend that runs."""

import keras


def gradient(function, features):
    """d function(features) / d features.

    Args:
        function: from a tensor to a scalar tensor; it may run a model in inference.
        features: a tensor.

    Returns:
        A tensor of the shape of `features`; zeros where the function does not depend on them.
    """
    of_backend = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
    taken = of_backend[keras.backend.backend()](function, features)
    return keras.ops.zeros_like(features) if taken is None else taken


def _jax(function, features):
    import jax

    def stateless(x):
        with keras.StatelessScope():  # what a layer assigns must not outlive the trace
            return function(x)

    return jax.jit(jax.grad(stateless))(features)


def _tensorflow(function, features):
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(features)
        value = function(features)
    return tape.gradient(value, features)


def _torch(function, features):
    import torch

    with torch.enable_grad():
        features = features.detach().requires_grad_()
        value = function(features)
        if not value.requires_grad:
            return None
        (taken,) = torch.autograd.grad(value, features, allow_unused=True)
    return taken
