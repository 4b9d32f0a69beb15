"""A network with BAM, and the graphs that files are made from."""

import keras
import numpy as np

from keras_bam.export.child import write_graph_in_child
from keras_bam.export.graph import write_graph
from keras_bam.layers import BAM


def bam_network(input_shape=(12, 16, 3)):
    """BAM in both forms, one after the other; weights and statistics at random."""
    keras.utils.set_random_seed(0)
    image = keras.Input(input_shape)
    x = keras.layers.Conv2D(8, 3, padding="same", use_bias=False)(image)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    x = BAM(reduction_ratio=4, name="paper")(x)
    x = BAM(reduction_ratio=4, form="official", name="official")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dense(3, activation="softmax")(x)
    model = keras.Model(image, x, name="both_forms")
    generator = np.random.default_rng(0)
    for weight in model.weights:
        low, high = (0.5, 1.5) if "variance" in weight.name else (-0.5, 0.5)
        weight.assign(generator.uniform(low, high, weight.shape))
    return model


def graph_of(model, shape, folder):
    """Writes the graph as this backend does; returns the folder."""
    on_tensorflow = keras.backend.backend() == "tensorflow"
    write = write_graph if on_tensorflow else write_graph_in_child
    write(model, shape, "float32", folder)
    return folder
