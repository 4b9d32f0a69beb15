"""What makes modules, and what a module must keep."""

import inspect
import itertools

import keras

from keras_bam.naming import snake_case


def module_factory(module):
    """What makes one module for each place.

    Args:
        module: a layer class; an unbuilt layer, taken as a template (each place gets a layer from
            its config); or a callable that takes a name and returns a layer.

    Returns:
        A function `(place, taken=(), **defaults)` that gives a new layer. It is called
        `<place>_<class>`, with a number behind where that name is among the `taken` ones; a
        callable is asked for `<place>_attention`. The defaults (`data_format`, `dtype`) go to a
        class or template that has such an argument and does not say otherwise.

    Raises:
        ValueError: if `module` is none of these, or a layer that is built.
    """
    if isinstance(module, type) and issubclass(module, keras.layers.Layer):
        return lambda place, taken=(), **defaults: _from_class(module, place, taken, defaults)
    if isinstance(module, keras.layers.Layer):
        if module.built:
            raise ValueError(
                f"module={module.name!r} is already built; pass an unbuilt layer as the template, "
                f"its class, or a callable that takes a name"
            )
        return lambda place, taken=(), **defaults: _from_template(module, place, taken, defaults)
    if callable(module):
        return lambda place, taken=(), **defaults: _from_callable(module, place, taken)
    raise ValueError(
        f"module must be a layer class, an unbuilt layer or a callable that takes a name, "
        f"received {module!r}"
    )


def _from_class(kind, place, taken, defaults):
    arguments = {"dtype": defaults.get("dtype")}
    if "data_format" in inspect.signature(kind).parameters:
        arguments["data_format"] = defaults.get("data_format")
    given = {name: value for name, value in arguments.items() if value is not None}
    try:
        return kind(**given, name=_free(place, snake_case(kind.__name__), taken))
    except TypeError as error:
        raise ValueError(
            f"module={kind.__name__} can't be made from its class alone ({error}); pass an unbuilt "
            f"layer, {kind.__name__}(...), with its arguments"
        ) from error


def _from_template(template, place, taken, defaults):
    config = {
        **template.get_config(),
        "name": _free(place, snake_case(type(template).__name__), taken),
    }
    if "data_format" in config and defaults.get("data_format") is not None:
        config["data_format"] = defaults["data_format"]
    return type(template).from_config(config)


def _from_callable(make, place, taken):
    layer = make(_free(place, "attention", taken))
    if not isinstance(layer, keras.layers.Layer):
        raise ValueError(
            f"module returned {layer!r} for {place!r}: a callable takes a name and returns a layer"
        )
    if layer.name in taken:
        raise ValueError(
            f"module returned a layer called {layer.name!r} for {place!r}, and the model has one "
            "of that name: give the layer the name that the callable receives"
        )
    if layer.built:
        raise ValueError(
            f"module returned the built layer {layer.name!r} for {place!r}: return a new layer for "
            "each name, or pass share_weights=True for one layer at all places"
        )
    return layer


def _free(place, suffix, taken):
    name = "_".join(filter(None, (place, suffix)))
    numbered = (f"{name}_{number}" for number in itertools.count(1))
    return next(
        candidate for candidate in itertools.chain((name,), numbered) if candidate not in taken
    )


def refine(module, place, features, data_format=None):
    """The features behind `module` at `place`; a module keeps shape and dtype.

    Raises:
        ValueError: if the module returns another shape or dtype than it was given, or has another
            `data_format` than the graph.
    """
    if data_format is not None and getattr(module, "data_format", data_format) != data_format:
        raise ValueError(
            f"{module.name} has data_format={module.data_format!r} in a graph that is "
            f"{data_format!r}; give it data_format={data_format!r}"
        )
    refined = module(features)
    kept = [(x.shape, x.dtype) for x in keras.tree.flatten(refined)] == [
        (features.shape, features.dtype)
    ]
    if not kept:
        received = ", ".join(f"{x.shape} {x.dtype}" for x in keras.tree.flatten(refined))
        raise ValueError(
            f"{module.name} ({type(module).__name__}) turns {features.shape} {features.dtype} at "
            f"{place!r} into {received}; a module keeps both"
        )
    return refined


class Modules:
    """The modules of one insertion.

    Args:
        module: see `module_factory`.
        names: of everything in the graph; a module gets another.
        data_formats: of the places, by their paths.
        share_weights: whether all places get the same module.
    """

    def __init__(self, module, names, data_formats, share_weights):
        self._make_module = module_factory(module)
        self._taken = set(names)
        self._data_formats = data_formats
        self._share_weights = share_weights
        self._shared = None

    def refined(self, operation, path, features):
        """The output `features` of `operation` behind a module."""
        data_format = self._data_formats[path]
        axis = 1 if data_format == "channels_first" else -1
        _check_feature_map(path, features, axis)
        if self._shared is None:
            module = self._make_module(
                "" if self._share_weights else operation.name,
                self._taken,
                dtype=_dtype(operation, features),
                data_format=data_format,
            )
            self._taken.add(module.name)
        else:
            module = self._shared_by(path, features.shape[axis])
        if self._share_weights:
            self._shared = (module, path, features.shape[axis])
        return refine(module, path, features, data_format)

    def _shared_by(self, path, channels):
        module, first_path, first_channels = self._shared
        if channels != first_channels:
            raise ValueError(
                f"share_weights=True needs equally many channels at all places: {path!r} has "
                f"{channels}, {first_path!r} has {first_channels}"
            )
        if path.rpartition("/")[0] != first_path.rpartition("/")[0]:
            raise ValueError(
                f"share_weights=True can't join {first_path!r} and {path!r}: Keras doesn't load a "
                "layer that is in two models. Insert into each with a call of its own"
            )
        return module


def _check_feature_map(path, features, axis):
    rank, channels = len(features.shape), features.shape[axis]
    is_map = 3 <= rank <= 5 and keras.backend.is_float_dtype(features.dtype)
    if not is_map or channels is None:
        raise ValueError(
            f"the output of {path!r} is no feature map: shape {features.shape}, {features.dtype}; "
            "a place has floats of shape (batch, height, width, channels), or with one or three "
            "spatial sizes, and a known number of channels"
        )


def _dtype(operation, features):
    """The policy for a module that keeps the dtype of `features`; None where it is Keras's own."""
    if keras.config.dtype_policy().compute_dtype == features.dtype:
        return None
    policy = getattr(operation, "dtype_policy", None)
    if getattr(policy, "compute_dtype", None) == features.dtype and not policy.quantization_mode:
        return policy
    return features.dtype if features.dtype in ("float32", "float64") else f"mixed_{features.dtype}"
