"""Networks small enough to be explained within a test, with weights from NumPy."""

import draws
import keras
import numpy as np
import reference

from keras_bam.layers import BAM

SIZE = (8, 10, 3)
CLASSES = 4


def images(count=2, seed=0):
    return draws.features(count, *SIZE, seed=seed)


def network(ending="softmax"):
    """Two BAMs, one in each form; its weights are drawn anew, "zeros" is quick to build.

    Without a ReLU before the pooling, where zeros tie for the maximum and finite differences see
    each of them rise.
    """
    zeros = {"kernel_initializer": "zeros"}
    layers = [
        keras.Input(SIZE),
        keras.layers.Conv2D(8, 3, padding="same", name="convolution", **zeros),
        BAM(reduction_ratio=2, dilation_rate=2, name="bam", **zeros),
        keras.layers.MaxPooling2D(name="pool"),
        BAM(reduction_ratio=2, dilation_rate=1, form="official", name="official", **zeros),
        keras.layers.GlobalAveragePooling2D(name="mean"),
        keras.layers.Dense(CLASSES, activation=ending, name="logits", **zeros),
    ]
    model = keras.Sequential(layers, name="network")
    weights = [draws.weights(layer, seed=number) for number, layer in enumerate(model.layers)]
    return model, {layer.name: w for layer, w in zip(model.layers, weights, strict=True)}


def head(weights, features):
    """The logits from the map behind "bam" on, in float64."""
    count, height, width, channels = features.shape
    pooled = features.reshape(count, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))
    official = reference.Bam(
        weights["official"], dilation_rate=1, normalization="hidden", combine="multiply"
    )
    return (
        official(pooled).mean(axis=(1, 2)) @ weights["logits"]["kernel"] + weights["logits"]["bias"]
    )


def pictures(count=2):
    """The images as people see them."""
    return np.random.default_rng(0).integers(0, 256, (count, *SIZE), "uint8")
