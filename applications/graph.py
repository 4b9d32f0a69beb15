"""Drawing a functional graph, layer by named layer, with modules behind the places asked for."""

from typing import Any

import keras
from keras import layers

from keras_bam.layers.arguments import distinct
from keras_bam.naming import unknown


class Graph:
    """What a network's row draws on.

    Every layer goes through `graph(layer, inputs)`; where the layer is a place that was asked for,
    the module follows at once, so that nothing is built twice. Convolutions and batch norms are as
    in PyTorch (symmetric padding, epsilon 1e-5, momentum 0.9 in Keras's terms), so that published
    weights fit.

    Args:
        data_format: "channels_last" or "channels_first".
        kernel_initializer: for all convolutions; each kernel gets its own draw.
        refine: takes this graph, features and the name of a place; returns the refined features.
        after: names of the places.
    """

    def __init__(self, data_format, kernel_initializer, refine=None, after=()):
        self.data_format = data_format
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.axis = -1 if data_format == "channels_last" else 1
        self._refine = refine
        self._after = set(after)
        self._drawn: dict[str, Any] = {}

    def __call__(self, layer, inputs):
        features = layer(inputs)
        self._drawn[layer.name] = features
        if layer.name in self._after:
            features = self._refine(self, features, layer.name)
            self._drawn[layer.name] = features
        return features

    def features(self, name):
        """What the layer of that name, and the module behind it, gave."""
        return self._drawn[name]

    def names(self):
        """Of the layers drawn so far, without the modules behind them."""
        return tuple(self._drawn)

    def check_places(self):
        """Raises ValueError if a place asked for was not drawn."""
        for name in sorted(self._after.difference(self._drawn)):
            raise unknown("layer in after", name, self._drawn)

    def convolution(
        self,
        x,
        name,
        filters,
        kernel_size,
        strides=1,
        groups=1,
        use_bias=False,
        padding="symmetric",
        dilation_rate=1,
        kernel_initializer=None,
    ):
        """`kernel_initializer`: in place of the graph's."""
        x, arguments = self._padded(x, name, kernel_size, strides, padding)
        layer = layers.Conv2D(
            filters,
            kernel_size,
            groups=groups,
            use_bias=use_bias,
            dilation_rate=dilation_rate,
            kernel_initializer=distinct(
                kernel_initializer or self.kernel_initializer, len(self._drawn)
            ),
            **arguments,
        )
        return self(layer, x)

    def depthwise(self, x, name, kernel_size, strides, padding="symmetric"):
        x, arguments = self._padded(x, name, kernel_size, strides, padding)
        layer = layers.DepthwiseConv2D(
            kernel_size,
            use_bias=False,
            depthwise_initializer=distinct(self.kernel_initializer, len(self._drawn)),
            **arguments,
        )
        return self(layer, x)

    def _padded(self, x, name, kernel_size, strides, padding):
        """Padding where strides are 2: "symmetric" on all sides, "end" at bottom and right only,
        "same" as Keras has it, "valid" none.
        """
        by_layer = padding in ("symmetric", "end") and strides > 1 and kernel_size > 1
        if by_layer:
            half = kernel_size // 2
            x = self.pad(x, f"{name}_pad", half if padding == "symmetric" else ((0, half),) * 2)
        return x, {
            "strides": strides,
            "padding": "valid" if by_layer or padding == "valid" else "same",
            "data_format": self.data_format,
            "name": name,
        }

    def norm(self, x, name, epsilon=1e-5, momentum=0.9):
        layer = layers.BatchNormalization(self.axis, momentum, epsilon, name=name)
        return self(layer, x)

    def relu(self, x, name, max_value=None):
        return self(layers.ReLU(max_value, name=name), x)

    def add(self, x, shortcut, name):
        return self(layers.Add(name=name), [x, shortcut])

    def concatenate(self, x, new, name):
        return self(layers.Concatenate(axis=self.axis, name=name), [x, new])

    def pad(self, x, name, padding):
        return self(layers.ZeroPadding2D(padding, data_format=self.data_format, name=name), x)

    def max_pool(self, x, name, size, strides, padding=1):
        """Padded with zeros, which is right behind a ReLU only."""
        x = self.pad(x, f"{name}_pad", padding)
        layer = layers.MaxPooling2D(size, strides, data_format=self.data_format, name=name)
        return self(layer, x)

    def average_pool(self, x, name, size):
        layer = layers.AveragePooling2D(size, data_format=self.data_format, name=name)
        return self(layer, x)

    def global_pool(self, x, kind):
        """Kind "avg" or "max": (batch, channels)."""
        kinds = {"avg": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}
        return self(kinds[kind](data_format=self.data_format, name=f"{kind}_pool"), x)

    def classifier(self, x, classes, activation):
        # Under a mixed policy the probabilities are computed in float32.
        dtype = keras.config.dtype_policy().variable_dtype
        return self(layers.Dense(classes, activation, dtype=dtype, name="predictions"), x)
