"""The spatial branch of BAM."""

import keras
from keras import ops

from keras_bam.layers import arguments
from keras_bam.layers.normalized_branch import NormalizedBranch
from keras_bam.ops.fast_paths import fast_path


@keras.saving.register_keras_serializable("keras_bam")
class SpatialBranch(NormalizedBranch):
    """Ms(F) = BN(1x1(3x3 dilated(3x3 dilated(1x1(F))))), equation 4 of arXiv:1807.06514: where.

    It gives logits and is no module: BAM applies it. Arguments as for `BAM`, the position of batch
    norm as `normalization` ("end", "hidden" or "both").

    Input shape: (batch, height, width, channels), or any other that `BAM` takes.
    Output shape: (batch, height, width, 1); with channels first (batch, 1, height, width).
    """

    def __init__(
        self,
        reduction_ratio=16,
        dilation_rate=4,
        normalization="end",
        activation="relu",
        momentum=0.9,
        epsilon=1e-5,
        **kwargs,
    ):
        super().__init__(
            reduction_ratio=reduction_ratio,
            normalization=normalization,
            activation=activation,
            momentum=momentum,
            epsilon=epsilon,
            **kwargs,
        )
        self.dilation_rate = arguments.positive_integer("dilation_rate", dilation_rate)

    def build(self, input_shape):
        hidden = self._channels(input_shape) // self.reduction_ratio
        rank = len(input_shape)
        # PyTorch's convolutions take channels first: behind the first one the axes are moved once.
        self._moved = keras.backend.backend() == "torch" and self.data_format == "channels_last"
        axis = 1 if self._moved else self._channel_axis
        inner = {"data_format": "channels_first" if self._moved else self.data_format}
        dilated = {"dilation_rate": self.dilation_rate, **inner}
        self.reduce = self._convolution(rank, hidden, 1, "reduce", position=0)
        self.reduce_norm = self._norm("reduce_norm", axis, where="hidden")
        self.dilated_1 = self._convolution(rank, hidden, 3, "dilated_1", position=1, **dilated)
        self.dilated_1_norm = self._norm("dilated_1_norm", axis, where="hidden")
        self.dilated_2 = self._convolution(rank, hidden, 3, "dilated_2", position=2, **dilated)
        self.dilated_2_norm = self._norm("dilated_2_norm", axis, where="hidden")
        self.project = self._convolution(rank, 1, 1, "project", position=3, **inner)
        self.norm = self._norm("norm", axis, where="end")
        shape = input_shape
        for layer, norm in self._steps():
            layer.build(shape)
            shape = layer.compute_output_shape(shape)
            if layer is self.reduce and self._moved:
                shape = (shape[0], shape[-1], *shape[1:-1])
            if norm is not None:
                norm.build(shape)

    def _steps(self):
        """Each convolution with the batch norm behind it, None where there is none."""
        return (
            (self.reduce, self.reduce_norm),
            (self.dilated_1, self.dilated_1_norm),
            (self.dilated_2, self.dilated_2_norm),
            (self.project, self.norm),
        )

    def call(self, features, training=None):
        self._check_features(features)
        return self.of_reduced(self.reduce(features), training)

    def of_reduced(self, reduced, training=None):
        """Ms(F) from the 1x1 convolution of F that the branch begins with."""
        moveaxis = fast_path("moveaxis", reduced) or ops.moveaxis
        (_, norm), *dilated, (project, last_norm) = self._steps()
        x = moveaxis(reduced, -1, 1) if self._moved else reduced
        x = self._hidden(x, norm, training)
        for layer, norm in dilated:
            x = self._hidden(layer(x), norm, training)
        x = project(x)
        if last_norm is not None:
            x = last_norm(x, training=training)
        return moveaxis(x, 1, -1) if self._moved else x

    def compute_output_shape(self, input_shape):
        shape = list(input_shape)
        shape[self._channel_axis] = 1
        return tuple(shape)

    def get_config(self):
        return {**super().get_config(), "dilation_rate": self.dilation_rate}
