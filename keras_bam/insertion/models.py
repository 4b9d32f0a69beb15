"""The model around an edited graph: of the original's class, with its attributes."""

import inspect
import warnings

import keras
from keras.src.models.functional import Functional  # Keras exports no name for it.

from keras_bam.insertion.graph import nodes

# What compiling and training leave on a model; a copy starts without.
OF_TRAINING = {
    *("history", "optimizer", "stop_evaluating", "stop_predicting", "stop_training"),
    *("_compile_config", "_compiled_trainable_state", "_eval_epoch_iterator", "_jax_state"),
}


def keeps_class(model) -> bool:
    """Whether the model's class takes any graph: its constructor and config are Keras's own."""
    kind = type(model)
    base = keras.Sequential if isinstance(model, keras.Sequential) else Functional
    return kind.__init__ is base.__init__ and kind.get_config is base.get_config


def assembled(model, inputs, outputs, name):
    """A model like `model` on another graph; not compiled."""
    kind = type(model)
    if not keeps_class(model):
        kind = keras.Sequential if isinstance(model, keras.Sequential) else keras.Model
        warnings.warn(
            f"the copy of {model.name!r} is a keras.{kind.__name__} and no {type(model).__name__}: "
            "that class's constructor or config makes a graph of its own, without the modules. Its "
            "methods are not there, and a saved file does not hold its attributes",
            stacklevel=4,
        )
    if not issubclass(kind, keras.Sequential):
        new = kind(inputs, outputs, name=name)
    else:
        new = _chain(model, kind, keras.Model(inputs, outputs, name=name))
    new.dtype_policy = model.dtype_policy
    return new


def _chain(model, kind, graph):
    """`graph` as a Sequential; as it is if one module is called at several places."""
    layers = graph.layers
    if sum(1 for _ in nodes(graph)) > len(layers) - 1:
        warnings.warn(
            f"the copy of {model.name!r} is a keras.Model and no {kind.__name__}: one module at "
            "several places is no chain of layers",
            stacklevel=5,
        )
        return graph
    for layer in layers[1:]:
        layer._inbound_nodes.pop()  # Sequential calls them once more.
    return kind(layers, name=graph.name)


def carry_attributes(model, new, tensors, operations, modules):
    """Sets on `new` what was set on `model` beyond Keras's own, pointing into the new graph.

    Args:
        tensors: the new ones by ids of the old.
        operations: likewise.
        modules: for the name of a place the names of the modules behind it.
    """
    lost = []

    def carried(leaf):
        if isinstance(leaf, keras.KerasTensor):
            return tensors[id(leaf)]
        if isinstance(leaf, keras.Operation):
            return operations[id(leaf)]
        return leaf

    def renamed(leaf):
        # A name by itself may mean anything; names in a list or dict of them mean layers.
        behind = modules.get(leaf, [leaf]) if isinstance(leaf, str) else [leaf]
        if len(behind) > 1:
            raise KeyError(f"{leaf!r} stands for {behind}")
        return behind[0]

    for name, value in _own_attributes(model, new).items():
        try:
            value = keras.tree.map_structure(carried, value)
            if keras.tree.is_nested(value):
                value = keras.tree.map_structure(renamed, value)
            setattr(new, name, value)
        except (AttributeError, KeyError, TypeError, ValueError):
            lost.append(name)
    if lost:
        warnings.warn(
            f"the copy of {model.name!r} lacks its attributes {lost}: they point out of the graph, "
            "or can't be set",
            stacklevel=4,
        )


def _own_attributes(model, new):
    """By name; where the class is lost, the values of its properties instead of private ones."""
    names = _names(model).difference(_names(new), OF_TRAINING)
    own = {name: getattr(model, name) for name in names}
    if keeps_class(model) and isinstance(new, type(model)):
        return own
    public = {name: value for name, value in own.items() if not name.startswith("_")}
    if keeps_class(model):
        return public
    return {**_properties(type(model), type(new), model), **public}


def _names(model):
    """PyTorch keeps the layers among a model's attributes in a place of their own."""
    return {*vars(model), *vars(model).get("_modules", ())}


def _properties(kind, new_kind, model):
    """Those that say something about the graph."""
    names = [name for name in dir(kind) if isinstance(inspect.getattr_static(kind, name), property)]
    values = {name: getattr(model, name, None) for name in names if not hasattr(new_kind, name)}
    layers = {operation.name for operation in model.operations}
    return {
        name: value
        for name, value in values.items()
        if any(_says_something(leaf, layers) for leaf in keras.tree.flatten(value))
    }


def _says_something(leaf, layers):
    return isinstance(leaf, keras.KerasTensor | keras.Operation) or (
        isinstance(leaf, str) and leaf in layers
    )
