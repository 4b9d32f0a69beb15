"""What the layers of this package share: arguments, checks, and how their sublayers are made."""

import warnings

import keras
from keras import ops

from keras_bam.layers import arguments
from keras_bam.layers.sublayers import Dense, SameConv1D, SameConv2D, SameConv3D
from keras_bam.ops import global_average
from keras_bam.ops.fast_paths import fast_path

CONVOLUTIONS = {3: SameConv1D, 4: SameConv2D, 5: SameConv3D}


class FeatureMapLayer(keras.layers.Layer):
    """Takes feature maps of any spatial rank: (batch, length, channels), (batch, height, width,
    channels), (batch, depth, height, width, channels), or channels first.

    Args:
        reduction_ratio: r, the channels are reduced to channels // r inside.
        activation: after each hidden layer. None for none.
        kernel_initializer: for all kernels; each kernel gets its own draw.
        kernel_regularizer: for all kernels.
        data_format: "channels_last" or "channels_first"; None for Keras's global setting.

    Raises:
        ValueError: when made with a wrong argument; when built on a shape without channel count,
            with fewer channels than `reduction_ratio` or of rank below 3 or above 5; when called
            on integers; for float64 where the backend computes in float32.
    """

    def __init__(
        self,
        reduction_ratio=16,
        activation="relu",
        kernel_initializer="he_normal",
        kernel_regularizer=None,
        data_format=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.reduction_ratio = arguments.positive_integer("reduction_ratio", reduction_ratio)
        self.activation = arguments.activation(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        if data_format is None:
            data_format = keras.config.image_data_format()
        choices = ("channels_last", "channels_first")
        self.data_format = arguments.one_of("data_format", data_format, choices)

    def _channels(self, input_shape):
        """The channel count of `input_shape`, after all that is checked of a shape."""
        if not 3 <= len(input_shape) <= 5:
            raise ValueError(
                f"{self.name} takes feature maps of rank 3 to 5, batch and channels included; "
                f"received input_shape={tuple(input_shape)}"
            )
        channels = input_shape[self._channel_axis]
        if channels is None:
            raise ValueError(
                f"{self.name} needs a known channel count; received "
                f"input_shape={tuple(input_shape)} with data_format={self.data_format!r}. Give the "
                "model's Input a fixed number of channels"
            )
        if channels < self.reduction_ratio:
            raise ValueError(
                f"{self.name}: reduction_ratio={self.reduction_ratio} leaves no channel of "
                f"{channels}; pass a reduction_ratio of at most {channels}"
            )
        self._check_float64()
        return channels

    def _check_float64(self):
        if self.variable_dtype != "float64":
            return
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            actual = keras.backend.standardize_dtype(ops.ones((), dtype="float64").dtype)
        if actual != "float64":
            raise ValueError(
                f"{self.name} has dtype='float64', but this backend computes in {actual}. "
                "On JAX set JAX_ENABLE_X64=1 before the start, or pass dtype='float32'"
            )

    def _check_features(self, features):
        is_floating_point = fast_path("is_floating_point", features)
        if is_floating_point and is_floating_point(features):
            return
        dtype = keras.backend.standardize_dtype(features.dtype)
        if not keras.backend.is_float_dtype(dtype):
            raise ValueError(
                f"{self.name} takes floating-point features, received dtype {dtype}; "
                "cast them first, e.g. keras.ops.cast(features, 'float32')"
            )

    @property
    def _channel_axis(self):
        return -1 if self.data_format == "channels_last" else 1

    def _spatial_axes(self, rank):
        first = 1 if self.data_format == "channels_last" else 2
        return tuple(range(first, first + rank - 2))

    def _pool(self, features):
        """Global average, shape (batch, channels)."""
        return global_average(features, self.data_format)

    def _unpool(self, vector, rank):
        """(batch, channels) to a shape that broadcasts against features of that rank."""
        expand_dims = fast_path("expand_dims", vector) or ops.expand_dims
        return expand_dims(vector, self._spatial_axes(rank))

    def _kernel_arguments(self, name, position):
        return {
            "kernel_initializer": arguments.distinct(self.kernel_initializer, position),
            "kernel_regularizer": self.kernel_regularizer,
            **self._shared_arguments(name),
        }

    def _shared_arguments(self, name):
        policy = self.dtype_policy
        if isinstance(policy, keras.dtype_policies.DTypePolicyMap):
            policy = policy[f"{self.path}/{name}"]
        return {"name": name, "dtype": policy, "trainable": self.trainable}

    def _dense(self, units, name, position):
        return Dense(units, **self._kernel_arguments(name, position))

    def _convolution(self, rank, filters, kernel_size, name, position, **options):
        return CONVOLUTIONS[rank](
            filters,
            kernel_size,
            **{"data_format": self.data_format, **options},
            **self._kernel_arguments(name, position),
        )

    def compute_output_shape(self, input_shape):
        return tuple(input_shape)

    def get_config(self):
        return {
            **super().get_config(),
            "reduction_ratio": self.reduction_ratio,
            "activation": keras.activations.serialize(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "data_format": self.data_format,
            **self._sublayer_policies(),
        }

    def _sublayer_policies(self):
        """The "dtype" entry of a layer whose sublayers do not all share its policy.

        `quantize` gives Dense sublayers policies of their own; a file has to bring them back. The
        keys match a sublayer's path whatever this layer will be called.
        """
        default = self.dtype_policy
        if isinstance(default, keras.dtype_policies.DTypePolicyMap):
            default = default.default_policy
        policies = {
            f".*/{layer.path.removeprefix(f'{self.path}/')}": layer.dtype_policy
            for layer in self._flatten_layers(include_self=False)
            if not isinstance(layer, FeatureMapLayer) and layer.dtype_policy != default
        }
        if not policies:
            return {}
        mapping = keras.dtype_policies.DTypePolicyMap(default, policies)
        return {"dtype": keras.dtype_policies.serialize(mapping)}
