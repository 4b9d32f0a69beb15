"""BAM under torch.compile, which `jit_compile=True` is on PyTorch."""

import draws
import keras
import numpy as np
import pytest

from keras_bam.layers import BAM

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # an error out of one while it traces ends the compiler
    pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch's compiler"),
]


def test_batches_of_changing_size_train():
    """Where sizes change the compiler takes them for unknown, from the second size on."""
    import torch

    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()

    def model():
        keras.utils.set_random_seed(0)
        layers = [keras.Input((8, 9, 8)), BAM(2), keras.layers.GlobalAveragePooling2D()]
        return keras.Sequential([*layers, keras.layers.Dense(3)])

    features, targets = draws.features(8, 8, 9, 8), np.zeros((8, 3), "float32")
    losses = []
    for jit_compile in (True, False):
        trained = model()
        trained.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit_compile)
        sizes = (8, 5, 8, 3)
        batches = [(torch.tensor(features[:n]), torch.tensor(targets[:n])) for n in sizes]
        losses.append([float(trained.train_on_batch(*batch)) for batch in batches])
    np.testing.assert_allclose(*losses, rtol=1e-4)
    assert torch._dynamo.utils.counters["frames"]["ok"] > 0  # it was compiled
