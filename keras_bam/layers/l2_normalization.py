"""The layer before SSD's first classifier."""

import keras
from keras import ops

from keras_bam.layers.arguments import one_of, positive_number


@keras.saving.register_keras_serializable("keras_bam")
class L2Normalization(keras.layers.Layer):
    """At each position the vector of channels, made of length one and scaled channel by channel.

    As in ParseNet (arXiv:1506.04579, section 3.2) and SSD (arXiv:1512.02325, section 3.1). Keeps
    the shape.

    Args:
        initial_scale: that every channel begins with.
        epsilon: added to the sum of squares.
        data_format: "channels_last" or "channels_first"; None for Keras's global setting.

    Raises:
        ValueError: for a wrong argument.
    """

    elementwise_weights = True  # for keras_bam.complexity

    def __init__(self, initial_scale=20.0, epsilon=1e-10, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.initial_scale = positive_number("initial_scale", initial_scale)
        self.epsilon = positive_number("epsilon", epsilon)
        data_format = data_format or keras.config.image_data_format()
        choices = ("channels_last", "channels_first")
        self.data_format = one_of("data_format", data_format, choices)

    @property
    def _axis(self):
        return -1 if self.data_format == "channels_last" else 1

    def build(self, input_shape):
        self.scale = self.add_weight(
            name="scale",
            shape=(input_shape[self._axis],),
            initializer=keras.initializers.Constant(self.initial_scale),
        )

    def call(self, features):
        # 512 squares can be too much for float16.
        x = ops.cast(features, self.variable_dtype)
        squares = ops.sum(ops.square(x), axis=self._axis, keepdims=True)
        scale = ops.cast(self.scale, self.variable_dtype)
        if self._axis == 1:
            scale = ops.reshape(scale, (1, -1) + (1,) * (len(features.shape) - 2))
        return ops.cast(x * ops.rsqrt(squares + self.epsilon) * scale, features.dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "initial_scale": self.initial_scale,
            "epsilon": self.epsilon,
            "data_format": self.data_format,
        }
