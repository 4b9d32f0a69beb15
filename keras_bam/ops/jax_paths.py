"""JAX's own ways, for its compiler: a 1x1 convolution is a matrix product, M(F) a tanh."""

import math

import jax
from jax import numpy as jnp
from keras import ops

_LOGITS = {"add": jnp.add, "multiply": jnp.multiply, "maximum": jnp.maximum}


def convolution(inputs, kernel, dilation_rate, data_format):
    """XLA's convolution on a CPU takes two to four times as long for the same product."""
    if data_format == "channels_last" and set(kernel.shape[:-2]) == {1}:
        return _product(inputs, kernel.reshape(kernel.shape[-2:]))
    return ops.conv(inputs, kernel, 1, "same", data_format, dilation_rate)


def _product(inputs, kernel):
    """In halves where on a CPU XLA takes up to four times as long for the kernel's gradient, a
    small product over a long axis."""
    *batch_and_space, channels = inputs.shape
    known = all(isinstance(size, int) for size in batch_and_space)
    places = math.prod(batch_and_space) if known else 0
    if jax.default_backend() != "cpu" or places % 2 or places < 2 * channels:
        return inputs @ kernel
    return jax.checkpoint(_product_in_halves, prevent_cse=False)(inputs, kernel)


def _product_in_halves(inputs, kernel):
    channels, filters = kernel.shape
    halves = inputs.reshape(2, -1, channels)
    kernels = jnp.broadcast_to(kernel.T, (2, filters, channels))  # the faster way round
    return jnp.einsum("nsc,nfc->nsf", halves, kernels).reshape(*inputs.shape[:-1], filters)


def refine(features, channel_logits, spatial_logits, how, scale):
    """F' with nothing kept for the gradient but the arguments."""
    return jax.checkpoint(_formula, static_argnums=3)(
        features, channel_logits, spatial_logits, how, scale
    )


def _formula(features, channel_logits, spatial_logits, how, scale):
    # sigmoid(z) = (1 + tanh(z / 2)) / 2: XLA has a vectorised tanh, and for the exponential of a
    # sigmoid none as cheap.
    gain = 0.5 + 0.5 * jnp.tanh(0.5 * _LOGITS[how](channel_logits, spatial_logits))
    return features * (1 + (gain if scale is None else scale * gain))
