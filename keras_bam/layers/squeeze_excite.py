"""Squeeze-and-excitation, which the paper compares BAM with."""

import keras
from keras import ops

from keras_bam.layers.feature_map_layer import FeatureMapLayer


@keras.saving.register_keras_serializable("keras_bam")
class SqueezeExcite(FeatureMapLayer):
    """F' = F * sigmoid(W1 relu(W0 GAP(F) + b0) + b1), equations 2 to 4 of arXiv:1709.01507.

    Both layers have biases: with them the counts of the "+ SE" rows of the BAM paper's Table 2
    come out (`r` = 16).

    Input shape: (batch, height, width, channels), or any other that `BAM` takes.
    Output shape: the input's.

    Args and errors as for `BAM`, as far as they are in the signature.
    """

    def build(self, input_shape):
        channels = self._channels(input_shape)
        hidden = channels // self.reduction_ratio
        self.reduce = self._dense(hidden, "reduce", position=0)
        self.expand = self._dense(channels, "expand", position=1)
        self.reduce.build((input_shape[0], channels))
        self.expand.build((input_shape[0], hidden))

    def call(self, features):
        self._check_features(features)
        hidden = self.activation(self.reduce(self._pool(features)))
        gate = ops.sigmoid(self.expand(hidden))
        return ops.multiply(features, self._unpool(gate, len(features.shape)))
