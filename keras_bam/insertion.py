"""Modules at places of a graph; nothing here has heard of BAM."""

import keras

from keras_bam.naming import snake_case


def module_factory(module):
    """What makes one module for each place.

    Args:
        module: a layer class; an unbuilt layer, taken as a template (each place gets a layer from
            its config); or a callable that takes a name and returns a layer.

    Returns:
        A function from the name of a place (a layer's name) to a new layer, called
        `<place>_<class>`; a callable is asked for `<place>_attention`.

    Raises:
        ValueError: if `module` is none of these, or a layer that is built.
    """
    if isinstance(module, type) and issubclass(module, keras.layers.Layer):
        return lambda place: module(name=f"{place}_{snake_case(module.__name__)}")
    if isinstance(module, keras.layers.Layer):
        if module.built:
            raise ValueError(
                f"module={module.name!r} is already built; pass an unbuilt layer as the template, "
                f"its class, or a callable that takes a name"
            )
        suffix = snake_case(type(module).__name__)
        return lambda place: type(module).from_config(
            {**module.get_config(), "name": f"{place}_{suffix}"}
        )
    if callable(module):
        return lambda place: module(f"{place}_attention")
    raise ValueError(
        f"module must be a layer class, an unbuilt layer or a callable that takes a name, "
        f"received {module!r}"
    )


def refine(make_module, place, features):
    """The features behind a new module at `place`; a module keeps shape and dtype.

    Raises:
        ValueError: if the module returns another shape or dtype than it was given.
    """
    module = make_module(place)
    refined = module(features)
    if refined.shape != features.shape or refined.dtype != features.dtype:
        raise ValueError(
            f"{module.name} ({type(module).__name__}) turns {features.shape} {features.dtype} at "
            f"{place!r} into {refined.shape} {refined.dtype}; a module keeps both. To use one "
            f"branch of BAM pass BAM(branches=...)"
        )
    return refined
