"""`insert`: a copy of a graph in which modules follow the places."""

import keras

from keras_bam.insertion.copying import State, copied
from keras_bam.insertion.graph import functional, nodes, recorded
from keras_bam.insertion.maps import data_formats
from keras_bam.insertion.models import assembled, carry_attributes, keeps_class
from keras_bam.insertion.modules import Modules
from keras_bam.insertion.selection import selected


def insert(model, module, after="bottlenecks", *, share_weights=False, name=None):
    """A copy of `model` with a module behind each place: all that used a map there uses F'.

    Kept layers have their names, weights (to the bit), trainable flags, dtype policies and seeds;
    `model` itself is left as it is. A layer that is called several times gets one module for each
    call, a nested model that is called several times is edited once. Nothing else changes: with a
    module that returns what it is given, so does the model.

    Args:
        model: a functional or Sequential `keras.Model`, with nested ones or without.
        module: what refines a feature map: a layer class, an unbuilt layer as a template (each
            place gets a layer from its config), or a callable that takes a name and returns a
            layer. A class takes the place's `dtype` policy, and class and template its
            `data_format`.
        after: "bottlenecks", "blocks" (see the functions of these names), names of layers, or a
            predicate on layers. In a nested model a layer is "outer/inner", or just "inner" where
            there is only one.
        share_weights: one module for all places, which then must have equally many channels.
        name: of the new model; by default that of `model`.

    Returns:
        A new model, not compiled. A `keras.Sequential` stays one. A class of functional models
        keeps its class if its constructor is that of `keras.Model`; otherwise the copy is a
        `keras.Model`, with a warning. Attributes that hold tensors, layers, or names of places of
        the graph hold those of the copy, with the refined maps.

    Raises:
        ValueError: for a model whose graph isn't known, a layer that can't be cloned, places that
            are unknown or no feature maps, or a module that doesn't keep shape and dtype.
    """
    recording = recorded(model)
    operations = {call.path: call.operation for call in recording}
    names = {operation.name for operation in operations.values()}
    modules = Modules(module, names, data_formats(recording), share_weights)
    places = [operations[path] for path in selected(model, after)]
    return _Edit(places, modules).model(model, "", name or model.name)


class _Edit:
    """One insertion, through all models it goes into."""

    def __init__(self, places, modules):
        self._places = {id(operation) for operation in places}
        self._modules = modules
        self._state = State()
        self._copies = {}  # of operations, by ids of the originals

    def model(self, model, prefix, name, frozen=False):
        """The edited copy of `model`, whose operations have paths that begin with `prefix`."""
        graph = functional(model)
        goes_inside = self._goes_into(model)
        frozen = frozen or (goes_inside and not model.trainable)
        tensors, modules = self._run(graph, prefix, frozen)
        inputs, outputs = (
            keras.tree.map_structure(lambda x: tensors[id(x)], ends)
            for ends in (graph.input, graph.output)
        )
        new = assembled(model, inputs, outputs, name)
        if not model.trainable and not goes_inside:
            new.trainable = False
        for operation in graph.operations:
            path = prefix + operation.name
            if isinstance(operation, keras.Layer) and not self._is_edited(operation):
                self._state.copy(operation, self._copies[id(operation)], path, frozen)
        carry_attributes(model, new, tensors, self._copies, modules)
        return new

    def _run(self, graph, prefix, frozen):
        """Calls copies of the operations -> the new tensors by ids of the old, refined ones where
        a place is; for the name of each place the names of the modules behind it."""
        tensors, modules = {}, {}
        for x in keras.tree.flatten(graph.input):
            tensors[id(x)] = self._copy(x._keras_history.operation, prefix, frozen).output
        for node in nodes(graph):
            operation, path = node.operation, prefix + node.operation.name
            args, kwargs = node.arguments.fill_in(tensors)
            copy = self._copy(operation, prefix, frozen)
            try:
                outputs = keras.tree.flatten(copy(*args, **kwargs))
            except Exception as error:
                raise ValueError(
                    f"{path!r} ({type(operation).__name__}) can't be cloned: "
                    f"the layer that its config makes fails when it is called: {error}"
                ) from error
            if id(operation) in self._places:
                outputs = [self._modules.refined(operation, path, x) for x in outputs]
                modules.setdefault(operation.name, []).extend(
                    x._keras_history.operation.name for x in outputs
                )
            tensors.update((id(x), y) for x, y in zip(node.outputs, outputs, strict=True))
        return tensors, modules

    def _copy(self, operation, prefix, frozen):
        if id(operation) not in self._copies:
            path = prefix + operation.name
            if self._is_edited(operation):
                copy = self.model(operation, f"{path}/", operation.name, frozen)
            else:
                copy = copied(operation, path)
            self._copies[id(operation)] = copy
        return self._copies[id(operation)]

    def _is_edited(self, operation):
        """A nested model whose class takes any graph, or that a module goes into."""
        nested = functional(operation) is not None
        return nested and (keeps_class(operation) or self._goes_into(operation))

    def _goes_into(self, model):
        graph = functional(model)
        return graph is not None and any(
            id(operation) in self._places or self._goes_into(operation)
            for operation in graph.operations
        )
