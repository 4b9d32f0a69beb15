"""Attention as an adapter: only the modules train."""

import keras


def freeze_except(model, kinds):
    """Freezes all of `model` but its layers of the given classes, batch norm statistics included.

    What was frozen among those layers trains again. A compiled model has to be compiled anew.

    Args:
        model: any built `keras.Model`.
        kinds: a layer class, or several.

    Raises:
        ValueError: if `kinds` is something else, or `model` has no such layer.
    """
    kinds = kinds if isinstance(kinds, tuple | list) else (kinds,)
    if not all(isinstance(kind, type) and issubclass(kind, keras.Layer) for kind in kinds):
        raise ValueError(f"kinds must be a layer class or several, received {kinds!r}")
    left = [layer for layer in model._flatten_layers() if isinstance(layer, tuple(kinds))]
    if not left:
        names = ", ".join(kind.__name__ for kind in kinds)
        raise ValueError(
            f"{model.name!r} has no layer of {names} that could train: insert one before "
            "(keras_bam.insert)"
        )
    train = {id(inner) for layer in left for inner in layer._flatten_layers()}
    holds = {
        id(layer)
        for layer in model._flatten_layers()
        if any(id(inner) in train for inner in layer._flatten_layers())
    }
    # From the outside in: a layer's flag goes to all in it, and a frozen one hides what is in it.
    for layer in model._flatten_layers():
        layer.trainable = id(layer) in holds
    weights = {id(weight) for layer in left for weight in layer.weights}
    for weight in model.trainable_variables:
        weight.trainable = id(weight) in weights
