"""The channel branch of BAM."""

import keras

from keras_bam.layers.normalized_branch import NormalizedBranch


@keras.saving.register_keras_serializable("keras_bam")
class ChannelBranch(NormalizedBranch):
    """Mc(F) = BN(W1(W0 GAP(F) + b0) + b1), equation 3 of arXiv:1807.06514: what to look at.

    It gives logits and is no module: BAM applies it. Arguments as for `BAM`, the position of batch
    norm as `normalization` ("end", "hidden" or "both").

    Input shape: (batch, height, width, channels), or any other that `BAM` takes.
    Output shape: (batch, 1, 1, channels); with channels first (batch, channels, 1, 1).
    """

    def build(self, input_shape):
        channels = self._channels(input_shape)
        hidden = channels // self.reduction_ratio
        batch = input_shape[0]
        self.reduce = self._dense(hidden, "reduce", position=0)
        self.reduce_norm = self._norm("reduce_norm", axis=-1, where="hidden")
        self.expand = self._dense(channels, "expand", position=1)
        self.norm = self._norm("norm", axis=-1, where="end")
        self.reduce.build((batch, channels))
        self.expand.build((batch, hidden))
        if self.reduce_norm is not None:
            self.reduce_norm.build((batch, hidden))
        if self.norm is not None:
            self.norm.build((batch, channels))

    def call(self, features, training=None):
        self._check_features(features)
        return self.of_average(self._pool(features), len(features.shape), training)

    def of_average(self, average, rank, training=None):
        """Mc(F) from GAP(F), shape (batch, channels), for a map of that rank."""
        x = self._hidden(self.reduce(average), self.reduce_norm, training)
        x = self.expand(x)
        if self.norm is not None:
            x = self.norm(x, training=training)
        return self._unpool(x, rank)

    def compute_output_shape(self, input_shape):
        spatial = self._spatial_axes(len(input_shape))
        return tuple(1 if axis in spatial else size for axis, size in enumerate(input_shape))
