"""Only the modules train."""

import graphs
import keras
import numpy as np
import pytest

import keras_bam
from keras_bam.layers import BAM, SqueezeExcite


def values(layers):
    return {
        v.path: np.array(keras.ops.convert_to_numpy(v)) for layer in layers for v in layer.weights
    }


@pytest.mark.parametrize("name", graphs.ALL)
def test_only_the_modules_change(name):
    make, place = graphs.ALL[name]
    model = keras_bam.insert(make(), BAM(reduction_ratio=4), after=place)
    keras_bam.freeze_except(model, BAM)
    modules = [layer for layer in model._flatten_layers() if isinstance(layer, BAM)]
    before, adapters = values([model]), values(modules)
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.fit(graphs.batch(model), graphs.batch(model, "output"), verbose=0)
    for path, value in values([model]).items():
        if path not in adapters:
            np.testing.assert_array_equal(value, before[path])
    # Biases in front of a batch norm get no gradient.
    trained = [path for path, value in values(modules).items() if (value != adapters[path]).any()]
    assert len(trained) > len(adapters) / 2


def test_a_share_of_the_parameters():
    model = keras_bam.insert(
        keras_bam.applications.ResNet18(kernel_initializer="zeros"), BAM(layer_scale_init_value=0)
    )
    keras_bam.freeze_except(model, BAM)
    trained = sum(int(np.prod(v.shape)) for v in model.trainable_variables)
    assert trained == sum(
        int(np.prod(v.shape))
        for layer in model.layers
        if isinstance(layer, BAM)
        for v in layer.trainable_variables
    )
    assert 0 < trained < 0.01 * model.count_params()


def test_several_classes():
    model = keras_bam.insert(graphs.two_stages(), BAM(reduction_ratio=4))
    keras_bam.freeze_except(model, (BAM, keras.layers.Dense))
    assert [layer.name for layer in model.layers if layer.trainable and layer.weights] == [
        "stage1_out_bam",
        "classes",
    ]


def test_frozen_modules_train_again():
    model = keras_bam.insert(graphs.two_stages(), BAM(reduction_ratio=4))
    model.trainable = False
    keras_bam.freeze_except(model, BAM)
    assert model.trainable_variables


@pytest.mark.parametrize(
    "kinds, message",
    [
        (SqueezeExcite, "'two_stages' has no layer of SqueezeExcite that could train: insert one"),
        ("bam", "kinds must be a layer class or several, received"),
        (BAM(), "kinds must be a layer class or several, received"),
    ],
)
def test_nothing_to_train(kinds, message):
    with pytest.raises(ValueError, match=message):
        keras_bam.freeze_except(graphs.two_stages(), kinds)
