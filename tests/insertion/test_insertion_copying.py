"""Copies of single layers: what configs do not hold is there too."""

import graphs
import keras
import numpy as np
import pytest

import keras_bam
from keras_bam.layers import SqueezeExcite

MODULE = SqueezeExcite(reduction_ratio=4)


def around(*layers, size=(8, 8, 3)):
    image = keras.Input(size)
    x = image
    for layer in layers:
        x = layer(x)
    return keras.Model(image, graphs.convolution("place")(x))


def test_adapted_statistics():
    normalization = keras.layers.Normalization(name="normalization")
    normalization.adapt(np.random.default_rng(0).normal(3.0, 2.0, (64, 8, 8, 3)))
    new = keras_bam.insert(around(normalization), MODULE, after="place")
    x = np.ones((1, 8, 8, 3), "float32")
    copy = new.get_layer("normalization")
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(copy(x)), keras.ops.convert_to_numpy(normalization(x))
    )
    assert abs(float(copy(x)[0, 0, 0, 0])) > 0.5


def test_a_lambda_with_names_from_around_it():
    factor = 2.5
    scale = keras.layers.Lambda(lambda x: keras.ops.multiply(x, factor), name="scale")
    new = keras_bam.insert(around(scale), MODULE, after="place")
    assert float(new.get_layer("scale")(np.ones((1, 1)))[0, 0]) == factor


def test_variables_frozen_one_by_one():
    layer = graphs.convolution("frozen")
    model = around(layer)
    layer.bias.trainable = False
    new = keras_bam.insert(model, MODULE, after="place")
    assert [v.trainable for v in new.get_layer("frozen").variables] == [True, False]


@keras.saving.register_keras_serializable("test")
class Composite(keras.layers.Layer):
    """A layer of layers, one of them frozen by whoever uses it."""

    def build(self, input_shape):
        self.first, self.second = graphs.convolution("a"), graphs.convolution("b")
        self.first.build(input_shape)
        self.second.build((*input_shape[:-1], 8))

    def call(self, x):
        return self.second(self.first(x))


def test_flags_inside_a_layer():
    layer = Composite(name="composite")
    model = around(layer)
    layer.first.trainable = False
    copy = keras_bam.insert(model, MODULE, after="place").get_layer("composite")
    assert (copy.trainable, copy.first.trainable, copy.second.trainable) == (True, False, True)


class Around(keras.layers.Layer):
    """Its config holds the layer itself, as some of KerasCV's do."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer

    def build(self, input_shape):
        self.layer.build(input_shape)

    def call(self, x):
        return self.layer(x)

    def get_config(self):
        return {**super().get_config(), "layer": self.layer}


def test_a_live_layer_in_a_config():
    model = around(Around(graphs.convolution("inside"), name="around"))
    x = graphs.batch(model)
    new = keras_bam.insert(model, MODULE, "place")
    ours, theirs = (m.get_layer("around") for m in (new, model))
    assert ours.layer is not theirs.layer
    np.testing.assert_array_equal(
        *(keras.ops.convert_to_numpy(layer(x)) for layer in (ours, theirs))
    )


def test_variables_that_two_layers_share():
    first, second = graphs.convolution("a", filters=3), graphs.convolution("b", filters=3)
    model = around(first, second)
    second._trainable_variables[:] = first._trainable_variables
    with pytest.raises(ValueError, match="'b' shares the variable .*call one layer in both places"):
        keras_bam.insert(model, MODULE, after="place")


class Unclonable(keras.layers.Layer):
    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    def call(self, x):
        return self.function(x)


class Forgetful(keras.layers.Layer):
    """Its config leaves out what its weights depend on."""

    def __init__(self, units=1, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(self.units,))

    def call(self, x):
        return x * self.scale[0]

    def get_config(self):
        return super().get_config()


def test_a_layer_without_a_config():
    with pytest.raises(
        ValueError, match=r"(?s)'odd' \(Unclonable\) can't be cloned.*Give the class get_config"
    ):
        keras_bam.insert(around(Unclonable(abs, name="odd")), MODULE, after="place")


def test_a_layer_with_half_a_config():
    with pytest.raises(ValueError, match=r"'odd' \(Forgetful\) can't be cloned.*\(1,\).*\(4,\)"):
        keras_bam.insert(around(Forgetful(4, name="odd")), MODULE, after="place")


class Halved(keras.layers.Layer):
    """Its config leaves out what its call needs."""

    def __init__(self, factor=None, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return self.factor * x

    def get_config(self):
        return super().get_config()


def test_a_copy_that_can_not_be_called():
    with pytest.raises(ValueError, match=r"'odd' \(Halved\) can't be cloned: the layer that its"):
        keras_bam.insert(around(Halved(2.0, name="odd")), MODULE, after="place")


def test_operations_keep_their_names():
    image = keras.Input((8, 8, 3))
    x = graphs.convolution("place")(image)
    model = keras.Model(image, keras.ops.relu(x[:, 2:, 2:] + 1.0))
    new = keras_bam.insert(model, MODULE, after="place")
    assert [o.name for o in new.operations if "place" not in o.name] == [
        o.name for o in model.operations if "place" not in o.name
    ]
