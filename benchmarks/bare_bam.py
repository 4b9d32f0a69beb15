"""What no BAM can do without, as a module of a network: the limit in network_speed.py."""

import keras

from keras_bam.layers import SpatialBranch


class BareBAM(keras.layers.Layer):
    """F + Ms(F): one read of the map, the convolutions of the spatial branch, one pass."""

    def build(self, input_shape):
        self.spatial = SpatialBranch()
        self.spatial.build(input_shape)

    def call(self, features, training=None):
        return features + self.spatial(features, training=training)
