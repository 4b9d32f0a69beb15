import draws
import keras
import numpy as np
import pytest

from keras_bam.layers import L2Normalization


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_equals_the_equation(data_format):
    features = draws.features(2, 3, 4, 8)
    scale = np.linspace(1, 3, 8)
    expected = features / np.sqrt((features.astype("float64") ** 2).sum(-1, keepdims=True)) * scale
    first = data_format == "channels_first"
    given = np.moveaxis(features, -1, 1) if first else features
    layer = L2Normalization(data_format=data_format)
    layer.build(given.shape)
    assert (draws.array(layer.scale) == 20).all()
    layer.scale.assign(scale)
    output = draws.array(layer(given))
    np.testing.assert_allclose(np.moveaxis(output, 1, -1) if first else output, expected, rtol=1e-5)


def test_zeros_stay_zeros_and_halves_do_not_overflow():
    layer = L2Normalization(dtype="mixed_float16", data_format="channels_last")
    features = np.zeros((1, 2, 1, 512), "float16")
    features[0, 1] = 1000
    output = draws.array(layer(features)).astype("float32")
    assert layer.compute_dtype == "float16" and not output[0, 0].any()
    np.testing.assert_allclose(output[0, 1], 20 / 512**0.5, rtol=1e-3)


def test_config():
    layer = L2Normalization(initial_scale=3.0, epsilon=1e-6, data_format="channels_first")
    config = layer.get_config()
    layer.build((None, 8, 4, 4))
    assert layer.get_config() == config
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert copy.get_config() == config


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"initial_scale": 0}, "initial_scale must be a positive number, received 0"),
        ({"epsilon": -1}, "epsilon must be a positive number, received -1"),
        ({"data_format": "NCHW"}, "data_format must be one of"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        L2Normalization(**arguments)
