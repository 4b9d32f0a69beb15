"""Copies of layers: made from their configs, then given every value the original holds."""

import tempfile

import keras


def copied(operation, path):
    """A new, unbuilt operation like `operation` and of its name.

    Raises:
        ValueError: if it can't be made from its config.
    """
    if type(operation) is keras.layers.Lambda:
        return _copied_lambda(operation)
    try:
        config = keras.tree.map_structure(
            lambda leaf: copied(leaf, path) if _holds_weights(leaf) else leaf,
            operation.get_config(),
        )
        copy = type(operation).from_config(config)
    except Exception as error:
        raise ValueError(
            f"{path!r} ({type(operation).__name__}) can't be cloned from its config: {error}. Give "
            "the class get_config, and register classes in it with "
            "keras.saving.register_keras_serializable()"
        ) from error
    copy.name = operation.name  # Some of Keras's operations do not keep it in their configs.
    return copy


def _holds_weights(leaf):
    """Some layers have a live layer in their config, which the copy would share."""
    return isinstance(leaf, keras.Layer) and bool(leaf.variables)


def _copied_lambda(layer):
    """With the function itself: its config holds the code only, without the module around it."""
    return keras.layers.Lambda(
        layer.function,
        output_shape=layer._output_shape,
        mask=layer.mask,
        arguments=layer.arguments,
        **super(keras.layers.Lambda, layer).get_config(),
    )


class State:
    """Copies what layers hold; notices where two of them hold the same variable."""

    def __init__(self):
        self._copies = {}

    def copy(self, layer, copy, path, frozen):
        """Variables to the bit, seeds and assets too, and what trains.

        Args:
            layer: built.
            copy: of the same config, built.
            path: of `layer`, for messages.
            frozen: whether a model around `layer` is.

        Raises:
            ValueError: if the variables do not correspond, or one is shared with another layer.
        """
        pairs = list(zip(layer._flatten_layers(), copy._flatten_layers(), strict=True))
        for old, new in pairs:
            _copy_declared(old, new)
            new.trainable = old.trainable and not frozen
        shapes, made = ([tuple(v.shape) for v in x.variables] for x in (layer, copy))
        if shapes != made:
            raise ValueError(
                f"{path!r} ({type(layer).__name__}) can't be cloned: its config makes variables of "
                f"shapes {made}, it has {shapes}"
            )
        for old, new in zip(layer.variables, copy.variables, strict=True):
            if self._copies.setdefault(id(old), new) is not new:
                raise ValueError(
                    f"{path!r} shares the variable {old.path!r} with another layer, and copies "
                    "from configs would not: call one layer in both places instead"
                )
            # On JAX a shared buffer would be gone with the first `fit` or `predict` of either.
            new.assign(keras.ops.copy(old))
            new.trainable = old.trainable and not frozen


def _copy_declared(old, new):
    """What a layer saves in its own way: statistics that follow from variables, vocabularies."""
    if type(old).load_own_variables is not keras.layers.Layer.load_own_variables:
        store = {}
        old.save_own_variables(store)
        new.load_own_variables(store)
    if hasattr(old, "save_assets"):
        with tempfile.TemporaryDirectory() as folder:
            old.save_assets(folder)
            new.load_assets(folder)
