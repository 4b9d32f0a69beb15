"""Drawing a functional graph, layer by named layer, with modules behind the places asked for."""

import keras
from keras import layers

from keras_bam import insertion
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
        make_module: from the name of a place to a layer, see `insertion.module_factory`.
        after: names of the places.
    """

    def __init__(self, data_format, kernel_initializer, make_module=None, after=()):
        self.data_format = data_format
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.axis = -1 if data_format == "channels_last" else 1
        self._make_module = make_module
        self._after = set(after)
        self._drawn: list[str] = []

    def __call__(self, layer, inputs):
        features = layer(inputs)
        self._drawn.append(layer.name)
        if layer.name in self._after:
            features = insertion.refine(self._make_module, layer.name, features, self.data_format)
        return features

    def check_places(self):
        """Raises ValueError if a place asked for was not drawn."""
        for name in sorted(self._after.difference(self._drawn)):
            raise unknown("layer in after", name, self._drawn)

    def convolution(self, x, name, filters, kernel_size, strides=1, groups=1):
        if strides > 1 and kernel_size > 1:
            x = self.pad(x, f"{name}_pad", kernel_size // 2)
        layer = layers.Conv2D(
            filters,
            kernel_size,
            strides=strides,
            padding="same" if strides == 1 else "valid",
            groups=groups,
            use_bias=False,
            kernel_initializer=distinct(self.kernel_initializer, len(self._drawn)),
            data_format=self.data_format,
            name=name,
        )
        return self(layer, x)

    def norm(self, x, name):
        layer = layers.BatchNormalization(axis=self.axis, momentum=0.9, epsilon=1e-5, name=name)
        return self(layer, x)

    def relu(self, x, name):
        return self(layers.ReLU(name=name), x)

    def add(self, x, shortcut, name):
        return self(layers.Add(name=name), [x, shortcut])

    def pad(self, x, name, size):
        return self(layers.ZeroPadding2D(size, data_format=self.data_format, name=name), x)

    def max_pool(self, x, name, size, strides):
        """Padded by size // 2 with zeros, which is right behind a ReLU only."""
        x = self.pad(x, f"{name}_pad", size // 2)
        layer = layers.MaxPooling2D(size, strides, data_format=self.data_format, name=name)
        return self(layer, x)
