"""Features and weights from NumPy, the same on every backend, in numbers that float32 holds."""

import keras
import numpy as np


def features(*shape, seed=0):
    """A channels-last map whose mean differs from image to image and channel to channel."""
    rng = np.random.default_rng(seed)
    offsets = rng.normal(size=(shape[0], *[1] * (len(shape) - 2), shape[-1]))
    return (rng.normal(size=shape) + offsets).astype("float32")


def weights(layer, seed=0):
    """Give `layer` random weights; return them as float64, each by its path inside the layer."""
    rng = np.random.default_rng(seed)
    drawn = {}
    for variable in layer.weights:
        path = variable.path.removeprefix(f"{layer.path}/")
        value = draw(rng, path.rsplit("/", 1)[-1], variable.shape).astype("float32")
        variable.assign(value)
        drawn[path] = value.astype("float64")
    return drawn


def draw(rng, kind, shape):
    if kind == "kernel":
        return rng.normal(size=shape) / np.sqrt(np.prod(shape[:-1]))
    if kind == "gamma":
        return rng.uniform(0.5, 1.5, shape)
    if kind == "moving_variance":
        return rng.uniform(0.5, 2, shape)
    if kind in ("bias", "beta"):  # so that few hidden units are dead: a batch norm behind one that
        return rng.uniform(0, 1, shape)  # is divides rounding errors by sqrt(epsilon)
    return 0.5 * rng.normal(size=shape)


def array(tensor):
    return np.array(keras.ops.convert_to_numpy(tensor))  # a copy: some backends give a view


def state(layer):
    """All weights as they are now, each by its path inside the layer."""
    return {w.path.removeprefix(f"{layer.path}/"): array(w) for w in layer.weights}
