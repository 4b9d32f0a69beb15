"""Initialisers that cost nothing, for whole networks whose graph matters."""

import keras
import numpy as np
import pytest

RANDOM = (
    keras.initializers.RandomNormal,
    keras.initializers.RandomUniform,
    keras.initializers.TruncatedNormal,
    keras.initializers.VarianceScaling,
)


@pytest.fixture
def numpy_draws(monkeypatch):
    """He's normal drawn by NumPy: JAX compiles Keras's own draws for every shape."""
    generator = np.random.default_rng(0)

    def draw(self, shape, dtype=None, **kwargs):
        depthwise = len(shape) == 4 and shape[0] > 1 and shape[-1] == 1
        inputs = np.prod(shape[:2] if depthwise else shape[:-1])
        deviation = (2 / max(1, inputs)) ** 0.5
        values = generator.normal(scale=deviation, size=shape)
        return keras.ops.convert_to_tensor(values, dtype or "float32")

    for kind in RANDOM:
        monkeypatch.setattr(kind, "__call__", draw)


@pytest.fixture
def zeros(monkeypatch):
    def draw(self, shape, dtype=None, **kwargs):
        return np.zeros(shape, dtype or "float32")

    for kind in RANDOM:
        monkeypatch.setattr(kind, "__call__", draw)
