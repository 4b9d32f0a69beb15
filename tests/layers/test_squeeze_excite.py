import draws
import gradients
import numpy as np
import pytest
import reference

from keras_bam.layers import SqueezeExcite


@pytest.mark.parametrize("shape", [(2, 7, 8), (1, 3, 4, 8), (3, 4, 2, 3, 8)])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_equals_the_reference(shape, data_format):
    features = draws.features(*shape)
    first = data_format == "channels_first"
    given = np.moveaxis(features, -1, 1) if first else features
    layer = SqueezeExcite(2, data_format=data_format)
    layer.build(given.shape)
    expected = reference.squeeze_excite(features.astype("float64"), draws.weights(layer))
    output = draws.array(layer(given))
    output = np.moveaxis(output, 1, -1) if first else output
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)


def test_gradients_equal_those_of_the_reference():
    features = draws.features(2, 3, 4, 8)
    projection = np.random.default_rng(1).normal(size=features.shape).astype("float32")
    layer = SqueezeExcite(2)
    layer.build(features.shape)
    values = draws.weights(layer) | {"features": features.astype("float64")}
    expected = gradients.by_differences(
        lambda: (reference.squeeze_excite(values["features"], values) * projection).sum(), values
    )
    for path, value in gradients.of_layer(layer, features, projection, training=False).items():
        largest = np.abs(expected[path]).max()
        np.testing.assert_allclose(value, expected[path], atol=1e-4 * largest, err_msg=path)


@pytest.mark.parametrize("channels, parameters", [(64, 580), (256, 8_464), (2048, 526_464)])
def test_parameters(channels, parameters):
    """2Ch weights and C + h biases, h = C // 16."""
    layer = SqueezeExcite(kernel_initializer="zeros")
    layer.build((None, None, None, channels))
    assert sum(np.prod(w.shape) for w in layer.weights) == parameters
