"""A functional model read as the calls of its operations, through nested models."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import keras
from keras.src.models.functional import Functional  # Keras exports no name for it.

ASSUMED_SIZE = 256  # of an image whose height and width are unknown


@dataclasses.dataclass(frozen=True, eq=False)
class Call:
    """One call of one operation.

    Attributes:
        path: "outer/inner" for an operation of a nested model.
        inputs: the tensors it was called with; none for a model's input.
        outputs: the tensors it returned, each with a shape of its own call.
        is_model: whether it is a nested model, whose own calls stand before it.
    """

    path: str
    operation: Any
    inputs: tuple[Any, ...]
    outputs: tuple[Any, ...]
    is_model: bool = False

    @property
    def is_input(self) -> bool:
        return not self.inputs

    @property
    def weighted(self) -> bool:
        return bool(getattr(self.operation, "weights", ()))


def functional(model) -> Any:
    """The functional graph that a call of `model` runs, or None if it is not known."""
    if isinstance(model, keras.Sequential):
        return getattr(model, "_functional", None)
    runs_graph = isinstance(model, Functional) and type(model).call is Functional.call
    return model if runs_graph else None


def checked_functional(model) -> Any:
    """`functional(model)`, or a ValueError that says what to do instead."""
    graph = functional(model)
    if graph is not None:
        return graph
    if not isinstance(model, keras.Model):
        raise ValueError(f"model must be a keras.Model, received {model!r}")
    if isinstance(model, keras.Sequential):
        raise ValueError(
            f"model={model.name!r} is not built, so its graph isn't known: add keras.Input(shape) "
            "as its first layer, or call model.build(input_shape)"
        )
    raise ValueError(
        f"the graph of model={model.name!r} isn't known, because {type(model).__name__} runs code "
        "of its own in `call`: insert into the functional model it holds, if it holds one, or call "
        "the module in its `call`"
    )


def nodes(graph) -> Iterator[Any]:
    """The calls recorded by Keras, inputs left out, in an order in which they can be run."""
    by_depth = graph._nodes_by_depth
    for depth in sorted(by_depth, reverse=True):
        yield from (node for node in by_depth[depth] if not node.is_input)


def recorded(model) -> list[Call]:
    """All calls of a functional or Sequential model, in an order in which they can be run.

    Unknown heights and widths are taken as `ASSUMED_SIZE`.
    """
    graph = checked_functional(model)
    calls: list[Call] = []
    fed = []
    for x in keras.tree.flatten(graph.input):
        image = keras.KerasTensor(_assumed_shape(x.shape), x.dtype)
        fed.append(image)
        calls.append(
            Call(x._keras_history.operation.name, x._keras_history.operation, (), (image,))
        )
    _record(graph, fed, "", calls)
    return calls


def _assumed_shape(shape):
    batch, *rest = shape
    unknown_sizes = len(rest) > 1
    return (batch, *(ASSUMED_SIZE if size is None and unknown_sizes else size for size in rest))


def _record(graph, fed, prefix, calls):
    new = {id(x): y for x, y in zip(keras.tree.flatten(graph.input), fed, strict=True)}
    for node in nodes(graph):
        operation, path = node.operation, prefix + node.operation.name
        args, kwargs = node.arguments.fill_in(new)
        inputs = tuple(new[id(x)] for x in node.input_tensors)
        inner = functional(operation)
        if inner is not None:
            outputs = _record(inner, inputs, f"{path}/", calls)
        elif all(x.shape == new[id(x)].shape for x in node.input_tensors):
            outputs = [keras.KerasTensor(x.shape, x.dtype) for x in node.outputs]
        else:
            outputs = keras.tree.flatten(operation.compute_output_spec(*args, **kwargs))
        calls.append(Call(path, operation, inputs, tuple(outputs), inner is not None))
        new.update((id(x), y) for x, y in zip(node.outputs, outputs, strict=True))
    return [new[id(x)] for x in keras.tree.flatten(graph.output)]
