"""Modules at places of a graph; nothing here has heard of BAM."""

import inspect

import keras

from keras_bam.naming import snake_case


def module_factory(module, data_format=None):
    """What makes one module for each place.

    Args:
        module: a layer class; an unbuilt layer, taken as a template (each place gets a layer from
            its config); or a callable that takes a name and returns a layer.
        data_format: of the graph; a class or template that has this argument is given it. None
            leaves it alone.

    Returns:
        A function from the name of a place (a layer's name) to a new layer, called
        `<place>_<class>`; a callable is asked for `<place>_attention`.

    Raises:
        ValueError: if `module` is none of these, or a layer that is built.
    """
    if isinstance(module, type) and issubclass(module, keras.layers.Layer):
        kind, config = module, {}
        takes_format = "data_format" in inspect.signature(kind).parameters
    elif isinstance(module, keras.layers.Layer):
        if module.built:
            raise ValueError(
                f"module={module.name!r} is already built; pass an unbuilt layer as the template, "
                f"its class, or a callable that takes a name"
            )
        kind, config = type(module), module.get_config()
        takes_format = "data_format" in config
    elif callable(module):
        return lambda place: module(f"{place}_attention")
    else:
        raise ValueError(
            f"module must be a layer class, an unbuilt layer or a callable that takes a name, "
            f"received {module!r}"
        )
    if takes_format and data_format is not None:
        config = {**config, "data_format": data_format}
    suffix = snake_case(kind.__name__)
    return lambda place: kind.from_config({**config, "name": f"{place}_{suffix}"})


def refine(make_module, place, features, data_format=None):
    """The features behind a new module at `place`; a module keeps shape and dtype.

    Raises:
        ValueError: if the module returns another shape or dtype than it was given, or has another
            `data_format` than the graph.
    """
    module = make_module(place)
    if data_format is not None and getattr(module, "data_format", data_format) != data_format:
        raise ValueError(
            f"{module.name} has data_format={module.data_format!r} in a graph that is "
            f"{data_format!r}; give it data_format={data_format!r}"
        )
    refined = module(features)
    if refined.shape != features.shape or refined.dtype != features.dtype:
        raise ValueError(
            f"{module.name} ({type(module).__name__}) turns {features.shape} {features.dtype} at "
            f"{place!r} into {refined.shape} {refined.dtype}; a module keeps both"
        )
    return refined
