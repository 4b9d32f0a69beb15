"""Weights of keras.applications: from a model, a `.weights.h5` file, or an `.h5` file as they are
published. Nothing in a file is executed; of a whole saved model only the weights are read."""

import h5py
import keras
import numpy as np

from keras_bam.checkpoints.keras_order import named
from keras_bam.checkpoints.naming import variables

_WEIGHTS = {  # a `.weights.h5` file numbers the weights of a layer
    "batch_normalization": ("gamma", "beta", "moving_mean", "moving_variance"),
    "": ("kernel", "bias"),
}


def of_model(model):
    """ "layer/weight" -> array."""
    found = variables(model.layers)
    return {name: np.array(keras.ops.convert_to_numpy(x)) for name, x in found.items()}


def read(path):
    """ "layer/weight" -> array.

    Raises:
        ValueError: if it is no such file.
    """
    try:
        with h5py.File(path) as file:
            if "layers" in file:
                return named(_numbered(file["layers"]))
            return _published(file["model_weights"] if "model_weights" in file else file)
    except (OSError, KeyError, RuntimeError) as error:
        raise ValueError(f"{path} is no weights file of Keras, or it is damaged: {error}") from None


def _numbered(layers):
    found = {}
    for layer in layers:
        kind = "batch_normalization" if layer.startswith("batch_normalization") else ""
        weights = layers[layer].get("vars", {})
        for weight, name in zip(weights, _WEIGHTS[kind], strict=False):
            found[f"{layer}/{name}"] = weights[weight][()]
    return found


def _published(file):
    """TensorFlow's names end in ":0"; that of a depthwise kernel has changed since."""
    found = {}
    for layer in file.attrs["layer_names"]:
        group = file[layer]
        for path in group.attrs["weight_names"]:
            name = _text(path).rpartition("/")[2].partition(":")[0].removeprefix("depthwise_")
            found[f"{_text(layer)}/{name}"] = group[path][()]
    return found


def _text(name):
    return name.decode() if isinstance(name, bytes) else str(name)
