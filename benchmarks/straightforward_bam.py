"""BAM as one would write it in Keras at first: what the benchmark compares ours with."""

import keras
from keras import layers, ops


class StraightforwardBAM(keras.layers.Layer):
    """Equations 1 to 4 of arXiv:1807.06514, layer by layer, with Keras's defaults throughout."""

    def __init__(self, reduction_ratio=16, dilation_rate=4, data_format="channels_last"):
        super().__init__()
        self.reduction_ratio = reduction_ratio
        self.dilation_rate = dilation_rate
        self.data_format = data_format

    def build(self, input_shape):
        axis = -1 if self.data_format == "channels_last" else 1
        channels = input_shape[axis]
        hidden = channels // self.reduction_ratio
        shared = {"padding": "same", "data_format": self.data_format}
        dilated = {"dilation_rate": self.dilation_rate, "activation": "relu", **shared}
        pool = layers.GlobalAveragePooling2D(keepdims=True, data_format=self.data_format)
        if self.data_format == "channels_last":
            dense = layers.Dense(hidden, activation="relu"), layers.Dense(channels)
        else:
            dense = (
                layers.Conv2D(hidden, 1, activation="relu", **shared),
                layers.Conv2D(channels, 1, **shared),
            )
        norm = {"axis": axis, "momentum": 0.9, "epsilon": 1e-5}
        self.channel = keras.Sequential([pool, *dense, layers.BatchNormalization(**norm)])
        self.spatial = keras.Sequential(
            [
                layers.Conv2D(hidden, 1, activation="relu", **shared),
                layers.Conv2D(hidden, 3, **dilated),
                layers.Conv2D(hidden, 3, **dilated),
                layers.Conv2D(1, 1, **shared),
                layers.BatchNormalization(**norm),
            ]
        )
        self.channel.build(input_shape)
        self.spatial.build(input_shape)

    def call(self, features, training=None):
        logits = self.channel(features, training=training) + self.spatial(
            features, training=training
        )
        return features + features * ops.sigmoid(logits)
