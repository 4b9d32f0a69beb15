"""Weights of a file into a network just built."""

import itertools
import tempfile
from pathlib import Path

import h5py
import keras

from .packaged import NAMES, load_packaged


def load_into(model, weights, network):
    """Loads a `.weights.h5` or `.keras` file of the same network, or weights of the package.

    Keras loads the weights of a larger network into a smaller one without a word; so the two are
    compared first, weight by weight.

    Raises:
        ValueError: if `weights` is no such path or name, or of another network; the first weights
            that differ are named.
        FileNotFoundError: if there is no such file.
    """
    if weights in NAMES:
        load_packaged(model, network, weights)
        return
    path = Path(weights)
    if not path.name.endswith((".weights.h5", ".keras")):
        raise ValueError(
            f"weights={str(weights)!r} is neither the path of a .weights.h5 or .keras file nor one "
            f"of the names {list(NAMES)}; for other pretrained weights insert attention into "
            "keras.applications' networks"
        )
    if not path.is_file():
        raise FileNotFoundError(f"weights={str(weights)!r}: there is no such file")
    if path.suffix == ".keras":
        source = keras.saving.load_model(path, compile=False)
        _check_same(path, _in_model(source), _in_model(model))
        model.set_weights(source.get_weights())
    else:
        with tempfile.TemporaryDirectory() as folder:
            own = Path(folder, "own.weights.h5")
            model.save_weights(own)
            _check_same(path, _in_file(path), _in_file(own))
        model.load_weights(path)


def _check_same(path, theirs, ours):
    for their, our in itertools.zip_longest(theirs, ours, fillvalue="nothing more"):
        if their != our:
            raise ValueError(
                f"{path} is of another network, with {len(theirs)} weights where this one has "
                f"{len(ours)}; the first that differ: {their} in the file, {our} here"
            )


def _in_model(model):
    return [f"{weight.path} {tuple(weight.shape)}" for weight in model.weights]


def _in_file(path):
    """Keras's names of the weights in a `.weights.h5` file: class of the layer and its number."""
    found = []

    def note(name, entry):
        if isinstance(entry, h5py.Dataset):
            found.append(f"{name} {entry.shape}")

    try:
        with h5py.File(path) as file:
            for group in [name for name in file if name == "layers" or "layers" in file[name]]:
                file[group].visititems(note)
        if not found:
            raise KeyError("there are no layers in it")
    except (OSError, KeyError) as error:
        raise ValueError(f"{path} is no weights file of Keras, or it is damaged: {error}") from None
    return found
