"""A network built with attention is the plain network after `insert`."""

import keras
import numpy as np
import pytest

import keras_bam
from keras_bam import applications
from keras_bam.layers import BAM, SqueezeExcite

SLOW = [pytest.mark.slow, pytest.mark.once]


def graph(model):
    """What is connected with what: for each layer its class and the calls that feed it."""
    return {
        layer["name"]: (layer["class_name"], layer["inbound_nodes"])
        for layer in model.get_config()["layers"]
    }


@pytest.mark.parametrize(
    "name, after",
    [
        ("CifarResNetSmall", "bottlenecks"),
        ("CifarResNetSmall", "blocks"),
        pytest.param("CifarPreResNet110", "blocks", marks=SLOW),
        pytest.param("CifarDenseNet100BC", "bottlenecks", marks=SLOW),
        pytest.param("MobileNet", "bottlenecks", marks=SLOW),
        pytest.param("SqueezeNet1p1", "bottlenecks", marks=SLOW),
        pytest.param("ResNeXt50_32x4d", "blocks", marks=SLOW),
    ],
)
@pytest.mark.parametrize("module", [BAM(reduction_ratio=4), SqueezeExcite(reduction_ratio=4)])
def test_built_and_inserted(name, after, module, zeros):
    keras.utils.clear_session()  # The images have automatic names.
    built = applications.build(name, attention=module, after=after)
    keras.utils.clear_session()
    plain = applications.build(name)
    inserted = keras_bam.insert(plain, module, after=applications.places(name, after))
    assert graph(inserted) == graph(built)
    assert inserted.name == built.name
    shapes = [[(v.path, v.shape) for v in model.variables] for model in (inserted, built)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("attention, module", [("bam", BAM), ("se", SqueezeExcite)])
def test_a_network_of_ours_computes_the_same(attention, module, numpy_draws):
    keras.utils.clear_session()
    built = applications.CifarResNetSmall(attention=attention, input_shape=(16, 16, 3))
    keras.utils.clear_session()
    plain = applications.CifarResNetSmall(input_shape=(16, 16, 3))
    for layer in plain.layers:
        layer.set_weights(built.get_layer(layer.name).get_weights())
    after = "blocks" if attention == "se" else "bottlenecks"
    inserted = keras_bam.insert(plain, module, after=after)
    for layer in inserted.layers:
        if isinstance(layer, module):
            layer.set_weights(built.get_layer(layer.name).get_weights())
    x = np.random.default_rng(0).random((2, 16, 16, 3), "float32")
    results = [keras.ops.convert_to_numpy(model(x)) for model in (inserted, built)]
    np.testing.assert_array_equal(*results)
