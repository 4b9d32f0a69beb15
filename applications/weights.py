"""Weights of a file into a network just built."""

from pathlib import Path

import keras


def load_into(model, weights):
    """Loads a `.weights.h5` or `.keras` file of the same network.

    Raises:
        ValueError: if `weights` is no such path, or the file holds another network.
        FileNotFoundError: if there is no such file.
    """
    path = Path(weights)
    if not path.name.endswith((".weights.h5", ".keras")):
        raise ValueError(
            f"weights={weights!r} is not the path of a .weights.h5 or .keras file. No weights are "
            "published by name; for pretrained ones insert attention into keras.applications' "
            "networks"
        )
    if not path.is_file():
        raise FileNotFoundError(f"weights={str(weights)!r}: there is no such file")
    if path.suffix == ".keras":
        source = keras.saving.load_model(path, compile=False)
        _copy_weights(source, model, path)
    else:
        model.load_weights(path)


def _copy_weights(source, model, path):
    pairs = zip(_described(source), _described(model), strict=False)
    differing = [(theirs, ours) for theirs, ours in pairs if theirs != ours]
    if differing or len(source.weights) != len(model.weights):
        theirs, ours = differing[0] if differing else ("more", "fewer")
        raise ValueError(
            f"{path} holds {source.name!r} with {len(source.weights)} weights, this {model.name!r} "
            f"has {len(model.weights)}; the first that differ: {theirs} in the file, {ours} here"
        )
    model.set_weights(source.get_weights())


def _described(model):
    return [f"{weight.path} {tuple(weight.shape)}" for weight in model.weights]
