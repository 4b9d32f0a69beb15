"""Batch norm as several devices compute it, each on its own rows, here on one device."""

from contextlib import contextmanager

import keras
from keras import ops

from keras_bam.ops import portable


@contextmanager
def normalised_apart(parts):
    """Batch norms built in this context normalise each of `parts` equal parts of a batch alone.

    Their moving statistics are the mean over the parts. A batch that does not divide is whole.
    """
    layer = keras.layers.BatchNormalization
    call = layer.call

    def apart(self, inputs, training=None, mask=None):
        rows = inputs.shape[0]
        if not training or rows is None or rows % parts:
            return call(self, inputs, training=training, mask=mask)
        moving = [self.moving_mean, self.moving_variance]
        before = [variable.value * 1 for variable in moving]
        outputs, after = [], []
        for part in ops.split(inputs, parts):
            for variable, value in zip(moving, before, strict=True):
                variable.assign(value)
            outputs.append(call(self, part, training=True))
            after.append([variable.value * 1 for variable in moving])
        for variable, values in zip(moving, zip(*after, strict=True), strict=True):
            variable.assign(sum(values) / parts)
        return ops.concatenate(outputs)

    layer.call = apart
    try:
        with portable():  # PyTorch's own way goes past `call`
            yield
    finally:
        layer.call = call
