"""The batch norms of a model, at any depth."""

import keras


def batch_norms(model):
    """Those that train."""
    return [
        layer
        for layer in model._flatten_layers()
        if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable
    ]


def moving_statistics(model):
    """Their moving means and variances, as Keras variables."""
    return [
        variable
        for layer in batch_norms(model)
        for variable in (layer.moving_mean, layer.moving_variance)
    ]
