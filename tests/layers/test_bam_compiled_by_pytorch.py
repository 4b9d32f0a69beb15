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


@pytest.mark.parametrize("settings", [{}, {"form": "official"}, {"layer_scale_init_value": 0.5}])
def test_one_graph_with_the_values_of_eager_mode(settings):
    import torch

    torch._dynamo.reset()
    layer = BAM(2, **settings)
    features = torch.tensor(draws.features(4, 6, 5, 8), requires_grad=True)
    layer.build(features.shape)
    draws.weights(layer)

    def gradient(call):
        outputs = call(features)
        (found,) = torch.autograd.grad((outputs * outputs).sum(), features)
        return outputs.detach(), found

    for training in (False, True):
        call = lambda x, training=training: layer(x, training=training)  # noqa: E731
        for found, expected in zip(
            gradient(torch.compile(call, fullgraph=True)), gradient(call), strict=True
        ):
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def losses(jit_compile):
    """Of four steps on batches of changing size."""
    import torch

    keras.utils.set_random_seed(0)
    # Maps of two sizes: the compiler then takes height, width and channels for unknown too.
    model = keras.Sequential(
        [
            keras.Input((8, 9, 8)),
            BAM(2),
            keras.layers.Conv2D(12, 3, strides=2),
            BAM(2),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(3),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse", jit_compile=jit_compile)
    features, targets = draws.features(8, 8, 9, 8), np.zeros((8, 3), "float32")
    batches = [(torch.tensor(features[:n]), torch.tensor(targets[:n])) for n in (8, 5, 8, 3)]
    return [float(model.train_on_batch(*batch)) for batch in batches]


def test_batches_of_changing_size_train():
    """As docs/performance.md says, and without falling back to eager mode."""
    import torch

    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    patience = {"recompile_limit": 64, "fail_on_recompile_limit_hit": True}
    with (
        torch._inductor.config.patch(layout_optimization=False),
        torch._dynamo.config.patch(**patience),
    ):
        compiled = losses(jit_compile=True)
    assert torch._dynamo.utils.counters["frames"]["ok"] > 0  # it was compiled
    np.testing.assert_allclose(compiled, losses(jit_compile=False), rtol=1e-4)
