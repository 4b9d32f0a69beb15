"""Gradients of sum(layer(features) * projection), on whatever backend runs."""

import keras
import numpy as np


def of_layer(layer, features, projection, training):
    """By each trainable weight, under its path inside the layer, and by "features"."""
    taken = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}[keras.backend.backend()]
    *of_weights, of_features = taken(layer, features, projection, training)
    paths = [w.path.removeprefix(f"{layer.path}/") for w in layer.trainable_weights]
    arrays = [keras.ops.convert_to_numpy(g) for g in (*of_weights, of_features)]
    return dict(zip([*paths, "features"], arrays, strict=True))


def by_differences(loss, values, step=1e-6):
    """Central differences of `loss()`, which reads the float64 arrays in `values`."""
    taken = {}
    for name, value in values.items():
        taken[name] = np.zeros_like(value)
        for index in np.ndindex(value.shape):
            kept = value[index]
            value[index] = kept + step
            above = loss()
            value[index] = kept - step
            taken[name][index] = (above - loss()) / (2 * step)
            value[index] = kept
    return taken


def _jax(layer, features, projection, training):
    import jax

    model = keras.Sequential([keras.Input(batch_shape=features.shape), layer])

    def loss(trainable, x):
        state = model.non_trainable_variables
        output, _ = model.stateless_call(trainable, state, x, training=training)
        return (output * projection).sum()

    trainable = [v.value for v in layer.trainable_variables]
    of_weights, of_features = jax.jit(jax.grad(loss, argnums=(0, 1)))(trainable, features)
    return *of_weights, of_features


def _tensorflow(layer, features, projection, training):
    import tensorflow as tf

    features = tf.convert_to_tensor(features)
    sources = [*[v.value for v in layer.trainable_variables], features]
    with tf.GradientTape() as tape:
        tape.watch(features)
        loss = tf.reduce_sum(layer(features, training=training) * projection)
    return tape.gradient(loss, sources)


def _torch(layer, features, projection, training):
    import torch

    features = torch.tensor(features, requires_grad=True)
    sources = [*[v.value for v in layer.trainable_variables], features]
    loss = (layer(features, training=training) * torch.tensor(projection)).sum()
    return [g.detach() for g in torch.autograd.grad(loss, sources)]
