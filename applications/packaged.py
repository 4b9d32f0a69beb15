"""Weights that come with the package, by name: trained here, loaded on every backend."""

import json
from pathlib import Path

import numpy as np

from keras_bam.layers import BAM

NAMES = {"cifar10": "CifarResNetSmall"}  # weights: the network they are of
_FOLDER = Path(__file__).parent / "packaged_weights"
_CLASSIFIER = "predictions/"


def facts(name):
    """What is known of the weights: classes, normalisation, recipe, accuracy, origin."""
    return json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def load_packaged(model, network, name):
    """Gives `model` the weights `name`; one without classifier takes the others.

    Args:
        model: just built.
        network: the row's name.
        name: one of `NAMES`.

    Raises:
        ValueError: if it is another network, or its attention, classes or input channels are
            others than what was trained.
    """
    wanted = f"{NAMES[name]}(attention='bam', classes={len(facts(name)['class_names'])})"
    with np.load(_FOLDER / f"{name}.npz") as file:
        arrays = dict(file)
    ours = {weight.path: weight for weight in model.weights}
    theirs = {path for path in arrays if path in ours or not path.startswith(_CLASSIFIER)}
    differing = [
        path for path in ours if path not in theirs or ours[path].shape != arrays[path].shape
    ]
    differing += sorted(theirs - set(ours))
    if network != NAMES[name] or differing:
        first = f"; the first weight that differs is {differing[0]}" if differing else ""
        raise ValueError(
            f"weights={name!r} are of {wanted} on images of 3 channels, and this {network} is "
            f"another network{first}"
        )
    _check_attention(model, name, wanted)
    for path, weight in ours.items():
        weight.assign(arrays[path].astype("float32"))


def _check_attention(model, name, wanted):
    """Some arguments of a BAM change what it computes, and no shape."""
    trained = facts(name)["bam"]
    for layer in model.layers:
        if isinstance(layer, BAM):
            config = layer.get_config()
            for argument, value in trained.items():
                if config[argument] != value:
                    raise ValueError(
                        f"weights={name!r} are of {wanted}, with {argument}={value!r} in BAM; "
                        f"{layer.name} has {argument}={config[argument]!r}"
                    )
