"""Layers that lose no time on a call, as the parts of a feature map layer."""

import keras

from keras_bam import ops
from keras_bam.ops.fast_paths import fast_path


class Direct:
    """A layer whose call on a PyTorch tensor goes past Keras's.

    What Keras does around each `call`, or PyTorch's compiler has to check of it before each, takes
    longer there than the arithmetic on a small map. It is not needed where the tensor is of the
    layer's dtype, the weights are there and `training` is known.
    """

    def __call__(self, inputs, **kwargs):
        has_values = fast_path("has_values")
        if has_values and has_values(inputs) and self._takes(inputs, **kwargs):
            return self._direct(inputs, **kwargs)
        return super().__call__(inputs, **kwargs)

    def _takes(self, inputs, training=False):
        return (
            self.built
            and training is not None
            and fast_path("has_dtype")(inputs, self.compute_dtype)
        )

    def _direct(self, inputs, **kwargs):
        return self.call(inputs, **kwargs)


class _SameConvolution(Direct):
    def __init__(self, filters, kernel_size, dilation_rate=1, **kwargs):
        super().__init__(
            filters, kernel_size, padding="same", dilation_rate=dilation_rate, **kwargs
        )

    def convolution_op(self, inputs, kernel):
        return ops.convolution(inputs, kernel, self.dilation_rate[0], self.data_format)

    def read_together(self, features):
        """`features` averaged, convolved and itself, by what shares their gradient, or None."""
        read = fast_path("read", features)
        if not read or not self._takes(features):
            return None
        return read(features, *_weights(self, features), self.data_format)

    def _direct(self, inputs):
        kernel, bias = _weights(self, inputs)
        convolution = fast_path("convolution")
        return convolution(inputs, kernel, self.dilation_rate[0], self.data_format, bias)


def _weights(layer, inputs):
    """Kernel and bias in the dtype that is computed in: a batch norm keeps its own."""
    kernel, bias = layer.kernel.value, layer.bias.value
    if kernel.dtype != inputs.dtype:
        kernel, bias = kernel.to(inputs.dtype), bias.to(inputs.dtype)
    return kernel, bias


class SameConv1D(_SameConvolution, keras.layers.Conv1D):
    pass


class SameConv2D(_SameConvolution, keras.layers.Conv2D):
    pass


class SameConv3D(_SameConvolution, keras.layers.Conv3D):
    pass


class Dense(Direct, keras.layers.Dense):
    def quantize(self, mode=None, type_check=False, **kwargs):
        """Keras checks for its own class, not for a subclass."""
        super().quantize(mode, type_check=False, **kwargs)

    def _takes(self, inputs):
        return super()._takes(inputs) and self.quantization_mode is None

    def _direct(self, inputs):
        return fast_path("dense")(inputs, *_weights(self, inputs))


class BatchNormalization(Direct, keras.layers.BatchNormalization):
    def _takes(self, inputs, training=False):
        # Another `_moments` of its own is how batch norm is synchronised across processes.
        own_moments = "_moments" in vars(self)
        of_channels = self.axis % inputs.ndim == 1  # as PyTorch has them
        return super()._takes(inputs, training) and of_channels and not own_moments

    def _direct(self, inputs, training=False):
        moving = self.moving_mean, self.moving_variance
        values = [variable.value for variable in (*moving, self.gamma, self.beta)]
        if not (training and self.trainable):
            return fast_path("batch_normalization")(inputs, *values, self.epsilon)
        normalize = fast_path("batch_normalization_in_training")
        outputs, *moved = normalize(inputs, *values, self.epsilon, self.momentum)
        for variable, value in zip(moving, moved, strict=True):
            variable.assign(value)
        return outputs
