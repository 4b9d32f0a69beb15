"""SGD against PyTorch's own, through `fit`."""

import keras
import numpy as np
import pytest

from keras_bam.layers import BAM
from keras_bam.training import SGD, Recipe
from keras_bam.training.optimizers import optimizer

torch = pytest.importorskip("torch")
STEPS = 10
RATES = 5 * [0.1] + 5 * [0.02]


def data():
    generator = np.random.default_rng(0)
    return (generator.normal(size=shape).astype("float32") for shape in ((16, 6), (16, 3), (6, 3)))


def by_keras(**arguments):
    x, y, kernel = data()
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    model.set_weights([kernel, np.ones(3, "float32")])
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([4], [RATES[0], RATES[-1]])
    optimizer = SGD(schedule, **arguments)
    if arguments.get("weight_decay"):
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, "mse")
    model.fit(x, y, batch_size=16, epochs=STEPS, shuffle=False, verbose=0)
    return model.get_weights()


def by_torch(weight_decay=0.0, **arguments):
    x, y, kernel = (torch.from_numpy(array) for array in data())
    kernel, bias = kernel.requires_grad_(), torch.ones(3, requires_grad=True)
    groups = [
        {"params": [kernel], "weight_decay": weight_decay or 0.0},
        {"params": [bias], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.SGD(groups, **arguments)
    for rate in RATES:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        ((x @ kernel + bias - y) ** 2).mean().backward()
        optimizer.step()
    return [kernel.detach().numpy(), bias.detach().numpy()]


@pytest.mark.parametrize("weight_decay", [None, 0.05])
@pytest.mark.parametrize(
    "momentum, nesterov", [(0.0, False), (0.9, False), (0.9, True)], ids=["plain", "heavy", "nag"]
)
def test_ten_steps_with_a_change_of_rate(momentum, nesterov, weight_decay):
    arguments = {"momentum": momentum, "nesterov": nesterov, "weight_decay": weight_decay}
    for ours, theirs in zip(by_keras(**arguments), by_torch(**arguments), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6, rtol=1e-6)


def test_keras_own_is_another():
    """Or the test above could not fail."""
    arguments = {"momentum": 0.9, "nesterov": True, "weight_decay": 0.05}
    x, y, kernel = data()
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    model.set_weights([kernel, np.ones(3, "float32")])
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([4], [RATES[0], RATES[-1]])
    model.compile(keras.optimizers.SGD(schedule, **arguments), "mse")
    model.fit(x, y, batch_size=16, epochs=STEPS, shuffle=False, verbose=0)
    assert np.abs(model.get_weights()[0] - by_torch(**arguments)[0]).max() > 1e-3


def test_config_round_trip():
    optimizer = SGD(0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer))
    assert type(again) is SGD
    assert again.get_config() == optimizer.get_config()


@pytest.mark.parametrize("decay_all", [False, True])
def test_what_decays(decay_all):
    layer = BAM(reduction_ratio=2, layer_scale_init_value=0.5, kernel_initializer="zeros")
    layer.build((None, 4, 4, 8))
    names = sorted({weight.name for weight in layer.trainable_weights})
    assert names == ["beta", "bias", "gamma", "kernel", "layer_scale"]
    weights = [keras.Variable(np.ones(2), name=name) for name in names]
    recipe = Recipe(learning_rate=0.1, warmup=0.0, weight_decay=0.2, decay_all=decay_all)
    optimizer(recipe, 10).apply([keras.ops.zeros(2) for _ in weights], weights)
    after = {weight.name: keras.ops.convert_to_numpy(weight)[0] for weight in weights}
    decayed = 1 - 0.1 * (0.2 + 0.9 * 0.2)  # Nesterov's first step
    others = decayed if decay_all else 1.0
    assert after == pytest.approx({**dict.fromkeys(names, others), "kernel": decayed})


def trained(parts):
    x, y, kernel = data()
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    model.set_weights([kernel, np.ones(3, "float32")])
    recipe = Recipe(batch_size=16, gradient_accumulation_steps=parts, learning_rate=0.3)
    model.compile(optimizer(recipe, STEPS), "mse")
    batch = recipe.forward_batch_size
    model.fit(x, y, batch_size=batch, epochs=STEPS, shuffle=False, verbose=0)
    return model.get_weights()


def test_parts_of_a_batch_make_the_same_steps():
    for whole, in_parts in zip(trained(1), trained(4), strict=True):
        np.testing.assert_allclose(whole, in_parts, atol=1e-6, rtol=1e-5)


def test_average_of_the_weights():
    weight = keras.Variable(np.zeros(1, "float32"))
    plain = {"warmup": 0.0, "schedule": "constant", "momentum": 0.0, "weight_decay": 0.0}
    made = optimizer(Recipe(**plain, ema_momentum=0.75), 4)
    for _ in range(3):
        made.apply([keras.ops.ones(1) * -10], [weight])  # to 1, 2, 3
    (average,) = made._model_variables_moving_average
    expected = 0.75 * (0.75 * 1 + 0.25 * 2) + 0.25 * 3  # it starts with the first step
    assert float(average[0]) == pytest.approx(expected)
