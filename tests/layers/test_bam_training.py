"""What one step of training does to a BAM."""

import draws
import gradients
import keras
import numpy as np
import pytest
import reference

from keras_bam.layers import BAM

CONFIGURATIONS = [  # arguments, training
    ({}, True),
    ({}, False),
    ({"form": "official"}, True),
    ({"normalization": "both", "combine": "maximum", "layer_scale_init_value": 1.0}, True),
    ({"branches": "channel", "normalization": "both", "activation": None}, False),
    ({"branches": "spatial", "activation": None}, True),
]


def reference_of(layer, weights, training, **arguments):
    """The reference of a layer made with `arguments`."""
    if arguments.get("form") == "official":
        arguments |= {"normalization": "hidden", "combine": "multiply"}
    known = ("normalization", "combine", "momentum")
    return reference.Bam(
        weights,
        dilation_rate=layer.dilation_rate,
        training=training,
        **{key: value for key, value in arguments.items() if key in known},
    )


@pytest.mark.parametrize("arguments, training", CONFIGURATIONS)
def test_gradients_equal_those_of_the_reference(arguments, training):
    features = draws.features(4, 3, 4, 8, seed=1)  # no pre-activation near the kink of relu
    projection = np.random.default_rng(1).normal(size=features.shape).astype("float32")
    layer = BAM(2, dilation_rate=2, **arguments)
    layer.build(features.shape)
    weights = draws.weights(layer)
    found = gradients.of_layer(layer, features, projection, training)

    distances = []  # of the rectified numbers from relu's kink, which no difference may straddle

    def activation(x):
        if "activation" in arguments:
            return x
        distances.append(np.abs(x).min())
        return reference.relu(x)

    expected_layer = reference_of(layer, weights, training, **arguments)
    expected_layer.activation = activation
    values = {path: weights[path] for path in found if path != "features"}
    values["features"] = features.astype("float64")
    expected = gradients.by_differences(
        lambda: (expected_layer(values["features"]) * projection).sum(), values
    )
    assert min(distances, default=1) > 1e-4  # the step is 1e-6
    largest = max(np.abs(value).max() for path, value in expected.items() if path != "features")
    for path, value in expected.items():
        scale = np.abs(value).max() if path == "features" else largest
        np.testing.assert_allclose(found[path], value, rtol=0, atol=1e-4 * scale, err_msg=path)


@pytest.mark.parametrize("arguments, training", [c for c in CONFIGURATIONS if c[1]])
def test_moving_statistics_after_a_step(arguments, training):
    features = draws.features(4, 3, 5, 8)
    layer = BAM(2, momentum=0.7, **arguments)
    model = keras.Sequential([keras.Input(features.shape[1:]), layer])
    weights = draws.weights(layer)
    expected = reference_of(layer, weights, training, momentum=0.7, **arguments)
    if "activation" in arguments:
        expected.activation = reference.identity
    expected(features.astype("float64"))

    model.compile(keras.optimizers.SGD(0.01), "mse")
    model.train_on_batch(features, features)
    after = draws.state(layer)
    assert set(expected.moved) == {path for path in after if "moving" in path}
    for path, value in expected.moved.items():
        np.testing.assert_allclose(after[path], value, rtol=1e-5, atol=1e-5, err_msg=path)


def test_inference_leaves_every_weight_alone():
    layer = BAM(2, normalization="both", layer_scale_init_value=1)
    features = draws.features(4, 3, 5, 8)
    layer(features)
    before = draws.weights(layer)
    layer(features)
    layer.attention(features)
    for path, value in draws.state(layer).items():
        np.testing.assert_array_equal(value, before[path], err_msg=path)


def network(layer):
    """`layer` between a convolution and a dense layer, compiled."""
    model = keras.Sequential(
        [
            keras.Input((6, 7, 3)),
            keras.layers.Conv2D(8, 3, kernel_initializer=keras.initializers.HeNormal(seed=0)),
            layer,
            keras.layers.Flatten(),
            keras.layers.Dense(2, kernel_initializer=keras.initializers.HeNormal(seed=1)),
        ]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def fit(model, epochs=1):
    targets = np.random.default_rng(2).normal(size=(8, 2)).astype("float32")
    model.fit(draws.features(8, 6, 7, 3), targets, batch_size=8, epochs=epochs, verbose=0)


@pytest.mark.parametrize("at", ["construction", "after build", "after compile"])
def test_frozen_layer_stays_as_it_is(at):
    arguments = {"normalization": "both", "layer_scale_init_value": 1}
    layer = BAM(2, trainable=at != "construction", **arguments)
    if at == "after build":
        layer.build((None, 4, 5, 8))
        layer.trainable = False
    model = network(layer)
    if at == "after compile":
        layer.trainable = False
        model.compile(keras.optimizers.SGD(0.1), "mse")
    assert layer.trainable_weights == []
    before = draws.weights(layer)
    kernel = model.layers[0].kernel.numpy().copy()
    fit(model)
    for path, value in draws.state(layer).items():
        np.testing.assert_array_equal(value, before[path], err_msg=path)
    assert np.abs(model.layers[0].kernel.numpy() - kernel).max() > 1e-4  # the rest trains

    given = draws.features(2, 4, 5, 8)  # a frozen batch norm uses its moving statistics
    evaluated, trained = (draws.array(layer(given, training=t)) for t in (False, True))
    np.testing.assert_array_equal(evaluated, trained)


def test_frozen_layer_thaws():
    layer = BAM(2, trainable=False, layer_scale_init_value=1)
    model = network(layer)
    layer.trainable = True
    model.compile(keras.optimizers.SGD(0.1), "mse")
    before = draws.weights(layer)
    fit(model)
    assert_moved(before, draws.state(layer), before)


def assert_moved(before, after, paths):
    """All in `paths`, but for biases right before a batch norm: their gradient is zero."""
    for path in paths:
        if path not in ("channel/expand/bias", "spatial/project/bias"):
            assert np.abs(after[path] - before[path]).max() > 0, path


def test_layer_scale_of_zero_changes_nothing():
    features = draws.features(3, 5, 6, 8)
    layer = BAM(2, layer_scale_init_value=0)
    np.testing.assert_array_equal(draws.array(layer(features)), features)
    model = keras.Sequential([keras.Input((None, None, 8)), layer])
    np.testing.assert_allclose(model.predict(features, verbose=0), features, rtol=1e-6)


def test_layer_scale_of_zero_moves_first_and_alone():
    layer = BAM(2, layer_scale_init_value=0)
    model = network(layer)
    learned = {w.path.removeprefix(f"{layer.path}/") for w in layer.trainable_weights}
    before = draws.weights(layer)  # a fresh one has all biases at 0 ...
    layer.layer_scale.assign(np.zeros(8))  # ... but its scale would not stay there
    before["layer_scale"] = np.zeros(8)
    fit(model)
    first = draws.state(layer)
    for path in learned - {"layer_scale"}:
        np.testing.assert_array_equal(first[path], before[path], err_msg=path)
    assert (first["layer_scale"] != 0).all()
    fit(model)
    assert_moved(first, draws.state(layer), learned)


def test_batch_of_one_trains():
    layer = BAM(2, normalization="both")
    model = network(layer)
    loss = model.train_on_batch(draws.features(1, 6, 7, 3), np.ones((1, 2), "float32"))
    assert np.isfinite(loss)
    for path, value in draws.state(layer).items():
        assert np.isfinite(value).all(), path


def test_regularizer_takes_every_kernel():
    layer = BAM(2, kernel_regularizer=keras.regularizers.L2(0.5))
    layer.build((None, 4, 5, 8))
    kernels = [value for path, value in draws.weights(layer).items() if path.endswith("kernel")]
    expected = sum(0.5 * np.square(kernel).sum() for kernel in kernels)
    assert len(layer.losses) == len(kernels) == 6
    assert draws.array(sum(layer.losses)) == pytest.approx(expected, rel=1e-5)
