import keras
import numpy as np
import pytest

from keras_bam.explain.logits import before_softmax

IMAGE = np.linspace(-1, 1, 6, dtype="float32").reshape(1, 6)


def model(*ending):
    layers = [keras.Input((6,)), keras.layers.Dense(3, name="dense"), *ending]
    return keras.Sequential(layers, name="small")


def outputs(model):
    return keras.ops.convert_to_numpy(model(IMAGE, training=False))


def operation():
    image = keras.Input((6,))
    return keras.Model(image, keras.ops.softmax(keras.layers.Dense(3)(image)))


def nested():
    inner = model(keras.layers.Softmax())
    image = keras.Input((6,))
    return keras.Model(image, inner(image))


ENDINGS = {
    "layer": lambda: model(keras.layers.Softmax()),
    "activation": lambda: model(keras.layers.Activation("softmax")),
    "argument": lambda: model(keras.layers.Dense(3, activation="softmax")),
    "sigmoid": lambda: model(keras.layers.Dense(3, activation="sigmoid")),
    "log": lambda: model(keras.layers.Activation("log_softmax")),
    "reshaped": lambda: model(
        keras.layers.Reshape((3, 1)),
        keras.layers.Softmax(axis=1),
        keras.layers.Flatten(),
    ),
    "operation": operation,
    "nested": nested,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_logits(ending):
    small = ENDINGS[ending]()
    probabilities = outputs(small)
    with before_softmax(small):
        logits = outputs(small)
    shares = 1 / (1 + np.exp(-logits))
    if ending != "sigmoid":
        shares = np.exp(logits) / np.exp(logits).sum()
    expected = np.exp(probabilities) if ending == "log" else probabilities
    np.testing.assert_allclose(shares, expected, atol=1e-6)
    assert not np.allclose(logits, probabilities)
    np.testing.assert_array_equal(outputs(small), probabilities)


def test_logits_stay():
    small = model()
    expected = outputs(small)
    with before_softmax(small):
        np.testing.assert_array_equal(outputs(small), expected)


def test_what_is_no_classifier():
    maps = keras.Sequential([keras.Input((4, 4, 2)), keras.layers.ReLU()], name="maps")
    with pytest.raises(ValueError, match="'maps' gives outputs of shape .*explains a classifier"):
        before_softmax(maps).__enter__()
    image = keras.Input((6,))
    two = keras.Model(image, [keras.layers.Dense(3)(image), keras.layers.Dense(3)(image)])
    with pytest.raises(ValueError, match="explains a classifier, with one output"):
        before_softmax(two).__enter__()


def test_an_unknown_graph():
    class Own(keras.Model):
        def call(self, inputs):
            return inputs

    with pytest.raises(ValueError, match="isn't known, and so not where its logits are"):
        before_softmax(Own(name="own")).__enter__()
